"""What kind of mailbox an address is: forced by the first word of its local part, or drawn by seed.

`unknown.yamada@gmail.com` does not exist, `grey.sato@aozora-shoji.example` is greylisted, and so on;
the word ends at one of `. - _ +` or with the local part. Everything else is ordinary, unless base
rates are switched on: then each address gets its fate from the seed, the same one every time.
"""

import re
from enum import StrEnum

from sandbox.chance import draw
from sandbox.profiles.profile import Ambient


class Mailbox(StrEnum):
    ORDINARY = "ordinary"
    UNKNOWN = "unknown"  # refused at RCPT: no such user
    INACTIVE = "inactive"  # refused at RCPT: account disabled
    FULL = "full"  # 4xx at RCPT every time
    OVER_QUOTA = "over quota"  # 5xx at RCPT
    FILTERED = "filtered"  # refused after the message by the recipient's own filter
    REFUSED = "refused"  # refused after the message as spam
    GREY = "grey"  # 4xx until the waiting time is over
    DEFERRED = "deferred"  # 4xx for ever
    SLOW = "slow"  # the reply to RCPT takes its time
    LATE = "late"  # accepted, then a bounce: no such user
    LATE_FULL = "late full"  # accepted, then a bounce: mailbox full
    DELAYED = "delayed"  # accepted, then a warning that delivery is delayed
    AWAY = "away"  # accepted, then an automatic answer
    COMPLAINS = "complains"  # accepted, then a complaint report
    LOST_REPLY = "lost reply"  # kept, but the connection ends instead of the reply to the dot
    LOST_MESSAGE = "lost message"  # not kept, the connection ends after the dot
    RESET = "reset"  # TCP reset instead of the reply to RCPT
    ALWAYS_OPENS = "opens"
    ALWAYS_CLICKS = "clicks"
    LEAVES = "leaves"  # opens, then uses the one-click unsubscribe
    SILENT = "silent"  # never acts


_WORDS: dict[str, Mailbox] = {
    "unknown": Mailbox.UNKNOWN,
    "gone": Mailbox.UNKNOWN,
    "inactive": Mailbox.INACTIVE,
    "full": Mailbox.FULL,
    "overquota": Mailbox.OVER_QUOTA,
    "filtered": Mailbox.FILTERED,
    "refused": Mailbox.REFUSED,
    "grey": Mailbox.GREY,
    "later": Mailbox.DEFERRED,
    "slow": Mailbox.SLOW,
    "late": Mailbox.LATE,
    "latefull": Mailbox.LATE_FULL,
    "delayed": Mailbox.DELAYED,
    "away": Mailbox.AWAY,
    "spam": Mailbox.COMPLAINS,
    "complain": Mailbox.COMPLAINS,
    "lostreply": Mailbox.LOST_REPLY,
    "lostmail": Mailbox.LOST_MESSAGE,
    "reset": Mailbox.RESET,
    "opens": Mailbox.ALWAYS_OPENS,
    "clicks": Mailbox.ALWAYS_CLICKS,
    "leaves": Mailbox.LEAVES,
    "never": Mailbox.SILENT,
}
_FIRST_WORD = re.compile(r"([a-z]+)(?:[.\-_+]|$)")


def mailbox_of(address: str, *, seed: int, ambient: Ambient | None) -> Mailbox:
    """Return the kind of an address (any case). `ambient` is None while base rates are off."""
    local, _at, _domain = address.lower().rpartition("@")
    word = _FIRST_WORD.match(local)
    if word and (forced := _WORDS.get(word[1])):
        return forced
    if ambient is None:
        return Mailbox.ORDINARY
    return _fate(draw(seed, "mailbox", address.lower()), ambient)


def _fate(position: float, ambient: Ambient) -> Mailbox:
    """Cut the line from 0 to 1 into one piece per fate; the rest is ordinary."""
    for share, kind in (
        (ambient.unknown, Mailbox.UNKNOWN),
        (ambient.inactive, Mailbox.INACTIVE),
        (ambient.full, Mailbox.FULL),
        (ambient.grey, Mailbox.GREY),
        (ambient.filtered, Mailbox.FILTERED),
        (ambient.late, Mailbox.LATE),
    ):
        if position < share:
            return kind
        position -= share
    return Mailbox.ORDINARY
