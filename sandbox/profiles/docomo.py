"""docomo: few words, few connections, and a filter that answers "Unknown user" after the message.

Replies: bounces of mfsmax.docomo.ne.jp quoted by Sisimai (Rhost/NTTDOCOMO). Rules: docomo,
"smtp_notice" (100 recipients, DMARC, many unknown users block the network for a while). The
numbers of connections and messages are this project's, docomo publishes none.
"""

from sandbox.profiles.plain import POSTFIX
from sandbox.profiles.profile import Ambient, Check, Habits, Host, Limits, Profile, Say, Stage

_AGENTS = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
)

DOCOMO = Profile(
    name="docomo",
    title="docomo",
    domains=("docomo.ne.jp",),
    hosts=(Host("mfsmax.docomo.ne.jp", "127.10.1.1", 10),),
    banner="220 mfsmax.docomo.ne.jp ESMTP Service Ready",
    extensions=("8BITMIME",),
    starttls=False,
    takes_loose_dots=True,
    checks=frozenset({Check.FROM, Check.MESSAGE_ID, Check.FROM_DOMAIN, Check.LINE_LENGTH}),
    limits=Limits(
        connections=2,
        messages_per_minute=120,
        messages_per_connection=50,
        recipients=100,
        size_bytes=10_485_760,
        too_fast_at=Stage.MAIL,
    ),
    ambient=Ambient(unknown=0.03, filtered=0.01, full=0.004, inactive=0.0),
    habits=Habits(opens=0.30, clicks=0.10, complains=0.0, open_after_s=1500.0, agents=_AGENTS),
    replies=POSTFIX
    | {
        Say.ACCEPTED: "250 Ok",
        Say.UNKNOWN: "550 Unknown user {mailbox}",
        Say.INACTIVE: "550 Unknown user {mailbox}",
        # The same words after DATA are the recipient's own filter, not a missing mailbox.
        Say.FILTERED: "550 Unknown user {mailbox}",
        Say.SPAM: "550 Unknown user {mailbox}",
        Say.FULL: "452 Too much mail data {mailbox}",
        Say.OVER_QUOTA: "552 Too much mail data {mailbox}",
        Say.GREY: "451 Requested action aborted: error in processing",
        Say.DEFERRED: "451 Requested action aborted: error in processing",
        Say.TOO_FAST: "421 {host} Service not available, closing transmission channel",
        Say.TOO_MANY_CONNECTIONS: "421 {host} Service not available, closing transmission channel",
        Say.CONNECTION_USED_UP: "421 {host} Service not available, closing transmission channel",
        Say.TOO_MANY_RECIPIENTS: "554 Too many recipients",
        Say.RELAY: "550 Unknown user {mailbox}",
        Say.BAD_ADDRESS: "501 Syntax error in parameters or arguments",
        Say.TOO_BIG: "552 Message size exceeds fixed maximum message size",
        Say.BARE_LF: "554 Transaction failed",
        Say.NO_FROM: "554 Transaction failed",
        Say.NO_MESSAGE_ID: "554 Transaction failed",
        Say.LONG_LINE: "554 Transaction failed",
        Say.NO_SENDER_DOMAIN: "550 Sender domain not found",
    },
)
