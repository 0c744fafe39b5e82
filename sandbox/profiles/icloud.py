"""iCloud Mail: strict about volume and authentication, and its readers' images load by machine.

Replies: texts quoted for Apple by Sisimai (Rhost/Apple) and public shaping rules. Mail Privacy
Protection fetches remote images soon after delivery with the agent "Mozilla/5.0" (Apple, 2021).
"""

from sandbox.profiles.plain import POSTFIX
from sandbox.profiles.profile import Ambient, Check, Habits, Host, Limits, Profile, Say, Stage

_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
)

ICLOUD = Profile(
    name="icloud",
    title="iCloud",
    domains=("icloud.com", "me.com", "mac.com", "privaterelay.appleid.com"),
    hosts=(
        Host("mx01.mail.icloud.com", "127.10.5.1", 10),
        Host("mx02.mail.icloud.com", "127.10.5.2", 10),
    ),
    banner="220 {host} -- Server ESMTP (ICL {queue})",
    extensions=("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"),
    smtputf8=True,
    checks=frozenset({Check.FROM, Check.SENDER_DOMAIN, Check.AUTHENTICATION}),
    limits=Limits(
        connections=10,
        messages_per_minute=600,
        messages_per_connection=20,
        size_bytes=28_311_552,
        too_fast_at=Stage.MAIL,
    ),
    ambient=Ambient(unknown=0.015, inactive=0.01, full=0.01),
    habits=Habits(
        opens=0.35,
        clicks=0.15,
        agents=_AGENTS,
        prefetch_agent="Mozilla/5.0",
        prefetches=0.75,
    ),
    replies=POSTFIX
    | {
        Say.ACCEPTED: "250 2.0.0 Ok: queued as {queue}",
        Say.UNKNOWN: "550 5.1.1 <{mailbox}>: user does not exist",
        Say.INACTIVE: "550 5.1.1 <{mailbox}>: inactive email address",
        Say.FULL: "452 4.2.2 <{mailbox}>: user is over quota",
        Say.OVER_QUOTA: "552 5.2.2 <{mailbox}>: user is over quota",
        Say.GREY: "451 4.1.1 [BS02] Service temporarily unavailable, please try again later",
        Say.DEFERRED: "451 4.1.1 [BS02] Service temporarily unavailable, please try again later",
        Say.TOO_FAST: "421 4.7.0 [HCM1] Messages from {ip} deferred. See https://support.apple.com/en-us/HT204137",
        Say.TOO_MANY_CONNECTIONS: "421 4.7.0 [HCM1] Too many connections from {ip}",
        Say.CONNECTION_USED_UP: "421 4.7.0 Too many messages in this connection",
        Say.SPAM: "550 5.7.1 [CS01] Message rejected due to local policy. See https://support.apple.com/en-us/HT204137",
        Say.FILTERED: "550 5.7.1 [CS01] Message rejected due to local policy. See https://support.apple.com/en-us/HT204137",
        Say.RELAY: "554 5.7.1 <{mailbox}>: Relay access denied",
        Say.NO_SENDER_DOMAIN: "450 4.1.8 <{sender}>: Sender address rejected: Domain not found",
        Say.UNAUTHENTICATED: (
            "554 5.7.1 [HME1] This message was blocked for failing both SPF and DKIM"
            " authentication checks. See https://support.apple.com/en-us/HT204137 for mailing"
            " best practices"
        ),
    },
)
