"""The names of the practice internet: a lookup over fixed and published records. No sockets here.

RFC 1034 §4.3.2 (lookup, CNAME), RFC 2308 (NXDOMAIN versus NODATA), RFC 8020 (a name above an
existing name exists). There are no wildcards and no delegations.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

MAX_CNAME_CHAIN = 8
PUBLISHED_TYPES = frozenset({"A", "AAAA", "CNAME", "MX", "NS", "PTR", "SRV", "TLSA", "TXT"})


class RecordError(ValueError):
    """A record cannot be published; the text says which one and why."""


class Answer(StrEnum):
    FOUND = "found"
    NO_DATA = "no data"
    NO_NAME = "no name"
    SERVER_FAILURE = "server failure"
    SILENCE = "silence"


@dataclass(frozen=True)
class Record:
    """One resource record. `name` is lower case without the final dot, `data` the parsed form."""

    name: str
    type: str
    value: str
    ttl_s: int
    data: dns.rdata.Rdata = field(compare=False, repr=False)


@dataclass(frozen=True)
class Lookup:
    answer: Answer
    records: tuple[Record, ...] = ()


def record(name: str, kind: str, value: str, ttl_s: int = 60) -> Record:
    """Parse one record from its presentation form; a TXT value is plain text of any length.

    Raises RecordError naming the record.
    """
    owner, kind = canonical(name), kind.upper()
    if kind not in PUBLISHED_TYPES:
        raise RecordError(f"{name} {kind}: this type cannot be published")
    if not 0 <= ttl_s <= 86_400:
        raise RecordError(f"{name} {kind}: expected a TTL from 0 to 86400 seconds, not {ttl_s}")
    text = _quoted(value) if kind == "TXT" else value
    try:
        dns.name.from_text(owner)
        data = dns.rdata.from_text(
            dns.rdataclass.IN,
            dns.rdatatype.from_text(kind),
            text,
            origin=dns.name.root,
            relativize=False,
        )
    except (dns.exception.DNSException, ValueError) as error:
        raise RecordError(f"{name} {kind} {value!r}: {error or 'not understood'}") from error
    return Record(owner, kind, value, ttl_s, data)


def canonical(name: str) -> str:
    return name.rstrip(".").lower()


def _quoted(value: str) -> str:
    """Cut a TXT value into quoted strings of up to 255 octets (RFC 7208 §3.3 joins them again)."""
    raw = value.encode("utf-8")
    pieces = [raw[start : start + 255] for start in range(0, len(raw), 255)] or [b""]
    return " ".join('"' + "".join(_escaped(byte) for byte in piece) + '"' for piece in pieces)


def _escaped(byte: int) -> str:
    if byte in b'"\\':
        return "\\" + chr(byte)
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03d}"


class Zone:
    """Fixed records of the practice world plus the sets published by organisations."""

    def __init__(self, fixed: Iterable[Record], odd: Mapping[str, Answer] | None = None) -> None:
        """`odd` maps domains (and all names below them) to SILENCE or SERVER_FAILURE."""
        self._fixed = tuple(fixed)
        self._fixed_names = {entry.name for entry in self._fixed}
        self._fixed_records = {(entry.name, entry.data) for entry in self._fixed}
        self._odd = dict(odd or {})
        self._published: dict[str, tuple[Record, ...]] = {}
        self._index: dict[str, dict[str, list[Record]]] = {}
        self._above: set[str] = set()
        self._rebuild()

    def publish(self, owner: str, records: Iterable[Record]) -> None:
        """Replace everything that `owner` published.

        Names of the fixed world cannot be taken; repeating what stands there anyway does no harm.
        """
        entries = tuple(records)
        for entry in entries:
            is_taken = entry.name in self._fixed_names or self._oddity(entry.name)
            if is_taken and (entry.name, entry.data) not in self._fixed_records:
                raise RecordError(f"{entry.name}: this name belongs to the practice internet")
        self._published[owner] = entries
        self._rebuild()

    def withdraw(self, owner: str) -> bool:
        found = self._published.pop(owner, None) is not None
        self._rebuild()
        return found

    def published(self) -> dict[str, tuple[Record, ...]]:
        return dict(self._published)

    def find(self, name: str, kind: str) -> Lookup:
        """Answer one question, following CNAMEs inside the zone."""
        owner = canonical(name)
        chain: list[Record] = []
        for _hop in range(MAX_CNAME_CHAIN):
            if odd := self._oddity(owner):
                return Lookup(odd)
            if (synthetic := _sender_record(owner, kind)) and owner not in self._index:
                return Lookup(Answer.FOUND, (*chain, synthetic))
            here = self._index.get(owner)
            if here is None:
                exists = owner in self._above or _sender_name(owner) is not None
                return Lookup(Answer.NO_DATA if exists else Answer.NO_NAME, tuple(chain))
            if found := here.get(kind):
                return Lookup(Answer.FOUND, (*chain, *found))
            if not (aliases := here.get("CNAME")):
                return Lookup(Answer.NO_DATA, tuple(chain))
            chain.append(aliases[0])
            owner = canonical(aliases[0].data.to_text())
        return Lookup(Answer.SERVER_FAILURE)

    def addresses(self, host: str) -> list[str]:
        return [entry.value for entry in self.find(host, "A").records if entry.type == "A"]

    def mail_hosts(self, domain: str) -> list[str]:
        """Return the MX hosts of a domain, best preference first (RFC 5321 §5.1)."""
        found = [entry for entry in self.find(domain, "MX").records if entry.type == "MX"]
        ranked = sorted((int(text[0]), canonical(text[1])) for text in _split(found))
        return [host for _preference, host in ranked if host] or [canonical(domain)]

    def _oddity(self, owner: str) -> Answer | None:
        labels = owner.split(".")
        for start in range(len(labels)):
            if odd := self._odd.get(".".join(labels[start:])):
                return odd
        return None

    def _rebuild(self) -> None:
        index: dict[str, dict[str, list[Record]]] = {}
        above: set[str] = set()
        for entry in (*self._fixed, *(row for rows in self._published.values() for row in rows)):
            here = index.setdefault(entry.name, {}).setdefault(entry.type, [])
            # Several owners may publish one record, such as the address of the inbound host.
            if all(entry.data != other.data for other in here):
                here.append(entry)
            labels = entry.name.split(".")
            above.update(".".join(labels[start:]) for start in range(1, len(labels)))
        self._index, self._above = index, above


def _split(records: Iterable[Record]) -> list[list[str]]:
    return [entry.value.split() for entry in records]


# --- Sender addresses 127.20.x.y always have matching forward and reverse names -------------------
_SENDER_SUFFIX = ".practice.example"
_REVERSE_SUFFIX = ".20.127.in-addr.arpa"


def _sender_name(owner: str) -> tuple[str, int, int] | None:
    """Recognise `out-3-7.practice.example` and `7.3.20.127.in-addr.arpa` as (kind, 3, 7)."""
    if owner.endswith(_SENDER_SUFFIX) and owner.startswith("out-"):
        kind, parts = "A", owner.removesuffix(_SENDER_SUFFIX).split("-")[1:]
    elif owner.endswith(_REVERSE_SUFFIX):
        kind, parts = "PTR", owner.removesuffix(_REVERSE_SUFFIX).split(".")[::-1]
    else:
        return None
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    third, fourth = int(parts[0]), int(parts[1])
    return (kind, third, fourth) if max(third, fourth) <= 255 else None


def _sender_record(owner: str, kind: str) -> Record | None:
    known = _sender_name(owner)
    if known is None or known[0] != kind:
        return None
    _kind, third, fourth = known
    value = f"127.20.{third}.{fourth}" if kind == "A" else f"out-{third}-{fourth}{_SENDER_SUFFIX}."
    return record(owner, kind, value)
