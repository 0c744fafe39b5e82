"""What sending found out is added to the readers, exactly once, and tests never touch them."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Max

from lists.models import Reader, ReaderActivity, ReaderState
from lists.services.engagement import Engagement, record_engagement
from lists.tasks import apply_outbox
from mailer.models import OutboxCursor, OutboxEntry, OutcomeKind
from mailer.scopes import organisation_scope
from mailer.services.suppress import suppress
from tests.factories.lists import NOW, make_organisation, make_subscriber

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(reader: Reader, kind: OutcomeKind, **fields: Any) -> None:
    row = {
        "at": NOW,
        "organisation_id": reader.organisation_id,
        "mailing_id": 5,
        "delivery_id": 77,
        "recipient_ref": reader.pk,
        "kind": kind.value,
        "suppressed": False,
        "address_key": bytes(reader.address_key),
        "mailing_kind": "campaign",
        "reply_class": "",
        **fields,
    }
    columns = ", ".join(row)
    marks = ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO mailer_outbox ({columns}) VALUES ({marks})",  # noqa: S608 - own names
            list(row.values()),
        )


def settle() -> None:
    """Run the task until it has read everything.

    An entry is read only when no older transaction is running, in any database of the server.
    """
    newest = OutboxEntry.objects.aggregate(Max("id"))["id__max"]
    for _try in range(200):
        apply_outbox()
        if OutboxCursor.objects.filter(name="lists", entry_id=newest).exists():
            return
        time.sleep(0.1)
    pytest.fail("the outbox was not read within 20 seconds")


def close(reader: Reader) -> None:
    suppress(
        scope=organisation_scope(reader.organisation_id),
        address_key=bytes(reader.address_key),
        reason="recipient_gone",
        actor="delivery:5/77",
        now=NOW,
    )


def test_counts_are_added_up_once() -> None:
    reader = make_subscriber(make_organisation())
    outcome(reader, OutcomeKind.ACCEPTED)
    outcome(reader, OutcomeKind.ACCEPTED, mailing_id=6, at=NOW + timedelta(days=1))
    outcome(reader, OutcomeKind.FAILED, mailing_id=7, reply_class="mailbox-full")
    outcome(reader, OutcomeKind.UNCERTAIN, mailing_id=8)
    settle()
    apply_outbox()
    activity = ReaderActivity.objects.get(reader=reader)
    assert (activity.sent, activity.failed) == (2, 1)
    assert activity.last_sent_at == NOW + timedelta(days=1)
    reader.refresh_from_db()
    assert reader.state == ReaderState.ACTIVE


def test_a_suppressed_failure_stops_the_reader_with_its_class() -> None:
    reader = make_subscriber(make_organisation())
    close(reader)
    outcome(reader, OutcomeKind.FAILED, suppressed=True, reply_class="invalid-recipient")
    settle()
    reader.refresh_from_db()
    assert (reader.state, reader.state_detail) == (ReaderState.BOUNCED, "invalid-recipient")


def test_a_stop_that_staff_have_opened_since_is_old_news() -> None:
    reader = make_subscriber(make_organisation())
    outcome(reader, OutcomeKind.FAILED, suppressed=True, reply_class="invalid-recipient")
    settle()
    reader.refresh_from_db()
    assert reader.state == ReaderState.ACTIVE


def test_somebody_who_left_stays_unsubscribed() -> None:
    reader = make_subscriber(make_organisation(), state=ReaderState.UNSUBSCRIBED)
    close(reader)
    outcome(reader, OutcomeKind.FAILED, suppressed=True, reply_class="invalid-recipient")
    settle()
    reader.refresh_from_db()
    assert reader.state == ReaderState.UNSUBSCRIBED


def test_tests_and_strangers_touch_nobody() -> None:
    reader = make_subscriber(make_organisation())
    close(reader)
    outcome(reader, OutcomeKind.FAILED, suppressed=True, mailing_kind="test")
    outcome(reader, OutcomeKind.ACCEPTED, organisation_id=make_organisation().pk)
    outcome(reader, OutcomeKind.ACCEPTED, recipient_ref=10**9)
    settle()
    reader.refresh_from_db()
    assert reader.state == ReaderState.ACTIVE
    assert not ReaderActivity.objects.exists()


def test_opens_and_clicks_count_once_per_mailing() -> None:
    reader = make_subscriber(make_organisation())
    hour = timedelta(hours=1)
    record_engagement(
        rows=[
            Engagement(reader.pk, "open", NOW, True),
            Engagement(reader.pk, "open", NOW + hour, False),
            Engagement(reader.pk, "click", NOW + hour, True),
            Engagement(10**9, "open", NOW, True),
        ]
    )
    record_engagement(rows=[Engagement(reader.pk, "open", NOW - hour, True)])
    activity = ReaderActivity.objects.get()
    assert (activity.opened, activity.clicked, activity.sent) == (2, 1, 0)
    assert activity.last_opened_at == NOW + hour
    assert activity.last_clicked_at == NOW + hour
