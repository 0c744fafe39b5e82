"""Why a delivery is where it is, and when it may go on: in plain sentences for admins."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from mailer.models import (
    Delivery,
    DeliveryState,
    Destination,
    LaneDay,
    LaneLimit,
    Mailing,
    MailingState,
    SourceIP,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """`reasons` from the outermost to the innermost; `next_at` when known."""

    state: str
    reasons: tuple[str, ...]
    next_at: datetime | None


def why_waiting(delivery: Delivery, now: datetime) -> Waiting:
    """Return what holds this delivery, as far as the database knows; brakes of the moment live in the slots."""
    state = DeliveryState(delivery.state)
    mailing = Mailing.objects.select_related("organisation").get(pk=delivery.mailing_id)
    if delivery.done_at is not None:
        return Waiting(
            str(state.label), (f"final since {delivery.done_at:%Y-%m-%d %H:%M:%S %Z}",), None
        )
    reasons = list(_of_mailing(mailing))
    next_at: datetime | None = None
    if state is DeliveryState.UNRESOLVED:
        reason, next_at = _of_destination(mailing.organisation.kind, delivery.domain)
        reasons.append(reason)
    elif state is DeliveryState.DEFERRED:
        next_at = delivery.next_at
        reasons.append(
            f"the receiver asked to wait ({delivery.reply_code or 'no reply'} {delivery.reply_class})"
        )
    elif state is DeliveryState.READY:
        reasons += _of_lanes(mailing, delivery.provider, now)
    else:
        reasons.append(f"held by slot {delivery.lease_slot} until {delivery.lease_until}")
    return Waiting(str(state.label), tuple(reasons), next_at)


def _of_mailing(mailing: Mailing) -> list[str]:
    if mailing.state == MailingState.PAUSED:
        return [f"the mailing is paused: {mailing.pause_reason} {mailing.pause_detail}".strip()]
    if mailing.state != MailingState.RUNNING:
        return [f"the mailing is {mailing.state}"]
    return []


def _of_destination(realm: str, domain: str) -> tuple[str, datetime | None]:
    found = Destination.objects.filter(realm=realm, domain=domain).first()
    if found is None:
        return f"{domain} has not been looked up yet", None
    return f"DNS about {domain}: {found.state} {found.detail}".strip(), found.expires_at


def _of_lanes(mailing: Mailing, provider: str, now: datetime) -> list[str]:
    sources = list(SourceIP.objects.filter(pool_id=mailing.pool_id, is_enabled=True))
    if not sources:
        return ["the pool has no enabled source IP"]
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return [_of_lane(source, provider, today) for source in sources]


def _of_lane(source: SourceIP, provider: str, today: date) -> str:
    limit = LaneLimit.objects.filter(source=source, provider=provider).first()
    cap = source.daily_cap if limit is None or limit.daily_cap is None else limit.daily_cap
    day = LaneDay.objects.filter(source=source, provider=provider, day=today).first()
    used = day.accepted if day else 0
    if cap is not None and used >= cap:
        return f"{source.address} × {provider}: today's {cap} are used up; goes on at midnight"
    room = "no daily limit" if cap is None else f"{used} of {cap} used today"
    return f"{source.address} × {provider}: waits for its turn ({room})"
