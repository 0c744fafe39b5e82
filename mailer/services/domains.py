"""Sending domains: their keys, the records to publish, and the check that opens them for sending."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import Organisation, OrganisationKind, User
from accounts.services.audit import record_act
from mailer.engine import dkim
from mailer.engine.address import AddressError, clean_address
from mailer.engine.dns_records import (
    DnsRecord,
    Finding,
    Judgement,
    Purpose,
    judge,
    records_for,
)
from mailer.keys import secret_box
from mailer.models import DkimKey, DomainState, KeyState, SendingDomain, SourceIP
from mailer.net.dns import DnsFailure, Resolver
from mailer.net.practice_dns import publish
from mailer.realms import realm_for

# Nobody can publish records for these: mail "from" them fails DMARC at every large receiver.
FREE_MAIL_DOMAINS = frozenset(
    {
        "gmail.com", "googlemail.com", "yahoo.co.jp", "yahoo.com", "ymail.ne.jp", "outlook.com",
        "outlook.jp", "hotmail.com", "hotmail.co.jp", "live.jp", "icloud.com", "me.com", "mac.com",
        "aol.com", "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp",
    }
)  # fmt: skip


class DomainError(Exception):
    """The domain cannot be added. `reason` is a stable word that the page turns into a sentence."""

    def __init__(self, reason: str, name: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.reason = reason
        self.name = name


def add_sending_domain(
    *, organisation: Organisation, name: str, actor: User | None, now: datetime
) -> SendingDomain:
    """Add a domain with a fresh RSA-2048 and Ed25519 key pair. Raises DomainError."""
    domain_name = _clean_domain(name)
    if SendingDomain.objects.filter(organisation=organisation, name=domain_name).exists():
        raise DomainError("exists", domain_name)
    stamp = f"{now:%y%m}"
    with transaction.atomic():
        domain = SendingDomain.objects.create(
            organisation=organisation,
            name=domain_name,
            return_path_host=f"bounce.{domain_name}",
            created_at=now,
        )
        _add_key(domain, "rsa", f"td{stamp}r", dkim.generate_rsa(), now)
        _add_key(domain, "ed25519", f"td{stamp}e", dkim.generate_ed25519(), now)
        record_act(
            organisation=organisation,
            actor=actor,
            verb="domain.added",
            target=f"domain:{domain.pk}",
            data={"name": domain_name},
        )
    return domain


def dns_records(domain: SendingDomain) -> tuple[DnsRecord, ...]:
    """Return what this domain's owner has to publish, for the IPs it may be sent from today."""
    sources = SourceIP.objects.filter(
        pool__kind=domain.organisation.kind, is_enabled=True
    ).order_by("pk")
    keys = domain.keys.exclude(state=KeyState.RETIRED).order_by("pk")
    return records_for(
        domain=domain.name,
        return_path_host=domain.return_path_host,
        inbound_host=settings.INBOUND_HOST,
        dkim=[
            (key.algorithm, key.selector, dkim.dns_record(key.public_key, _dkim_name(key)))
            for key in keys
        ],
        source_ips=[source.address for source in sources],
    )


def check_domain(*, domain: SendingDomain, now: datetime) -> SendingDomain:
    """Ask DNS for every record and keep what was found. A domain whose DNS is silent keeps its state."""
    records = dns_records(domain)
    judgements = asyncio.run(_judge_all(records, domain.organisation.kind))
    with transaction.atomic():
        locked = SendingDomain.objects.select_for_update().get(pk=domain.pk)
        locked.check_result = {
            record.purpose.value: asdict(judgement)
            for record, judgement in zip(records, judgements, strict=True)
        }
        locked.checked_at = now
        if all(judgement.is_good for judgement in judgements):
            locked.state = DomainState.VERIFIED
            locked.keys.filter(state=KeyState.PUBLISHED).update(state=KeyState.ACTIVE)
        elif any(_is_bad(judgement) for judgement in judgements):
            locked.state = DomainState.FAILING
        locked.save(update_fields=["check_result", "checked_at", "state"])
    return locked


def publish_in_practice(*, domain: SendingDomain) -> None:
    """Put the domain's records into the practice internet's DNS. Only for practice organisations.

    Raises PracticeDnsError when the practice internet does not answer.
    """
    if domain.organisation.kind != OrganisationKind.PRACTICE:
        raise DomainError("not-practice", domain.name)
    publish(
        owner=f"domain-{domain.pk}",
        records=dns_records(domain),
        inbound_host=settings.INBOUND_HOST,
        http_port=settings.SANDBOX_HTTP_PORT,
        token=settings.SANDBOX_TOKEN,
    )


def signing_keys(domain: SendingDomain) -> list[dkim.SigningKey]:
    """Return the opened private keys that sign for this domain, RSA first."""
    loaders = {"rsa": dkim.SigningKey.load_rsa, "ed25519": dkim.SigningKey.load_ed25519}
    return [
        loaders[key.algorithm](
            domain.name,
            key.selector,
            secret_box().open(bytes(key.private_sealed), _context(domain.name, key.selector)),
        )
        for key in domain.keys.filter(state=KeyState.ACTIVE).order_by("-algorithm")
    ]


def _clean_domain(name: str) -> str:
    text = re.sub(r"^(https?://|@)", "", name.strip().lower()).split("/")[0].rstrip(".")
    try:
        cleaned = clean_address(f"postmaster@{text}").domain
    except AddressError as error:
        raise DomainError("not-a-domain", name) from error
    if cleaned in FREE_MAIL_DOMAINS:
        raise DomainError("free-mail", cleaned)
    return cleaned


def _add_key(
    domain: SendingDomain, algorithm: str, selector: str, pair: tuple[bytes, str], now: datetime
) -> None:
    private, public = pair
    DkimKey.objects.create(
        domain=domain,
        algorithm=algorithm,
        selector=selector,
        private_sealed=secret_box().seal(private, _context(domain.name, selector)),
        public_key=public,
        created_at=now,
    )


def _context(domain_name: str, selector: str) -> str:
    return f"dkim:{domain_name}:{selector}"


def _dkim_name(key: DkimKey) -> dkim.Algorithm:
    names: Mapping[str, dkim.Algorithm] = {"rsa": "rsa-sha256", "ed25519": "ed25519-sha256"}
    return names[key.algorithm]


async def _judge_all(records: Sequence[DnsRecord], kind: str) -> list[Judgement]:
    resolver = Resolver(realm_for(kind))
    return list(await asyncio.gather(*(_judge_one(resolver, record) for record in records)))


async def _judge_one(resolver: Resolver, record: DnsRecord) -> Judgement:
    try:
        if record.kind == "MX":
            answer = await resolver.resolve_mx(record.name)
            # An implicit MX (RFC 5321 §5.1) is the host itself: it proves that the domain exists, no more.
            counts = record.purpose is Purpose.SENDER_MX or not answer.is_implicit
            found = tuple(f"{host.preference} {host.name}" for host in answer.hosts if counts)
        else:
            found = await resolver.resolve_txt(record.name)
    except DnsFailure:
        return Judgement(Finding.NO_ANSWER)
    return judge(record, found)


def _is_bad(judgement: Judgement) -> bool:
    return judgement.finding in {Finding.MISSING, Finding.WRONG, Finding.TWICE}
