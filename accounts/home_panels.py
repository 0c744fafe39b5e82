"""What the home page shows once the path is done, each part answered by the app that knows.

Apps above register in config.wiring: what needs somebody's attention, and panels below it. A source is
asked on every visit, so it costs one or two indexed queries, or keeps its answer for a minute.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils.functional import Promise

from accounts.models import Member

Kind = Literal["danger", "warn", ""]

_ORDER: dict[Kind, int] = {"danger": 0, "warn": 1, "": 2}
_ICONS: dict[Kind, str] = {"danger": "octagon-alert", "warn": "triangle-alert", "": "pencil"}


@dataclass(frozen=True)
class Attention:
    """One thing to do: what (a sentence), why, and where."""

    title: str | Promise
    text: str | Promise
    href: str
    button: str | Promise
    kind: Kind = "warn"

    @property
    def icon(self) -> str:
        return _ICONS[self.kind]

    @property
    def icon_class(self) -> str:
        return f"is-{self.kind}" if self.kind else "faint"


@dataclass(frozen=True)
class Panel:
    """A template that gets `panel` (the context) beside what every page has."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


# Both are asked for one member, whose role decides what is offered.
AttentionSource = Callable[[Member, datetime], Sequence[Attention]]
PanelSource = Callable[[Member, datetime], Panel | None]

_attention: list[AttentionSource] = []
_panels: list[tuple[int, PanelSource]] = []


def register_attention(source: AttentionSource) -> None:
    if source not in _attention:
        _attention.append(source)


def register_panel(source: PanelSource, *, place: int) -> None:
    """Show the panel; a lower `place` stands higher on the page."""
    if all(known != source for _place, known in _panels):
        _panels.append((place, source))
        _panels.sort(key=lambda each: each[0])


def attention_for(member: Member, now: datetime) -> list[Attention]:
    """Return everything that needs attention, the worst first."""
    found = [each for source in _attention for each in source(member, now)]
    return sorted(found, key=lambda each: _ORDER[each.kind])


def panels_for(member: Member, now: datetime) -> list[Panel]:
    answers = (source(member, now) for _place, source in _panels)
    return [panel for panel in answers if panel is not None]
