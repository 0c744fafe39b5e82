"""What a stored mail changes: the ledger, the list, or nothing.

Only a mail that carries one of our tokens may change anything: in the address it came to, or in the returned message.
Everything else is kept for a person to look at. Each mail is one transaction, with its row locked: twice is once.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import OperationalError, transaction

from bounces.judgement import ReportedReply, judge
from bounces.models import BounceReport, InboundMail, InboundState
from bounces.parsers import MailKind, Parsed, ReportedRecipient, parse
from bounces.ports import unsubscriber
from bounces.services.store import token_of_address
from lists.services.stops import record_complaint
from mailer.engine.address import AddressError, clean_address
from mailer.engine.mime import TOKEN_HEADER
from mailer.engine.tokens import Token, TokenError, TokenKind
from mailer.keys import token_codec
from mailer.models import Delivery, DeliveryState, Mailing, MailingKind, SuppressionReason
from mailer.scopes import organisation_scope
from mailer.services.late_reports import record_late_failure
from mailer.services.suppress import suppress

logger = logging.getLogger(__name__)

# A report can overtake the commit of its own delivery; a delivery under way longer than this is stuck.
WAIT_FOR_LEDGER: Final = timedelta(minutes=15)
_UNDER_WAY: Final = frozenset({DeliveryState.LEASED, DeliveryState.IN_FLIGHT})


class TooEarly(Exception):
    """The delivery's own outcome is not written yet: the mail waits for a later round."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: InboundState
    note: str = ""


def process_waiting(*, now: datetime, limit: int = 200) -> int:
    """Process the oldest waiting mails and return how many were finished."""
    done = after = 0
    while done < limit:
        waiting = InboundMail.objects.filter(state=InboundState.WAITING, pk__gt=after).order_by(
            "pk"
        )
        numbers = list(waiting.values_list("pk", flat=True)[: limit - done])
        if not numbers:
            break
        after = numbers[-1]
        done += sum(process_inbound(inbound_id=number, now=now) for number in numbers)
    return done


def process_inbound(*, inbound_id: int, now: datetime) -> bool:
    """Process one mail. False when it is finished already, in other hands, or too early."""
    try:
        with transaction.atomic():
            mail = (
                InboundMail.objects.select_for_update(skip_locked=True)
                .filter(pk=inbound_id, state=InboundState.WAITING)
                .first()
            )
            if mail is None:
                return False
            _process(mail, now)
    except TooEarly:
        return False
    except OperationalError:
        raise  # the database is away: the mail goes on waiting
    except Exception as error:  # one mail that we cannot handle must not hold up the others
        logger.exception("bounces.process.failed %s", inbound_id)
        InboundMail.objects.filter(pk=inbound_id, state=InboundState.WAITING).update(
            state=InboundState.FAILED, note=repr(error)[:500].replace("\0", ""), processed_at=now
        )
        return False
    return True


def _process(mail: InboundMail, now: datetime) -> None:
    arrived_at = token_of_address(mail.rcpt_to)
    if arrived_at is not None and arrived_at.kind is TokenKind.UNSUBSCRIBE_MAIL:
        mail.kind, outcome = "unsubscribe", _unsubscribe(arrived_at, mail)
    else:
        parsed = parse(bytes(mail.raw))
        token = arrived_at or _token_inside(parsed)
        mail.kind, outcome = parsed.kind.value, _act(mail, parsed, token, now)
    mail.state, mail.note, mail.processed_at = outcome.state, outcome.note, now
    mail.save(update_fields=["kind", "state", "note", "processed_at", "mailing_id", "delivery_id"])


def _token_inside(parsed: Parsed) -> Token | None:
    """Return the token of the returned message: some complaint reports strip every address."""
    try:
        return token_codec().decode(parsed.original_header(TOKEN_HEADER).strip(), TokenKind.HEADER)
    except TokenError:
        return None


def _unsubscribe(token: Token, mail: InboundMail) -> _Outcome:
    is_known = unsubscriber()(
        mailing_id=token.mailing_id,
        delivery_id=token.delivery_id,
        at=mail.received_at,
        route="mailto",
    )
    return _Outcome(InboundState.DONE, "" if is_known else "unknown-delivery")


def _act(mail: InboundMail, parsed: Parsed, token: Token | None, now: datetime) -> _Outcome:
    if token is not None:
        mail.mailing_id, mail.delivery_id = token.mailing_id, token.delivery_id
    if parsed.kind is MailKind.ARF:
        return _complaint(mail, parsed, token, now)
    if parsed.kind in {MailKind.DSN, MailKind.TEXT_BOUNCE, MailKind.DELAY_WARNING}:
        return _reports(mail, parsed, token, now)
    if parsed.kind in {MailKind.DSN_SUCCESS, MailKind.MDN}:
        return _Outcome(InboundState.DONE)
    # A person or a machine answered, or it is a format that we do not know: somebody should read it.
    return _Outcome(InboundState.REVIEW, parsed.problem or "answer")


