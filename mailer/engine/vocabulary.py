"""Words that every part of the delivery engine shares."""

from enum import StrEnum


class Stage(StrEnum):
    """Where in the conversation a reply was given; `DOT` is the reply to the message itself."""

    DNS = "dns"
    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


class ReplyClass(StrEnum):
    """Why a message was not taken. Only the recipient-shaped classes may ever clean a list."""

    ACCEPTED = "accepted"
    INVALID_RECIPIENT = "invalid-recipient"
    INACTIVE_MAILBOX = "inactive-mailbox"
    BAD_DOMAIN = "bad-domain"
    MAILBOX_FULL = "mailbox-full"
    RECIPIENT_FILTER = "recipient-filter"
    REPUTATION_BLOCK = "reputation-block"
    POLICY = "policy"
    AUTHENTICATION = "authentication"
    RATE_LIMITED = "rate-limited"
    CONTENT = "content"
    SIZE = "size"
    NETWORK = "network"
    SERVER_CONFIG = "server-config"
    EXPIRED = "expired"
    COMPLAINT = "complaint"
    OTHER = "other"


class Scope(StrEnum):
    """What a reply blames, and therefore the only thing that may be slowed because of it."""

    RECIPIENT = "recipient"
    MESSAGE = "message"
    SENDING_DOMAIN = "sending-domain"
    SOURCE_IP = "source-ip"
    PROVIDER = "provider"
    CONNECTION = "connection"
    NONE = "none"
