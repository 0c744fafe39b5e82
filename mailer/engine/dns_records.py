"""The DNS records of a sending domain: what to publish, and how what was found compares.

Sources: RFC 6376 §3.6.1 (DKIM key records), RFC 8463 (Ed25519), RFC 7208 (SPF), RFC 7489 §6.3
(DMARC).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    DKIM_RSA = "dkim_rsa"
    DKIM_ED25519 = "dkim_ed25519"
    SPF = "spf"
    RETURN_PATH_SPF = "return_path_spf"
    RETURN_PATH_MX = "return_path_mx"
    DMARC = "dmarc"
    SENDER_MX = "sender_mx"


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """One record to publish. `kind` is TXT or MX; an MX value is "<preference> <host>."."""

    purpose: Purpose
    kind: str
    name: str
    value: str


class Finding(StrEnum):
    FOUND = "found"
    MISSING = "missing"
    WRONG = "wrong"
    TWICE = "twice"  # two SPF or DMARC records make both void (RFC 7208 §4.5, RFC 7489 §6.6.3)
    NO_ANSWER = "no_answer"  # DNS did not answer: nothing is known


@dataclass(frozen=True, slots=True)
class Judgement:
    finding: Finding
    found: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return self.finding is Finding.FOUND


def records_for(
    *,
    domain: str,
    return_path_host: str,
    inbound_host: str,
    dkim: Sequence[tuple[str, str, str]],
    source_ips: Sequence[str],
) -> tuple[DnsRecord, ...]:
    """Return the records to publish. `dkim` holds (algorithm, selector, record value)."""
    spf = " ".join(["v=spf1", *(f"{_spf_kind(ip)}:{ip}" for ip in source_ips), "~all"])
    keys = tuple(
        DnsRecord(
            Purpose.DKIM_RSA if algorithm == "rsa" else Purpose.DKIM_ED25519,
            "TXT",
            f"{selector}._domainkey.{domain}",
            value,
        )
        for algorithm, selector, value in dkim
    )
    return (
        *keys,
        # docomo and SoftBank also test SPF of the domain in From, not only of the envelope.
        DnsRecord(Purpose.SPF, "TXT", domain, spf),
        DnsRecord(Purpose.RETURN_PATH_SPF, "TXT", return_path_host, spf),
        DnsRecord(Purpose.RETURN_PATH_MX, "MX", return_path_host, f"10 {inbound_host}."),
        DnsRecord(Purpose.DMARC, "TXT", f"_dmarc.{domain}", "v=DMARC1; p=none"),
        # docomo and others refuse a From whose domain has neither MX nor address.
        DnsRecord(Purpose.SENDER_MX, "MX", domain, f"10 {inbound_host}."),
    )


def judge(record: DnsRecord, found: Sequence[str]) -> Judgement:
    """Compare what DNS answered with what was asked for. `found` is empty when nothing is there."""
    texts = tuple(found)
    if record.kind == "MX":
        return _judge_mx(record, texts)
    if record.purpose in (Purpose.DKIM_RSA, Purpose.DKIM_ED25519):
        return _judge_dkim(record, texts)
    if record.purpose is Purpose.DMARC:
        return _judge_single(texts, "v=dmarc1", lambda text: "p=" in text)
    wanted = {word for word in record.value.split()[1:] if ":" in word}
    return _judge_single(texts, "v=spf1", lambda text: wanted <= set(text.split()))


def _judge_mx(record: DnsRecord, found: tuple[str, ...]) -> Judgement:
    if not found:
        return Judgement(Finding.MISSING)
    if record.purpose is Purpose.SENDER_MX:
        return Judgement(Finding.FOUND, found)  # any server will do, also the one it has already
    host = record.value.split()[1].rstrip(".").lower()
    hosts = {text.split()[-1].rstrip(".").lower() for text in found}
    return Judgement(Finding.FOUND if host in hosts else Finding.WRONG, found)


def _judge_dkim(record: DnsRecord, found: tuple[str, ...]) -> Judgement:
    if not found:
        return Judgement(Finding.MISSING)
    wanted = _tags(record.value).get("p")
    good = any(_tags(text).get("p") == wanted for text in found)
    return Judgement(Finding.FOUND if good else Finding.WRONG, found)


def _judge_single(found: tuple[str, ...], prefix: str, fits: Callable[[str], bool]) -> Judgement:
    matching = tuple(text for text in found if text.lower().startswith(prefix))
    if not matching:
        return Judgement(Finding.MISSING)
    if len(matching) > 1:
        return Judgement(Finding.TWICE, matching)
    return Judgement(Finding.FOUND if fits(matching[0]) else Finding.WRONG, matching)


def _tags(record: str) -> dict[str, str]:
    """Split a tag list (RFC 6376 §3.2); white space inside a value does not count."""
    tags: dict[str, str] = {}
    for part in record.split(";"):
        name, _, value = part.partition("=")
        tags[name.strip()] = "".join(value.split())
    return tags


def _spf_kind(ip: str) -> str:
    return "ip6" if ":" in ip else "ip4"
