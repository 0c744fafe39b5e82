"""What upper apps tell about readers without being imported. Registered in config/wiring."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened with a reader. `kind`: "", "ok", "warn" or "danger"."""

    at: datetime
    icon: str
    text: str
    kind: str = ""
    reply: str = ""  # the remote server's own words
    href: str = ""


@dataclass(frozen=True, slots=True)
class MailingName:
    """What people call a mailing, and the page about it."""

    title: str
    href: str = ""


# (organisation id, reader id, most entries) → entries, newest first
TimelineSource = Callable[[int, int, int], Sequence[TimelineEntry]]
# (organisation id, references such as "campaign:42") → names of those that it knows
MailingNamer = Callable[[int, Sequence[str]], Mapping[str, MailingName]]

_timeline_sources: Final[list[TimelineSource]] = []
_mailing_namers: Final[list[MailingNamer]] = []


def register_timeline_source(source: TimelineSource) -> None:
    if source not in _timeline_sources:
        _timeline_sources.append(source)


def timeline_sources() -> Sequence[TimelineSource]:
    return tuple(_timeline_sources)


def register_mailing_namer(namer: MailingNamer) -> None:
    if namer not in _mailing_namers:
        _mailing_namers.append(namer)


def mailing_names(organisation_id: int, references: Sequence[str]) -> dict[str, MailingName]:
    """Return the names of mailings by reference; those that nobody knows are missing."""
    names: dict[str, MailingName] = {}
    for namer in _mailing_namers:
        names.update(namer(organisation_id, references))
    return names
