"""Search over everything in an organisation, each kind answered by the app that owns it.

Apps above register in config.wiring. A source gets the member, so that nobody finds what they may
not open, and a cleaned query of at least one character.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import navigation
from accounts.models import Member

MAX_QUERY_CHARS: Final = 100
EACH: Final = 5


@dataclass(frozen=True)
class Hit:
    """One thing found. `note` is a second line in small letters."""

    title: str | Promise
    href: str
    icon: str
    note: str | Promise = ""


@dataclass(frozen=True)
class HitGroup:
    """Hits of one kind; `more_href` is the full list with the same query, empty where there is none."""

    key: str
    label: str | Promise
    hits: Sequence[Hit]
    more_href: str = ""


SearchSource = Callable[[Member, str, int], HitGroup]
_sources: list[tuple[int, SearchSource]] = []


def register_search(source: SearchSource, *, place: int) -> None:
    """Let an app answer searches. `source(member, query, limit)`; a lower `place` stands higher."""
    if all(known != source for _place, known in _sources):
        _sources.append((place, source))
        _sources.sort(key=lambda each: each[0])


def clean_query(text: str) -> str:
    """Return what people meant: full-width letters as ASCII, one space between words, no NUL."""
    normal = unicodedata.normalize("NFKC", text[: 4 * MAX_QUERY_CHARS]).replace("\0", "")
    return " ".join(normal.split())[:MAX_QUERY_CHARS].strip()


def found(member: Member, query: str) -> list[HitGroup]:
    """Return the groups that have hits; nothing for an empty query."""
    if not query:
        return []
    groups = [source(member, query, EACH) for _place, source in _sources]
    return [group for group in groups if group.hits]


def pages(member: Member, query: str, limit: int) -> HitGroup:
    """Pages of the navigation that this person may open, by the words of the shown language."""
    links = navigation.links(
        organisation=member.organisation,
        member=member,
        is_system_admin=member.user.is_system_admin,
        path="",
    )
    wanted = query.casefold()
    hits = [
        Hit(link.label, link.href, link.icon)
        for link in links
        if wanted in str(link.label).casefold()
    ]
    return HitGroup("pages", _("Pages"), hits[:limit])


register_search(pages, place=90)
