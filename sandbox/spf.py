"""Check a source address against a domain's SPF record in the practice zone. RFC 7208, in part.

Understood: all, ip4, a, mx, include, redirect; ip6, exists and macros never match. Ten look-ups.
"""

import ipaddress
from enum import StrEnum

from sandbox.zone import Zone

MAX_LOOKUPS = 10


class Spf(StrEnum):
    PASS = "pass"  # noqa: S105  # a verdict, not a password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    PERMERROR = "permerror"


_QUALIFIERS = {"+": Spf.PASS, "-": Spf.FAIL, "~": Spf.SOFTFAIL, "?": Spf.NEUTRAL}


def check_spf(zone: Zone, source_ip: str, domain: str) -> Spf:
    return _Check(zone, source_ip).evaluate(domain)


class _TooManyLookups(Exception):
    pass


class _Check:
    def __init__(self, zone: Zone, source_ip: str) -> None:
        self._zone = zone
        self._address = ipaddress.ip_address(source_ip)
        self._left = MAX_LOOKUPS

    def evaluate(self, domain: str) -> Spf:
        try:
            return self._record(domain)
        except (_TooManyLookups, ValueError):
            return Spf.PERMERROR

    def _record(self, domain: str) -> Spf:
        found = [
            entry.value
            for entry in self._zone.find(domain, "TXT").records
            if entry.type == "TXT" and (entry.value + " ").lower().startswith("v=spf1 ")
        ]
        if len(found) != 1:
            return Spf.PERMERROR if found else Spf.NONE
        redirect = ""
        for term in found[0].split()[1:]:
            if term.lower().startswith("redirect="):
                redirect = term[9:]
            elif "=" not in term and self._matches(term.lstrip("+-~?"), domain):
                return _QUALIFIERS.get(term[0], Spf.PASS)
        if redirect:
            self._look_up()
            return self._record(redirect)
        return Spf.NEUTRAL

    def _matches(self, mechanism: str, domain: str) -> bool:
        name, _colon, argument = mechanism.partition(":")
        match name.lower():
            case "all":
                return True
            case "ip4":
                return self._address in ipaddress.ip_network(argument, strict=False)
            case "include":
                self._look_up()
                return self._record(argument) is Spf.PASS
            case "a":
                self._look_up()
                return str(self._address) in self._zone.addresses(argument or domain)
            case "mx":
                self._look_up()
                hosts = self._zone.mail_hosts(argument or domain)
                return any(str(self._address) in self._zone.addresses(host) for host in hosts)
        return False

    def _look_up(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _TooManyLookups
