"""The way to the first campaign: five steps, each answered by the app that knows.

The steps and their words stand here, so that the path is whole from the first day. Apps above
register in config.wiring whether an organisation has done a step and where to do it; a step that
nobody answers is not done and has no button.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.models import Organisation
from accounts.selectors import sender_profile_of

StepKey = Literal["sender", "domain", "readers", "campaign", "send"]


@dataclass(frozen=True)
class StepState:
    """`summary` replaces the description of a finished step ("1,204 readers")."""

    is_done: bool
    summary: str = ""


StepCheck = Callable[[Organisation], StepState]


@dataclass(frozen=True)
class Step:
    title: str | Promise
    text: str | Promise
    button: str | Promise
    minutes: int  # 0: depends on the content


@dataclass(frozen=True)
class PathStep:
    """A step as the home page shows it."""

    number: int
    state: Literal["done", "now", "later"]
    title: str | Promise
    text: str | Promise
    button: str | Promise
    minutes: int
    href: str

    @property
    def side(self) -> str | Promise:
        if self.state == "done":
            return _("Done")
        if not self.minutes:
            return _("Depends on the content")
        return ngettext("About %d minute", "About %d minutes", self.minutes) % self.minutes

    @property
    def change_href(self) -> str:
        return self.href if self.state == "done" else ""


STEPS: dict[StepKey, Step] = {
    "sender": Step(
        pgettext_lazy("step", "Sender"),
        _("Who sends: name, address and contact. Every mail shows them, as the law asks."),
        _("Write down the sender"),
        3,
    ),
    "domain": Step(
        pgettext_lazy("step", "Sending domain"),
        _("Shows receivers that the mail is genuine. A few values go into the DNS."),
        _("Set up the domain"),
        10,
    ),
    "readers": Step(
        pgettext_lazy("step", "Readers"),
        _("A CSV or Excel file can be taken in as it is."),
        _("Import readers"),
        5,
    ),
    "campaign": Step(
        pgettext_lazy("step", "E-mail"),
        _("Write the first e-mail and look at it as a reader will."),
        _("Write an e-mail"),
        10,
    ),
    "send": Step(
        pgettext_lazy("step", "Sending"),
        _("Recipients, links and merge fields are checked before anything leaves."),
        _("Look at the campaigns"),
        0,
    ),
}
_checks: dict[StepKey, tuple[StepCheck, str]] = {}


def register_step(key: StepKey, check: StepCheck, *, url_name: str) -> None:
    """Let an app answer for a step. `url_name` takes the organisation's slug as `organisation`."""
    _checks[key] = (check, url_name)


def path_of(organisation: Organisation) -> list[PathStep]:
    """Return the five steps; the first that is not done is the current one."""
    found: list[PathStep] = []
    current_seen = False
    for number, (key, step) in enumerate(STEPS.items(), start=1):
        check, url_name = _checks.get(key, (_unanswered, ""))
        answer = check(organisation)
        state: Literal["done", "now", "later"] = "done" if answer.is_done else "later"
        if not answer.is_done and not current_seen:
            state, current_seen = "now", True
        found.append(
            PathStep(
                number,
                state,
                step.title,
                answer.summary or step.text,
                step.button,
                step.minutes,
                _href(url_name, organisation),
            )
        )
    return found


def minutes_left(path: list[PathStep]) -> int:
    return sum(step.minutes for step in path if step.state != "done")


def sender_step(organisation: Organisation) -> StepState:
    """The sender is known when everything the law asks to show is written down."""
    profile = sender_profile_of(organisation)
    if not profile.is_complete:
        return StepState(is_done=False)
    return StepState(is_done=True, summary=f"{profile.legal_name}, {profile.postal_address}")


def _unanswered(_organisation: Organisation) -> StepState:
    return StepState(is_done=False)


def _href(url_name: str, organisation: Organisation) -> str:
    if not url_name:
        return ""
    try:
        return reverse(url_name, kwargs={"organisation": organisation.slug})
    except NoReverseMatch:
        return ""


register_step("sender", sender_step, url_name="accounts:settings")
