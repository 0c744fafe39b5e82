"""A sent mail, and one way to bring something back to it."""

import pytest

from bounces.models import InboundMail
from bounces.services.process import process_inbound
from bounces.services.store import Envelope, store_inbound
from mailer.engine.tokens import TokenKind
from tests.factories.tracking import ACCEPTED_AT, make_sent_mail


@pytest.fixture
def mail(db):
    return make_sent_mail()


@pytest.fixture
def bring_back():
    """Store a raw mail for an address and process it; returns its row."""

    def run(raw, address, now=ACCEPTED_AT):
        envelope = Envelope("smtp", "192.0.2.7", "", [address])
        [number] = store_inbound(envelope=envelope, raw=raw, now=now)
        process_inbound(inbound_id=number, now=now)
        return InboundMail.objects.get(pk=number)

    return run


@pytest.fixture
def return_path(mail):
    return f"{mail.token(TokenKind.RETURN_PATH)}@{mail.host}"
