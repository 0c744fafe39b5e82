"""The report of a campaign: what happened, by class, by link, and the people behind each number."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from campaigns.models import Campaign
from campaigns.selectors.progress import Progress, progress_of
from lists.models import Reader
from mailer.models import (
    Attempt,
    Delivery,
    DeliveryState,
    Destination,
    DestinationState,
    Mailing,
)
from mailer.selectors import deliveries_page, failure_counts
from mailer.words import DNS_SILENT, PlainClass, plain_class, reply_classes_of
from tracking.models import MailingEngagement
from tracking.selectors import LinkRow, link_counts, mailing_engagement, people_page

PAGE_SIZE: Final = 50

# Who is behind a number of the ledger: kind of the address → states.
LEDGER_KINDS: Final[dict[str, tuple[DeliveryState, ...]]] = {
    "all": tuple(DeliveryState),
    "accepted": (DeliveryState.ACCEPTED,),
    "on-hold": (DeliveryState.DEFERRED,),
    "failed": (DeliveryState.FAILED,),
    "uncertain": (DeliveryState.UNCERTAIN,),
    "skipped": (DeliveryState.SKIPPED,),
    "cancelled": (DeliveryState.CANCELLED,),
    "waiting": (
        DeliveryState.UNRESOLVED,
        DeliveryState.READY,
        DeliveryState.LEASED,
        DeliveryState.IN_FLIGHT,
    ),
}
# … and behind a number of the tracking: kind of the address → kind of tracking.selectors.
TRACKING_KINDS: Final[dict[str, str]] = {
    "opened": "human_opened",
    "opened-by-machine": "opened",
    "clicked": "human_clicked",
    "unsubscribed": "unsubscribed",
}


@dataclass(frozen=True)
class FailureRow:
    plain: PlainClass
    number: int


@dataclass(frozen=True)
class Report:
    """Everything the report page shows; counts of people, apart from the clicks of a link."""

    progress: Progress
    engagement: MailingEngagement
    failures: list[FailureRow]
    links: list[LinkRow]

    @property
    def machine_opened(self) -> int:
        """Recipients whose mail was opened only by proxies and scanners."""
        return max(0, self.engagement.opened - self.engagement.human_opened)


@dataclass(frozen=True)
class Person:
    """One recipient behind a number. `reader` is None when it was deleted since."""

    delivery_id: int
    address: str
    reader: Reader | None
    state: str
    at: datetime | None
    plain: PlainClass | None = None
    reply: str = ""


@dataclass(frozen=True)
class PeoplePage:
    people: list[Person]
    next_after: int | None


def report_of(mailing: Mailing) -> Report:
    numbers: Counter[str] = Counter()
    plain_by_key: dict[str, PlainClass] = {}
    for reply_class, number in failure_counts(mailing.pk):
        plain = plain_class(reply_class)
        plain_by_key[plain.key] = plain
        numbers[plain.key] += number
    return Report(
        progress=progress_of(mailing),
        engagement=mailing_engagement(mailing.pk),
        failures=[FailureRow(plain_by_key[key], number) for key, number in numbers.most_common()],
        links=link_counts(mailing.pk),
    )


def average_click_rate(campaign: Campaign) -> float | None:
    """Return the share of accepted mails clicked by people, over up to ten earlier campaigns, in percent."""
    earlier = (
        Campaign.objects.filter(
            organisation_id=campaign.organisation_id,
            state="sent",
            mailing__accepted__gt=0,
            tracks_clicks=True,
            id__lt=campaign.pk,
        )
        .order_by("-id")
        .values_list("mailing_id", "mailing__accepted")[:10]
    )
    accepted = {mailing_id: number for mailing_id, number in earlier if mailing_id}
    if not accepted:
        return None
    clicked = MailingEngagement.objects.filter(mailing_id__in=accepted).values_list(
        "human_clicked", flat=True
    )
    return 100 * sum(clicked) / sum(accepted.values())


def ledger_people(
    campaign: Campaign, kind: str, *, failure: str = "", after: int | None = None
) -> PeoplePage:
    """Return recipients in the states of `kind`; `failure` narrows to one plain class."""
    mailing_id = _mailing_id(campaign)
    states = LEDGER_KINDS[kind]
    classes = reply_classes_of(failure) if failure else [None]
    rows: list[Delivery] = []
    for reply_class in classes:
        rows += deliveries_page(
            mailing_id, states=states, reply_class=reply_class, after=after, limit=PAGE_SIZE + 1
        )
    rows = sorted(rows, key=lambda row: row.id)[: PAGE_SIZE + 1]
    shown = rows[:PAGE_SIZE]
    readers = _readers(campaign, [row.recipient_ref for row in shown])
    replies = _last_replies(mailing_id, [row.id for row in shown])
    silent = _silent_domains(campaign, shown)
    people = [
        Person(
            delivery_id=row.id,
            address=row.address,
            reader=readers.get(row.recipient_ref),
            state=_STAMPS.get(row.state, "waiting"),
            at=row.done_at or row.next_at,
            plain=_explanation(row, silent),
            reply=replies.get(row.id, "") or _dns_words(row, silent),
        )
        for row in shown
    ]
    return PeoplePage(people, shown[-1].id if len(rows) > PAGE_SIZE else None)


def tracking_people(
    campaign: Campaign, kind: str, *, link: int | None = None, after: int | None = None
) -> PeoplePage:
    """Return recipients who opened, clicked or left, with the first time they did it."""
    rows = people_page(
        _mailing_id(campaign),
        TRACKING_KINDS[kind],
        link_index=link,
        after=after or 0,
        limit=PAGE_SIZE + 1,
    )
    shown = rows[:PAGE_SIZE]
    readers = _readers(campaign, [row.recipient_ref for row in shown])
    people = [
        Person(row.delivery_id, row.address, readers.get(row.recipient_ref), "", row.at)
        for row in shown
    ]
    return PeoplePage(people, shown[-1].delivery_id if len(rows) > PAGE_SIZE else None)


_STAMPS: Final[dict[int, str]] = {
    DeliveryState.ACCEPTED: "accepted",
    DeliveryState.DEFERRED: "deferred",
    DeliveryState.FAILED: "failed",
    DeliveryState.SKIPPED: "skipped",
    DeliveryState.CANCELLED: "cancelled",
    DeliveryState.UNCERTAIN: "uncertain",
}
_EXPLAINED: Final = frozenset(
    {DeliveryState.FAILED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN}
)


def _explanation(row: Delivery, silent: Mapping[str, str]) -> PlainClass | None:
    if row.state == DeliveryState.UNRESOLVED and row.domain in silent:
        return DNS_SILENT
    return plain_class(row.reply_class) if row.state in _EXPLAINED and row.reply_class else None


def _dns_words(row: Delivery, silent: Mapping[str, str]) -> str:
    return silent.get(row.domain, "") if row.state == DeliveryState.UNRESOLVED else ""


def _silent_domains(campaign: Campaign, rows: Sequence[Delivery]) -> dict[str, str]:
    """Return the domains of waiting rows that DNS gives no answer about, with the resolver's words."""
    domains = {row.domain for row in rows if row.state == DeliveryState.UNRESOLVED}
    if not domains:
        return {}
    failing = Destination.objects.filter(
        realm=campaign.organisation.kind, domain__in=domains, state=DestinationState.FAILING
    )
    return dict(failing.values_list("domain", "detail"))


def _mailing_id(campaign: Campaign) -> int:
    if campaign.mailing_id is None:
        raise ValueError(f"campaign {campaign.pk} was never started")
    return campaign.mailing_id


def _readers(campaign: Campaign, ids: list[int]) -> dict[int, Reader]:
    return Reader.objects.filter(organisation_id=campaign.organisation_id).in_bulk(ids)


def _last_replies(mailing_id: int, delivery_ids: list[int]) -> dict[int, str]:
    """Return the servers' own words of the newest conversation about each delivery."""
    attempts = Attempt.objects.filter(mailing_id=mailing_id, delivery_id__in=delivery_ids).order_by(
        "at", "id"
    )
    return {
        attempt.delivery_id: f"{attempt.reply_code or ''} {attempt.reply_text}".strip()
        for attempt in attempts
    }
