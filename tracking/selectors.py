"""What reports and the tracker read. Counters are kept by the drain; nothing here counts events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from mailer.models import Mailing, MailingKind
from tracking.mailing_card import MailingCard
from tracking.models import LinkCount, MailingEngagement

NEWEST_MAILINGS: Final = 200


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link of a mailing. `url` is what reports show; for targets that differ per reader, their shape."""

    index: int
    url: str
    clicks: int
    human_clicks: int


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One recipient behind a number of a report. `at` is the first time they did it."""

    delivery_id: int
    recipient_ref: int
    address: str
    at: datetime
    opens: int
    clicks: int


def mailing_engagement(mailing_id: int) -> MailingEngagement:
    """Return the counters; zeros for a mailing that nobody has touched yet."""
    row = MailingEngagement.objects.filter(mailing_id=mailing_id).first()
    return row or MailingEngagement(mailing_id=mailing_id)


def link_counts(mailing_id: int) -> list[LinkRow]:
    """Return every link of the mailing in the order of the mail, also those that nobody pressed."""
    links = Mailing.objects.filter(pk=mailing_id).values_list("content__links", flat=True).first()
    counts = {row.link_index: row for row in LinkCount.objects.filter(mailing_id=mailing_id)}
    nothing = LinkCount()
    return [
        LinkRow(
            index, url, counts.get(index, nothing).clicks, counts.get(index, nothing).human_clicks
        )
        for index, url, _ops in links or []
    ]


# Which column says when a recipient did it first.
_FIRST_TIME: Final[Mapping[str, str]] = {
    "opened": "first_open_at",
    "human_opened": "human_open_at",
    "clicked": "first_click_at",
    "human_clicked": "human_click_at",
    "unsubscribed": "unsubscribed_at",
}


def people_page(
    mailing_id: int,
    kind: str,
    *,
    link_index: int | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[PersonRow]:
    """Return the recipients behind a number, by delivery id; `after` is the last id of the page before.

    `kind` is a key of the table above (a KeyError otherwise); `link_index` narrows to those who pressed that link.
    """
    column = _FIRST_TIME[kind]
    parameters: list[Any] = [mailing_id, after]
    pressed = ""
    if link_index is not None:
        pressed = """ AND EXISTS (SELECT 1 FROM tracking_event v WHERE v.mailing_id = e.mailing_id
            AND v.link_index = %s AND v.delivery_id = e.delivery_id AND v.kind = 2)"""
        parameters.append(link_index)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT e.delivery_id, e.recipient_ref, coalesce(d.address, ''), e.{column}, e.opens, e.clicks
                FROM tracking_deliveryengagement e
                LEFT JOIN mailer_delivery d ON d.mailing_id = e.mailing_id AND d.id = e.delivery_id
                WHERE e.mailing_id = %s AND e.delivery_id > %s AND e.{column} IS NOT NULL{pressed}
                ORDER BY e.delivery_id LIMIT %s""",  # noqa: S608 - columns of the table above
            [*parameters, limit],
        )
        return [PersonRow(*row) for row in cursor.fetchall()]


RHYTHM_STEPS: Final = 8
_RHYTHM_STEP_S: Final = 6 * 3600


def click_rhythm(mailing_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return, for each mailing that was clicked, how many people clicked first in each six hours of
    its first two days.
    """
    rhythms: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT e.mailing_id,
                      floor(extract(epoch FROM e.human_click_at - m.started_at) / %s)::int AS step, count(*)
               FROM tracking_deliveryengagement e JOIN mailer_mailing m ON m.id = e.mailing_id
               WHERE e.mailing_id = ANY(%s) AND e.human_click_at >= m.started_at GROUP BY 1, 2""",
            [_RHYTHM_STEP_S, list(mailing_ids)],
        )
        for mailing_id, step, people in cursor.fetchall():
            if step < RHYTHM_STEPS:
                rhythms.setdefault(mailing_id, [0] * RHYTHM_STEPS)[step] = people
    return rhythms


def newest_mailing_ids() -> list[int]:
    """Return the mailings whose links people are about to press."""
    return list(Mailing.objects.order_by("-pk").values_list("pk", flat=True)[:NEWEST_MAILINGS])


def mailing_cards(mailing_ids: Sequence[int]) -> list[MailingCard]:
    """Return what the tracker keeps of these mailings."""
    rows = Mailing.objects.filter(pk__in=mailing_ids).values(
        "pk",
        "kind",
        "from_name",
        "content__links",
        "organisation__name",
        "organisation__language",
        "organisation__sender_profile__legal_name",
        "organisation__sender_profile__postal_address",
        "organisation__sender_profile__contact",
    )
    return [
        MailingCard(
            mailing_id=row["pk"],
            is_test=row["kind"] == MailingKind.TEST,
            links=tuple("" if ops else url for _index, url, ops in row["content__links"] or []),
            sender_name=row["from_name"] or row["organisation__name"],
            legal_name=row["organisation__sender_profile__legal_name"] or "",
            postal_address=row["organisation__sender_profile__postal_address"] or "",
            contact=row["organisation__sender_profile__contact"] or "",
            language=row["organisation__language"],
        )
        for row in rows
    ]
