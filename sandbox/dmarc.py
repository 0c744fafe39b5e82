"""Does the visible sender match what SPF and DKIM vouch for? RFC 7489 §3.1 (relaxed), in part.

The organisational domain is guessed from the number of labels, not from the public suffix list:
good enough for the practice internet, whose domains are .example and Japanese ones.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from sandbox.spf import Spf
from sandbox.zone import Zone

_SECOND_LEVEL_JP = frozenset({"ac", "co", "ed", "go", "gr", "lg", "ne", "or"})


class Dmarc(StrEnum):
    PASS = "pass"  # noqa: S105  # a verdict, not a password
    FAIL = "fail"
    NONE = "none"  # no policy is published


def check_dmarc(
    zone: Zone, *, from_domain: str, mail_from: str, spf: str, verdicts: Iterable[Mapping[str, Any]]
) -> Dmarc:
    """Judge a message; `spf` and `verdicts` are those kept with it."""
    organisation = organisational(from_domain)
    if not any(_has_policy(zone, domain) for domain in (from_domain, organisation)):
        return Dmarc.NONE
    vouching = [verdict["domain"] for verdict in verdicts if verdict["valid"]]
    if spf == Spf.PASS:
        vouching.append(mail_from.rpartition("@")[2])
    aligned = any(organisational(domain) == organisation for domain in vouching)
    return Dmarc.PASS if aligned else Dmarc.FAIL


def organisational(domain: str) -> str:
    labels = domain.lower().rstrip(".").split(".")
    is_jp = len(labels) > 2 and labels[-1] == "jp" and labels[-2] in _SECOND_LEVEL_JP
    return ".".join(labels[-3:] if is_jp else labels[-2:])


def _has_policy(zone: Zone, domain: str) -> bool:
    records = zone.find(f"_dmarc.{domain}", "TXT").records
    return any(entry.type == "TXT" and entry.value.startswith("v=DMARC1") for entry in records)
