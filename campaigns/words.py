"""Words of the campaign screens that depend on stable words of the data."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise

# Why readers of a list get nothing (lists.selectors.excluded_counts).
EXCLUDED_WORDS: Final[dict[str, Words]] = {
    "unconfirmed": _("have not confirmed yet"),
    "unsubscribed": _("have unsubscribed"),
    "bounced": _("stopped after an error"),
    "complained": _("reported as spam"),
    "trashed": _("in the trash"),
    "suppressed": _("excluded"),
    "no-consent": _("without recorded consent"),
}
_OTHER: Final = _("left out for another reason")

# Why a campaign failed to start is told by check_words; only what the system itself found stands here.
RUN_TITLES: Final[dict[str, Words]] = {
    "preparing": _("The recipients are being put together"),
    "sending": pgettext_lazy("campaign", "Sending"),
    "paused": _("Sending is paused"),
    "sent": _("Everything has been sent"),
    "cancelled": _("The rest was cancelled"),
}


@dataclass(frozen=True)
class ExcludedRow:
    words: Words
    number: int


def excluded_rows(excluded: dict[str, int]) -> list[ExcludedRow]:
    """Return reasons in words, the most frequent first."""
    ordered = sorted(excluded.items(), key=lambda item: -item[1])
    return [ExcludedRow(EXCLUDED_WORDS.get(reason, _OTHER), number) for reason, number in ordered]
