"""Status stamps: icon, word and border for every state a person can see.

One table for all apps, so that the same state has the same word on every screen. A state that is
missing here is a mistake of the caller and stops the page.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Stamp:
    """`css` is one of the shapes of `.stamp` in components.css, or empty for the plain one."""

    css: str
    icon: str
    word: str | Promise


class UnknownStampError(Exception):
    """A template asked for a state that has no stamp."""


STAMPS = {
    # Campaigns
    "draft": Stamp("is-draft", "pencil", _("Draft")),
    "scheduled": Stamp("is-scheduled", "calendar-clock", _("Scheduled")),
    "preparing": Stamp("is-preparing", "loader-circle", _("Preparing")),
    "sending": Stamp("is-sending", "send", _("Sending")),
    "paused": Stamp("is-paused", "pause", _("Paused")),
    "sent": Stamp("is-sent", "check", pgettext_lazy("campaign", "Sent")),
    "cancelled": Stamp("is-cancelled", "ban", _("Cancelled")),
    "failed": Stamp("is-failed", "x", _("Failed")),
    # Readers
    "active": Stamp("is-sent", "check", pgettext_lazy("reader", "Receiving")),
    "unconfirmed": Stamp("is-scheduled", "clock", _("Unconfirmed")),
    "unsubscribed": Stamp("", "mail-x", _("Unsubscribed")),
    "bounced": Stamp("is-failed", "x", _("Stopped by an error")),
    "complained": Stamp("is-failed", "message-square-warning", _("Reported as spam")),
    "suppressed": Stamp("is-failed", "ban", _("Excluded")),
    "trashed": Stamp("is-cancelled", "trash-2", _("In the trash")),
    # Single messages
    "accepted": Stamp("is-sent", "check", pgettext_lazy("delivery", "Accepted")),
    "waiting": Stamp("is-scheduled", "hourglass", pgettext_lazy("delivery", "Waiting")),
    "deferred": Stamp("is-paused", "clock", pgettext_lazy("delivery", "On hold")),
    "skipped": Stamp("is-draft", "circle-minus", pgettext_lazy("delivery", "Left out")),
    "uncertain": Stamp("is-paused", "circle-help", pgettext_lazy("delivery", "Uncertain")),
    # What a check found: domains, imports
    "verified": Stamp("is-sent", "shield-check", _("Verified")),
    "unverified": Stamp("is-draft", "circle-help", _("Not checked yet")),
    "missing": Stamp("is-paused", "triangle-alert", _("Not found yet")),
    "wrong": Stamp("is-failed", "x", _("Wrong value")),
    "running": Stamp("is-sending", "loader-circle", _("Running")),
    "done": Stamp("is-sent", "check", _("Done")),
    "practice": Stamp("is-scheduled", "flask-conical", _("Practice")),
    "live": Stamp("is-sent", "globe", _("Live")),
}


def stamp_for(state: str) -> Stamp:
    """Return the stamp of a state; raise UnknownStampError for one that has none."""
    try:
        return STAMPS[state]
    except KeyError:
        raise UnknownStampError(f"{state}: add it to accounts/stamps.py") from None
