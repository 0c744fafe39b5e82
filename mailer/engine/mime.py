"""Builds one message as bytes by hand; the standard library is the oracle in the tests, not the
builder.

RFC 5322 (fields, folding, lines ≤ 998 octets), RFC 2045/2046 (multipart/alternative, base64),
RFC 2047 (words ≤ 75 octets that never cut a character), RFC 2369 and RFC 8058 (List-Unsubscribe
with one click). Refuses CR, LF, NUL and other control characters in every header value, and
header blocks of 12 KB and more (SoftBank rejects those). Only the name of a reader, which is
data and not text of ours, is cleaned instead.
"""

import base64
import binascii
import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Final

from mailer.engine.address import smtp_path
from mailer.engine.one_line import one_line

TOKEN_HEADER: Final = "X-Todoku-Token"  # noqa: S105 - the name of a header
MAX_HEADER_BLOCK: Final = 12 * 1024 - 1
MAX_LINE: Final = 998
MAX_TO_NAME: Final = 200
FOLD_AT: Final = 76
_WORD_BYTES: Final = 45  # =?utf-8?B?…?= leaves 63 characters, so 60 of base64, of 75

_NAME: Final = re.compile(r"[!-9;-~]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_ADDRESS: Final = re.compile(r"(?:[A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]+)@[a-z0-9.-]+")


class MimeError(ValueError):
    """A header value that cannot be written safely, or a header block that receivers would
    refuse.
    """


@dataclass(frozen=True, slots=True)
class MessageParts:
    """Everything in one message. Addresses as `CleanAddress.address`; `message_id` without
    brackets.
    """

    from_address: str
    to_address: str
    subject: str
    date: dt.datetime
    message_id: str
    text: str
    html: str = ""
    from_name: str = ""
    to_name: str = ""
    reply_to: str = ""
    list_unsubscribe_https: str = ""
    list_unsubscribe_mailto: str = ""
    list_id: str = ""
    feedback_id: str = ""
    token: str = ""
    extra_headers: Sequence[tuple[str, str]] = ()


def build_message(parts: MessageParts) -> bytes:
    """Return the message with CRLF line ends, unsigned; or raise MimeError."""
    if parts.html:
        content_type, body = _alternative(parts)
    else:
        content_type, body = _text_only(parts)
    lines = [
        "From: " + _mailbox("From", parts.from_name, parts.from_address),
        "To: " + _mailbox("To", one_line(parts.to_name)[:MAX_TO_NAME], parts.to_address),
    ]
    if parts.reply_to:
        lines.append("Reply-To: " + _mailbox("Reply-To", "", parts.reply_to))
    lines += (
        "Subject: " + _unstructured("Subject", parts.subject),
        "Date: " + format_datetime(parts.date),
        f"Message-ID: <{_token_text('Message-ID', parts.message_id)}>",
    )
    lines += _list_headers(parts)
    for name, value in parts.extra_headers:
        if not _NAME.fullmatch(name):
            raise MimeError(f"{name!r} is not a header name")
        lines.append(f"{name}: " + _unstructured(name, value))
    lines.append("MIME-Version: 1.0")
    head = "\r\n".join(lines).encode("ascii") + b"\r\n" + content_type
    _check_head(head)
    return head + b"\r\n\r\n" + body


def encode_words(text: str, first_column: int) -> str:
    """Return RFC 2047 words joined by folds; the first line starts at `first_column`."""
    words: list[str] = []
    chunk = b""
    room = max(12, (FOLD_AT - first_column - 12) // 4 * 3)
    for character in text:
        octets = character.encode()
        if len(chunk) + len(octets) > min(room, _WORD_BYTES):
            words.append(_word(chunk))
            chunk = b""
            room = _WORD_BYTES
        chunk += octets
    words.append(_word(chunk))
    return "\r\n ".join(words)


def _word(chunk: bytes) -> str:
    return f"=?utf-8?B?{binascii.b2a_base64(chunk, newline=False).decode()}?="


def _unstructured(name: str, value: str) -> str:
    _refuse_controls(name, value)
    if _is_plain(value):
        return _fold_plain(value, len(name) + 2)
    return encode_words(value, len(name) + 2)


def _is_plain(value: str) -> bool:
    """True when the value can stand as it is: ASCII, foldable, not looking like an encoded word."""
    return (
        value.isascii()
        and "=?" not in value
        and value == value.strip()
        and (len(value) < 60 or max(map(len, value.split(" "))) < FOLD_AT - 2)
    )


def _fold_plain(value: str, column: int) -> str:
    """Break before blanks so that lines stay within 76 octets; unfolding gives the value back."""
    if column + len(value) <= FOLD_AT:
        return value
    lines: list[str] = []
    line = ""
    for piece in re.findall(r" *[^ ]+", value):
        if line and column + len(line) + len(piece) > FOLD_AT:
            lines.append(line)
            line, column = "", 0
        line += piece
    lines.append(line)
    return "\r\n".join(lines)


def _mailbox(header: str, name: str, address: str) -> str:
    path = _path(header, address)
    if not name:
        return path
    _refuse_controls(header, name)
    phrase = _phrase(name, len(header) + 2)
    last = len(phrase) - phrase.rfind("\n")
    separator = "\r\n " if last + len(path) + 3 + len(header) + 2 > FOLD_AT else " "
    return f"{phrase}{separator}<{path}>"


def _phrase(name: str, column: int) -> str:
    if not name.isascii() or "=?" in name or len(name) > 60 or name != name.strip():
        return encode_words(name, column)
    if _ATOMS.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _path(header: str, address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise MimeError(f"{header}: not an address that can be sent")
    return smtp_path(address)


def _list_headers(parts: MessageParts) -> list[str]:
    lines = []
    targets = [
        f"<{_token_text('List-Unsubscribe', target)}>"
        for target in (parts.list_unsubscribe_https, parts.list_unsubscribe_mailto)
        if target
    ]
    if targets:
        lines.append("List-Unsubscribe: " + ",\r\n ".join(targets))
    if parts.list_unsubscribe_https:
        if not parts.list_unsubscribe_https.startswith(
            ("https://", "http://127.0.0.1", "http://localhost")
        ):
            raise MimeError("one-click unsubscribe needs an https URL (RFC 8058 §3.1)")
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    if parts.list_id:
        lines.append(f"List-Id: <{_token_text('List-Id', parts.list_id)}>")
    if parts.feedback_id:
        lines.append("Feedback-ID: " + _token_text("Feedback-ID", parts.feedback_id))
    if parts.token:
        lines.append(f"{TOKEN_HEADER}: " + _token_text(TOKEN_HEADER, parts.token))
    return lines


def _token_text(header: str, value: str) -> str:
    """ASCII without blanks or brackets: identifiers and URLs."""
    if not value.isascii() or not value.isprintable() or any(c in value for c in " <>"):
        raise MimeError(f"{header}: {value!r} may hold only ASCII without blanks and brackets")
    return value


def _refuse_controls(header: str, value: str) -> None:
    found = _CONTROL.search(value)
    if found:
        raise MimeError(f"{header}: control character {found[0]!r} in a header value")


def _alternative(parts: MessageParts) -> tuple[bytes, bytes]:
    # Derived from the Message-ID: a retried message is the same octets. "=_" cannot occur in
    # base64.
    boundary = "=_" + hashlib.blake2b(parts.message_id.encode(), digest_size=12).hexdigest()
    mark = b"--" + boundary.encode()
    body = b"\r\n".join(
        (
            mark,
            _TEXT_HEAD,
            b"",
            _base64_lines(parts.text),
            mark,
            _HTML_HEAD,
            b"",
            _base64_lines(parts.html),
            mark + b"--",
            b"",
        )
    )
    return f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"'.encode(), body


def _text_only(parts: MessageParts) -> tuple[bytes, bytes]:
    return _TEXT_HEAD, _base64_lines(parts.text) + b"\r\n"


_TEXT_HEAD: Final = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"
_HTML_HEAD: Final = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64"


def _base64_lines(text: str) -> bytes:
    """Text with canonical CRLF line ends (RFC 2046 §4.1.1) as base64 lines of 76."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    encoded = base64.b64encode(text.replace("\n", "\r\n").encode())
    return b"\r\n".join([encoded[i : i + 76] for i in range(0, len(encoded), 76)])


def _check_head(head: bytes) -> None:
    if len(head) > MAX_HEADER_BLOCK:
        raise MimeError(f"header block of {len(head)} octets, {MAX_HEADER_BLOCK} allowed")
    if len(head) > MAX_LINE and max(map(len, head.split(b"\r\n"))) > MAX_LINE:
        raise MimeError(f"header line longer than {MAX_LINE} octets")
