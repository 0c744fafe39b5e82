"""The navigation as one table. An entry appears as soon as its address exists: name the url, done."""

from dataclasses import dataclass
from typing import Literal

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Member, Organisation

Section = Literal["main", "admin"]
Audience = Literal["member", "practice_member", "owner", "system_admin"]


@dataclass(frozen=True)
class Entry:
    """`on_phone`: one of the four places of the bottom bar; the others stand in its menu."""

    label: str | Promise
    icon: str
    url_name: str
    section: Section = "main"
    audience: Audience = "member"
    on_phone: bool = False


@dataclass(frozen=True)
class Link:
    """An entry that exists here and now, ready for the template."""

    label: str | Promise
    icon: str
    href: str
    section: Section
    on_phone: bool
    is_current: bool


ENTRIES = (
    Entry(_("Home"), "house", "home", on_phone=True),
    Entry(pgettext_lazy("navigation", "Campaigns"), "send", "campaigns:list", on_phone=True),
    Entry(_("Templates"), "layout-template", "campaigns:templates"),
    Entry(_("Readers"), "users", "lists:readers", on_phone=True),
    Entry(_("Reports"), "chart-no-axes-column", "campaigns:reports", on_phone=True),
    Entry(_("Practice inbox"), "inbox", "mailer:mailbox", audience="practice_member"),
    Entry(_("Sending domains"), "globe", "mailer:domains", "admin", "owner"),
    Entry(_("IP warmup"), "sunrise", "mailer:sources", "admin", "system_admin"),
    Entry(_("Delivery"), "activity", "mailer:delivery", "admin", "system_admin"),
    Entry(_("Members"), "user-cog", "accounts:members", "admin", "owner"),
    Entry(_("Settings"), "settings", "accounts:settings", "admin", "owner"),
    Entry(_("Organisations"), "building-2", "organisations", "admin", "system_admin"),
)


def links(
    *, organisation: Organisation | None, member: Member | None, is_system_admin: bool, path: str
) -> list[Link]:
    """Return what this person sees, with the entry whose address fits `path` best as current."""
    seen = [entry for entry in ENTRIES if _is_for(entry, member, is_system_admin)]
    found = [(entry, _href(entry, organisation)) for entry in seen]
    current = _best_fit(path, [href for _entry, href in found if href])
    return [
        Link(entry.label, entry.icon, href, entry.section, entry.on_phone, href == current)
        for entry, href in found
        if href
    ]


def _is_for(entry: Entry, member: Member | None, is_system_admin: bool) -> bool:
    return {
        "member": member is not None,
        "practice_member": member is not None and member.organisation.is_practice,
        "owner": member is not None and member.may_manage,
        "system_admin": is_system_admin,
    }[entry.audience]


def _href(entry: Entry, organisation: Organisation | None) -> str:
    """Return the address, or nothing while no such page exists (or it needs an organisation)."""
    attempts: list[dict[str, str]] = [{}]
    if organisation is not None:
        attempts.insert(0, {"organisation": organisation.slug})
    for kwargs in attempts:
        try:
            return reverse(entry.url_name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    return ""


def _best_fit(path: str, hrefs: list[str]) -> str:
    """Return the longest address that `path` lies under; "Home" only for itself."""
    fitting = [href for href in hrefs if path == href or (path.startswith(href) and _is_deep(href))]
    return max(fitting, key=len, default="")


def _is_deep(href: str) -> bool:
    """Home (/o/<organisation>/) is a prefix of everything and so says nothing about deeper pages."""
    return href.strip("/").count("/") != 1 or not href.startswith("/o/")
