"""Takes a mail apart, whatever it is: RFC 5322 fields, RFC 2045/2046 parts, within fixed bounds and without exceptions.

Not the standard library's parser, which recurses as deep as the sender likes and takes a large multiple of the mail's
size. Line ends may be CRLF, LF or CR. What exceeds a bound is left as it is, unread, and named in `Mail.problem`.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header
from itertools import islice
from typing import Final

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_DEPTH: Final = 8
MAX_PARTS: Final = 100
MAX_HEADERS: Final = 300
MAX_HEADER_BYTES: Final = 16 * 1024
MAX_HEADER_BLOCK: Final = 512 * 1024
MAX_TEXT_BYTES: Final = 512 * 1024

Headers = tuple[tuple[str, str], ...]

_FIELD: Final = re.compile(rb"([!-9;-~]{1,80})[ \t]*:[ \t]*(.*)", re.DOTALL)
_PARAMETER: Final = re.compile(r';\s*([\w*.-]{1,40})\s*=\s*(?:"([^"]{0,400})"|([^\s;"]{1,400}))')
_CHARSETS: Final = frozenset(
    {
        "us-ascii", "ascii", "utf-8", "utf8", "utf-16", "iso-2022-jp", "shift_jis", "shift-jis", "sjis", "cp932",
        "windows-31j", "ms932", "euc-jp", "eucjp", "gb2312", "gbk", "gb18030", "big5", "euc-kr", "koi8-r", "koi8-u",
        *(f"iso-8859-{n}" for n in range(1, 17) if n != 12), *(f"windows-125{n}" for n in range(9)),
    }
)  # fmt: skip
_CHARSET_NAMES: Final = {
    "windows-31j": "cp932",
    "ms932": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
}
_EMBEDDED: Final = frozenset({"message/rfc822", "message/global", "message/news"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `body` is undecoded, with LF line ends; `embedded` marks whatever lies inside another mail."""

    headers: Headers
    content_type: str
    parameters: dict[str, str]
    body: bytes
    is_embedded: bool

    def header(self, name: str) -> str:
        """Return the first header of that (lower-case) name, unfolded, or nothing."""
        return next((value for key, value in self.headers if key == name), "")

    def content(self) -> bytes:
        """Return the body without its transfer encoding, cut at half a megabyte."""
        body = self.body[: 2 * MAX_TEXT_BYTES]
        encoding = self.header("content-transfer-encoding").strip().lower()
        if encoding == "base64":
            body = _from_base64(body)
        elif encoding == "quoted-printable":
            body = quopri.decodestring(body)
        return body[:MAX_TEXT_BYTES]

    def text(self) -> str:
        return decode_text(self.content(), self.parameters.get("charset", ""))


@dataclass(slots=True)
class Mail:
    """All leaves of a mail in document order; the root's headers are the mail's own."""

    headers: Headers = ()
    root_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    problem: str = ""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    def own_parts(self, *content_types: str) -> Iterator[Part]:
        """Yield the leaves of these types that do not lie inside another mail."""
        for part in self.parts:
            if not part.is_embedded and part.content_type in content_types:
                yield part


def read_mail(raw: bytes) -> Mail:
    """Return the mail's parts. Never raises."""
    if len(raw) > MAX_BYTES:
        return Mail(problem="too-large")
    data = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data.startswith((b"From ", b">From ")):  # an mbox line in front
        data = data.partition(b"\n")[2]
    mail = Mail()
    mail.headers, body = split_headers(data)
    mail.root_type, mail.parameters = _content_type(mail.headers, "text/plain")
    _collect(mail, mail.headers, body, depth=0, is_embedded=False, default="text/plain")
    return mail


