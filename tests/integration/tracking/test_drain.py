"""Events become rows and counters exactly once, whatever dies in between."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from redis import Redis

from lists.models import ReaderActivity
from tests.factories.tracking import ACCEPTED_AT, add_recipient, make_sent_mail
from tracking.models import DeliveryEngagement, Event, LinkCount, MailingEngagement
from tracking.raw_event import CLICK, OPEN, RawEvent, new_event_id
from tracking.services.drain import Drain

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Safari/605.1.15"
GMAIL = "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"
APPLE = "Mozilla/5.0"
LATER = ACCEPTED_AT + timedelta(minutes=5)


@pytest.fixture
def mail(db):
    return make_sent_mail()


@pytest.fixture
def drain(redis_db, tmp_path, settings):
    redis = Redis.from_url(settings.REDIS_URL)
    yield Drain(redis=redis, consumer="node1", directory=tmp_path, ip_kept="prefix")
    redis.close()


def event(mail, kind=OPEN, agent=BROWSER, *, at=LATER, link=None, delivery_id=None):
    return RawEvent(
        new_event_id(), at, kind, mail.mailing.pk, delivery_id or mail.delivery_id, link, "192.0.2.0", agent
    )  # fmt: skip


@pytest.fixture
def send(redis_db):
    def add(*events):
        for item in events:
            redis_db.xadd("tracking:events", {"e": item.to_json()})

    return add


def totals(mail):
    row = MailingEngagement.objects.get(mailing_id=mail.mailing.pk)
    return row.opened, row.human_opened, row.clicked, row.human_clicked


def test_recipients_are_counted_once(mail, drain, send, redis_db):
    _, other = add_recipient(mail.mailing, mail.reader_list)
    send(
        event(mail),
        event(mail, agent=GMAIL),
        event(mail, delivery_id=other, agent=APPLE),
        event(mail, CLICK, link=0),
        event(mail, CLICK, link=0),
    )
    assert drain.run_once(now=LATER) == 5
    assert totals(mail) == (2, 1, 1, 1)
    first = DeliveryEngagement.objects.get(delivery_id=mail.delivery_id)
    assert (first.opens, first.clicks, first.human_open_at) == (2, 2, LATER)
    link = LinkCount.objects.get()
    assert (link.link_index, link.clicks, link.human_clicks) == (0, 2, 2)
    assert redis_db.xlen("tracking:events") == 0
    verdicts = sorted(Event.objects.values_list("verdict", flat=True))
    assert verdicts == ["human", "human", "human", "privacy_relay", "proxy"]


def test_later_batches_count_nobody_again(mail, drain, send):
    for _ in range(2):
        send(event(mail), event(mail, CLICK, link=0))
        drain.run_once(now=LATER)
    assert totals(mail) == (1, 1, 1, 1)
    assert DeliveryEngagement.objects.get().opens == 2


def test_scanner_is_kept_and_not_taken_for_a_person(mail, drain, send):
    send(event(mail, CLICK, at=ACCEPTED_AT + timedelta(seconds=1), link=0))
    drain.run_once(now=LATER)
    assert totals(mail) == (0, 0, 1, 0)
    assert Event.objects.get().rule == "too-soon-after-acceptance"
    assert not ReaderActivity.objects.exists()


def test_reader_activity_counts_mailings(mail, drain, send):
    send(event(mail), event(mail), event(mail, CLICK, link=0, at=LATER + timedelta(minutes=1)))
    drain.run_once(now=LATER)
    activity = ReaderActivity.objects.get(reader=mail.reader)
    assert (activity.opened, activity.clicked) == (1, 1)
    assert activity.last_clicked_at == LATER + timedelta(minutes=1)


def test_test_mails_leave_readers_alone(db, drain, send):
    mail = make_sent_mail(kind="test")
    send(event(mail))
    drain.run_once(now=LATER)
    assert totals(mail) == (1, 1, 0, 0)
    assert not ReaderActivity.objects.exists()


def test_killed_between_commit_and_acknowledgement(mail, drain, send, monkeypatch, redis_db):
    """The entries stay pending, the next life reads them again, and nothing is counted twice."""
    send(event(mail), event(mail, CLICK, link=0))

    class Killed(Exception):
        pass

    def killed(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(drain._redis, "pipeline", killed)
        with pytest.raises(Killed):
            drain.run_once(now=LATER)
    assert redis_db.xlen("tracking:events") == 2
    drain.after_failure()
    assert drain.run_once(now=LATER) == 2
    assert totals(mail) == (1, 1, 1, 1)
    assert Event.objects.count() == 2
    assert LinkCount.objects.get().clicks == 1
    assert redis_db.xlen("tracking:events") == 0


def test_failed_transaction_leaves_the_entries(mail, drain, send, monkeypatch, redis_db):
    from django.db import OperationalError

    from tracking.services import drain as module

    def away(**_):
        raise OperationalError("server closed the connection")

    send(event(mail))
    with monkeypatch.context() as patch:
        patch.setattr(module, "record_events", away)
        with pytest.raises(OperationalError):
            drain.run_once(now=LATER)
    drain.after_failure()
    assert drain.run_once(now=LATER) == 1
    assert totals(mail) == (1, 1, 0, 0)


def test_broken_entries_do_not_stop_the_stream(mail, drain, send, redis_db):
    redis_db.xadd("tracking:events", {"e": b"garbage"})
    redis_db.xadd("tracking:events", {"x": b"1"})
    send(event(mail))
    assert drain.run_once(now=LATER) == 3
    assert Event.objects.count() == 1
    assert redis_db.xlen("tracking:events") == 0


def test_emptied_redis_is_no_trouble(mail, drain, send, redis_db):
    drain.run_once(now=LATER)
    redis_db.flushdb()
    send(event(mail))
    assert drain.run_once(now=LATER) == 1


def test_event_of_a_forgotten_mailing_is_kept(mail, drain, send):
    send(RawEvent(7, LATER, OPEN, 999_999, 5))
    drain.run_once(now=LATER)
    assert Event.objects.get().mailing_id == 999_999
    assert not MailingEngagement.objects.exists()


def test_command_carries_everything_and_ends(mail, send, capsys, settings, tmp_path):
    settings.SPOOL_DIR = tmp_path
    send(*[event(mail) for _ in range(3)])
    call_command("drain_events", "--once")
    assert capsys.readouterr().out == "3 carried over\n"
