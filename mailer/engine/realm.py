"""The two internets an organisation can live in; they never touch.

A live realm asks the system's resolvers and refuses private, loopback and other special
addresses as MX (they would let a recipient domain aim us at our own network). A practice realm
reaches its own networks only.
"""

import ipaddress
from dataclasses import dataclass

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Realm:
    """`nameservers` empty: those of the system. `only_networks` empty: every global address."""

    name: str
    nameservers: tuple[str, ...] = ()
    dns_port: int = 53
    smtp_port: int = 25
    only_networks: tuple[IpNetwork, ...] = ()

    @property
    def allows_private(self) -> bool:
        return bool(self.only_networks)


def live_realm(nameservers: tuple[str, ...] = ()) -> Realm:
    return Realm("live", nameservers)


def practice_realm(*, dns_port: int, smtp_port: int) -> Realm:
    """The practice internet: its receivers have loopback addresses of their own, 127.10.x.y."""
    network = ipaddress.IPv4Network("127.10.0.0/16")
    return Realm("practice", ("127.0.0.1",), dns_port, smtp_port, (network,))


def is_forbidden_address(address: str, realm: Realm) -> bool:
    """True when a message of this realm must not be sent to this IP address."""
    ip = ipaddress.ip_address(address)
    if realm.only_networks:
        return not any(ip in network for network in realm.only_networks)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return not inner.is_global
    return not ip.is_global or ip.is_multicast