def split_headers(data: bytes) -> tuple[Headers, bytes]:
    """Return (lower-case name, unfolded value) pairs and the body. A line that is no field begins the body."""
    headers: list[tuple[bytes, bytes]] = []
    position = 0
    while position < min(len(data), MAX_HEADER_BLOCK) and len(headers) < MAX_HEADERS:
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end
        line = data[position:end]
        if not line.strip():
            position = end + 1
            break
        if line[:1] in b" \t" and headers:
            name, value = headers[-1]
            if len(value) < MAX_HEADER_BYTES:
                headers[-1] = (name, value + b" " + line.strip())
        else:
            match = _FIELD.match(line[:MAX_HEADER_BYTES])
            if match is None:
                break
            headers.append((match[1].lower(), match[2].rstrip()))
        position = end + 1
    decoded = tuple((name.decode("ascii"), _plain(value)) for name, value in headers)
    return decoded, data[position:]


def is_field_line(line: bytes) -> bool:
    """Does the line begin a field, or go on with one?"""
    return line[:1] in b" \t" or _FIELD.match(line[:100]) is not None


def decode_text(data: bytes, charset: str) -> str:
    """Return text; an unknown or wrong charset falls back to UTF-8 and Latin-1."""
    name = charset.strip().strip('"').lower()
    if name in _CHARSETS:
        return data.decode(_CHARSET_NAMES.get(name, name), "replace")
    return _plain(data)


def decode_words(value: str) -> str:
    """Return a header value with its RFC 2047 words in clear."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value[:4_000])
    except (MessageError, ValueError):
        return value
    return "".join(
        piece if isinstance(piece, str) else decode_text(piece, charset or "")
        for piece, charset in pieces
    )


def _collect(
    mail: Mail, headers: Headers, body: bytes, *, depth: int, is_embedded: bool, default: str
) -> None:
    content_type, parameters = _content_type(headers, default)
    if len(mail.parts) >= MAX_PARTS:
        mail.problem = mail.problem or "too-many-parts"
        return
    boundary = parameters.get("boundary", "")
    pieces: list[bytes] = []
    if content_type.startswith("multipart/") and boundary:
        pieces = list(_split(body, boundary.encode("utf-8", "replace")))
    # Also a multipart whose delimiters are not those it announces is a leaf, of its own type.
    if not pieces:
        mail.parts.append(Part(headers, content_type, parameters, body, is_embedded))
    if depth >= MAX_DEPTH:
        mail.problem = mail.problem or "too-deep"
    elif pieces:
        inner = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
        for piece in pieces:
            inner_headers, inner_body = split_headers(piece)
            _collect(
                mail,
                inner_headers,
                inner_body,
                depth=depth + 1,
                is_embedded=is_embedded,
                default=inner,
            )
    elif content_type in _EMBEDDED:
        inner_headers, inner_body = split_headers(body.lstrip(b"\n"))
        _collect(
            mail, inner_headers, inner_body, depth=depth + 1, is_embedded=True, default="text/plain"
        )


def _split(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """Yield what stands between the delimiter lines (RFC 2046 §5.1.1); the last may lack its end."""
    # "--b10" is no delimiter of "b1".
    delimiter = re.compile(rb"\n--" + re.escape(boundary) + rb"(?=[ \t\n-]|\Z)")
    data = b"\n" + body
    start = -1
    for match in islice(delimiter.finditer(data), MAX_PARTS + 1):
        if start >= 0:
            yield data[start : match.start()]
        end_of_line = data.find(b"\n", match.end())
        if data[match.end() : match.end() + 2] == b"--" or end_of_line < 0:
            return
        start = end_of_line + 1
    if start >= 0:
        yield data[start:]


def _content_type(headers: Headers, default: str) -> tuple[str, dict[str, str]]:
    value = next((value for key, value in headers if key == "content-type"), default)[:4_000]
    content_type = value.partition(";")[0].strip().lower()
    parameters = {
        m[1].lower(): m[2] if m[2] is not None else m[3] for m in _PARAMETER.finditer(value)
    }
    return (content_type if "/" in content_type else default), parameters


def _from_base64(body: bytes) -> bytes:
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    try:
        return binascii.a2b_base64(clean[: len(clean) // 4 * 4 or 0] + _tail(clean))
    except binascii.Error:
        return b""


def _tail(clean: bytes) -> bytes:
    rest = clean[len(clean) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _plain(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
