"""Campaigns ready to be sent, and the people around them, for tests."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.test import Client

from accounts.models import Member, Organisation, Role, SenderProfile, User
from campaigns.models import Campaign, Timing
from lists.models import ConsentBasis, Reader, ReaderList, ReaderState, Subscription
from lists.services.default_list import ensure_default_list
from mailer.engine.address import clean_address
from mailer.keys import key_of
from mailer.models import Pool
from tests.factories.mailer import (
    make_pool,
    make_practice_organisation,
    make_sending_domain,
    make_source,
)

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # 12:00 in Tokyo

_numbers = count(1)

HTML = """<html><head><style>.lead { color: #333333 }</style></head>
<body><p class="lead">{{ name|default("お客様") }} さま</p>
<p><a href="https://shop.example/winter">冬ブレンドを見る</a></p></body></html>"""


def make_sender_organisation(**fields: Any) -> Organisation:
    """An organisation that may send: pool with a source, verified domain, sender profile, list."""
    organisation = make_practice_organisation(**fields)
    if not Pool.objects.filter(kind=organisation.kind, is_default=True).exists():
        make_source(make_pool(organisation.kind))
    make_sending_domain(organisation, f"mail{organisation.pk}.sender.example")
    SenderProfile.objects.create(
        organisation=organisation,
        legal_name="株式会社つきのわ珈琲",
        postal_address="岩手県盛岡市紺屋町0-0",
        contact="hello@tsukinowa-coffee.example",
    )
    ensure_default_list(organisation)
    return organisation


def make_subscriber(
    organisation: Organisation, address: str = "", *, name: str = "佐藤 花子", **fields: Any
) -> Reader:
    """An active reader on the default list, with consent."""
    clean = clean_address(address or f"reader{next(_numbers)}@example.jp")
    reader = Reader.objects.create(
        organisation=organisation,
        address=clean.address,
        normalised=clean.normalised,
        address_key=key_of(clean.normalised),
        domain=clean.domain,
        name=name,
        state=ReaderState.ACTIVE,
        **fields,
    )
    Subscription.objects.create(
        reader=reader, list=ensure_default_list(organisation), basis=ConsentBasis.CONSENT
    )
    return reader


def make_campaign(organisation: Organisation | None = None, **fields: Any) -> Campaign:
    """A complete draft: without further changes it passes every check when there is a reader."""
    organisation = organisation or make_sender_organisation()
    defaults: dict[str, Any] = {
        "name": "11月のたより",
        "list": ReaderList.objects.filter(organisation=organisation, is_default=True).first(),
        "sending_domain": organisation.sending_domains.first(),
        "from_name": "つきのわ珈琲",
        "from_local": "tayori",
        "subject": "冬ブレンドができました",
        "html": HTML,
        "timing": Timing.NOW,
    }
    return Campaign.objects.create(organisation=organisation, **{**defaults, **fields})


def make_colleague(
    organisation: Organisation, role: Role = Role.OWNER, language: str = "ja"
) -> User:
    user = User.objects.create_user(
        f"person{next(_numbers)}@staff.example", None, language=language
    )
    Member.objects.create(organisation=organisation, user=user, role=role)
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
