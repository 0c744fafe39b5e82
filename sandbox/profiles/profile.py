"""The form of a receiver's character. A provider is one `Profile`: data, no code.

Replies are templates filled with {mailbox} (as given), {local}, {domain}, {sender} (MAIL FROM),
{sender_domain}, {ip} (the client) and {host} (the receiver). A line feed makes a multi-line reply.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Say(StrEnum):
    """The occasions on which providers use words of their own."""

    ACCEPTED = "accepted"
    UNKNOWN = "unknown user"
    INACTIVE = "inactive mailbox"
    FULL = "mailbox full for now"
    OVER_QUOTA = "mailbox full"
    FILTERED = "refused by the recipient's filter after the message"
    SPAM = "refused for its content"
    GREY = "greylisted"
    DEFERRED = "temporary failure"
    TOO_FAST = "too many messages"
    TOO_MANY_CONNECTIONS = "too many connections"
    CONNECTION_USED_UP = "messages per connection reached"
    TOO_MANY_RECIPIENTS = "too many recipients"
    MANY_DOMAINS = "several domains in one transaction"
    RELAY = "not our domain"
    BAD_ADDRESS = "address not understood"
    TOO_BIG = "message too big"
    BARE_LF = "bare CR or LF"
    NO_FROM = "no usable From"
    NO_MESSAGE_ID = "no Message-ID"
    DOUBLE_HEADER = "a header that may stand once stands twice"
    LONG_HEADER = "header block too long"
    LONG_LINE = "line too long"
    UNAUTHENTICATED = "neither SPF nor DKIM"
    NO_SENDER_DOMAIN = "sender domain does not resolve"


class Stage(StrEnum):
    CONNECT = "connect"
    EHLO = "ehlo"
    TLS = "tls"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


class Check(StrEnum):
    """What a provider looks at before it takes a message."""

    FROM = "from"
    MESSAGE_ID = "message-id"
    SINGLE_HEADERS = "single headers"
    AUTHENTICATION = "authentication"
    SENDER_DOMAIN = "sender domain"
    FROM_DOMAIN = "from domain"
    LINE_LENGTH = "line length"


@dataclass(frozen=True)
class Host:
    """One MX host of a provider, the domains it stands for, and its loopback address."""

    name: str
    address: str
    preference: int


@dataclass(frozen=True)
class Limits:
    """Per source IP. The minute is a practice minute (shorter at a higher speed)."""

    connections: int = 20
    messages_per_minute: int = 600
    messages_per_connection: int = 100
    recipients: int = 100
    size_bytes: int = 35_882_577
    header_bytes: int = 0  # 0: no limit of its own
    too_fast_at: Stage = Stage.MAIL
    resets: bool = False  # refuses busy clients with a TCP reset instead of words


@dataclass(frozen=True)
class Ambient:
    """How ordinary addresses fail when the base rates are switched on: share of mailboxes."""

    unknown: float = 0.02
    inactive: float = 0.003
    full: float = 0.005
    grey: float = 0.0
    filtered: float = 0.0
    late: float = 0.002


@dataclass(frozen=True)
class Habits:
    """What readers and machines do with a delivered message: probabilities and median delays.

    `click`, `unsubscribe` and `complain` are shares of those who opened.
    """

    opens: float = 0.35
    clicks: float = 0.18
    unsubscribes: float = 0.006
    complains: float = 0.001
    open_after_s: float = 2400.0
    agents: tuple[str, ...] = ()  # the reader's own browser or mail application
    proxy_agent: str = ""  # images are fetched by the provider on opening
    prefetch_agent: str = ""  # a machine loads images soon after delivery, opened or not
    prefetches: float = 0.0
    scanner_agent: str = ""  # a machine follows links before delivery
    scans: float = 0.0


@dataclass(frozen=True)
class Profile:
    name: str
    title: str
    domains: tuple[str, ...]
    hosts: tuple[Host, ...]
    banner: str
    replies: Mapping[Say, str]
    hosted: Mapping[str, tuple[Host, ...]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")
    starttls: bool = True
    smtputf8: bool = False
    breaks_tls: bool = False
    takes_loose_dots: bool = False  # a..b@ and a.@ without quotes, as old carrier addresses are
    limits: Limits = Limits()
    checks: frozenset[Check] = frozenset()
    ambient: Ambient = Ambient()
    habits: Habits = Habits()
    grey_wait_s: float = 300.0
    redacts_complaints: bool = False  # its complaint reports name neither address

    def all_domains(self) -> frozenset[str]:
        return frozenset((*self.domains, *self.hosted))

    def all_hosts(self) -> tuple[Host, ...]:
        return (*self.hosts, *(host for hosts in self.hosted.values() for host in hosts))
