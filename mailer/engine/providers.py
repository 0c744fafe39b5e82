"""Finds who really receives a domain's mail, by its MX hosts; the rules are in `providers.toml`.

Domains of unknown receivers that share their MX hosts share one lane: the provider slug is then
`mx:` and the factored MX set, so that a hosting company with 10,000 customers' domains is one
receiver and not 10,000.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

OTHER_PREFIX: Final = "mx:"
_RULES_FILE: Final = Path(__file__).with_name("providers.toml")
# Hosts of one receiver differ by such a label: mx1, mx-02, alt3, in1-smtp, …
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class ProviderRule:
    """Starting limits for one receiver, per source IP."""

    slug: str
    name: str
    connections: int
    messages_per_connection: int
    rate_per_s: float
    mx_suffixes: tuple[str, ...] = ()
    connection_pause_on_reset: bool = False

    @property
    def is_other(self) -> bool:
        return self.slug.startswith(OTHER_PREFIX)


@dataclass(frozen=True, slots=True)
class ProviderRules:
    version: str
    providers: tuple[ProviderRule, ...]
    other: ProviderRule

    def find(self, mx_hosts: Iterable[str]) -> ProviderRule:
        """Return the rule whose suffixes cover every one of these hosts, else that of the MX
        set.
        """
        hosts = sorted({host.rstrip(".").lower() for host in mx_hosts})
        if not hosts:
            raise ValueError("a domain without MX hosts has no provider")
        for rule in self.providers:
            if all(_is_under(host, rule.mx_suffixes) for host in hosts):
                return rule
        factored = factor_hosts(hosts)
        return replace(self.other, slug=OTHER_PREFIX + factored, name=factored)

    def by_slug(self, slug: str) -> ProviderRule:
        """Return the rule of a stored slug; also of providers that the file no longer names."""
        for rule in self.providers:
            if rule.slug == slug:
                return rule
        return replace(self.other, slug=slug, name=slug.removeprefix(OTHER_PREFIX))


def provider_for(mx_hosts: Iterable[str]) -> ProviderRule:
    """Return the rule for a domain with these MX hosts (at least one)."""
    return shipped_rules().find(mx_hosts)


@cache
def shipped_rules() -> ProviderRules:
    return read_rules(tomllib.loads(_RULES_FILE.read_text(encoding="utf-8")))


def read_rules(data: Mapping[str, Any]) -> ProviderRules:
    return ProviderRules(
        version=data["version"],
        providers=tuple(
            ProviderRule(**{**row, "mx_suffixes": tuple(row["mx_suffixes"])})
            for row in data["provider"]
        ),
        other=ProviderRule(slug=OTHER_PREFIX, name="", **data["other"]),
    )


def factor_hosts(hosts: Iterable[str]) -> str:
    """Return one short name for a set of MX hosts: `mx#.example.jp`, or its parts joined by `+`."""
    shapes = sorted({_NUMBER.sub("#", host) for host in hosts})
    name = "+".join(shapes)
    if len(name) <= 60:
        return name
    digest = hashlib.blake2b(name.encode(), digest_size=6).hexdigest()
    return f"{name[:46]}~{digest}"


def _is_under(host: str, suffixes: tuple[str, ...]) -> bool:
    return any(host.endswith(suffix) or host == suffix[1:] for suffix in suffixes)
