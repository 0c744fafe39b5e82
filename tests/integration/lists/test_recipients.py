"""The recipients of a list are counted, ranked and explained by the same conditions."""

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from lists.models import Field, Reader, ReaderActivity, ReaderState
from lists.selectors import (
    MergeField,
    excluded_counts,
    merge_fields,
    reader_merge_data,
    recipient_count,
    recipients_query,
)
from mailer.models import Suppression
from mailer.ports import MergedRecipient
from mailer.scopes import list_scope
from tests.factories.lists import make_list, make_organisation, make_reader, make_subscriber

pytestmark = pytest.mark.django_db


def planned(list_id: int) -> list[dict[str, Any]]:
    sql, parameters = recipients_query(list_id)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) q ORDER BY rank, recipient_ref", parameters)  # noqa: S608 - our own
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_only_consenting_open_readers_are_recipients_and_the_rest_is_explained() -> None:
    organisation = make_organisation()
    news = make_list(organisation)
    wanted = make_subscriber(organisation, "A@example.jp")
    make_subscriber(organisation, basis="unknown")
    make_subscriber(organisation, state=ReaderState.BOUNCED)
    make_subscriber(organisation, subscription="unsubscribed")
    closed = make_subscriber(organisation)
    Suppression.objects.create(
        scope=list_scope(news.pk), address_key=closed.address_key, reason="unsubscribed"
    )
    make_reader(organisation)  # on no list
    rows = planned(news.pk)
    assert [
        (row["recipient_ref"], row["address"], bytes(row["address_key"]), row["domain"])
        for row in rows
    ] == [(wanted.pk, "A@example.jp", bytes(wanted.address_key), "example.jp")]
    assert list(rows[0]) == [
        *("recipient_ref", "address", "address_key", "domain", "rank", "merge_version")
    ]
    assert recipient_count(news.pk) == 1
    assert excluded_counts(news.pk) == {
        "bounced": 1,
        "no-consent": 1,
        "suppressed": 1,
        "unsubscribed": 1,
    }


def test_the_engaged_go_first_and_the_silent_last() -> None:
    organisation = make_organisation()
    now = timezone.now()

    def reader(name: str, **activity: Any) -> Reader:
        made = make_subscriber(organisation, name=name)
        if activity:
            ReaderActivity.objects.create(reader=made, **activity)
        return made

    reader("silent", sent=9)
    reader("new")
    reader("old", sent=9, last_clicked_at=now - timedelta(days=400))
    reader("opener", sent=9, last_opened_at=now - timedelta(days=1))
    reader("clicker", sent=9, last_clicked_at=now - timedelta(days=3))
    order = [row["recipient_ref"] for row in planned(make_list(organisation).pk)]
    names = dict(Reader.objects.values_list("pk", "name"))
    assert [names[pk] for pk in order] == ["clicker", "opener", "new", "old", "silent"]


def test_merge_words_are_the_built_in_ones_and_the_fields() -> None:
    organisation = make_organisation()
    Field.objects.create(organisation=organisation, key="company", label="会社名")
    labels = {field.key: field.label for field in merge_fields(organisation)}
    assert list(labels) == ["name", "email", "company"]
    assert MergeField("company", "会社名") in merge_fields(organisation)


@pytest.mark.django_db(transaction=True)
def test_merge_data_is_for_the_organisations_own_readers() -> None:
    organisation = make_organisation()
    fields = {"company": "㈱髙橋", "tags": ["A", "B"]}
    mine = make_reader(organisation, "a@example.jp", name="佐藤", fields=fields)
    theirs = make_reader(make_organisation(), "a@example.jp")
    merged = asyncio.run(_merged(organisation.pk, [mine.pk, theirs.pk, 10**9]))
    values = {"company": "㈱髙橋", "tags": "A、B", "name": "佐藤", "email": "a@example.jp"}
    assert merged == {mine.pk: MergedRecipient("佐藤", values)}


async def _merged(organisation_id: int, refs: list[int]) -> dict[int, MergedRecipient]:
    """Ask over a connection of psycopg's own, as the slots do."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        parameters.pop(name, None)
    async with await psycopg.AsyncConnection.connect(**parameters) as own:
        return await reader_merge_data(own, organisation_id, refs)
