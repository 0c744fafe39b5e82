"""What the database could not take waits on disk, whole, until it was handed over."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tracking import spool
from tracking.leave import Leave, LeaveError
from tracking.raw_event import CLICK, RawEvent

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LEAVE = Leave(5, 77, NOW, "one-click", "192.0.2.7", "Mail/1.0", event_id=9)


class DatabaseAway(Exception):
    pass


def refuse(_):
    raise DatabaseAway


def test_wish_waits_until_it_was_handled(tmp_path):
    spool.put_leave(tmp_path, LEAVE)
    with pytest.raises(DatabaseAway):
        spool.drain_leaves(tmp_path, refuse)
    assert spool.has_leaves(tmp_path)
    seen: list[Leave] = []
    assert spool.drain_leaves(tmp_path, seen.append) == 1
    assert seen == [LEAVE]
    assert not spool.has_leaves(tmp_path)


def test_wishes_keep_their_order(tmp_path):
    for number in range(5):
        spool.put_leave(tmp_path, Leave(5, number, NOW, "page", event_id=number + 1))
    seen: list[Leave] = []
    spool.drain_leaves(tmp_path, seen.append)
    assert [leave.delivery_id for leave in seen] == [0, 1, 2, 3, 4]


def test_damaged_file_is_put_aside_and_the_others_pass(tmp_path):
    spool.put_leave(tmp_path, LEAVE)
    (tmp_path / "unsubscribe" / "0.json").write_bytes(b'{"mailing": 1')
    seen: list[Leave] = []
    assert spool.drain_leaves(tmp_path, seen.append) == 1
    assert [file.name for file in (tmp_path / "unsubscribe").iterdir()] == ["0.broken"]


def test_half_written_file_is_not_seen(tmp_path):
    (tmp_path / "unsubscribe").mkdir()
    (tmp_path / "unsubscribe" / "1.draft").write_bytes(b"{")
    assert not spool.has_leaves(tmp_path)


def test_events_come_back_in_groups(tmp_path):
    events = [RawEvent(n, NOW, CLICK, 5, 77, 0) for n in range(1, 4)]
    spool.put_events(tmp_path, events)
    with (tmp_path / "events" / "9.jsonl").open("wb") as file:
        file.write(events[0].to_json() + b"\n{torn")
    groups: list[Sequence[RawEvent]] = []
    assert spool.drain_events(tmp_path, groups.append) == 4
    assert groups == [events, events[:1]]
    assert not list((tmp_path / "events").iterdir())


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"mailing": 1, "delivery": 2}'])
def test_foreign_wish_is_refused(text):
    with pytest.raises(LeaveError):
        Leave.from_json(text)
