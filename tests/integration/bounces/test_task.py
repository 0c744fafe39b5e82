"""The workers' side: one word leads to all waiting mails; a lost word leads to nothing worse than waiting."""

import logging

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

from bounces import tasks
from bounces.enqueue import process_inbound_soon
from bounces.models import InboundMail
from bounces.services.store import Envelope, store_inbound
from mailer.engine.tokens import TokenKind
from tests.factories.bounces import make_dsn
from tests.factories.tracking import ACCEPTED_AT


def store(mail, count):
    address = f"{mail.token(TokenKind.RETURN_PATH)}@{mail.host}"
    for _ in range(count):
        envelope = Envelope("smtp", "", "", [address])
        store_inbound(envelope=envelope, raw=make_dsn(mail.reader.address), now=ACCEPTED_AT)


@pytest.fixture
def words(monkeypatch):
    told = []
    monkeypatch.setattr(tasks, "process_inbound_soon", lambda: told.append("word"))
    return told


def test_one_run_takes_all_that_wait(mail, words):
    store(mail, 3)
    tasks.process_inbound(unknown_argument_of_a_newer_version=1)
    assert not InboundMail.objects.filter(state="waiting").exists()
    assert words == []


def test_full_batch_asks_for_another_run(mail, words, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 2)
    store(mail, 3)
    tasks.process_inbound()
    assert InboundMail.objects.filter(state="waiting").count() == 1
    assert words == ["word"]


def test_word_goes_to_the_default_queue(monkeypatch):
    sent = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, **named: sent.append((name, named["queue"]))
    )
    process_inbound_soon()
    assert sent == [("bounces.process_inbound", "default")]


def test_broker_that_is_away_is_no_failure(monkeypatch, caplog):
    def away(*_, **__):
        raise OperationalError("connection refused")

    monkeypatch.setattr(current_app, "send_task", away)
    with caplog.at_level(logging.WARNING):
        process_inbound_soon()
    assert "bounces.enqueue.broker_away" in caplog.text
