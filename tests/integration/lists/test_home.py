"""The home page counts who came and who went, by day of the organisation's zone."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from lists.models import Reader, ReaderState
from lists.selectors.home import import_attention, reader_growth
from tests.factories.accounts import make_member
from tests.factories.lists import import_file, make_organisation, make_reader

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 11, 24, tzinfo=UTC).date()


def put(organisation, created: datetime, **fields) -> None:
    reader = make_reader(organisation, **fields)
    Reader.objects.filter(pk=reader.pk).update(created_at=created, state_changed_at=created)


def test_days_are_those_of_the_zone_and_the_trash_is_left_out():
    organisation = make_organisation()
    put(organisation, datetime(2026, 11, 23, 15, 30, tzinfo=UTC))  # 00:30 of the 24th in Tokyo
    put(organisation, datetime(2026, 11, 23, 14, 30, tzinfo=UTC), state=ReaderState.BOUNCED)
    put(organisation, datetime(2026, 11, 24, 1, 0, tzinfo=UTC), state=ReaderState.TRASHED)
    put(organisation, datetime(2026, 9, 1, tzinfo=UTC))
    put(make_organisation(), datetime(2026, 11, 24, tzinfo=UTC))
    with timezone.override("Asia/Tokyo"):
        growth = reader_growth(organisation, TODAY)
    assert len(growth.days) == 30
    assert growth.days[-1] == TODAY
    assert growth.joined[-2:] == [1, 1]
    assert growth.stopped[-2:] == [1, 0]
    assert (growth.active, growth.joined_total, growth.stopped_total) == (2, 2, 1)


def test_rows_that_an_import_left_out_ask_for_attention():
    member = make_member()
    import_file(member.organisation, ["email", "a@example.jp", "not an address"])
    (found,) = import_attention(member, datetime(2026, 11, 24, 4, tzinfo=UTC))
    assert "readers.csv" in str(found.title)
    assert import_attention(member, datetime(2026, 12, 24, tzinfo=UTC)) == []


def test_an_import_without_errors_is_silent():
    member = make_member()
    import_file(member.organisation, ["email", "a@example.jp"])
    assert import_attention(member, datetime(2026, 11, 24, 4, tzinfo=UTC)) == []
