"""Asks DNS about receivers, within one realm: MX with the rules of RFC 5321 §5.1 and RFC 7505,
A and AAAA.

Answers are cached for their TTL within bounds, in memory, per process. A time-out or a broken
server is an exception (try later), never an answer; a domain that does not exist is an answer.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, TypeVar

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from mailer.engine.mx import MxAnswer, read_mx
from mailer.engine.realm import Realm

CACHE_SIZE: Final = 20_000
MIN_TTL_S: Final = 30
MAX_TTL_S: Final = 3_600
NEGATIVE_TTL_S: Final = 300
QUERY_TIMEOUT_S: Final = 3.0
LIFETIME_S: Final = 10.0

# NXDOMAIN, and texts that can be no name at all.
_NO_SUCH_NAME: Final = (
    dns.resolver.NXDOMAIN,
    dns.name.BadEscape,
    dns.name.EmptyLabel,
    dns.name.LabelTooLong,
    dns.name.NameTooLong,
)

T = TypeVar("T")


class DnsFailure(Exception):
    """The servers answered with an error (SERVFAIL, REFUSED, lame): try later."""


class DnsTimeout(DnsFailure):
    """Nobody answered in time: try later."""


class Resolver:
    """Questions of one realm. Use within one event loop."""

    def __init__(
        self,
        realm: Realm,
        *,
        query_timeout_s: float = QUERY_TIMEOUT_S,
        lifetime_s: float = LIFETIME_S,
    ) -> None:
        self.realm = realm
        self._resolver = dns.asyncresolver.Resolver(configure=not realm.nameservers)
        if realm.nameservers:
            self._resolver.nameservers = list(realm.nameservers)
            self._resolver.port = realm.dns_port
        self._resolver.timeout = query_timeout_s
        self._resolver.lifetime = lifetime_s
        self._cache: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._asking: dict[Hashable, asyncio.Task[Any]] = {}

    async def resolve_mx(self, domain: str) -> MxAnswer:
        """Return who takes mail for `domain` (A-label form), or raise DnsTimeout / DnsFailure."""
        return await self._once(("MX", domain), lambda: self._ask_mx(domain))

    async def resolve_addresses(self, host: str) -> tuple[str, ...]:
        """Return IPv6 and IPv4 addresses of a host, alternating families, IPv4 first; none if
        it has none.
        """
        return await self._once(("A", host), lambda: self._ask_addresses(host))

    async def resolve_txt(self, name: str) -> tuple[str, ...]:
        """Return the TXT records of a name (strings joined), for checking DKIM, SPF and DMARC."""
        return await self._once(("TXT", name), lambda: self._ask_txt(name))

    def forget(self, domain: str | None = None) -> None:
        """Drop what is cached about a domain, or everything."""
        if domain is None:
            self._cache.clear()
        for kind in ("MX", "A", "TXT"):
            self._cache.pop((kind, domain), None)

    async def _ask_mx(self, domain: str) -> tuple[MxAnswer, int]:
        answer = await self._query(domain, "MX")
        if answer is None:
            return MxAnswer(domain, (), is_nxdomain=True, ttl_s=NEGATIVE_TTL_S), NEGATIVE_TTL_S
        if answer.rrset is not None:
            ttl_s = _bounded_ttl(answer.rrset.ttl)
            records = [(record.preference, record.exchange.to_text()) for record in answer.rrset]
            return read_mx(domain, records, ttl_s), ttl_s
        if await self.resolve_addresses(domain):
            implicit = read_mx(domain, [(0, domain)], NEGATIVE_TTL_S)
            return MxAnswer(domain, implicit.hosts, is_implicit=True), NEGATIVE_TTL_S
        return MxAnswer(domain, (), is_implicit=True, ttl_s=NEGATIVE_TTL_S), NEGATIVE_TTL_S

    async def _ask_addresses(self, host: str) -> tuple[tuple[str, ...], int]:
        found: list[list[str]] = []
        ttl_s = NEGATIVE_TTL_S
        failures: list[DnsFailure] = []
        for result in await asyncio.gather(
            self._query(host, "A"), self._query(host, "AAAA"), return_exceptions=True
        ):
            if isinstance(result, DnsFailure):
                failures.append(result)
            elif isinstance(result, BaseException):
                raise result
            elif result is not None and result.rrset is not None:
                found.append([record.address for record in result.rrset])
                ttl_s = min(ttl_s, _bounded_ttl(result.rrset.ttl))
        if failures and not found:
            raise failures[0]
        return _alternating(found), ttl_s

    async def _ask_txt(self, name: str) -> tuple[tuple[str, ...], int]:
        answer = await self._query(name, "TXT")
        if answer is None or answer.rrset is None:
            return (), MIN_TTL_S
        texts = tuple(b"".join(r.strings).decode("utf-8", "replace") for r in answer.rrset)
        return texts, min(MIN_TTL_S, answer.rrset.ttl)

    async def _query(self, name: str, kind: str) -> dns.resolver.Answer | None:
        """Return the answer (its rrset may be None), or None where the name does not exist."""
        try:
            absolute = dns.name.from_text(name)
            return await self._resolver.resolve(
                absolute, kind, raise_on_no_answer=False, search=False
            )
        except _NO_SUCH_NAME:
            return None
        except dns.resolver.LifetimeTimeout as error:
            raise DnsTimeout(
                f"no answer about {name} {kind} within {error.kwargs['timeout']:.0f} s"
            ) from error
        except (dns.exception.DNSException, OSError) as error:
            raise DnsFailure(f"{name} {kind}: {error}") from error

    async def _once(self, key: Hashable, ask: Callable[[], Awaitable[tuple[T, int]]]) -> T:
        """Answer from the cache, or ask once however many wait for it."""
        cached = self._cache.get(key)
        if cached is not None and cached[0] > time.monotonic():
            self._cache.move_to_end(key)
            value: T = cached[1]
            return value
        task = self._asking.get(key)
        if task is None:
            task = asyncio.ensure_future(self._ask(key, ask))
            self._asking[key] = task
            task.add_done_callback(lambda done: self._asked(key, done))
        answer: T = await asyncio.shield(task)
        return answer

    def _asked(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        self._asking.pop(key, None)
        if not task.cancelled():
            task.exception()  # seen here even when every asker has gone away

    async def _ask(self, key: Hashable, ask: Callable[[], Awaitable[tuple[T, int]]]) -> T:
        value, ttl_s = await ask()
        self._cache[key] = (time.monotonic() + ttl_s, value)
        self._cache.move_to_end(key)
        while len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)
        return value


def _bounded_ttl(ttl_s: int) -> int:
    return max(MIN_TTL_S, min(ttl_s, MAX_TTL_S))


def _alternating(families: list[list[str]]) -> tuple[str, ...]:
    """Interleave so that a dead family costs one short connect time-out and not all of them."""
    longest = max((len(family) for family in families), default=0)
    return tuple(
        family[position]
        for position in range(longest)
        for family in families
        if position < len(family)
    )
