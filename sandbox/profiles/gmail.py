"""Gmail: talkative refusals with enhanced codes, quotas that name what they blame.

Replies: Google, "About SMTP error messages" (support.google.com/a/answer/3221692) and the help
texts linked in them, as quoted by public bounce corpora; pages of February to March 2026.
Image proxy agent: Google's published GoogleImageProxy string.
"""

from sandbox.profiles.plain import POSTFIX
from sandbox.profiles.profile import Ambient, Check, Habits, Host, Limits, Profile, Say, Stage

_PROXY = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
)

GMAIL = Profile(
    name="gmail",
    title="Gmail",
    domains=("gmail.com", "googlemail.com"),
    hosts=(
        Host("gmail-smtp-in.l.google.com", "127.10.0.1", 5),
        Host("alt1.gmail-smtp-in.l.google.com", "127.10.0.2", 10),
    ),
    # A company whose mail Google hosts: same servers' behaviour behind another MX name.
    hosted={"hoshizora-design.example": (Host("aspmx.l.google.com", "127.10.0.3", 1),)},
    banner="220 mx.google.com ESMTP {queue} - gsmtp",
    extensions=("8BITMIME", "ENHANCEDSTATUSCODES", "PIPELINING"),
    smtputf8=True,
    checks=frozenset({Check.FROM, Check.MESSAGE_ID, Check.SINGLE_HEADERS, Check.AUTHENTICATION}),
    limits=Limits(
        connections=10,
        messages_per_minute=1200,
        messages_per_connection=100,
        size_bytes=157_286_400,
        too_fast_at=Stage.DOT,
    ),
    ambient=Ambient(unknown=0.015, inactive=0.004, full=0.006),
    habits=Habits(opens=0.38, clicks=0.16, agents=_AGENTS, proxy_agent=_PROXY),
    replies=POSTFIX
    | {
        Say.ACCEPTED: "250 2.0.0 OK  {epoch} {queue} - gsmtp",
        Say.UNKNOWN: (
            "550 5.1.1 The email account that you tried to reach does not exist. Please try\n"
            "5.1.1 double-checking the recipient's email address for typos or\n"
            "5.1.1 unnecessary spaces. For more information, go to\n"
            "5.1.1  https://support.google.com/mail/?p=NoSuchUser {queue} - gsmtp"
        ),
        Say.INACTIVE: (
            "550 5.2.1 The email account that you tried to reach is inactive. For more\n"
            "5.2.1 information, go to https://support.google.com/mail/?p=DisabledUser {queue} - gsmtp"
        ),
        Say.FULL: (
            "452 4.2.2 The recipient's inbox is out of storage space. Please direct the\n"
            "4.2.2 recipient to https://support.google.com/mail/?p=OverQuotaTemp {queue} - gsmtp"
        ),
        Say.OVER_QUOTA: (
            "552 5.2.2 The recipient's inbox is out of storage space and inactive. Please\n"
            "5.2.2 direct the recipient to https://support.google.com/mail/?p=OverQuotaPerm {queue} - gsmtp"
        ),
        Say.DEFERRED: "451 4.3.0 Mail server temporarily rejected message. {queue} - gsmtp",
        Say.GREY: (
            "450 4.2.1 The user you are trying to contact is receiving mail at a rate that\n"
            "4.2.1 prevents additional messages from being delivered. Please resend your\n"
            "4.2.1 message at a later time. If the user is able to receive mail at that\n"
            "4.2.1 time, your message will be delivered. For more information, go to\n"
            "4.2.1  https://support.google.com/mail/?p=ReceivingRate {queue} - gsmtp"
        ),
        Say.TOO_FAST: (
            "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating\n"
            "4.7.28 from your IP address [{ip}]. To protect our users from spam, mail sent\n"
            "4.7.28 from your IP address has been temporarily rate limited. For more\n"
            "4.7.28 information, go to https://support.google.com/mail/?p=UnsolicitedRateLimitError {queue} - gsmtp"
        ),
        Say.TOO_MANY_CONNECTIONS: "421 4.7.0 Try again later, closing connection. {queue} - gsmtp",
        Say.CONNECTION_USED_UP: "421 4.7.0 Connection expired, try reconnecting. {queue} - gsmtp",
        Say.TOO_MANY_RECIPIENTS: (
            "452 4.5.3 Your message has too many recipients. For more information regarding\n"
            "4.5.3 Google's sending limits, visit https://support.google.com/mail/?p=TooManyRecipients {queue} - gsmtp"
        ),
        Say.MANY_DOMAINS: (
            "451 4.3.0 Multiple destination domains per transaction is unsupported. Please\n"
            "4.3.0 try again. {queue} - gsmtp"
        ),
        Say.RELAY: "550 5.7.1 Relaying denied {queue} - gsmtp",
        Say.BAD_ADDRESS: "553 5.1.3 The recipient address <{mailbox}> is not a valid RFC 5321 address. {queue} - gsmtp",
        Say.TOO_BIG: (
            "552 5.3.4 Your message exceeded Google's message size limits. To view our\n"
            "5.3.4 message size guidelines, go to https://support.google.com/mail/?p=MaxSizeError {queue} - gsmtp"
        ),
        Say.SPAM: (
            "550 5.7.1 [{ip}] Our system has detected that this message is likely\n"
            "5.7.1 unsolicited mail. To reduce the amount of spam sent to Gmail, this\n"
            "5.7.1 message has been blocked. For more information, go to\n"
            "5.7.1  https://support.google.com/mail/?p=UnsolicitedMessageError {queue} - gsmtp"
        ),
        Say.FILTERED: (
            "550 5.7.1 Our system has detected that this message is suspicious due to the\n"
            "5.7.1 nature of the content or the links within. {queue} - gsmtp"
        ),
        Say.NO_FROM: (
            "550 5.7.1 Messages missing a valid address in the From: header, or having no\n"
            "5.7.1 From: header, are not accepted. {queue} - gsmtp"
        ),
        Say.NO_MESSAGE_ID: (
            "550 5.7.1 Messages missing a valid Message-ID: header are not accepted. {queue} - gsmtp"
        ),
        Say.DOUBLE_HEADER: (
            "550 5.7.1 This message is not RFC 5322 compliant because it has duplicate\n"
            "5.7.1 headers. To reduce the amount of spam sent to Gmail, this message has\n"
            "5.7.1 been blocked. {queue} - gsmtp"
        ),
        Say.UNAUTHENTICATED: (
            "550 5.7.26 Your email has been blocked because the sender is unauthenticated.\n"
            "5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\n"
            "5.7.26\n"
            "5.7.26  Authentication results:\n"
            "5.7.26  DKIM = did not pass\n"
            "5.7.26  SPF [{sender_domain}] with ip: [{ip}] = did not pass\n"
            "5.7.26\n"
            "5.7.26  For instructions on setting up authentication, go to\n"
            "5.7.26  https://support.google.com/mail/answer/81126#authentication {queue} - gsmtp"
        ),
    },
)
