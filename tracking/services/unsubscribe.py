"""A reader leaves, or takes it back: list, ledger of consent, event and counters in one transaction.

Every door comes here: the one-click POST, the public page, mail to the unsubscribe address, and the spool.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from lists.services import subscriptions
from mailer.models import (
    Delivery,
    Mailing,
    MailingKind,
    Suppression,
    SuppressionReason,
)
from mailer.scopes import organisation_scope
from mailer.services.suppress import release, suppress
from tracking.leave import Leave
from tracking.raw_event import RESUBSCRIBE, UNSUBSCRIBE, RawEvent
from tracking.services.record_events import insert_event
from tracking.services.rollups import DeliveryTally, add_tallies, take_back_unsubscribe
from tracking.verdicts import HUMAN, Judgement

_LIST_PREFIX = "list:"


class LeaveOutcome(StrEnum):
    LEFT = "left"
    REPEATED = "repeated"  # this very wish was acted upon before
    TEST = "test"  # a test mail: nothing may change
    UNKNOWN = "unknown"  # the ledger no longer knows the delivery


@dataclass(frozen=True, slots=True)
class _Recipient:
    organisation_id: int
    kind: str
    scope: str
    reference: int
    address_key: bytes

    @property
    def list_id(self) -> int | None:
        """The list that is left; None means every list of the organisation."""
        return (
            int(self.scope.removeprefix(_LIST_PREFIX))
            if self.scope.startswith(_LIST_PREFIX)
            else None
        )

    @property
    def is_reader(self) -> bool:
        return self.kind == MailingKind.CAMPAIGN


def unsubscribe(*, leave: Leave, kept_ip: str = "") -> LeaveOutcome:
    """Stop the mails that this delivery belongs to. Committed when it returns; harmless when repeated.

    The consent ledger keeps the address that the wish came from as evidence; the event keeps `kept_ip`.
    """
    with transaction.atomic():
        recipient = _find_recipient(leave.mailing_id, leave.delivery_id)
        if recipient is None:
            return LeaveOutcome.UNKNOWN
        if recipient.kind == MailingKind.TEST:
            return LeaveOutcome.TEST
        if not insert_event(_event(leave, UNSUBSCRIBE, kept_ip), Judgement(HUMAN, leave.route)):
            return LeaveOutcome.REPEATED
        if recipient.is_reader:
            subscriptions.unsubscribe(
                organisation_id=recipient.organisation_id,
                reader_id=recipient.reference,
                list_id=recipient.list_id,
                route=_route(leave),
                now=leave.at,
                ip=leave.ip or None,
                user_agent=leave.user_agent,
                mailing_id=leave.mailing_id,
                delivery_id=leave.delivery_id,
            )
        _close_mailed_address(recipient, leave)
        key = (leave.mailing_id, leave.delivery_id)
        add_tallies({key: DeliveryTally(recipient.reference, unsubscribed_at=leave.at)})
    return LeaveOutcome.LEFT


def unsubscribe_by_mail(*, mailing_id: int, delivery_id: int, at: datetime, route: str) -> bool:
    """Act upon a mail to an unsubscribe address. False when the ledger no longer knows the delivery."""
    outcome = unsubscribe(leave=Leave(mailing_id, delivery_id, at, route))
    return outcome is not LeaveOutcome.UNKNOWN


def undo_unsubscribe(*, leave: Leave, kept_ip: str = "") -> bool:
    """Take the reader back by their own new consent. False when another stop stands in the way."""
    with transaction.atomic():
        recipient = _find_recipient(leave.mailing_id, leave.delivery_id)
        if recipient is None or recipient.kind == MailingKind.TEST:
            return False
        came_back = not recipient.is_reader or subscriptions.resubscribe(
            organisation_id=recipient.organisation_id,
            reader_id=recipient.reference,
            list_id=recipient.list_id,
            route=_route(leave),
            now=leave.at,
            evidence="undo on the unsubscribe page",
            ip=leave.ip or None,
            user_agent=leave.user_agent,
        )
        if not came_back:
            return False
        _open_mailed_address(recipient, leave.at)
        insert_event(_event(leave, RESUBSCRIBE, kept_ip), Judgement(HUMAN, leave.route))
        take_back_unsubscribe(leave.mailing_id, leave.delivery_id)
    return True


def _find_recipient(mailing_id: int, delivery_id: int) -> _Recipient | None:
    mailing = (
        Mailing.objects.filter(pk=mailing_id)
        .values("organisation_id", "kind", "unsubscribe_scope")
        .first()
    )
    delivery = (
        Delivery.objects.filter(mailing_id=mailing_id, id=delivery_id)
        .values("recipient_ref", "address_key")
        .first()
    )
    if mailing is None or delivery is None:
        return None
    return _Recipient(
        organisation_id=mailing["organisation_id"],
        kind=mailing["kind"],
        scope=mailing["unsubscribe_scope"] or organisation_scope(mailing["organisation_id"]),
        reference=delivery["recipient_ref"],
        address_key=bytes(delivery["address_key"]),
    )


def _close_mailed_address(recipient: _Recipient, leave: Leave) -> None:
    """Close the address as it was mailed: the reader may be erased, or may have another address by now."""
    suppress(
        scope=recipient.scope,
        address_key=recipient.address_key,
        reason=SuppressionReason.UNSUBSCRIBED,
        actor="reader",
        organisation_id=recipient.organisation_id,
        mailing_id=leave.mailing_id,
        delivery_id=leave.delivery_id,
        now=leave.at,
    )


def _open_mailed_address(recipient: _Recipient, now: datetime) -> None:
    is_own_act = Suppression.objects.filter(
        scope=recipient.scope,
        address_key=recipient.address_key,
        reason=SuppressionReason.UNSUBSCRIBED,
    ).exists()
    if is_own_act:
        release(scope=recipient.scope, address_key=recipient.address_key, actor="reader", now=now)


def _event(leave: Leave, kind: int, kept_ip: str) -> RawEvent:
    return RawEvent(
        id=leave.event_id,
        at=leave.at,
        kind=kind,
        mailing_id=leave.mailing_id,
        delivery_id=leave.delivery_id,
        ip=kept_ip,
        user_agent=leave.user_agent,
    )


def _route(leave: Leave) -> str:
    return f"{leave.route}:{leave.mailing_id}/{leave.delivery_id}"
