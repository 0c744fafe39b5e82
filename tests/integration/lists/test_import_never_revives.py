"""Somebody who left, bounced, complained or was deleted stays out, whatever file they are in."""

import pytest

from lists.models import Reader, ReaderState, Subscription
from lists.services.subscriptions import unsubscribe
from mailer.keys import key_of
from mailer.scopes import INSTALLATION, list_scope, organisation_scope
from mailer.services.suppress import suppress
from tests.factories.lists import (
    NOW,
    import_file,
    make_list,
    make_organisation,
    make_subscriber,
    outcome_of,
)

pytestmark = pytest.mark.django_db

ADDRESS = "a@example.jp"
FILE = ["email,name", f"{ADDRESS},New name"]


@pytest.mark.parametrize(
    ("state", "detail", "reason"),
    [
        (ReaderState.UNSUBSCRIBED, "", "unsubscribed"),
        (ReaderState.UNSUBSCRIBED, "staff", "stopped"),
        (ReaderState.BOUNCED, "", "bounced"),
        (ReaderState.COMPLAINED, "", "complained"),
        (ReaderState.TRASHED, "", "trashed"),
        (ReaderState.UNCONFIRMED, "", "unconfirmed"),
    ],
)
def test_a_stopped_reader_is_left_as_they_are(state: str, detail: str, reason: str) -> None:
    organisation = make_organisation()
    reader = make_subscriber(organisation, ADDRESS, state=state, state_detail=detail, name="Old")
    row = import_file(organisation, FILE)
    reader.refresh_from_db()
    assert outcome_of(row) == {"read": 1, "excluded": {reason: 1}}
    assert (reader.state, reader.name) == (state, "Old")


def test_a_reader_who_left_only_this_list_stays_off_it_and_active_on_the_other() -> None:
    organisation = make_organisation()
    news, events = make_list(organisation), make_list(organisation, "催し")
    reader = make_subscriber(organisation, ADDRESS, reader_list=news)
    Subscription.objects.create(reader=reader, list=events, basis="consent")
    unsubscribe(
        organisation_id=organisation.pk,
        reader_id=reader.pk,
        list_id=events.pk,
        route="page:1/2",
        now=NOW,
    )
    row = import_file(organisation, FILE, reader_list=events)
    reader.refresh_from_db()
    assert outcome_of(row) == {"read": 1, "excluded": {"unsubscribed": 1}}
    assert reader.state == ReaderState.ACTIVE
    assert Subscription.objects.get(reader=reader, list=events).state == "unsubscribed"


@pytest.mark.parametrize(
    ("scope", "reason", "word"),
    [
        ("organisation", "recipient_gone", "bounced"),
        ("organisation", "complaint", "complained"),
        ("list", "unsubscribed", "unsubscribed"),
        ("installation", "staff", "stopped"),
    ],
)
def test_an_address_that_was_erased_is_still_closed(scope: str, reason: str, word: str) -> None:
    organisation = make_organisation()
    scopes = {
        "organisation": organisation_scope(organisation.pk),
        "list": list_scope(make_list(organisation).pk),
        "installation": INSTALLATION,
    }
    suppress(
        scope=scopes[scope], address_key=key_of(ADDRESS), reason=reason, actor="reader", now=NOW
    )
    row = import_file(organisation, FILE)
    assert outcome_of(row) == {"read": 1, "excluded": {word: 1}}
    assert not Reader.objects.filter(organisation=organisation).exists()


def test_another_organisations_stop_closes_nothing_here() -> None:
    suppress(
        scope=organisation_scope(make_organisation().pk),
        address_key=key_of(ADDRESS),
        reason="unsubscribed",
        actor="reader",
        now=NOW,
    )
    row = import_file(make_organisation(), FILE)
    assert outcome_of(row) == {"read": 1, "created": 1}