def _reports(mail: InboundMail, parsed: Parsed, token: Token | None, now: datetime) -> _Outcome:
    if token is None:
        for recipient in parsed.recipients:
            _keep_report(mail, recipient, judge(recipient), acted=False, now=now)
        return _Outcome(InboundState.REVIEW, "no-token")
    delivery = Delivery.objects.filter(mailing_id=token.mailing_id, id=token.delivery_id).first()
    if delivery is None:
        return _Outcome(InboundState.REVIEW, "unknown-delivery")
    if delivery.state in _UNDER_WAY and now < mail.received_at + WAIT_FOR_LEDGER:
        raise TooEarly
    mine = _recipient_of(parsed, delivery.address)
    if mine is None:
        return _Outcome(InboundState.REVIEW, "no-recipient")
    reply = judge(mine, delivery.provider)
    acted = mine.action in {"failed", "delayed"} and record_late_failure(
        mailing_id=delivery.mailing_id,
        delivery_id=delivery.id,
        reply_class=reply.verdict.reply_class,
        reply_code=reply.code,
        enhanced_code=reply.enhanced,
        text=reply.text,
        permanent=mine.action == "failed",
        may_suppress=mine.action == "failed" and reply.verdict.may_suppress,
        now=now,
    )
    _keep_report(mail, mine, reply, acted=acted, now=now, is_verified=True)
    return _Outcome(InboundState.DONE)


def _recipient_of(parsed: Parsed, address: str) -> ReportedRecipient | None:
    """Return the report's word about our recipient.

    One message has one recipient, so a lone entry speaks of ours even under another name (an alias, a forwarding).
    With several entries only the one that names the address counts.
    """
    wanted = _comparable(address)
    for recipient in parsed.recipients:
        if wanted in {_comparable(recipient.address), _comparable(recipient.original)}:
            return recipient
    return parsed.recipients[0] if len(parsed.recipients) == 1 else None


def _comparable(address: str) -> str:
    try:
        return clean_address(address).normalised
    except AddressError:
        return address.strip().lower()


def _complaint(mail: InboundMail, parsed: Parsed, token: Token | None, now: datetime) -> _Outcome:
    """Somebody pressed "this is spam". Reports about authentication and the like are for the administrator."""
    if token is None:
        return _Outcome(InboundState.REVIEW, "no-token")
    if parsed.feedback_type not in {"abuse", "fraud", "opt-out", "miscategorized", "other"}:
        return _Outcome(InboundState.REVIEW, f"feedback-type {parsed.feedback_type}")
    mailing = Mailing.objects.filter(pk=token.mailing_id).first()
    delivery = Delivery.objects.filter(mailing_id=token.mailing_id, id=token.delivery_id).first()
    if mailing is None or delivery is None:
        return _Outcome(InboundState.REVIEW, "unknown-delivery")
    acted = mailing.kind != MailingKind.TEST and _stop_complainer(mailing, delivery, now)
    BounceReport.objects.create(
        inbound=mail,
        mailing_id=delivery.mailing_id,
        delivery_id=delivery.id,
        address=delivery.address[:320],
        action="complaint",
        reply_class="complaint",
        reply_text=parsed.feedback_type,
        is_verified=True,
        acted=acted,
        created_at=now,
    )
    return _Outcome(InboundState.DONE)


def _stop_complainer(mailing: Mailing, delivery: Delivery, now: datetime) -> bool:
    is_reader_stopped = mailing.kind == MailingKind.CAMPAIGN and record_complaint(
        organisation_id=mailing.organisation_id,
        reader_id=delivery.recipient_ref,
        now=now,
        route=f"complaint:{delivery.mailing_id}/{delivery.id}",
        mailing_id=delivery.mailing_id,
        delivery_id=delivery.id,
    )
    # The address as it was mailed: the reader may be erased, have another one by now, or never have been one.
    is_address_closed = suppress(
        scope=organisation_scope(mailing.organisation_id),
        address_key=bytes(delivery.address_key),
        reason=SuppressionReason.COMPLAINT,
        actor="reader",
        organisation_id=mailing.organisation_id,
        mailing_id=delivery.mailing_id,
        delivery_id=delivery.id,
        now=now,
    )
    return is_reader_stopped or is_address_closed


def _keep_report(
    mail: InboundMail,
    recipient: ReportedRecipient,
    reply: ReportedReply,
    *,
    acted: bool,
    now: datetime,
    is_verified: bool = False,
) -> None:
    BounceReport.objects.create(
        inbound=mail,
        mailing_id=mail.mailing_id if is_verified else None,
        delivery_id=mail.delivery_id if is_verified else None,
        address=_storable(recipient.address)[:320],
        action=recipient.action[:12],
        status=recipient.status[:11],
        reply_text=_storable(recipient.diagnostic),
        reply_class=reply.verdict.reply_class.value,
        is_verified=is_verified,
        acted=acted,
        created_at=now,
    )


def _storable(text: str) -> str:
    return text.replace("\0", " ")
