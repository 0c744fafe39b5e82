"""Rows of the delivery engine for tests: plain functions, visible defaults."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from accounts.models import Organisation, OrganisationKind
from mailer.engine import dkim
from mailer.engine.content import CompiledContent, ContentSource, compile_content
from mailer.keys import key_of
from mailer.models import (
    Delivery,
    DomainState,
    KeyState,
    Mailing,
    Pool,
    SendingDomain,
    SourceIP,
)
from mailer.services.domains import add_sending_domain
from mailer.services.mailings import create_mailing, plan_mailing

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

_numbers = count(1)

# Making an RSA key takes a tenth of a second; one pair serves a whole test run.
_KEYS: dict[str, tuple[bytes, str]] = {}


def make_practice_organisation(**fields: Any) -> Organisation:
    number = next(_numbers)
    defaults = {"name": f"Practice {number}", "slug": f"practice-{number}"}
    return Organisation.objects.create(kind=OrganisationKind.PRACTICE, **{**defaults, **fields})


def make_pool(kind: str = OrganisationKind.PRACTICE, *, is_default: bool = True) -> Pool:
    return Pool.objects.create(name=f"pool {next(_numbers)}", kind=kind, is_default=is_default)


def make_source(pool: Pool, address: str = "127.20.0.1", **fields: Any) -> SourceIP:
    defaults: dict[str, Any] = {"ehlo_name": "out1.todoku.example", "node": "node1"}
    return SourceIP.objects.create(pool=pool, address=address, **{**defaults, **fields})


def make_sending_domain(
    organisation: Organisation, name: str = "sender.example", monkeypatch: Any = None
) -> SendingDomain:
    """A verified domain whose keys sign. Key pairs are generated once for all tests."""
    original = (dkim.generate_rsa, dkim.generate_ed25519)
    dkim.generate_rsa = lambda: _pair("rsa", original[0])
    dkim.generate_ed25519 = lambda: _pair("ed25519", original[1])
    try:
        domain = add_sending_domain(organisation=organisation, name=name, actor=None, now=NOW)
    finally:
        dkim.generate_rsa, dkim.generate_ed25519 = original
    domain.keys.update(state=KeyState.ACTIVE)
    domain.state = DomainState.VERIFIED
    domain.save(update_fields=["state"])
    return domain


def _pair(name: str, generate: Any) -> tuple[bytes, str]:
    if name not in _KEYS:
        _KEYS[name] = generate()
    return _KEYS[name]


def make_content(**parts: Any) -> CompiledContent:
    defaults: dict[str, Any] = {
        "subject": "{{ name }} 様へのお知らせ",
        "html": '<html><body><p>{{ name }} 様</p><a href="https://shop.example/">店</a></body></html>',
        "text": "{{ name }} 様\nhttps://shop.example/\n",
        "fields": frozenset({"name", "email"}),
    }
    return compile_content(ContentSource(**{**defaults, **parts}))


def make_mailing(
    organisation: Organisation | None = None, *, domain: SendingDomain | None = None, **fields: Any
) -> Mailing:
    """A mailing that nobody planned yet, of an organisation with a verified domain and a pool."""
    organisation = organisation or make_practice_organisation()
    if not Pool.objects.filter(kind=organisation.kind, is_default=True).exists():
        make_source(make_pool(organisation.kind))
    domain = domain or organisation.sending_domains.first() or make_sending_domain(organisation)
    defaults: dict[str, Any] = {
        "kind": "campaign",
        "reference": f"campaign:{next(_numbers)}",
        "source": "plain",
        "content": make_content(),
        "from_name": "花子の店",
        "from_address": f"news@{domain.name}",
        "reply_to": f"shop@{domain.name}",
        "list_id": f"news.{domain.name}",
        "suppression_scopes": ["installation", f"org:{organisation.pk}", "list:1"],
        "unsubscribe_scope": "list:1",
        "tracks_opens": True,
        "tracks_clicks": True,
        "now": NOW,
    }
    return create_mailing(
        organisation=organisation, sending_domain=domain, **{**defaults, **fields}
    )


def plan_addresses(mailing: Mailing, addresses: list[str], now: datetime = NOW) -> int:
    """Plan these addresses; the recipient reference is the position, from 1."""
    keys = [key_of(address) for address in addresses]
    return plan_mailing(
        mailing=mailing,
        recipients_sql=(
            "SELECT n AS recipient_ref, a AS address, k AS address_key, split_part(a, '@', 2) AS domain,"
            " 0 AS rank, 0 AS merge_version FROM unnest(%s::text[], %s::bytea[]) WITH ORDINALITY AS t(a, k, n)"
        ),
        params=[addresses, keys],
        now=now,
    )


def release_all(mailing: Mailing, provider: str = "mx:one.example") -> None:
    """Do what the resolver does, for tests that start after it."""
    Delivery.objects.filter(mailing_id=mailing.pk, state=0).update(state=1, provider=provider)


def make_ready_mailing(
    number: int, provider: str = "mx:one.example", *, domain: str = "one.example", **fields: Any
) -> Mailing:
    """A running mailing with `number` rows ready for one provider."""
    mailing = make_mailing(**fields)
    plan_addresses(mailing, [f"reader{n}@{domain}" for n in range(number)])
    release_all(mailing, provider)
    mailing.refresh_from_db()
    return mailing
