"""Who leaves is closed at once and everywhere it was asked for; who returns needs a new consent."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from lists.models import ConsentRecord, Reader, ReaderState, Subscription
from lists.selectors import recipient_count
from lists.services.readers import restore_reader, trash_reader
from lists.services.stops import (
    ConsentRequiredError,
    StaysClosedError,
    StopReason,
    needs_new_consent,
    record_complaint,
    resume_reader,
    stop_reader,
)
from lists.services.subscriptions import resubscribe, unsubscribe
from mailer.models import Suppression, SuppressionReason
from mailer.scopes import INSTALLATION, list_scope, organisation_scope
from mailer.services.suppress import suppress
from tests.factories.lists import NOW, make_list, make_organisation, make_subscriber

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def leave(reader: Reader, list_id: int | None, route: str = "one-click:5/77") -> bool:
    return unsubscribe(
        organisation_id=reader.organisation_id,
        reader_id=reader.pk,
        list_id=list_id,
        route=route,
        now=NOW,
        ip="2001:db8::1",
        user_agent="Mail",
        mailing_id=5,
        delivery_id=77,
    )


def scopes_of(reader: Reader) -> set[tuple[str, str]]:
    rows = Suppression.objects.filter(address_key=bytes(reader.address_key))
    return set(rows.values_list("scope", "reason"))


@pytest.fixture
def staff() -> User:
    return User.objects.create_user("staff@example.jp")


def test_leaving_the_only_list_stops_the_reader() -> None:
    organisation = make_organisation()
    news = make_list(organisation)
    reader = make_subscriber(organisation)
    assert leave(reader, news.pk)
    reader.refresh_from_db()
    assert (reader.state, reader.state_detail) == (ReaderState.UNSUBSCRIBED, "one-click")
    assert scopes_of(reader) == {(list_scope(news.pk), "unsubscribed")}
    record = ConsentRecord.objects.get(reader_id=reader.pk)
    assert (record.act, record.list_id, record.ip) == ("withdrawn", news.pk, "2001:db8::1")
    assert recipient_count(news.pk) == 0


def test_leaving_twice_is_once() -> None:
    organisation = make_organisation()
    reader = make_subscriber(organisation)
    assert leave(reader, make_list(organisation).pk)
    assert not leave(reader, make_list(organisation).pk)
    assert ConsentRecord.objects.count() == 1


def test_leaving_one_of_two_lists_keeps_the_reader_active() -> None:
    organisation = make_organisation()
    events = make_list(organisation, "催し")
    reader = make_subscriber(organisation)
    Subscription.objects.create(reader=reader, list=events, basis="consent")
    leave(reader, events.pk)
    reader.refresh_from_db()
    assert reader.state == ReaderState.ACTIVE
    assert recipient_count(make_list(organisation).pk) == 1
    assert recipient_count(events.pk) == 0


def test_leaving_everything_closes_the_organisation() -> None:
    organisation = make_organisation()
    reader = make_subscriber(organisation)
    leave(reader, None)
    assert scopes_of(reader) == {(organisation_scope(organisation.pk), "unsubscribed")}
    assert not Subscription.objects.filter(state="subscribed").exists()


def test_a_strangers_list_or_reader_is_refused() -> None:
    reader = make_subscriber(make_organisation())
    other = make_organisation()
    assert not leave(reader, make_list(other).pk)
    assert not unsubscribe(
        organisation_id=other.pk, reader_id=reader.pk, list_id=None, route="page", now=NOW
    )
    assert scopes_of(reader) == set()


@pytest.mark.parametrize("everything", [True, False])
def test_an_undo_brings_back_what_was_left(everything: bool) -> None:
    organisation = make_organisation()
    news = make_list(organisation)
    reader = make_subscriber(organisation)
    list_id = None if everything else news.pk
    leave(reader, list_id)
    assert resubscribe(
        organisation_id=organisation.pk,
        reader_id=reader.pk,
        list_id=list_id,
        route="page:5/77",
        now=LATER,
    )
    reader.refresh_from_db()
    assert reader.state == ReaderState.ACTIVE
    assert scopes_of(reader) == set()
    assert recipient_count(news.pk) == 1
    assert list(ConsentRecord.objects.order_by("at").values_list("act", "list_id")) == [
        ("withdrawn", list_id),
        ("given", news.pk),
    ]


def test_an_undo_does_not_bring_back_a_list_left_earlier() -> None:
    organisation = make_organisation()
    news, events = make_list(organisation), make_list(organisation, "催し")
    reader = make_subscriber(organisation)
    Subscription.objects.create(
        reader=reader, list=events, basis="consent", state="unsubscribed", since=NOW - timedelta(9)
    )
    leave(reader, None)
    resubscribe(
        organisation_id=organisation.pk,
        reader_id=reader.pk,
        list_id=None,
        route="page:5/77",
        now=LATER,
    )
    subscribed = Subscription.objects.filter(reader=reader, state="subscribed")
    assert [row.list_id for row in subscribed] == [news.pk]


def test_an_undo_does_not_open_what_bounced() -> None:
    organisation = make_organisation()
    reader = make_subscriber(organisation, state=ReaderState.BOUNCED)
    scope = organisation_scope(organisation.pk)
    key = bytes(reader.address_key)
    suppress(scope=scope, address_key=key, reason="recipient_gone", actor="delivery", now=NOW)
    leave(reader, make_list(organisation).pk)
    resubscribe(
        organisation_id=organisation.pk,
        reader_id=reader.pk,
        list_id=make_list(organisation).pk,
        route="page:5/77",
        now=LATER,
    )
    reader.refresh_from_db()
    assert reader.state == ReaderState.BOUNCED
    assert scopes_of(reader) == {(scope, "recipient_gone")}


def test_a_refusal_by_phone_needs_a_new_consent_to_undo(staff: User) -> None:
    organisation = make_organisation()
    news = make_list(organisation)
    reader = make_subscriber(organisation)
    assert stop_reader(
        reader=reader, reason=StopReason.PHONE, note="11/3 お電話", actor=staff, now=NOW
    )
    reader.refresh_from_db()
    assert (reader.state, reader.state_detail) == (ReaderState.UNSUBSCRIBED, "phone")
    assert ConsentRecord.objects.get().evidence == "11/3 お電話"
    resume: dict[str, Any] = {"reader": reader, "reader_list": news, "actor": staff, "now": LATER}
    for basis, evidence in (("unknown", "x"), ("consent", " ")):
        with pytest.raises(ConsentRequiredError):
            resume_reader(basis=basis, evidence=evidence, **resume)
    assert resume_reader(basis="written", evidence="申込書", **resume)
    reader.refresh_from_db()
    assert (reader.state, scopes_of(reader)) == (ReaderState.ACTIVE, set())
    assert Subscription.objects.get(reader=reader).basis == "written"


@pytest.mark.parametrize("reason", [StopReason.STAFF, "recipient_gone"])
def test_our_own_stop_and_an_error_are_undone_without_a_new_consent(
    staff: User, reason: str
) -> None:
    organisation = make_organisation()
    reader = make_subscriber(organisation)
    if reason == StopReason.STAFF:
        stop_reader(reader=reader, reason=StopReason.STAFF, note="", actor=staff, now=NOW)
    else:
        Reader.objects.filter(pk=reader.pk).update(state=ReaderState.BOUNCED)
        suppress(
            scope=organisation_scope(organisation.pk),
            address_key=bytes(reader.address_key),
            reason=reason,
            actor="delivery:1/2",
            now=NOW,
        )
    reader.refresh_from_db()
    assert not needs_new_consent(reader)
    assert resume_reader(
        reader=reader,
        reader_list=make_list(organisation),
        basis="unknown",
        evidence="",
        actor=staff,
        now=LATER,
    )
    reader.refresh_from_db()
    assert (reader.state, scopes_of(reader)) == (ReaderState.ACTIVE, set())
    assert Subscription.objects.get(reader=reader).basis == "consent"


def test_what_the_installation_closed_stays_closed(staff: User) -> None:
    organisation = make_organisation()
    reader = make_subscriber(organisation, state=ReaderState.BOUNCED)
    key = bytes(reader.address_key)
    suppress(scope=INSTALLATION, address_key=key, reason="recipient_gone", actor="x", now=NOW)
    with pytest.raises(StaysClosedError):
        resume_reader(
            reader=reader,
            reader_list=make_list(organisation),
            basis="unknown",
            evidence="",
            actor=staff,
            now=LATER,
        )
    assert scopes_of(reader) == {(INSTALLATION, "recipient_gone")}


def test_the_trash_gives_back_what_was_there(staff: User) -> None:
    reader = make_subscriber(make_organisation())
    assert trash_reader(reader=reader, actor=staff, now=NOW)
    reader.refresh_from_db()
    assert reader.state == ReaderState.TRASHED
    assert {reason for _, reason in scopes_of(reader)} == {SuppressionReason.TRASHED}
    assert restore_reader(reader=reader, actor=staff, now=LATER)
    reader.refresh_from_db()
    assert (reader.state, scopes_of(reader)) == (ReaderState.ACTIVE, set())


def test_leaving_or_complaining_in_the_trash_survives_the_restore(staff: User) -> None:
    organisation = make_organisation()
    leaver, complainer = make_subscriber(organisation), make_subscriber(organisation)
    for reader in (leaver, complainer):
        trash_reader(reader=reader, actor=staff, now=NOW)
    leave(leaver, None)
    record_complaint(
        organisation_id=organisation.pk, reader_id=complainer.pk, now=NOW, route="complaint:5/77"
    )
    for reader in (leaver, complainer):
        restore_reader(reader=reader, actor=staff, now=LATER)
        reader.refresh_from_db()
    assert leaver.state == ReaderState.UNSUBSCRIBED
    assert complainer.state == ReaderState.COMPLAINED
    assert recipient_count(make_list(organisation).pk) == 0
