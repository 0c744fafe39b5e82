"""Leaving and coming back: subscription, consent ledger and suppression in one transaction.

A person who leaves is closed by a suppression, which sending checks; the subscription and the
reader's state are what screens show of it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.models import User
from lists.models import (
    ConsentAct,
    ConsentBasis,
    ConsentRecord,
    Reader,
    ReaderList,
    ReaderState,
    Subscription,
    SubscriptionState,
)
from lists.services.consents import Circumstances, record_consent
from lists.services.standing import close, lock_reader, open_scope, set_state, standing
from mailer.models import SuppressionReason
from mailer.scopes import list_scope, organisation_scope

_OWN_ACTS: Final = frozenset({str(SuppressionReason.UNSUBSCRIBED)})


def unsubscribe(
    *,
    organisation_id: int,
    reader_id: int,
    list_id: int | None,
    route: str,
    now: datetime,
    ip: str | None = None,
    user_agent: str = "",
    mailing_id: int | None = None,
    delivery_id: int | None = None,
    actor: User | None = None,
    evidence: str = "",
) -> bool:
    """End one subscription, or everything with `list_id=None`. False when nothing was open.

    Safe to call any number of times. A list of another organisation is refused as if unknown.
    """
    how = Circumstances(route, evidence, ip, user_agent, actor)
    with transaction.atomic():
        reader = lock_reader(organisation_id, reader_id)
        if reader is None or not _owns_list(organisation_id, list_id):
            return False
        scope = organisation_scope(organisation_id) if list_id is None else list_scope(list_id)
        is_newly_closed = close(
            reader,
            scope=scope,
            reason=SuppressionReason.UNSUBSCRIBED,
            actor=f"user:{actor.pk}" if actor else "reader",
            now=now,
            mailing_id=mailing_id,
            delivery_id=delivery_id,
            note=evidence,
        )
        ended = _end_subscriptions(reader, list_id, now)
        if not is_newly_closed and not ended:
            return False
        record_consent(
            reader=reader,
            list_id=list_id,
            act=ConsentAct.WITHDRAWN,
            basis=ended[0] if ended else ConsentBasis.UNKNOWN,
            how=how,
            now=now,
        )
        _follow(reader, route, now)
    return True


def resubscribe(
    *,
    organisation_id: int,
    reader_id: int,
    list_id: int | None,
    route: str,
    now: datetime,
    basis: str = ConsentBasis.CONSENT,
    evidence: str = "",
    ip: str | None = None,
    user_agent: str = "",
    actor: User | None = None,
) -> bool:
    """Take back an unsubscribe by a new consent. False when there was nothing to take back.

    With `list_id=None` those subscriptions come back that ended with the last withdrawal from
    everything. Errors, complaints and the trash stay closed: they are not undone here.
    """
    how = Circumstances(route, evidence, ip, user_agent, actor)
    actor_word = f"user:{actor.pk}" if actor else "reader"
    with transaction.atomic():
        reader = lock_reader(organisation_id, reader_id)
        if reader is None or not _owns_list(organisation_id, list_id):
            return False
        scopes = [organisation_scope(organisation_id)]
        if list_id is not None:
            scopes.append(list_scope(list_id))
        is_opened = False
        for scope in scopes:
            is_opened |= open_scope(
                reader, scope=scope, reasons=_OWN_ACTS, actor=actor_word, now=now, note=evidence
            )
        revived = _revive_subscriptions(reader, list_id, basis, now)
        if not is_opened and not revived:
            return False
        came_back: Sequence[int | None] = revived or [None]
        for revived_list in came_back:
            record_consent(
                reader=reader,
                list_id=revived_list,
                act=ConsentAct.GIVEN,
                basis=basis,
                how=how,
                now=now,
            )
        _follow(reader, route, now)
    return True


def subscribe(
    *, reader: Reader, reader_list: ReaderList, basis: str, how: Circumstances, now: datetime
) -> None:
    """Put a reader on a list by a consent just given. The caller holds the transaction."""
    Subscription.objects.update_or_create(
        reader=reader,
        list=reader_list,
        defaults={"state": SubscriptionState.SUBSCRIBED, "basis": basis, "since": now},
    )
    record_consent(
        reader=reader,
        list_id=reader_list.pk,
        act=ConsentAct.GIVEN,
        basis=basis,
        how=how,
        now=now,
    )


def _owns_list(organisation_id: int, list_id: int | None) -> bool:
    if list_id is None:
        return True
    return ReaderList.objects.filter(organisation_id=organisation_id, pk=list_id).exists()


def _end_subscriptions(reader: Reader, list_id: int | None, now: datetime) -> list[str]:
    """Return the bases of the subscriptions that ended."""
    open_ones = reader.subscriptions.select_for_update().filter(state=SubscriptionState.SUBSCRIBED)
    if list_id is not None:
        open_ones = open_ones.filter(list_id=list_id)
    ended = list(open_ones)
    Subscription.objects.filter(pk__in=[row.pk for row in ended]).update(
        state=SubscriptionState.UNSUBSCRIBED, since=now
    )
    if list_id is not None and not ended:
        # Somebody who leaves a list without being on it: remembered, so that nobody adds them.
        Subscription.objects.get_or_create(
            reader=reader,
            list_id=list_id,
            defaults={
                "state": SubscriptionState.UNSUBSCRIBED,
                "basis": ConsentBasis.UNKNOWN,
                "since": now,
            },
        )
    return [row.basis for row in ended]


def _revive_subscriptions(
    reader: Reader, list_id: int | None, basis: str, now: datetime
) -> list[int]:
    """Return the lists that the reader is on again."""
    ended: Iterable[Subscription] = reader.subscriptions.select_for_update().filter(
        state=SubscriptionState.UNSUBSCRIBED
    )
    if list_id is not None:
        ended = [row for row in ended if row.list_id == list_id]
    else:
        left_at = (
            ConsentRecord.objects.filter(
                organisation_id=reader.organisation_id,
                address_key=bytes(reader.address_key),
                act=ConsentAct.WITHDRAWN,
                list_id=None,
            )
            .order_by("-at")
            .values_list("at", flat=True)
            .first()
        )
        ended = [row for row in ended if row.since == left_at]
    for row in ended:
        row.state, row.basis, row.since = SubscriptionState.SUBSCRIBED, basis, now
        row.save(update_fields=["state", "basis", "since"])
    return [row.list_id for row in ended]


def _follow(reader: Reader, route: str, now: datetime) -> None:
    """Bring the state in line. In the trash it stays; it is derived on the way out."""
    if reader.state == ReaderState.TRASHED:
        return
    state, detail = standing(reader)
    if state == ReaderState.UNSUBSCRIBED and detail != SuppressionReason.STAFF:
        detail = route.partition(":")[0]
    set_state(reader, state, detail, now)
