"""The inbound server over real SMTP: what it takes, what it refuses, and that a 250 means stored."""

import smtplib
import socket
import threading

import pytest
from django.db import OperationalError

from bounces import inbound_server
from bounces.models import InboundMail
from bounces.services.process import process_waiting
from mailer.engine.tokens import TokenKind
from mailer.models import Delivery, DeliveryState
from tests.factories.bounces import make_dsn
from tests.factories.tracking import ACCEPTED_AT, make_sent_mail
from tests.integration.bounces.server_thread import running_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def words(monkeypatch):
    """What the workers were told."""
    told = []
    monkeypatch.setattr(inbound_server, "process_inbound_soon", lambda: told.append("word"))
    monkeypatch.setattr(inbound_server, "WORD_EVERY_S", 1.0)
    return told


@pytest.fixture
def port(words):
    with running_server() as number:
        yield number


@pytest.fixture
def mail():
    return make_sent_mail()


@pytest.fixture
def client(port):
    with smtplib.SMTP("127.0.0.1", port, local_hostname="mx.r.example", timeout=10) as smtp:
        smtp.ehlo()
        yield smtp


def rcpt(client, address):
    client.mail("")
    return client.rcpt(address)


def test_bounce_is_stored_and_stops_the_delivery(client, mail, words):
    address = f"{mail.token(TokenKind.RETURN_PATH)}@{mail.host}"
    raw = make_dsn(mail.reader.address)
    assert rcpt(client, address)[0] == 250
    assert client.data(raw) == (250, b"2.0.0 Stored")
    row = InboundMail.objects.get()
    assert (row.door, row.peer, row.mail_from, row.rcpt_to, row.state) == (
        "smtp",
        "127.0.0.1",
        "",
        address,
        "waiting",
    )
    assert bytes(row.raw) == raw
    assert process_waiting(now=ACCEPTED_AT) == 1
    delivery = Delivery.objects.get(mailing_id=mail.mailing.pk, id=mail.delivery_id)
    assert delivery.state == DeliveryState.FAILED


def test_workers_are_told_once_for_many_mails(client, mail, words):
    address = f"{mail.token(TokenKind.RETURN_PATH)}@{mail.host}"
    for _ in range(3):
        client.sendmail("", [address], b"x")
    threading.Event().wait(1.5)
    assert words == ["word"]
    assert InboundMail.objects.count() == 3


def test_token_in_capitals_is_known(client, mail):
    assert rcpt(client, f"{mail.token(TokenKind.RETURN_PATH).upper()}@{mail.host}")[0] == 250


def test_role_addresses_of_our_hosts_are_known(client, mail):
    assert rcpt(client, f"Postmaster@{mail.host}")[0] == 250
    assert client.rcpt(f"abuse@{mail.host}")[0] == 250
    assert client.rcpt("postmaster@elsewhere.example")[0] == 550


def test_unknown_recipients_are_refused_and_nothing_is_stored(client, mail):
    forged = mail.token(TokenKind.RETURN_PATH)[:-2] + "aa"
    open_token = mail.token(TokenKind.OPEN)
    client.mail("")
    for address in (f"{forged}@{mail.host}", f"{open_token}@{mail.host}", f"info@{mail.host}"):
        assert client.rcpt(address) == (550, b"5.1.1 No such address here")
    assert client.docmd("DATA")[0] == 503
    assert not InboundMail.objects.exists()


def test_guessing_ends_the_welcome(client, mail):
    client.mail("")
    codes = [client.rcpt(f"guess{n}@{mail.host}")[0] for n in range(12)]
    assert codes == [550] * 10 + [421] * 2


def test_bare_line_feed_is_refused(port, client, mail):
    address = f"{mail.token(TokenKind.RETURN_PATH)}@{mail.host}"
    rcpt(client, address)
    client.docmd("DATA")
    client.send(b"Subject: x\r\n\r\nhello\n.\nMAIL FROM:<evil@example>\r\n.\r\n")
    assert client.getreply()[0] == 554
    assert not InboundMail.objects.exists()


def test_too_large_mail_is_refused(client, mail, monkeypatch):
    address = f"{mail.token(TokenKind.RETURN_PATH)}@{mail.host}"
    assert client.mail("", [f"SIZE={inbound_server.MAX_MAIL_BYTES + 1}"])[0] == 552
    rcpt(client, address)
    assert client.data(b"x" * 60 + b"\r\n" + (b"y" * 998 + b"\r\n") * 10_600)[0] == 552
    assert not InboundMail.objects.exists()


def test_without_the_database_the_sender_keeps_the_mail(client, mail, monkeypatch):
    def away(**_):
        raise OperationalError("connection refused")

    monkeypatch.setattr(inbound_server, "store_inbound", away)
    rcpt(client, f"{mail.token(TokenKind.RETURN_PATH)}@{mail.host}")
    assert client.data(b"x")[0] == 451
    assert not InboundMail.objects.exists()


def test_one_peer_cannot_take_all_connections(port, monkeypatch):
    monkeypatch.setattr(inbound_server, "MAX_CONNECTIONS_PER_PEER", 2)
    first, second, third = (socket.create_connection(("127.0.0.1", port), 5) for _ in range(3))
    with first, second, third:
        assert first.recv(100).startswith(b"220 ")
        assert second.recv(100).startswith(b"220 ")
        assert third.recv(100).startswith(b"421 ")
    threading.Event().wait(0.2)
    with socket.create_connection(("127.0.0.1", port), 5) as again:
        assert again.recv(100).startswith(b"220 ")
