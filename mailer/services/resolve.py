"""The resolver: each distinct domain of a mailing is looked up once, and its rows are released set-wise.

What DNS said is kept per realm and shared by all mailings until it expires. Nothing holds a transaction while
waiting for DNS. It may run twice, or die in the middle: rows that are not released yet are still unresolved.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from mailer.engine.mx import MxAnswer
from mailer.engine.providers import provider_for
from mailer.engine.realm import Realm, is_forbidden_address
from mailer.engine.vocabulary import ReplyClass, Stage
from mailer.models import DeliveryState, Destination, DestinationState, Mailing, SkipReason
from mailer.net.dns import DnsFailure, Resolver
from mailer.program import run
from mailer.realms import realm_for
from mailer.services.lease import Lease
from mailer.services.outcome import AttemptFacts, MailingFacts, Outcome, record_outcomes

logger = logging.getLogger(__name__)

DOMAINS_AT_ONCE = 1_000
LOOKUPS_AT_ONCE = 100
ROWS_AT_ONCE = 20_000
UNDELIVERABLE_AT_ONCE = 2_000
KEPT_MIN = timedelta(minutes=5)
KEPT_MAX = timedelta(days=1)
RETRY_FIRST = timedelta(minutes=1)
RETRY_MAX = timedelta(hours=1)
_LOCK_CLASS = 7_301_012  # advisory locks of resolvers, by mailing

_DOMAINS = """
WITH RECURSIVE found AS (
    (SELECT domain FROM mailer_delivery
     WHERE mailing_id = %(mailing)s AND state = 0 AND domain > %(after)s ORDER BY domain LIMIT 1)
    UNION ALL
    SELECT (SELECT d.domain FROM mailer_delivery d
            WHERE d.mailing_id = %(mailing)s AND d.state = 0 AND d.domain > f.domain
            ORDER BY d.domain LIMIT 1)
    FROM found f WHERE f.domain IS NOT NULL
)
SELECT domain FROM found WHERE domain IS NOT NULL LIMIT %(limit)s
"""

# Walks the rows by id, which follows the rank: the most engaged readers are ready first.
_RELEASE = """
WITH known AS (
    SELECT d.id, t.provider FROM mailer_delivery d
    JOIN mailer_destination t ON t.realm = %(realm)s AND t.domain = d.domain
    WHERE d.mailing_id = %(mailing)s AND d.state = 0 AND d.id > %(after)s
        AND t.state = 'resolved'
    ORDER BY d.id LIMIT %(limit)s FOR NO KEY UPDATE OF d
)
UPDATE mailer_delivery d SET state = 1, provider = known.provider
FROM known WHERE d.mailing_id = %(mailing)s AND d.id = known.id AND d.state = 0
RETURNING d.id
"""

_UNDELIVERABLE = """
SELECT d.id, d.recipient_ref, d.address, d.address_key, d.domain, t.state, t.detail
FROM mailer_delivery d JOIN mailer_destination t ON t.realm = %(realm)s AND t.domain = d.domain
WHERE d.mailing_id = %(mailing)s AND d.state = 0 AND t.state IN ('no_mail', 'not_found', 'forbidden')
ORDER BY d.id LIMIT %(limit)s FOR NO KEY UPDATE OF d SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What DNS says about one domain; `ttl` how long that may be believed."""

    domain: str
    state: DestinationState
    provider: str = ""
    mx: tuple[tuple[int, str], ...] = ()
    detail: str = ""
    ttl: timedelta = KEPT_MIN


def resolve_mailing(*, mailing_id: int, now: datetime) -> int:
    """Look up what is unknown and release what can be sent; return how many rows became ready.

    Returns 0 at once when another process resolves this mailing.
    """
    mailing = Mailing.objects.select_related("organisation").get(pk=mailing_id)
    if mailing.is_finished:
        return 0
    realm = realm_for(mailing.organisation.kind)
    released = 0
    with _only_one(mailing_id) as is_ours:
        if not is_ours:
            return 0
        for domains in _unresolved_domains(mailing_id):
            look_up(realm=realm, domains=domains, now=now)
            released += _release(mailing_id, realm)
            _settle_undeliverable(mailing, realm)
    return released


def look_up(*, realm: Realm, domains: Sequence[str], now: datetime) -> None:
    """Ask DNS about the domains whose answers are unknown or too old, and keep the new ones."""
    fresh = set(
        Destination.objects.filter(
            realm=realm.name, domain__in=domains, expires_at__gt=now
        ).values_list("domain", flat=True)
    )
    unknown = [domain for domain in domains if domain not in fresh]
    if unknown:
        _keep(realm, asyncio.run(_ask_all(realm, unknown)), now)


async def _ask_all(realm: Realm, domains: Sequence[str]) -> list[Finding]:
    resolver = Resolver(realm)
    places = asyncio.Semaphore(LOOKUPS_AT_ONCE)

    async def ask(domain: str) -> Finding:
        async with places:
            return await _ask(resolver, domain)

    return list(await asyncio.gather(*(ask(domain) for domain in domains)))


async def _ask(resolver: Resolver, domain: str) -> Finding:
    try:
        answer = await resolver.resolve_mx(domain)
        if not answer.hosts:
            return _nothing_there(answer)
        forbidden = await _forbidden_address(resolver, answer)
    except DnsFailure as failure:
        return Finding(domain, DestinationState.FAILING, detail=str(failure))
    mx = tuple((host.preference, host.name) for host in answer.hosts)
    if forbidden:
        detail = f"{answer.hosts[0].name} has the address {forbidden}"
        return Finding(domain, DestinationState.FORBIDDEN, mx=mx, detail=detail)
    return Finding(
        domain,
        DestinationState.RESOLVED,
        provider=provider_for(answer.names).slug,
        mx=mx,
        ttl=timedelta(seconds=answer.ttl_s),
    )


def _nothing_there(answer: MxAnswer) -> Finding:
    if answer.is_null:
        return Finding(
            answer.domain,
            DestinationState.NO_MAIL,
            detail="null MX: the domain accepts no mail (RFC 7505)",
        )
    words = (
        "NXDOMAIN: the domain does not exist" if answer.is_nxdomain else "neither MX nor address"
    )
    return Finding(answer.domain, DestinationState.NOT_FOUND, detail=words)


async def _forbidden_address(resolver: Resolver, answer: MxAnswer) -> str:
    """Return an address of the first host when every one of it is outside the realm's network."""
    addresses = await resolver.resolve_addresses(answer.hosts[0].name)
    if addresses and all(is_forbidden_address(address, resolver.realm) for address in addresses):
        return addresses[0]
    return ""


