"""Outlook.com: reputation throttles with support numbers, and a complaint loop (JMRP).

Replies: Microsoft, postmaster and "Fix NDR" pages to June 2026, and texts in public bounce corpora.
"""

from sandbox.profiles.plain import POSTFIX
from sandbox.profiles.profile import Ambient, Check, Habits, Host, Limits, Profile, Say, Stage

_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)",
)

OUTLOOK = Profile(
    name="outlook",
    title="Outlook.com",
    domains=("outlook.com", "hotmail.com", "live.jp", "outlook.jp", "hotmail.co.jp"),
    hosts=(Host("outlook-com.olc.protection.outlook.com", "127.10.3.1", 5),),
    banner="220 {host} Microsoft ESMTP MAIL Service ready at {date} [{queue}]",
    extensions=("PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8"),
    smtputf8=True,
    # JMRP reports may lack return path and recipient (Microsoft, SNDS help, 2026).
    redacts_complaints=True,
    checks=frozenset({Check.FROM, Check.SINGLE_HEADERS, Check.AUTHENTICATION}),
    limits=Limits(
        connections=10,
        messages_per_minute=900,
        messages_per_connection=50,
        size_bytes=49_283_072,
        too_fast_at=Stage.MAIL,
    ),
    ambient=Ambient(unknown=0.02, full=0.004, inactive=0.004),
    habits=Habits(
        opens=0.30,
        complains=0.004,
        agents=_AGENTS,
        scanner_agent=_AGENTS[0],
        scans=0.15,
    ),
    replies=POSTFIX
    | {
        Say.ACCEPTED: "250 2.6.0 <{message_id}> [InternalId={queue}, Hostname={host}] Queued mail for delivery",
        Say.UNKNOWN: "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [{queue}]",
        Say.INACTIVE: "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [{queue}]",
        Say.FULL: "452 4.2.2 Mailbox full; STOREDRV.Deliver; mailbox full. [{queue}]",
        Say.OVER_QUOTA: "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException. [{queue}]",
        Say.GREY: "451 4.7.500 Server busy. Please try again later from [{ip}]. (S77714) [{queue}]",
        Say.DEFERRED: "451 4.3.2 Temporary server error. Please try again later PRX2 [{queue}]",
        Say.TOO_FAST: (
            "451 4.7.650 The mail server [{ip}] has been temporarily rate limited due to IP"
            " reputation. For e-mail delivery information, see https://postmaster.live.com"
            " (S775) [{queue}]"
        ),
        Say.TOO_MANY_CONNECTIONS: (
            "421 RP-003 (SNT004-MC1F1) Unfortunately, some messages from {ip} weren't sent."
            " The connection limit has been exceeded. You can also refer your provider to"
            " http://mail.live.com/mail/troubleshooting.aspx#errors."
        ),
        Say.CONNECTION_USED_UP: (
            "421 RP-002 (SNT004-MC1F1) Unfortunately, some messages on this connection weren't"
            " sent due to throttling on this connection from {ip}."
        ),
        Say.FILTERED: "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. SC-001 [{queue}]",
        Say.SPAM: (
            "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. Please contact your"
            " Internet service provider since part of their network is on our block list (S3140)."
            " You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors."
            " [{queue}]"
        ),
        Say.RELAY: "550 5.7.64 TenantAttribution; Relay Access Denied [{queue}]",
        Say.BAD_ADDRESS: "501 5.1.3 Invalid address [{queue}]",
        Say.TOO_BIG: "552 5.3.4 Message size exceeds fixed maximum message size [{queue}]",
        Say.BARE_LF: (
            "550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds,"
            " which cannot be sent via DATA"
        ),
        Say.UNAUTHENTICATED: (
            "550 5.7.515 Access denied, sending domain {sender_domain} doesn't meet the required"
            " authentication level. The sender's domain in the 5322.From address doesn't meet the"
            " authentication requirements defined for the sender. To learn how to fix this see:"
            " https://go.microsoft.com/fwlink/p/?linkid=2319303 [{queue}]"
        ),
    },
)
