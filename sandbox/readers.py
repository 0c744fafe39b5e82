"""Decide what the reader of a message and the machines around it will do, and when.

Every decision is drawn from the seed, the address and the subject: the same campaign to the same
people is read the same way. Times are practice seconds after receipt.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sandbox.chance import delay_s, draw, happens
from sandbox.letter import Letter
from sandbox.mailboxes import Mailbox
from sandbox.profiles.profile import Habits

_CLICK_AFTER_S = 45.0
_LEAVE_AFTER_S = 90.0
_COMPLAIN_AFTER_S = 120.0
_PREFETCH_AFTER_S = 240.0
_SCAN_AFTER_S = 12.0
# Nobody opens everything.
_MOST_EAGER = 0.97
_READING = frozenset(
    {Mailbox.ORDINARY, Mailbox.ALWAYS_OPENS, Mailbox.ALWAYS_CLICKS, Mailbox.LEAVES, Mailbox.SLOW}
)


class Act(StrEnum):
    OPEN = "open"
    CLICK = "click"
    UNSUBSCRIBE = "unsubscribe"
    COMPLAIN = "complain"
    PREFETCH = "prefetch"  # a machine loads the pictures
    SCAN = "scan"  # a machine follows the links


@dataclass(frozen=True)
class Action:
    act: Act
    after_s: float
    detail: dict[str, Any] = field(default_factory=dict)


def plan_reading(
    letter: Letter, habits: Habits, mailbox: Mailbox, *, seed: int, address: str, subject: str
) -> list[Action]:
    """Return everything that will happen to this copy of the letter, in no particular order."""
    about = (address.lower(), subject)
    actions = list(_machines(letter, habits, seed, about))
    if mailbox in _READING:
        actions += _person(letter, habits, mailbox, seed, about)
    return actions


def _machines(
    letter: Letter, habits: Habits, seed: int, about: tuple[str, ...]
) -> Iterator[Action]:
    if habits.prefetch_agent and happens(habits.prefetches, seed, "prefetches", *about[:1]):
        after_s = delay_s(_PREFETCH_AFTER_S, seed, "prefetch after", *about)
        yield _pictures(Act.PREFETCH, after_s, letter, habits.prefetch_agent)
    if habits.scanner_agent and happens(habits.scans, seed, "scans", *about[:1]):
        after_s = delay_s(_SCAN_AFTER_S, seed, "scan after", *about, spread=0.4)
        detail = {"urls": list(letter.all_links), "agent": habits.scanner_agent}
        yield Action(Act.SCAN, after_s, detail)


def _person(
    letter: Letter, habits: Habits, mailbox: Mailbox, seed: int, about: tuple[str, ...]
) -> Iterator[Action]:
    # Some people read nearly every letter and some hardly any; the mean is the provider's habit.
    eagerness = 2 * draw(seed, "eagerness", *about[:1])
    is_ordinary = mailbox in (Mailbox.ORDINARY, Mailbox.SLOW)
    opens = min(habits.opens * eagerness, _MOST_EAGER)
    if is_ordinary and not happens(opens, seed, "opens", *about):
        return
    agent = _own_agent(habits, seed, about)
    opened_s = delay_s(habits.open_after_s, seed, "open after", *about)
    yield _pictures(Act.OPEN, opened_s, letter, habits.proxy_agent or agent)
    clicks = happens(habits.clicks, seed, "clicks", *about) and is_ordinary
    if letter.links and (clicks or mailbox is Mailbox.ALWAYS_CLICKS):
        # The first links are clicked most: the square leans towards the top of the letter.
        place = int(draw(seed, "link", *about) ** 2 * len(letter.links))
        after_s = opened_s + delay_s(_CLICK_AFTER_S, seed, "click after", *about)
        yield Action(Act.CLICK, after_s, {"urls": [letter.links[place]], "agent": agent})
    leaves = happens(habits.unsubscribes, seed, "leaves", *about) and is_ordinary
    if letter.one_click_url and (leaves or mailbox is Mailbox.LEAVES):
        after_s = opened_s + delay_s(_LEAVE_AFTER_S, seed, "leave after", *about)
        yield Action(Act.UNSUBSCRIBE, after_s, {"urls": [letter.one_click_url], "agent": agent})
    elif is_ordinary and happens(habits.complains, seed, "complains", *about):
        after_s = opened_s + delay_s(_COMPLAIN_AFTER_S, seed, "complain after", *about)
        yield Action(Act.COMPLAIN, after_s)


def _pictures(act: Act, after_s: float, letter: Letter, agent: str) -> Action:
    return Action(act, after_s, {"urls": list(letter.images), "agent": agent})


def _own_agent(habits: Habits, seed: int, about: tuple[str, ...]) -> str:
    if not habits.agents:
        return "Mozilla/5.0"
    return habits.agents[int(draw(seed, "agent", *about[:1]) * len(habits.agents))]
