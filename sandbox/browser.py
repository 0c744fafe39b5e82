"""Fetch pages and pictures for readers: only from loopback addresses, and never following a redirect.

A host name is looked up in the practice zone, so a tracking host that an organisation published is
reached, and nothing outside ever is.
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from sandbox.zone import Zone

TIMEOUT_S = 10.0


class ForbiddenAddress(Exception):
    """The URL leads out of the practice internet; the text is the reason."""


@dataclass(frozen=True)
class Fetched:
    status: int
    location: str


class Browser:
    def __init__(self, zone: Zone, forbidden_port: int) -> None:
        """`forbidden_port` is our own control API: letters cannot reach it."""
        self._zone = zone
        self._forbidden_port = forbidden_port
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def get(self, url: str, agent: str) -> Fetched:
        """Fetch one URL. Raises ForbiddenAddress, httpx.HTTPError."""
        return await self._request("GET", url, agent, None)

    async def one_click(self, url: str, agent: str) -> Fetched:
        """POST as RFC 8058 §3.2 wants it: the fixed body, no cookies, no redirect followed."""
        return await self._request("POST", url, agent, b"List-Unsubscribe=One-Click")

    async def _request(self, method: str, url: str, agent: str, body: bytes | None) -> Fetched:
        target, host = self._resolved(url)
        headers = {"User-Agent": agent, "Host": host}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._client.cookies.clear()
        extensions = {"sni_hostname": host.partition(":")[0]}
        response = await self._client.request(
            method, target, headers=headers, content=body, extensions=extensions
        )
        return Fetched(response.status_code, response.headers.get("location", ""))

    def _resolved(self, url: str) -> tuple[httpx.URL, str]:
        """Return the URL with its host replaced by a loopback address, and the Host header."""
        try:
            parts = urlsplit(url)
            target = httpx.URL(url)
            port = parts.port
        except (ValueError, httpx.InvalidURL) as error:
            raise ForbiddenAddress(f"not understood: {error}") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ForbiddenAddress("neither http nor https")
        if port == self._forbidden_port:
            raise ForbiddenAddress("the control port of the practice internet")
        address = self._address(parts.hostname)
        if not address.is_loopback:
            raise ForbiddenAddress(f"{address} is no loopback address")
        return target.copy_with(host=str(address)), parts.netloc.rpartition("@")[2]

    def _address(self, host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        if host == "localhost":
            return ipaddress.IPv4Address("127.0.0.1")
        try:
            return ipaddress.ip_address(host)
        except ValueError:
            pass  # a name, then
        for address in self._zone.addresses(host):
            return ipaddress.ip_address(address)
        raise ForbiddenAddress(f"{host} does not exist in the practice internet")
