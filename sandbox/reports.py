"""Write the mails that providers send back: bounces, delay warnings, complaints, automatic answers.

RFC 3464 (delivery status), RFC 5965 (complaints), RFC 3834 (automatic answers). Pure: CRLF bytes out.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from sandbox.headers import header_block


@dataclass(frozen=True)
class Original:
    """The message that a report is about."""

    raw: bytes
    mail_from: str
    recipient: str
    source_ip: str
    received_at: datetime

    @property
    def header_bytes(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0] + b"\r\n"


@dataclass(frozen=True)
class Reporter:
    """Who writes: a mail host and the domain it speaks for."""

    host: str
    domain: str
    title: str


def bounce(
    original: Original,
    reporter: Reporter,
    *,
    action: str,
    status: str,
    diagnostic: str,
    now: datetime,
) -> bytes:
    """Compose a delivery status notification; `action` is failed or delayed (RFC 3464 §2.3.3)."""
    is_warning = action == "delayed"
    subject = (
        "Delayed Mail (still being retried)"
        if is_warning
        else "Undelivered Mail Returned to Sender"
    )
    lead = (
        "could not be delivered yet; delivery is still being tried"
        if is_warning
        else "could not be delivered"
    )
    boundary = _boundary("dsn", original)
    head = _headers(
        ("From", f"MAILER-DAEMON@{reporter.host} (Mail Delivery System)"),
        ("To", original.mail_from),
        ("Subject", subject),
        ("Date", format_datetime(now)),
        ("Message-ID", f"<{boundary}@{reporter.host}>"),
        ("Auto-Submitted", "auto-replied"),
        ("MIME-Version", "1.0"),
        (
            "Content-Type",
            f'multipart/report; report-type=delivery-status;\r\n boundary="{boundary}"',
        ),
    )
    text = (
        f"This is the mail system at host {reporter.host}.\r\n\r\n"
        f"Your message {lead} to this recipient:\r\n\r\n"
        f"<{original.recipient}>: {diagnostic}\r\n"
    )
    fields = (
        _headers(
            ("Reporting-MTA", f"dns; {reporter.host}"),
            ("Arrival-Date", format_datetime(original.received_at)),
        )
        + b"\r\n"
    )
    fields += _headers(
        ("Final-Recipient", f"rfc822; {original.recipient}"),
        ("Original-Recipient", f"rfc822;{original.recipient}"),
        ("Action", action),
        ("Status", status),
        ("Remote-MTA", f"dns; {reporter.host}"),
        ("Diagnostic-Code", f"smtp; {diagnostic}"),
    )
    return _multipart(
        head,
        boundary,
        ("text/plain; charset=us-ascii", text.encode("ascii", "replace")),
        ("message/delivery-status", fields),
        ("text/rfc822-headers", original.header_bytes),
    )


def complaint(
    original: Original, reporter: Reporter, *, redacted: bool, to: str, now: datetime
) -> bytes:
    """Compose an abuse report. `redacted` leaves out both addresses, as some feedback loops do."""
    boundary = _boundary("arf", original)
    arrived = format_datetime(original.received_at)
    head = _headers(
        ("From", f"feedback@{reporter.domain}"),
        ("To", to),
        ("Subject", f"complaint about message from {original.source_ip}"),
        ("Date", format_datetime(now)),
        ("Message-ID", f"<{boundary}@{reporter.host}>"),
        ("MIME-Version", "1.0"),
        (
            "Content-Type",
            f'multipart/report; report-type=feedback-report;\r\n boundary="{boundary}"',
        ),
    )
    text = (
        f"This is an email abuse report for an email message received from IP\r\n"
        f"{original.source_ip} on {arrived}.\r\n"
    )
    addresses = (
        ("Original-Mail-From", f"<{original.mail_from}>"),
        ("Original-Rcpt-To", f"<{original.recipient}>"),
    )
    fields = _headers(
        ("Feedback-Type", "abuse"),
        ("User-Agent", f"{reporter.title.replace(' ', '-')}-FBL/1.0"),
        ("Version", "1"),
        *(() if redacted else addresses),
        ("Arrival-Date", arrived),
        ("Source-IP", original.source_ip),
        ("Reported-Domain", header_block(original.raw).from_domain),
    )
    return _multipart(
        head,
        boundary,
        ("text/plain; charset=us-ascii", text.encode("ascii", "replace")),
        ("message/feedback-report", fields),
        ("message/rfc822", _without_recipient(original) if redacted else original.raw),
    )


def automatic_answer(original: Original, reporter: Reporter, now: datetime) -> bytes:
    """Compose an out-of-office answer in Japanese."""
    subject = base64.b64encode("不在のお知らせ（自動返信）".encode()).decode()
    text = "メールをありがとうございます。ただいま休暇のため、返信は来週になります。\r\n"
    body = base64.encodebytes(text.encode()).replace(b"\n", b"\r\n")
    answered = header_block(original.raw).text("message-id")
    return (
        _headers(
            ("From", original.recipient),
            ("To", original.mail_from),
            ("Subject", f"=?utf-8?B?{subject}?="),
            ("Date", format_datetime(now)),
            ("Message-ID", f"<{_boundary('away', original)}@{reporter.host}>"),
            ("In-Reply-To", answered),
            ("Auto-Submitted", "auto-replied"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "base64"),
        )
        + b"\r\n"
        + body
    )


def _headers(*fields: tuple[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields if value).encode()


def _multipart(head: bytes, boundary: str, *parts: tuple[str, bytes]) -> bytes:
    pieces = [head, b"\r\nThis is a MIME-encapsulated message.\r\n"]
    for kind, content in parts:
        eight_bit = "" if content.isascii() else "Content-Transfer-Encoding: 8bit\r\n"
        pieces.append(f"\r\n--{boundary}\r\nContent-Type: {kind}\r\n{eight_bit}\r\n".encode())
        pieces.append(content)
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    return b"".join(pieces)


def _boundary(kind: str, original: Original) -> str:
    """The time of receipt keeps it apart from a boundary inside the original."""
    return f"{kind}.{original.received_at.timestamp():.6f}.{len(original.raw)}"


def _without_recipient(original: Original) -> bytes:
    return original.raw.replace(original.recipient.encode(), b"x" * len(original.recipient))
