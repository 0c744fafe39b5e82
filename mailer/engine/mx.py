"""Which hosts to try for a domain, in which order. RFC 5321 §5.1, RFC 7505 (null MX).

Knows answers, not DNS: `net/dns.py` asks the questions.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mailer.engine.realm import Realm, is_forbidden_address

MAX_HOSTS: Final = 5
MAX_ADDRESSES: Final = 8


@dataclass(frozen=True, slots=True)
class MxHost:
    preference: int
    name: str


@dataclass(frozen=True, slots=True)
class MxAnswer:
    """What DNS says about a domain; `hosts` empty means that mail for it can never be delivered."""

    domain: str
    hosts: tuple[MxHost, ...]
    is_null: bool = False
    is_implicit: bool = False
    is_nxdomain: bool = False
    ttl_s: int = 300

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(host.name for host in self.hosts)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One address of one MX host."""

    host: str
    address: str


def read_mx(domain: str, records: Iterable[tuple[int, str]], ttl_s: int) -> MxAnswer:
    """Turn MX records (preference, host name) into an answer; names are lower-cased, dots trimmed.

    A single record with the host "." is a null MX; beside other records it is ignored (RFC 7505
    §3).
    """
    hosts = [MxHost(preference, name.rstrip(".").lower()) for preference, name in records]
    named = tuple(
        sorted({host for host in hosts if host.name}, key=lambda h: (h.preference, h.name))
    )
    if hosts and not named:
        return MxAnswer(domain, (), is_null=True, ttl_s=ttl_s)
    return MxAnswer(domain, named, ttl_s=ttl_s)


def order_hosts(answer: MxAnswer, seed: int, limit: int = MAX_HOSTS) -> tuple[str, ...]:
    """Return host names by preference, equal ones shuffled by `seed` so that load spreads."""
    shuffled = list(answer.hosts)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - spreads load, hides nothing
    shuffled.sort(key=lambda host: host.preference)
    return tuple(host.name for host in shuffled[:limit])


def choose_candidates(
    hosts: Iterable[tuple[str, Sequence[str]]],
    realm: Realm,
    *,
    source_address: str = "",
    limit: int = MAX_ADDRESSES,
) -> tuple[Candidate, ...]:
    """Return the addresses to try: allowed in this realm and of the source address's family."""
    wants_ipv6 = ":" in source_address
    found = [
        Candidate(host, address)
        for host, addresses in hosts
        for address in addresses
        if not is_forbidden_address(address, realm)
        and (not source_address or (":" in address) == wants_ipv6)
    ]
    return tuple(found[:limit])
