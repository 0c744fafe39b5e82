"""Read MAIL and RCPT arguments. RFC 5321 §4.1.2, RFC 1870 (SIZE), RFC 6531 (SMTPUTF8)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_PATH = re.compile(r'<((?:"(?:[^"\\]|\\.)*"|[^<>"\s])*)>(?:[ ]+(.*))?$')
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_DOT_STRING = re.compile(rf"{_ATOM}(?:\.{_ATOM})*$")
_LOOSE_DOTS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-.]+$")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"$')
_DOMAIN = re.compile(r"[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9.\-\u0080-\U0010ffff]*)$")


class PathError(ValueError):
    """The argument of MAIL or RCPT is no path."""


@dataclass(frozen=True)
class Path:
    """`given` is the address as written, `address` has its local part unquoted (empty for <>)."""

    given: str
    address: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


def read_path(argument: str, *, loose_dots: bool = False, may_be_empty: bool = False) -> Path:
    """Parse `<address> KEY=VALUE …`. `loose_dots` also takes a..b@ and a.@ without quotes."""
    match = _PATH.match(argument.strip())
    if match is None:
        raise PathError(argument)
    given = match[1]
    parameters = {}
    for word in (match[2] or "").split():
        key, _equals, value = word.partition("=")
        parameters[key.upper()] = value
    if not given:
        if not may_be_empty:
            raise PathError(argument)
        return Path("", "", parameters)
    if given.lower() == "postmaster" and not may_be_empty:
        return Path(given, given, parameters)
    local, at, domain = given.rpartition("@")
    if not at or not _DOMAIN.match(domain) or len(domain) > 255:
        raise PathError(argument)
    return Path(given, f"{_unquoted(local, loose_dots)}@{domain}", parameters)


def _unquoted(local: str, loose_dots: bool) -> str:
    if len(local.encode()) > 66:  # 64 octets and two quotes, RFC 5321 §4.5.3.1.1
        raise PathError(local)
    if quoted := _QUOTED.match(local):
        return re.sub(r"\\(.)", r"\1", quoted[1])
    if _DOT_STRING.match(local) or (loose_dots and _LOOSE_DOTS.match(local)):
        return local
    raise PathError(local)
