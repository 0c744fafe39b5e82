"""Mail addresses as people paste them, made into addresses that can be sent to.

Refuses (with a stable reason code) rather than guesses: only changes that cannot turn one person's
address into another's are made. Nothing that leaves here contains CR, LF, NUL, blanks or angle
brackets. RFC 5321 §4.1.2 and §4.5.3.1 (syntax, lengths), RFC 5890 (A-labels). Local parts beyond
ASCII are refused.

Carrier addresses of docomo and au made before about 2009 may have dots at the edges or in a row,
against RFC 5321; they are live mailboxes, are kept as they are and are quoted on the wire
(`smtp_path`).
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import idna

MAX_LOCAL_OCTETS: Final = 64
MAX_DOMAIN_OCTETS: Final = 253
MAX_ADDRESS_OCTETS: Final = 254
MAX_INPUT_CHARS: Final = 1000

# Carriers that once handed out local parts with dots at the edges or in a row (SoftBank never did).
LEGACY_DOMAINS: Final = ("docomo.ne.jp", "ezweb.ne.jp", "au.com")
GMAIL_DOMAINS: Final = ("gmail.com", "googlemail.com")

# After one of these a comma can only have been meant as a dot ("example.co,jp").
_CERTAIN_AFTER_COMMA: Final = re.compile(
    r",(?=(?:com|net|org|info|biz|jp|(?:co|ne|or|ac|go|ed|gr|lg)[.,]jp)$)", re.IGNORECASE
)
_ATOM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NAMED: Final = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>[\s,;.]*")
_COMMENTED: Final = re.compile(r"(?P<address>[^\s()]+@[^\s()]+)\s*\((?P<name>[^()]*)\)")
_QUOTED_LOCAL: Final = re.compile(r'"([A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]+)"')


class AddressError(ValueError):
    """`reason` is a stable word for translation; `text` is what was given (not for logs)."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = text


@dataclass(frozen=True, slots=True)
class CleanAddress:
    """An address ready to store: `address` as to be sent, `normalised` for finding the same person
    again.
    """

    address: str
    local: str
    domain: str
    normalised: str
    is_legacy: bool = False
    name: str = ""


def clean_address(text: str) -> CleanAddress:
    """Return the address meant by `text`, or raise AddressError.

    Reasons: empty, too-long, control-character, several-addresses, no-at-sign, several-at-signs,
    space-inside, japanese-punctuation, no-local-part, non-ascii-local, bad-local, bad-dots,
    local-too-long, no-domain, ip-literal, bad-domain, domain-too-long.
    """
    if len(text) > MAX_INPUT_CHARS:
        raise AddressError("too-long", text)
    plain = _without_invisibles(text)
    name, bare = _split_name(plain)
    bare = _strip_surroundings(bare)
    local_text, domain_text = _split_at_sign(bare, text)
    domain = _clean_domain(domain_text, text)
    local = _clean_local(local_text, text)
    is_legacy = _has_odd_dots(local)
    if is_legacy and not _is_legacy_domain(domain):
        raise AddressError("bad-dots", text)
    address = f"{local}@{domain}"
    if len(address) > MAX_ADDRESS_OCTETS:
        raise AddressError("too-long", text)
    return CleanAddress(address, local, domain, _normalise(local, domain), is_legacy, name)


def address_key(normalised: str, key: bytes) -> bytes:
    """Return the 16-byte keyed hash that stands for a person where the address itself must not."""
    return hashlib.blake2b(normalised.encode(), key=key, digest_size=16).digest()


def smtp_path(address: str) -> str:
    """Return the address as it is written in MAIL, RCPT and headers: legacy local parts quoted."""
    local, _, domain = address.rpartition("@")
    if _has_odd_dots(local) and not local.startswith('"'):
        return f'"{local}"@{domain}'
    return address


def _without_invisibles(text: str) -> str:
    """NFKC (full-width signs), without format characters (zero width, BOM, soft hyphen, bidi
    marks).
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf").strip()
    if not plain:
        raise AddressError("empty", text)
    if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in plain):
        raise AddressError("control-character", text)
    return plain


def _split_name(plain: str) -> tuple[str, str]:
    match = _NAMED.fullmatch(plain) or _COMMENTED.fullmatch(plain)
    if match is None:
        return "", plain
    name = " ".join(match["name"].split()).strip("\"'")
    return name.strip(), match["address"]


def _strip_surroundings(text: str) -> str:
    """Drop `mailto:`, quotes and brackets around, and punctuation after; repeat until nothing
    changes.
    """
    while True:
        before = text
        text = text.strip().lstrip("<([{'").rstrip(">)]},;:.!'")
        if text[:7].lower() == "mailto:":
            text = text[7:].partition("?")[0]
        if text.startswith('"') and text.endswith('"'):
            text = text[1:-1]
        if text == before:
            return text


def _split_at_sign(bare: str, text: str) -> tuple[str, str]:
    parts = bare.split("@")
    if len(parts) == 1:
        raise AddressError("no-at-sign", text)
    if len(parts) > 2:
        several = re.search(r"@[^@]*[\s,;、]", bare)
        raise AddressError("several-addresses" if several else "several-at-signs", text)
    if any(c.isspace() for c in bare):
        raise AddressError("space-inside", text)
    if "、" in bare or "。" in bare:
        raise AddressError("japanese-punctuation", text)
    return parts[0], parts[1]


def _clean_local(local: str, text: str) -> str:
    quoted = _QUOTED_LOCAL.fullmatch(local)
    if quoted:
        local = quoted[1]
    if not local:
        raise AddressError("no-local-part", text)
    if not local.isascii():
        raise AddressError("non-ascii-local", text)
    if not _ATOM.fullmatch(local) or local[0] in "'{":
        raise AddressError("bad-local", text)
    if len(local) > MAX_LOCAL_OCTETS:
        raise AddressError("local-too-long", text)
    return local


def _clean_domain(domain: str, text: str) -> str:
    """Return the lower-case A-label form with at least two labels."""
    domain = _CERTAIN_AFTER_COMMA.sub(".", domain).lower()
    if not domain:
        raise AddressError("no-domain", text)
    if domain.startswith("[") or re.fullmatch(r"[\d.]+", domain):
        raise AddressError("ip-literal", text)
    if not domain.isascii() or "xn--" in domain:
        domain = _a_labels(domain, text)
    if len(domain) > MAX_DOMAIN_OCTETS:
        raise AddressError("domain-too-long", text)
    labels = domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressError("bad-domain", text)
    if labels[-1].isdigit():
        raise AddressError("bad-domain", text)
    return domain


def _a_labels(domain: str, text: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise AddressError("bad-domain", text) from error


def _has_odd_dots(local: str) -> bool:
    return local.startswith(".") or local.endswith(".") or ".." in local


def _is_legacy_domain(domain: str) -> bool:
    return any(domain == legacy or domain.endswith("." + legacy) for legacy in LEGACY_DOMAINS)


def _normalise(local: str, domain: str) -> str:
    """Fold letter case; at Gmail also dots and +tags, which its users know to be the same
    mailbox.
    """
    local = local.lower()
    if domain in GMAIL_DOMAINS:
        folded = local.partition("+")[0].replace(".", "")
        return f"{folded or local}@gmail.com"
    return f"{local}@{domain}"
