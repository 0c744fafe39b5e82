"""Read a received message's header block without trusting it."""

import re
from collections import Counter
from dataclasses import dataclass

_ADDRESS = re.compile(rb"[^\s<>\",;:]+@([A-Za-z0-9.\-]+)")
# RFC 5322 §3.6: these stand at most once.
_SINGLE = frozenset(
    {b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc", b"message-id", b"date", b"subject"}
)


@dataclass(frozen=True)
class HeaderBlock:
    """Field names are lower case; values are raw, still folded, without the final CRLF."""

    fields: tuple[tuple[bytes, bytes], ...]
    size: int

    def first(self, name: str) -> bytes:
        wanted = name.lower().encode()
        return next((value for key, value in self.fields if key == wanted), b"")

    def every(self, name: str) -> list[bytes]:
        wanted = name.lower().encode()
        return [value for key, value in self.fields if key == wanted]

    def text(self, name: str) -> str:
        unfolded = re.sub(rb"\r\n(?=[ \t])", b"", self.first(name)).strip()
        return unfolded.decode("utf-8", "replace")

    @property
    def from_domain(self) -> str:
        found = _ADDRESS.findall(self.first("from"))
        return found[-1].decode().lower() if found else ""

    def doubled(self) -> list[bytes]:
        counted = Counter(key for key, _value in self.fields)
        return sorted(key for key, times in counted.items() if times > 1 and key in _SINGLE)


def header_block(message: bytes) -> HeaderBlock:
    """Split the header block off `message` (CRLF lines)."""
    block, _blank, _body = message.partition(b"\r\n\r\n")
    fields: list[tuple[bytes, bytes]] = []
    for line in re.split(rb"\r\n(?![ \t])", block):
        name, colon, value = line.partition(b":")
        if colon:
            fields.append((name.strip().lower(), value))
    return HeaderBlock(tuple(fields), len(block))


def signature_tags(value: bytes) -> dict[str, str]:
    """Read the tags of a DKIM-Signature value (RFC 6376 §3.2), without white space."""
    tags = {}
    for part in value.decode("ascii", "replace").split(";"):
        name, equals, content = part.partition("=")
        if equals:
            tags[name.strip()] = re.sub(r"\s+", "", content)
    return tags
