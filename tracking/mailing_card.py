"""What the tracker must know about a mailing when the database is away: its links and who sent it."""

import json
from dataclasses import asdict, dataclass
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

WEB_SCHEMES = frozenset({"http", "https"})
# What may stand in a URL (RFC 3986 §2.2, §2.3) and the percent sign; everything else is percent-encoded.
_KEPT = "%/:?#[]@!$&'()*+,;=-._~"


class CardError(ValueError):
    """The stored text is not a card."""


@dataclass(frozen=True, slots=True)
class MailingCard:
    """`links` are the targets by index; empty where the target differs per reader and travels in the URL."""

    mailing_id: int
    is_test: bool
    links: tuple[str, ...]
    sender_name: str
    legal_name: str = ""
    postal_address: str = ""
    contact: str = ""
    language: str = "ja"

    def target(self, index: int) -> str | None:
        """Return the value of a Location header for this link, or None where the table has none."""
        if not 0 <= index < len(self.links):
            return None
        return location(self.links[index])

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        try:
            data = json.loads(text)
            return cls(**data | {"links": tuple(str(link) for link in data["links"])})
        except (ValueError, TypeError, KeyError) as error:
            raise CardError(f"not a mailing card: {text[:80]!r}") from error


def location(url: str) -> str | None:
    """Return `url` in ASCII (IDNA host, percent-encoded rest), or None if it is not a plain web address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme.lower() not in WEB_SCHEMES or not host or not url.isprintable():
            return None
        if not parts.netloc.isascii():
            netloc = host.encode("idna").decode("ascii")
            parts = parts._replace(netloc=f"{netloc}:{parts.port}" if parts.port else netloc)
    except (ValueError, UnicodeError):
        return None
    return quote(urlunsplit(parts), safe=_KEPT)
