"""The five stops from an idea to a campaign that goes out, and which of them are done."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.models import Campaign

_STEPS: Final[tuple[tuple[str, str | Promise, str], ...]] = (
    ("recipients", pgettext_lazy("campaign", "Recipients"), "campaigns:recipients"),
    ("sender", gettext_lazy("Sender and subject"), "campaigns:sender"),
    ("content", pgettext_lazy("campaign", "Body"), "campaigns:content"),
    ("when", gettext_lazy("Time"), "campaigns:when"),
    ("review", pgettext_lazy("campaign", "Review"), "campaigns:review"),
)


@dataclass(frozen=True)
class Step:
    """One stop, as ui/stepper.html draws it."""

    key: str
    label: str | Promise
    href: str
    state: str  # "done", "now" or "later"

    @property
    def is_done(self) -> bool:
        return self.state == "done"


def is_done(campaign: Campaign, key: str) -> bool:
    return {
        "recipients": campaign.list_id is not None,
        "sender": bool(
            campaign.sending_domain_id and campaign.from_local and campaign.subject.strip()
        ),
        "content": bool(campaign.html.strip() or campaign.text.strip()),
        "when": bool(campaign.timing),
        "review": False,
    }[key]


def steps_of(campaign: Campaign, *, now: str = "") -> list[Step]:
    """Return the stops; `now` is the page that is open (the hub: the first stop that is not done)."""
    current = now or next((key for key, _label, _name in _STEPS if not is_done(campaign, key)), "")
    return [
        Step(key, label, part_href(campaign, name), _state(campaign, key, current))
        for key, label, name in _STEPS
    ]


def step_after(key: str) -> str:
    """Return the url name of the stop after this one."""
    keys = [each for each, _label, _name in _STEPS]
    return _STEPS[keys.index(key) + 1][2]


def part_href(campaign: Campaign, name: str) -> str:
    return reverse(name, args=[campaign.organisation.slug, campaign.pk])


def _state(campaign: Campaign, key: str, current: str) -> str:
    if key == current:
        return "now"
    return "done" if is_done(campaign, key) else "later"
