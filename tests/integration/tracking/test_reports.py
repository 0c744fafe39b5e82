"""What the report reads: counters, links with their addresses, and the people behind a number."""

from datetime import timedelta

import pytest

from tests.factories.tracking import ACCEPTED_AT, add_recipient, make_sent_mail
from tracking import selectors
from tracking.raw_event import CLICK, OPEN, RawEvent, new_event_id
from tracking.services.record_events import record_events

BROWSER = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Safari/605.1.15"
LATER = ACCEPTED_AT + timedelta(minutes=5)


@pytest.fixture
def mail(db):
    return make_sent_mail()


def act(mail, delivery_id, kind, link=None, agent=BROWSER):
    event = RawEvent(new_event_id(), LATER, kind, mail.mailing.pk, delivery_id, link, "", agent)
    record_events(events=[event])


def test_untouched_mailing_has_zeros(mail):
    row = selectors.mailing_engagement(mail.mailing.pk)
    assert (row.opened, row.human_opened, row.clicked, row.human_clicked, row.unsubscribed) == (
        0,
    ) * 5


def test_links_come_with_their_addresses(mail):
    act(mail, mail.delivery_id, CLICK, 1)
    assert selectors.link_counts(mail.mailing.pk) == [
        selectors.LinkRow(0, "https://shop.example/beans?x=1", 0, 0),
        selectors.LinkRow(1, "https://shop.example/{{ code }}", 1, 1),
    ]


def test_people_behind_a_number_by_pages(mail):
    others = [add_recipient(mail.mailing, mail.reader_list) for _ in range(4)]
    for _, delivery_id in others:
        act(mail, delivery_id, OPEN)
    act(mail, others[0][1], CLICK, 0)
    first = selectors.people_page(mail.mailing.pk, "human_opened", limit=3)
    rest = selectors.people_page(
        mail.mailing.pk, "human_opened", after=first[-1].delivery_id, limit=3
    )
    assert [row.address for row in first + rest] == [reader.address for reader, _ in others]
    [clicked] = selectors.people_page(mail.mailing.pk, "clicked")
    assert (clicked.recipient_ref, clicked.clicks, clicked.at) == (others[0][0].pk, 1, LATER)
    assert selectors.people_page(mail.mailing.pk, "unsubscribed") == []


def test_people_behind_one_link(mail):
    reader, other = add_recipient(mail.mailing, mail.reader_list)
    act(mail, mail.delivery_id, CLICK, 0)
    act(mail, other, CLICK, 1)
    [row] = selectors.people_page(mail.mailing.pk, "clicked", link_index=1)
    assert row.address == reader.address


def test_unknown_kind_is_a_mistake_of_ours(mail):
    with pytest.raises(KeyError):
        selectors.people_page(mail.mailing.pk, "opened; DROP TABLE")
