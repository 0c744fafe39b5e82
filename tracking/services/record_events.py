"""Opens and clicks become rows, counters and reader activity. Doing it twice changes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.db import connection, transaction

from lists.services.engagement import Engagement, record_engagement
from mailer.models import DeliveryState, MailingKind
from tracking.raw_event import CLICK, OPEN, RawEvent
from tracking.services.rollups import DeliveryTally, FirstTimes, add_link_clicks, add_tallies
from tracking.verdicts import HUMAN, PROXY, Judgement, Sighting, judge

PERSON: Final = frozenset({HUMAN, PROXY})

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class KnownDelivery:
    """The ledger's facts about a delivery that an event speaks of."""

    recipient_ref: int
    mailing_kind: str
    sighting: Sighting


@dataclass(frozen=True, slots=True)
class JudgedEvent:
    event: RawEvent
    judgement: Judgement

    @property
    def key(self) -> Key:
        return self.event.mailing_id, self.event.delivery_id

    @property
    def is_person(self) -> bool:
        return self.judgement.verdict in PERSON


_KNOWN = """
SELECT d.mailing_id, d.id, d.recipient_ref, m.kind, d.state, d.done_at
FROM unnest(%s::bigint[], %s::bigint[]) AS w(mailing_id, delivery_id)
JOIN mailer_delivery d ON d.mailing_id = w.mailing_id AND d.id = w.delivery_id
JOIN mailer_mailing m ON m.id = w.mailing_id
"""
_INSERT = """
INSERT INTO tracking_event
    (id, at, kind, mailing_id, delivery_id, link_index, ip, user_agent, verdict, rule)
SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::smallint[], %s::bigint[], %s::bigint[],
                     %s::int[], %s::inet[], %s::text[], %s::text[], %s::text[])
ON CONFLICT (at, id) DO NOTHING
RETURNING at, id
"""


def record_events(*, events: Sequence[RawEvent]) -> int:
    """Store the events that are not stored yet, with their verdicts and everything counted from them.

    Returns how many were new. An event of a delivery that the ledger no longer has is kept and not counted.
    """
    if not events:
        return 0
    with transaction.atomic():
        known = _known_deliveries(events)
        nobody = Sighting()
        judged = [
            JudgedEvent(event, judge(event, known[key].sighting if key in known else nobody))
            for event in events
            for key in [(event.mailing_id, event.delivery_id)]
        ]
        new = _insert(judged)
        counted = [item for item in new if item.key in known]
        firsts = add_tallies(_tallies(counted, known))
        add_link_clicks(_link_clicks(counted))
        record_engagement(rows=list(_reader_rows(counted, known, firsts)))
    return len(new)


def insert_event(event: RawEvent, judgement: Judgement) -> bool:
    """Store one event in the caller's transaction. False when it is stored already."""
    return bool(_insert([JudgedEvent(event, judgement)]))


def _known_deliveries(events: Sequence[RawEvent]) -> dict[Key, KnownDelivery]:
    keys = sorted({(event.mailing_id, event.delivery_id) for event in events})
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [[key[0] for key in keys], [key[1] for key in keys]])
        return {
            (mailing, delivery): KnownDelivery(reference, kind, _sighting(state, done_at))
            for mailing, delivery, reference, kind, state, done_at in cursor.fetchall()
        }


def _sighting(state: int, done_at: datetime | None) -> Sighting:
    return Sighting(
        accepted_at=done_at if state == DeliveryState.ACCEPTED else None,
        is_under_way=state == DeliveryState.IN_FLIGHT,
    )


def _insert(judged: Sequence[JudgedEvent]) -> list[JudgedEvent]:
    """Return those that were not there. Twins inside one batch count once as well."""
    unique = {(item.event.at, item.event.id): item for item in judged}
    items = list(unique.values())
    events = [item.event for item in items]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                [event.id for event in events],
                [event.at for event in events],
                [event.kind for event in events],
                [event.mailing_id for event in events],
                [event.delivery_id for event in events],
                [event.link_index for event in events],
                [event.ip or None for event in events],
                [event.user_agent for event in events],
                [item.judgement.verdict for item in items],
                [item.judgement.rule for item in items],
            ],
        )
        return [unique[at, number] for at, number in cursor.fetchall()]


def _tallies(
    counted: Iterable[JudgedEvent], known: Mapping[Key, KnownDelivery]
) -> dict[Key, DeliveryTally]:
    tallies: dict[Key, DeliveryTally] = {}
    for item in counted:
        tally = tallies.setdefault(item.key, DeliveryTally(known[item.key].recipient_ref))
        at = item.event.at
        if item.event.kind == OPEN:
            tally.opens += 1
            tally.first_open_at = _earlier(tally.first_open_at, at)
            if item.is_person:
                tally.human_open_at = _earlier(tally.human_open_at, at)
        elif item.event.kind == CLICK:
            tally.clicks += 1
            tally.first_click_at = _earlier(tally.first_click_at, at)
            if item.is_person:
                tally.human_click_at = _earlier(tally.human_click_at, at)
    return tallies


def _link_clicks(counted: Iterable[JudgedEvent]) -> dict[Key, tuple[int, int]]:
    clicks: dict[Key, tuple[int, int]] = {}
    for item in counted:
        if item.event.kind == CLICK and item.event.link_index is not None:
            key = (item.event.mailing_id, item.event.link_index)
            total, human = clicks.get(key, (0, 0))
            clicks[key] = (total + 1, human + int(item.is_person))
    return clicks


def _reader_rows(
    counted: Iterable[JudgedEvent],
    known: Mapping[Key, KnownDelivery],
    firsts: Iterable[FirstTimes],
) -> Iterator[Engagement]:
    """Yield what people did with campaigns; their first of a kind in a mailing is marked."""
    names: dict[int, Literal["open", "click"]] = {OPEN: "open", CLICK: "click"}
    new = {(f.mailing_id, f.delivery_id, "open") for f in firsts if f.human_opened}
    new |= {(f.mailing_id, f.delivery_id, "click") for f in firsts if f.human_clicked}
    for item in sorted(counted, key=lambda item: item.event.at):
        delivery = known[item.key]
        name = names.get(item.event.kind)
        if name and item.is_person and delivery.mailing_kind == MailingKind.CAMPAIGN:
            first = (*item.key, name)
            yield Engagement(delivery.recipient_ref, name, item.event.at, first in new)
            new.discard(first)


def _earlier(known: datetime | None, new: datetime) -> datetime:
    return new if known is None or new < known else known
