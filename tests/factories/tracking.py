"""A mail that was accepted, with everything around it that the tracker and the bounces need."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from accounts.models import Organisation, SenderProfile
from lists.models import Reader, ReaderList, Subscription
from mailer.engine.tokens import Token, TokenKind
from mailer.keys import key_of, token_codec
from mailer.models import DeliveryState, Mailing, Pool, SendingDomain
from mailer.scopes import INSTALLATION, list_scope, organisation_scope
from mailer.services.partitions import ensure_delivery_partition

ACCEPTED_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
LINKS = [
    [0, "https://shop.example/beans?x=1", []],
    [1, "https://shop.example/{{ code }}", [["out", ["code"]]]],
]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class SentMail:
    organisation: Organisation
    reader_list: ReaderList
    reader: Reader
    mailing: Mailing
    delivery_id: int

    @property
    def host(self) -> str:
        return self.mailing.sending_domain.return_path_host

    def token(self, kind: TokenKind, index: int = 0) -> str:
        return token_codec().encode(Token(kind, self.mailing.pk, self.delivery_id, index))


def make_sent_mail(*, kind="campaign", state=DeliveryState.ACCEPTED, links=LINKS) -> SentMail:
    """One organisation, one list, one reader on it, one mailing, one delivery in `state`."""
    number = next(_numbers)
    organisation = Organisation.objects.create(
        name=f"つきのわ珈琲{number}", slug=f"tsukinowa-{number}", kind="practice", language="en"
    )
    SenderProfile.objects.create(
        organisation=organisation,
        legal_name="株式会社つきのわ珈琲",
        postal_address="盛岡市",
        contact="hello@t.example",
    )
    reader_list = ReaderList.objects.create(organisation=organisation, name="News", is_default=True)
    domain = SendingDomain.objects.create(
        organisation=organisation,
        name=f"t{number}.example",
        return_path_host=f"bounce.t{number}.example",
    )
    pool, _ = Pool.objects.get_or_create(name="Practice", kind="practice", is_default=True)
    mailing = Mailing.objects.create(
        organisation=organisation,
        kind=kind,
        reference="campaign:1",
        source="campaigns",
        state="running",
        pool=pool,
        sending_domain=domain,
        from_name="Tsukinowa Coffee",
        from_address=f"news@t{number}.example",
        content={"format": 1, "links": links},
        suppression_scopes=[
            INSTALLATION,
            organisation_scope(organisation.pk),
            list_scope(reader_list.pk),
        ],
        unsubscribe_scope=list_scope(reader_list.pk),
        planned=0,
        expires_at=ACCEPTED_AT + timedelta(days=3),
    )
    reader, delivery_id = add_recipient(mailing, reader_list, state=state)
    return SentMail(organisation, reader_list, reader, mailing, delivery_id)


def add_recipient(mailing, reader_list, *, state=DeliveryState.ACCEPTED) -> tuple[Reader, int]:
    number = next(_numbers)
    address = f"reader{number}@r.example"
    reader = Reader.objects.create(
        organisation=mailing.organisation,
        address=address,
        normalised=address,
        address_key=key_of(address),
        domain="r.example",
    )
    Subscription.objects.create(reader=reader, list=reader_list, basis="consent")
    ensure_delivery_partition(mailing.pk)
    done_at = ACCEPTED_AT if state >= DeliveryState.ACCEPTED else None
    lease = 1 if state in (DeliveryState.LEASED, DeliveryState.IN_FLIGHT) else None
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mailer_delivery (mailing_id, recipient_ref, address, address_key, domain,"
            " provider, state, done_at, lease_slot) VALUES (%s, %s, %s, %s, %s, 'p', %s, %s, %s) RETURNING id",
            [
                mailing.pk,
                reader.pk,
                address,
                bytes(reader.address_key),
                "r.example",
                state,
                done_at,
                lease,
            ],
        )
        (delivery_id,) = cursor.fetchone()
    Mailing.objects.filter(pk=mailing.pk).update(
        planned=mailing.planned + 1, accepted=mailing.accepted + (state == DeliveryState.ACCEPTED)
    )
    mailing.refresh_from_db()
    return reader, delivery_id
