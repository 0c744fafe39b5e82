"""SMTP replies as bytes and as values. RFC 5321 §4.2 (replies, multi-line), RFC 2034/3463
(enhanced codes).

Everything is bounded: length of a line, number of lines. Text that is not UTF-8 is kept as Latin-1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailer.engine.vocabulary import Stage

MAX_LINE_OCTETS: Final = 2_048  # RFC 5321 §4.5.3.1.5 says 512; real servers write more
MAX_LINES: Final = 128

_LINE: Final = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_ENHANCED: Final = re.compile(r"#?([245]\.\d{1,3}\.\d{1,3})(?=[\s:,;)]|$)")


class RemoteError(Exception):
    """The other side broke the protocol; the connection is of no further use."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply; `lines` without codes, `enhanced` such as "5.1.1" or empty."""

    code: int
    lines: tuple[str, ...]
    stage: Stage

    @property
    def enhanced(self) -> str:
        match = _ENHANCED.match(self.lines[0]) if self.lines else None
        return match[1] if match else ""

    @property
    def text(self) -> str:
        """The words in one line, without the enhanced code repeated on every line."""
        enhanced = self.enhanced
        return " ".join(line.removeprefix(enhanced).strip() for line in self.lines).strip()

    @property
    def is_positive(self) -> bool:
        return self.code < 400

    @property
    def is_permanent(self) -> bool:
        return self.code >= 500

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.code), self.enhanced, self.text)))


class ReplyParser:
    """Feeds on octets, yields (code, lines) of complete replies."""

    def __init__(self) -> None:
        self._buffer = b""
        self._code = 0
        self._lines: list[str] = []

    @property
    def has_leftover(self) -> bool:
        return bool(self._buffer or self._lines)

    def feed(self, data: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the replies completed by `data`; raises RemoteError at the first thing that is
        none.
        """
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            reply = self._line(line.removesuffix(b"\r"))
            if reply is not None:
                yield reply
        if len(self._buffer) > MAX_LINE_OCTETS:
            raise RemoteError("reply line too long")

    def _line(self, line: bytes) -> tuple[int, tuple[str, ...]] | None:
        match = _LINE.fullmatch(line) if len(line) <= MAX_LINE_OCTETS else None
        if match is None:
            raise RemoteError(f"not an SMTP reply: {_readable(line[:80])!r}")
        code = int(match[1])
        if self._lines and code != self._code:
            raise RemoteError(f"reply changes its code from {self._code} to {code}")
        self._code = code
        self._lines.append(_readable(match[3] or b""))
        if match[2] == b"-":
            if len(self._lines) >= MAX_LINES:
                raise RemoteError("reply with too many lines")
            return None
        reply = (code, tuple(self._lines))
        self._lines = []
        return reply


def _readable(octets: bytes) -> str:
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    return "".join(c if c.isprintable() else " " for c in text)
