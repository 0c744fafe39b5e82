"""Where a domain's mail goes right now: addresses of its MX hosts, and which of them are known to be dead."""

import time
from dataclasses import dataclass

from mailer.engine.mx import Candidate, choose_candidates, order_hosts
from mailer.engine.realm import Realm, is_forbidden_address
from mailer.net.dns import DnsFailure, Resolver

# A receiver that could not be reached is not tried again for this long, doubling up to the maximum.
DEAD_FIRST_S = 60.0
DEAD_MAX_S = 900.0
# Messages of one moment to one domain share the work of finding their way.
ROUTE_S = 5.0
ROUTES_KEPT = 20_000


class NoRoute(Exception):
    """There is nowhere to connect to now."""


class Forbidden(NoRoute):
    """Every address of this domain is outside the network that this organisation may reach."""


class NoMail(NoRoute):
    """The domain takes no mail any more."""


class KnownDead(NoRoute):
    """The receiver could not be reached a moment ago."""


@dataclass(frozen=True, slots=True)
class Route:
    """Addresses to try, and a key that is equal for domains served by the same hosts."""

    key: tuple[str, ...]
    candidates: tuple[Candidate, ...]


class Exchange:
    """Routes of one realm. DNS answers are cached by the resolver for their TTL."""

    def __init__(self, realm: Realm, seed: int) -> None:
        self.realm = realm
        self._resolver = Resolver(realm)
        self._seed = seed
        self._dead: dict[tuple[str, ...], tuple[float, float]] = {}
        self._routes: dict[tuple[str, str], tuple[float, Route]] = {}

    async def route(self, domain: str, source_address: str) -> Route:
        """Return where to connect. Raises NoRoute, or DnsFailure when DNS does not answer."""
        until, known = self._routes.get((domain, source_address), (0.0, None))
        if known is not None and time.monotonic() < until:
            return known
        route = await self._find(domain, source_address)
        if len(self._routes) >= ROUTES_KEPT:
            self._routes.clear()
        self._routes[domain, source_address] = (time.monotonic() + ROUTE_S, route)
        return route

    async def _find(self, domain: str, source_address: str) -> Route:
        answer = await self._resolver.resolve_mx(domain)
        if not answer.hosts:
            raise NoMail(f"{domain} has no mail exchanger")
        key = tuple(sorted(answer.names))
        until, _ = self._dead.get(key, (0.0, 0.0))
        wait_s = until - time.monotonic()
        if wait_s > 0:
            raise KnownDead(f"{key[0]} could not be reached; next try in {wait_s:.0f} s")
        hosts = []
        failure: DnsFailure | None = None
        self._seed += 1  # hosts of equal preference take turns
        for host in order_hosts(answer, self._seed):
            try:
                hosts.append((host, await self._resolver.resolve_addresses(host)))
            except DnsFailure as error:
                failure = error
        candidates = choose_candidates(hosts, self.realm, source_address=source_address)
        if candidates:
            return Route(key, candidates)
        if failure is not None:
            raise failure
        raise self._why_none(domain, [a for _, addresses in hosts for a in addresses])

    def failed(self, route: Route) -> None:
        """Remember that nobody answered there."""
        _, last_s = self._dead.get(route.key, (0.0, 0.0))
        pause_s = min(DEAD_MAX_S, max(DEAD_FIRST_S, last_s * 2))
        self._dead[route.key] = (time.monotonic() + pause_s, pause_s)
        self._routes.clear()

    def worked(self, route: Route) -> None:
        if self._dead:
            self._dead.pop(route.key, None)

    def _why_none(self, domain: str, addresses: list[str]) -> NoRoute:
        if addresses and all(is_forbidden_address(address, self.realm) for address in addresses):
            return Forbidden(f"{domain} leads to {addresses[0]}, which must not be reached")
        return NoRoute(f"no mail exchanger of {domain} has an address that we can reach")
