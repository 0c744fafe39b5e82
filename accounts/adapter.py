"""How django-allauth behaves here: people come by invitation, and no mail leaves through it."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class NoSystemSenderError(Exception):
    """Something asked allauth to send a mail, although the system has no sender of its own yet."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Sign-in by e-mail address and password only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: an administrator adds people (accounts.services.members)."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NoSystemSenderError(
            f"{template_prefix}: the system has no sender for mails to people"
        )

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Stay silent: the page that follows already shows that signing in or out worked."""
