"""The fixed records of the practice internet: the providers' domains and one domain per DNS fault."""

from collections.abc import Iterable, Iterator

from sandbox.profiles import PROFILES
from sandbox.profiles.profile import Host, Profile
from sandbox.zone import Answer, Record, Zone, record

INBOUND_ADDRESS = "127.0.0.1"

# Domains that answer nothing, or a failure.
ODD_DOMAINS = {
    "slow-dns.example": Answer.SILENCE,
    "servfail.example": Answer.SERVER_FAILURE,
}

# (name, type, value): domains with one peculiarity each.
_SPECIAL = (
    ("nomail.example", "MX", "0 ."),  # RFC 7505
    ("nomail.example", "A", "127.10.9.1"),
    ("no-mx-no-a.example", "TXT", "a name with neither MX nor address"),
    ("dead-first.example", "MX", "10 dead.dead-first.example."),
    ("dead.dead-first.example", "A", "127.10.9.9"),
    ("dead-only.example", "MX", "10 dead.dead-only.example."),
    ("dead.dead-only.example", "A", "127.10.9.9"),
    # An MX that points where no receiver of the practice internet is, and nobody should connect.
    ("private-mx.example", "MX", "10 inside.private-mx.example."),
    ("inside.private-mx.example", "A", "10.0.0.25"),
    ("loopback-mx.example", "MX", "10 here.loopback-mx.example."),
    ("here.loopback-mx.example", "A", "127.0.0.1"),
    ("missing-mx-host.example", "MX", "10 nowhere.missing-mx-host.example."),
    # The installation's own names, which organisations' records refer to.
    ("inbound.todoku.example", "A", INBOUND_ADDRESS),
    ("todoku.example", "A", INBOUND_ADDRESS),
    ("todoku.example", "MX", "10 inbound.todoku.example."),
    ("spf.todoku.example", "TXT", "v=spf1 ip4:127.20.0.0/16 -all"),
)


def practice_zone(profiles: Iterable[Profile] = PROFILES) -> Zone:
    special = (record(*row) for row in _SPECIAL)
    return Zone((*special, *_provider_records(profiles)), ODD_DOMAINS)


def _provider_records(profiles: Iterable[Profile]) -> Iterator[Record]:
    for profile in profiles:
        yield from _host_records(profile)
        for domain in profile.domains:
            yield from _domain_records(domain, profile.hosts)
        for domain, hosts in profile.hosted.items():
            yield from _domain_records(domain, hosts)


def _host_records(profile: Profile) -> Iterator[Record]:
    for host in profile.all_hosts():
        yield record(host.name, "A", host.address)
        reverse = ".".join(reversed(host.address.split(".")))
        yield record(f"{reverse}.in-addr.arpa", "PTR", f"{host.name}.")


def _domain_records(domain: str, hosts: tuple[Host, ...]) -> Iterator[Record]:
    for host in hosts:
        if host.name != domain:  # a host of the same name is the implicit MX
            yield record(domain, "MX", f"{host.preference} {host.name}.")
    yield record(domain, "TXT", "v=spf1 ip4:127.10.0.0/16 -all")
