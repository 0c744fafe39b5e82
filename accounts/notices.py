"""The kinds of notices: icon and sentence, filled from a notification's parameters.

Numbers in the parameters are plain integers. A parameter that a sentence names and an old notification
lacks is shown as a dash.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Notification


@dataclass(frozen=True)
class NoticeKind:
    icon: str
    sentence: str | Promise
    icon_class: str = "faint"


@dataclass(frozen=True)
class Notice:
    """A notification as people read it."""

    notification: Notification
    icon: str
    icon_class: str
    text: str
    is_new: bool


class UnknownNoticeError(Exception):
    """A service raised a kind that has no sentence."""


KINDS: Final[dict[str, NoticeKind]] = {
    "campaign.finished": NoticeKind(
        "check",
        _("“%(name)s” has been sent: %(accepted)s mails were accepted."),
        "is-ok",
    ),
    "campaign.paused": NoticeKind(
        "pause", _("“%(name)s” was paused. Nothing leaves until it is resumed."), "is-warn"
    ),
    "campaign.failed": NoticeKind(
        "octagon-alert", _("“%(name)s” could not start. Nobody has got it."), "is-danger"
    ),
    "import.finished": NoticeKind(
        "users",
        _("“%(file)s” has been imported: %(created)s new readers, %(errors)s errors."),
        "is-ok",
    ),
    "import.failed": NoticeKind(
        "octagon-alert",
        _("“%(file)s” could not be imported. No reader was changed by it."),
        "is-danger",
    ),
}


def notice(notification: Notification, *, is_new: bool) -> Notice:
    """Put the sentence together in the active language."""
    kind = KINDS[notification.kind]
    words: dict[str, Any] = defaultdict(lambda: "—")
    words |= {name: _shown(value) for name, value in notification.params.items()}
    return Notice(notification, kind.icon, kind.icon_class, str(kind.sentence) % words, is_new)


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
