"""Stopping and resuming: refusals by phone or letter, complaints, staff's own decisions."""

from datetime import datetime
from typing import Final

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.audit import record_act
from lists.models import (
    ConsentAct,
    ConsentBasis,
    Reader,
    ReaderList,
    ReaderState,
    Subscription,
    SubscriptionState,
)
from lists.models.consents import BASES_FOR_ADVERTISING
from lists.services.consents import Circumstances, record_consent
from lists.services.standing import (
    BY_STAFF,
    close,
    lock_reader,
    open_scope,
    set_state,
    standing,
)
from lists.services.subscriptions import subscribe, unsubscribe
from mailer.models import SuppressionReason
from mailer.scopes import list_scope, organisation_scope


class StopReason(models.TextChoices):
    """Why staff stop somebody. All but the last are the person's own refusal."""

    PHONE = "phone", _("The person said so by phone")
    LETTER = "letter", _("The person wrote a letter or a fax")
    MAIL = "mail", _("The person wrote an e-mail")
    MOUTH = "mouth", _("The person said so face to face")
    STAFF = "staff", _("Our own decision")


class ConsentRequiredError(Exception):
    """Somebody who left or complained is mailed again only after a new consent."""


class StaysClosedError(Exception):
    """Something that this organisation cannot undo still closes the address."""


_FAILURES: Final = frozenset(
    {str(SuppressionReason.RECIPIENT_GONE), str(SuppressionReason.SOFT_FAILURES)}
)
_REFUSALS: Final = frozenset(
    {str(SuppressionReason.UNSUBSCRIBED), str(SuppressionReason.COMPLAINT)}
)
_DECISIONS: Final = frozenset({str(SuppressionReason.STAFF)})


def stop_reader(
    *, reader: Reader, reason: StopReason, note: str, actor: User, now: datetime
) -> bool:
    """Stop everything for a reader. A refusal is a withdrawn consent (特定電子メール法 §3-3)."""
    with transaction.atomic():
        if reason == StopReason.STAFF:
            is_changed = _stop_by_decision(reader, note, actor, now)
        else:
            is_changed = unsubscribe(
                organisation_id=reader.organisation_id,
                reader_id=reader.pk,
                list_id=None,
                route=f"{reason.value}:{actor.pk}",
                now=now,
                actor=actor,
                evidence=note,
            )
        if is_changed:
            _audit(reader, actor, "reader.stopped", reason=reason.value)
    return is_changed


def resume_reader(
    *,
    reader: Reader,
    reader_list: ReaderList,
    basis: str,
    evidence: str,
    actor: User,
    now: datetime,
) -> bool:
    """Open a stopped reader again. False when nothing was stopped.

    After errors or our own decision a note is enough; after a refusal or a complaint a new consent
    is needed (ConsentRequiredError). StaysClosedError: the installation itself closed the address.
    """
    with transaction.atomic():
        row = lock_reader(reader.organisation_id, reader.pk)
        if row is None or row.state in {ReaderState.ACTIVE, ReaderState.TRASHED}:
            return False
        if needs_new_consent(row):
            if basis not in BASES_FOR_ADVERTISING or not evidence.strip():
                raise ConsentRequiredError
            how = Circumstances(f"staff:{actor.pk}", evidence, actor=actor)
            _open(row, list_scope(reader_list.pk), _REFUSALS, actor, now, evidence)
            subscribe(reader=row, reader_list=reader_list, basis=basis, how=how, now=now)
        scope = organisation_scope(row.organisation_id)
        _open(row, scope, _FAILURES | _DECISIONS | _REFUSALS, actor, now, evidence)
        state, detail = standing(row)
        if state != ReaderState.ACTIVE:
            raise StaysClosedError
        set_state(row, state, detail, now)
        _audit(row, actor, "reader.resumed", evidence=evidence)
    return True


def needs_new_consent(reader: Reader) -> bool:
    """Say whether the reader's own will is what stops the mail."""
    if reader.state == ReaderState.BOUNCED:
        return _left_every_list(reader)
    if reader.state == ReaderState.UNSUBSCRIBED and reader.state_detail == BY_STAFF:
        return _left_every_list(reader)
    return reader.state in {
        ReaderState.UNSUBSCRIBED,
        ReaderState.COMPLAINED,
        ReaderState.UNCONFIRMED,
    }


def record_complaint(
    *,
    organisation_id: int,
    reader_id: int,
    now: datetime,
    route: str,
    mailing_id: int | None = None,
    delivery_id: int | None = None,
) -> bool:
    """Stop everything for somebody who reported a message as spam. False when it was known."""
    with transaction.atomic():
        reader = lock_reader(organisation_id, reader_id)
        if reader is None:
            return False
        is_new = close(
            reader,
            scope=organisation_scope(organisation_id),
            reason=SuppressionReason.COMPLAINT,
            actor="reader",
            now=now,
            mailing_id=mailing_id,
            delivery_id=delivery_id,
        )
        is_changed = is_new or reader.state in {ReaderState.ACTIVE, ReaderState.UNCONFIRMED}
        if not is_changed:
            return False
        record_consent(
            reader=reader,
            list_id=None,
            act=ConsentAct.WITHDRAWN,
            basis=ConsentBasis.UNKNOWN,
            how=Circumstances(route),
            now=now,
        )
        Subscription.objects.filter(reader=reader, state=SubscriptionState.SUBSCRIBED).update(
            state=SubscriptionState.UNSUBSCRIBED, since=now
        )
        if reader.state != ReaderState.TRASHED:
            set_state(reader, ReaderState.COMPLAINED, str(SuppressionReason.COMPLAINT), now)
    return True


def _stop_by_decision(reader: Reader, note: str, actor: User, now: datetime) -> bool:
    row = lock_reader(reader.organisation_id, reader.pk)
    if row is None or row.state not in {ReaderState.ACTIVE, ReaderState.UNCONFIRMED}:
        return False
    close(
        row,
        scope=organisation_scope(row.organisation_id),
        reason=SuppressionReason.STAFF,
        actor=f"user:{actor.pk}",
        now=now,
        note=note,
    )
    set_state(row, ReaderState.UNSUBSCRIBED, BY_STAFF, now)
    return True


def _left_every_list(reader: Reader) -> bool:
    states = set(reader.subscriptions.values_list("state", flat=True))
    return SubscriptionState.SUBSCRIBED not in states


def _open(
    reader: Reader, scope: str, reasons: frozenset[str], actor: User, now: datetime, note: str
) -> None:
    open_scope(reader, scope=scope, reasons=reasons, actor=f"user:{actor.pk}", now=now, note=note)


def _audit(reader: Reader, actor: User, verb: str, **data: str) -> None:
    record_act(
        organisation=reader.organisation,
        actor=actor,
        verb=verb,
        target=f"reader:{reader.pk}",
        data=data,
    )
