"""Whose turn it is on a lane: urgency first, then organisations in equal parts, then their mailings."""

from datetime import UTC, datetime

from mailer.selectors.work import WorkMailing
from mailer.slots.dispatcher import fair_shares


def mailing(id: int, organisation: int, priority: int = 50) -> WorkMailing:
    expires_at = datetime(2026, 12, 1, tzinfo=UTC)
    return WorkMailing(
        id, organisation, "campaign", "", "plain", priority, 1, "d", (), 0, expires_at
    )


def shares(mailings, number, turn=0):
    return {m.id: share for m, share in fair_shares(mailings, number, turn)}


def test_one_mailing_gets_everything():
    assert shares([mailing(1, 1)], 100) == {1: 100}


def test_nothing_is_shared_among_nobody():
    assert fair_shares([], 100, 0) == []


def test_an_urgent_mailing_overtakes_the_bulk():
    assert shares([mailing(9, 2, priority=10), mailing(1, 1), mailing(2, 1)], 40) == {9: 40}


def test_organisations_share_equally_however_many_mailings_they_have():
    found = shares([mailing(1, 1), mailing(2, 1), mailing(3, 1), mailing(4, 2)], 90)
    assert found[4] == 45
    assert sum(found.values()) == 90


def test_a_lane_that_takes_one_row_serves_organisations_in_turns():
    both = [mailing(1, 1), mailing(2, 2)]
    assert [shares(both, 1, turn) for turn in range(4)] == [{1: 1}, {2: 1}, {1: 1}, {2: 1}]
