"""au (KDDI): refuses busy senders by TCP reset; a missing address in the reply means "filtered".

Replies: bounces of msmx.au.com and lsean.ezweb.ne.jp quoted by Sisimai (Rhost/KDDI). Rules: KDDI's
notes for senders (FQDN in From, 3 MB, 100 recipients). Numbers are this project's.
"""

from sandbox.profiles.docomo import DOCOMO
from sandbox.profiles.plain import POSTFIX
from sandbox.profiles.profile import Ambient, Check, Habits, Host, Limits, Profile, Say, Stage

AU = Profile(
    name="au",
    title="au",
    domains=("au.com", "ezweb.ne.jp"),
    hosts=(Host("msmx.au.com", "127.10.6.1", 10), Host("lsean.ezweb.ne.jp", "127.10.6.2", 20)),
    banner="220 {host} ESMTP",
    extensions=("8BITMIME",),
    takes_loose_dots=True,
    checks=frozenset({Check.FROM, Check.FROM_DOMAIN, Check.LINE_LENGTH}),
    limits=Limits(
        connections=2,
        messages_per_minute=120,
        messages_per_connection=30,
        size_bytes=3_145_728,
        too_fast_at=Stage.CONNECT,
        resets=True,
    ),
    ambient=Ambient(unknown=0.03, filtered=0.01, late=0.005),
    habits=Habits(
        opens=0.28, clicks=0.10, complains=0.0, open_after_s=1500.0, agents=DOCOMO.habits.agents
    ),
    replies=POSTFIX
    | {
        Say.ACCEPTED: "250 Message accepted for delivery",
        Say.UNKNOWN: "550 <{mailbox}>: User unknown",
        Say.INACTIVE: "550 <{mailbox}>: User unknown",
        Say.FILTERED: "550 : User unknown",
        Say.SPAM: "550 : User unknown",
        Say.FULL: "452 <{mailbox}>: Mailbox full",
        Say.OVER_QUOTA: "552 <{mailbox}>: Mailbox full",
        Say.GREY: "451 Temporary failure, please try again later",
        Say.DEFERRED: "451 Temporary failure, please try again later",
        Say.TOO_FAST: "421 {host} Service not available, closing transmission channel",
        Say.TOO_MANY_CONNECTIONS: "421 {host} Service not available, closing transmission channel",
        Say.CONNECTION_USED_UP: "421 {host} Service not available, closing transmission channel",
        Say.TOO_MANY_RECIPIENTS: "452 Too many recipients",
        Say.RELAY: "550 <{mailbox}>: Relay not permitted",
        Say.NO_FROM: "550 From header has no valid address",
        Say.NO_SENDER_DOMAIN: "550 Sender domain not found",
    },
)
