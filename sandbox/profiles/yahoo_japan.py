"""Yahoo! JAPAN Mail: two connections are enough, refusals name a ticket.

Replies: public shaping rules for yahoo.co.jp quote the tags (VS98-IP0, TSS04, IPTS04); the
sentences around them are this project's in the manner of the Yahoo family.
"""

from sandbox.profiles.plain import POSTFIX
from sandbox.profiles.profile import Ambient, Check, Habits, Host, Limits, Profile, Say, Stage

_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
)

YAHOO_JAPAN = Profile(
    name="yahoo_japan",
    title="Yahoo! JAPAN",
    domains=("yahoo.co.jp", "ymail.ne.jp"),
    hosts=(
        Host("mx1.mail.yahoo.co.jp", "127.10.4.1", 10),
        Host("mx2.mail.yahoo.co.jp", "127.10.4.2", 10),
    ),
    banner="220 {host} ESMTP ready",
    extensions=("PIPELINING", "8BITMIME"),
    checks=frozenset({Check.FROM, Check.AUTHENTICATION}),
    limits=Limits(
        connections=2,
        messages_per_minute=600,
        messages_per_connection=20,
        size_bytes=41_943_040,
        too_fast_at=Stage.MAIL,
    ),
    ambient=Ambient(unknown=0.03, inactive=0.01, full=0.004),
    habits=Habits(opens=0.28, clicks=0.14, agents=_AGENTS),
    replies=POSTFIX
    | {
        Say.ACCEPTED: "250 ok {queue}",
        Say.UNKNOWN: "553 5.1.1 {mailbox}... User unknown",
        Say.INACTIVE: "554 delivery error: dd This user doesn't have a yahoo.co.jp account ({mailbox}) [-9]",
        Say.FULL: "452 4.2.2 Mailbox {mailbox} is full",
        Say.OVER_QUOTA: "552 5.2.2 Mailbox {mailbox} is full",
        Say.GREY: "451 4.7.1 Resources temporarily unavailable. Please try again later.",
        Say.DEFERRED: "451 4.3.2 Resources temporarily unavailable. Please try again later.",
        Say.TOO_FAST: "421 4.7.0 [TSS04] Messages from {ip} temporarily deferred due to unexpected volume or user complaints",
        Say.TOO_MANY_CONNECTIONS: "421 4.7.0 [VS98-IP0] Too many connections from {ip}",
        Say.CONNECTION_USED_UP: "421 4.7.0 Max message per connection reached, closing transmission channel",
        Say.SPAM: "554 5.7.9 Message not accepted for policy reasons.",
        Say.FILTERED: "554 5.7.9 Message not accepted for policy reasons.",
        Say.UNAUTHENTICATED: "550 5.7.9 This mail has been blocked because the sender is unauthenticated.",
    },
)
