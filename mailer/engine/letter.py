"""Reading a whole message as its reader's mail program would: parts, headers, links. Pure.

Nothing is trusted: a charset that does not exist or bytes that do not fit it become replacement
characters, never an error.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Final

_REMOTE_PICTURE: Final = re.compile(r"(<img\b[^>]*?)\ssrc\s*=(?=\s*[\"']?\s*(?:https?:)?//)", re.I)
_POLICY: Final = policy.SMTP.clone(raise_on_defect=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """`headers` is the header block with LF; `links` are (address, words), http and https only."""

    html: str
    text: str
    headers: str
    links: tuple[tuple[str, str], ...]


def read_letter(raw: bytes) -> Letter:
    message = message_from_bytes(raw, EmailMessage, policy=_POLICY)
    html = _part(message, "html")
    head, _, _ = raw.partition(b"\r\n\r\n")
    headers = head.decode("utf-8", "replace").replace("\r\n", "\n")
    return Letter(html, _part(message, "plain"), headers, _links(html))


def plain_header(value: str) -> str:
    """Return an encoded header (RFC 2047) as people read it; as it is when it cannot be decoded."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return value


def without_remote_pictures(html: str) -> str:
    """Take the addresses from pictures of the web, as mail programs do that do not load them.

    What the pattern misses the frame's policy still refuses; this keeps the browser from trying.
    """
    return _REMOTE_PICTURE.sub(r"\1 data-remote=", html)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        text = payload.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = payload.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _links(html: str) -> tuple[tuple[str, str], ...]:
    collector = _LinkCollector()
    collector.feed(html)
    collector.close()
    return tuple(dict.fromkeys(collector.found))


class _LinkCollector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._href = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            href = (given.get("href") or "").strip()
            self._href = href if href.lower().startswith(("http://", "https://")) else ""
            self._words = []
        elif tag == "img" and self._href:
            self._words.append(given.get("alt") or "")

    def handle_data(self, data: str) -> None:
        if self._href:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            words = " ".join(" ".join(self._words).split())
            self.found.append((self._href, words or self._href))
            self._href = ""
