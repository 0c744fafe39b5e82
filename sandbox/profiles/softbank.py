"""SoftBank: small messages, short headers, From and Message-ID required, patience advised.

Replies: bounces of the former vodafone.ne.jp servers quoted by Sisimai ("Invalid recipient").
Rules: SoftBank's notes for senders (100 recipients, 1 MB, header block 12 KB). Numbers of
connections and messages are this project's.
"""

from sandbox.profiles.docomo import DOCOMO
from sandbox.profiles.plain import POSTFIX
from sandbox.profiles.profile import Ambient, Check, Habits, Host, Limits, Profile, Say, Stage

SOFTBANK = Profile(
    name="softbank",
    title="SoftBank",
    domains=("softbank.ne.jp", "i.softbank.jp", "ymobile.ne.jp", "k.vodafone.ne.jp"),
    hosts=(Host("mx.softbank.ne.jp", "127.10.7.1", 10),),
    banner="220 {host} ESMTP",
    extensions=("8BITMIME",),
    checks=frozenset({Check.FROM, Check.MESSAGE_ID, Check.SENDER_DOMAIN, Check.FROM_DOMAIN}),
    limits=Limits(
        connections=2,
        messages_per_minute=120,
        messages_per_connection=30,
        size_bytes=1_048_576,
        header_bytes=12_288,
        too_fast_at=Stage.RCPT,
    ),
    ambient=Ambient(unknown=0.03, filtered=0.008),
    habits=Habits(
        opens=0.28, clicks=0.10, complains=0.0, open_after_s=1500.0, agents=DOCOMO.habits.agents
    ),
    replies=POSTFIX
    | {
        Say.ACCEPTED: "250 Ok {queue}",
        Say.UNKNOWN: "550 Invalid recipient: <{mailbox}>",
        Say.INACTIVE: "550 Invalid recipient: <{mailbox}>",
        Say.FULL: "452 Mailbox full: <{mailbox}>",
        Say.OVER_QUOTA: "552 Mailbox full: <{mailbox}>",
        Say.FILTERED: "550 Message refused",
        Say.SPAM: "550 Message refused",
        Say.GREY: "450 Requested mail action not taken: mailbox unavailable",
        Say.DEFERRED: "451 Requested action aborted: local error in processing",
        Say.TOO_FAST: "421 {host} Too many messages from {ip}, try again later",
        Say.TOO_MANY_CONNECTIONS: "421 {host} Too many connections from {ip}",
        Say.CONNECTION_USED_UP: "421 {host} closing transmission channel",
        Say.NO_FROM: "550 From header required",
        Say.NO_MESSAGE_ID: "550 Message-ID header required",
        Say.LONG_HEADER: "552 Header too long",
        Say.NO_SENDER_DOMAIN: "550 Sender domain not found",
    },
)
