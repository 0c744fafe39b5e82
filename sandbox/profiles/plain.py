"""Words of an ordinary Postfix, which every provider uses where it has none of its own.

Source: Postfix 3.8 source text and defaults (smtpd.c, smtpd_check.c), except where noted.
"""

from sandbox.profiles.profile import Say

POSTFIX: dict[Say, str] = {
    Say.ACCEPTED: "250 2.0.0 Ok: queued as {queue}",
    Say.UNKNOWN: "550 5.1.1 <{mailbox}>: Recipient address rejected: User unknown in virtual mailbox table",
    Say.INACTIVE: "550 5.2.1 <{mailbox}>: Recipient address rejected: Mailbox disabled",
    Say.FULL: "452 4.2.2 <{mailbox}>: Recipient address rejected: Mailbox is full",
    Say.OVER_QUOTA: "552 5.2.2 <{mailbox}>: Recipient address rejected: Mailbox is full",
    Say.FILTERED: "550 5.7.1 <{mailbox}>: Message rejected by the recipient's filter",
    Say.SPAM: "554 5.7.1 Service unavailable; message content rejected as spam",
    # Postgrey's default text.
    Say.GREY: "450 4.2.0 <{mailbox}>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/{domain}.html",
    Say.DEFERRED: "451 4.3.0 <{mailbox}>: Temporary lookup failure",
    Say.TOO_FAST: "450 4.7.1 Error: too much mail from {ip}",
    Say.TOO_MANY_CONNECTIONS: "421 4.7.0 {host} Error: too many connections from {ip}",
    Say.CONNECTION_USED_UP: "421 4.4.2 {host} Error: too many messages in this session",
    Say.TOO_MANY_RECIPIENTS: "452 4.5.3 Error: too many recipients",
    Say.MANY_DOMAINS: "250 2.1.5 Ok",
    Say.RELAY: "554 5.7.1 <{mailbox}>: Relay access denied",
    Say.BAD_ADDRESS: "501 5.1.3 Bad recipient address syntax",
    Say.TOO_BIG: "552 5.3.4 Message size exceeds fixed limit",
    Say.BARE_LF: "521 5.5.2 {host} Error: bare <LF> received",
    Say.NO_FROM: "550 5.7.1 Message has no usable From header",
    Say.NO_MESSAGE_ID: "550 5.7.1 Message has no Message-ID header",
    Say.DOUBLE_HEADER: "550 5.7.1 Message has duplicate headers",
    Say.LONG_HEADER: "552 5.3.4 Message header size exceeds fixed limit",
    Say.LONG_LINE: "550 5.6.0 Line longer than 998 octets (RFC 5322 section 2.1.1)",
    Say.UNAUTHENTICATED: "550 5.7.26 Message is not authenticated",
    Say.NO_SENDER_DOMAIN: "450 4.1.8 <{sender}>: Sender address rejected: Domain not found",
}
