"""What a provider refuses after reading a message, before any mailbox is asked."""

from dataclasses import dataclass

from sandbox.headers import HeaderBlock, header_block, signature_tags
from sandbox.profiles.profile import Check, Profile, Say
from sandbox.spf import Spf, check_spf
from sandbox.wire import Data
from sandbox.zone import Answer, Zone

MAX_LINE_OCTETS = 998


@dataclass(frozen=True)
class Inspection:
    """The occasion for a refusal (None: nothing to object), the headers and the SPF verdict."""

    objection: Say | None
    headers: HeaderBlock
    spf: Spf


def inspect(
    profile: Profile,
    zone: Zone,
    data: Data,
    *,
    sender_domain: str,
    source_ip: str,
    header_limit: int,
    authentication: bool,
) -> Inspection:
    """Look at a complete message as `profile` would.

    Whether a signature is *valid* is found out later, outside the conversation; here it counts as
    one when its key is published.
    """
    headers = header_block(data.content)
    spf = check_spf(zone, source_ip, sender_domain) if sender_domain else Spf.NONE
    asked = profile.checks if authentication else profile.checks - {Check.AUTHENTICATION}
    trials = (
        (True, data.has_bare_ends, Say.BARE_LF),
        (header_limit > 0, headers.size > header_limit, Say.LONG_HEADER),
        (Check.LINE_LENGTH in asked, _has_long_line(data.content), Say.LONG_LINE),
        (Check.FROM in asked, not headers.from_domain, Say.NO_FROM),
        (Check.MESSAGE_ID in asked, not headers.first("message-id").strip(), Say.NO_MESSAGE_ID),
        (Check.SINGLE_HEADERS in asked, bool(headers.doubled()), Say.DOUBLE_HEADER),
        (
            Check.FROM_DOMAIN in asked and authentication,
            not resolves(zone, headers.from_domain),
            Say.NO_SENDER_DOMAIN,
        ),
        (
            Check.AUTHENTICATION in asked,
            spf is not Spf.PASS and not _has_published_key(zone, headers),
            Say.UNAUTHENTICATED,
        ),
    )
    objection = next((say for applies, fails, say in trials if applies and fails), None)
    return Inspection(objection, headers, spf)


def resolves(zone: Zone, domain: str) -> bool:
    """Tell whether mail can be answered: the domain has an MX or an address."""
    return bool(domain) and any(
        zone.find(domain, kind).answer is Answer.FOUND for kind in ("MX", "A")
    )


def _has_long_line(content: bytes) -> bool:
    return any(len(line) > MAX_LINE_OCTETS for line in content.split(b"\r\n"))


def _has_published_key(zone: Zone, headers: HeaderBlock) -> bool:
    for value in headers.every("dkim-signature"):
        tags = signature_tags(value)
        name = f"{tags.get('s', '')}._domainkey.{tags.get('d', '')}"
        if zone.find(name, "TXT").answer is Answer.FOUND:
            return True
    return False
