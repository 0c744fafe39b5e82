"""What every page's shell needs; nothing is read before a template asks for it."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from accounts import navigation, selectors
from accounts.models import Member, Organisation


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates `shell` (navigation, organisations) and `organisation` (that of this page)."""
    return {"shell": Shell(request), "organisation": getattr(request, "organisation", None)}


class Shell:
    """The frame around a page. On pages of the person it shows the organisation used last."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _memberships(self) -> list[Member]:
        known: list[Member] | None = getattr(self._request, "memberships", None)
        if known is None and self._request.user.is_authenticated:
            known = selectors.memberships(self._request.user)
        return known or []

    @cached_property
    def member(self) -> Member | None:
        """The membership of this page's organisation, else of the one used last, else any."""
        here: Member | None = getattr(self._request, "member", None)
        if here is not None:
            return here
        last = getattr(self._request.user, "last_organisation_id", None)
        used = [member for member in self._memberships if member.organisation_id == last]
        return next(iter(used or self._memberships), None)

    @property
    def organisations(self) -> list[Organisation]:
        return [member.organisation for member in self._memberships]

    @property
    def organisation_name(self) -> str:
        return self.member.organisation.name if self.member else "Todoku"

    @property
    def role_name(self) -> str | Promise:
        return self.member.get_role_display() if self.member else ""

    @cached_property
    def unseen_notices(self) -> int:
        return selectors.unseen_count(self.member) if self.member else 0

    @property
    def home_href(self) -> str:
        return reverse("home", args=[self.member.organisation.slug]) if self.member else "/"

    @cached_property
    def _links(self) -> list[navigation.Link]:
        return navigation.links(
            organisation=self.member.organisation if self.member else None,
            member=self.member,
            is_system_admin=getattr(self._request.user, "is_system_admin", False),
            path=self._request.path,
        )

    @property
    def main_entries(self) -> list[navigation.Link]:
        return [link for link in self._links if link.section == "main"]

    @property
    def admin_entries(self) -> list[navigation.Link]:
        return [link for link in self._links if link.section == "admin"]

    @property
    def phone_entries(self) -> list[navigation.Link]:
        return [link for link in self._links if link.on_phone]

    @property
    def phone_menu_entries(self) -> list[navigation.Link]:
        return [link for link in self._links if not link.on_phone]