def _keep(realm: Realm, findings: Iterable[Finding], now: datetime) -> None:
    findings = list(findings)
    failures = dict(
        Destination.objects.filter(
            realm=realm.name, domain__in=[f.domain for f in findings]
        ).values_list("domain", "failures")
    )
    Destination.objects.bulk_create(
        [
            _destination(realm, finding, failures.get(finding.domain, 0), now)
            for finding in findings
        ],
        update_conflicts=True,
        unique_fields=["realm", "domain"],
        update_fields=[
            "state",
            "provider",
            "mx",
            "detail",
            "failures",
            "resolved_at",
            "expires_at",
        ],
    )


def _destination(realm: Realm, finding: Finding, failures: int, now: datetime) -> Destination:
    is_failing = finding.state is DestinationState.FAILING
    failures = min(failures + 1, 20) if is_failing else 0
    if is_failing:
        wait = min(RETRY_MAX, RETRY_FIRST * 2 ** (failures - 1))
        wait = wait * settings.RETRY_FACTOR_PERCENT / 100
    else:
        wait = min(KEPT_MAX, max(KEPT_MIN, finding.ttl))
    return Destination(
        realm=realm.name,
        domain=finding.domain,
        state=finding.state,
        provider=finding.provider,
        mx=[list(host) for host in finding.mx],
        detail=finding.detail[:200],
        failures=failures,
        resolved_at=now,
        expires_at=now + wait,
    )


def _unresolved_domains(mailing_id: int) -> Iterator[list[str]]:
    after = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                _DOMAINS, {"mailing": mailing_id, "after": after, "limit": DOMAINS_AT_ONCE}
            )
            domains = [row[0] for row in cursor.fetchall()]
        if not domains:
            return
        yield domains
        after = domains[-1]


def _release(mailing_id: int, realm: Realm) -> int:
    released, after = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _RELEASE,
                {"mailing": mailing_id, "realm": realm.name, "after": after, "limit": ROWS_AT_ONCE},
            )
            ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return released
        released += len(ids)
        after = max(ids)


def _settle_undeliverable(mailing: Mailing, realm: Realm) -> None:
    """End the rows of domains that take no mail, or must not be reached."""
    facts = {mailing.pk: MailingFacts(mailing.organisation_id, mailing.kind)}
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    _UNDELIVERABLE,
                    {"mailing": mailing.pk, "realm": realm.name, "limit": UNDELIVERABLE_AT_ONCE},
                )
                rows = cursor.fetchall()
            if not rows:
                return
            at = timezone.now()
            outcomes = [_undeliverable(mailing.pk, row, at) for row in rows]
            run(record_outcomes(slot_id=None, outcomes=outcomes, mailings=facts, now=at))


def _undeliverable(mailing_id: int, row: tuple[Any, ...], at: datetime) -> Outcome:
    id, ref, address, key, domain, state, detail = row
    lease = Lease(mailing_id, id, ref, address, bytes(key), domain, "", 0, 0, at)
    if state == DestinationState.FORBIDDEN:
        return Outcome(
            lease, DeliveryState.SKIPPED, at, AttemptFacts(reply_class=SkipReason.FORBIDDEN)
        )
    facts = AttemptFacts(
        stage=Stage.DNS, reply_text=detail, reply_class=ReplyClass.BAD_DOMAIN, rule=state
    )
    # A domain with neither MX nor address may be under repair; one that does not exist is nobody's.
    is_gone = state == DestinationState.NO_MAIL or detail.startswith("NXDOMAIN")
    return Outcome(lease, DeliveryState.FAILED, at, facts, may_suppress=is_gone)


@contextmanager
def _only_one(mailing_id: int) -> Iterator[bool]:
    """Hold the mailing's advisory lock on this session; False when another process has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_CLASS, mailing_id % 2**31])
        row = cursor.fetchone()
    is_ours = bool(row and row[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(%s, %s)", [_LOCK_CLASS, mailing_id % 2**31]
                )
