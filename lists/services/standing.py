"""What state a reader is in, derived from what sending checks: suppressions, subscriptions.

`Reader.state` is the word that screens filter by. It must never say more than these facts, so every
service that opens or closes something asks here afterwards.
"""

from datetime import datetime
from typing import Final

from lists.models import Reader, ReaderState, SubscriptionState
from mailer.models import Suppression, SuppressionReason
from mailer.scopes import INSTALLATION, organisation_scope
from mailer.services.suppress import release, suppress

STATE_OF_REASON: Final[dict[str, ReaderState]] = {
    SuppressionReason.TRASHED: ReaderState.TRASHED,
    SuppressionReason.COMPLAINT: ReaderState.COMPLAINED,
    SuppressionReason.UNSUBSCRIBED: ReaderState.UNSUBSCRIBED,
    SuppressionReason.STAFF: ReaderState.UNSUBSCRIBED,
    SuppressionReason.RECIPIENT_GONE: ReaderState.BOUNCED,
    SuppressionReason.SOFT_FAILURES: ReaderState.BOUNCED,
}
# When two scopes are closed for different reasons, the weightier one names the state.
_WEIGHT: Final = tuple(ReaderState(state) for state in dict.fromkeys(STATE_OF_REASON.values()))
BY_STAFF: Final = "staff"


def lock_reader(organisation_id: int, reader_id: int) -> Reader | None:
    """Return the reader with its row locked until the transaction ends, or None."""
    return (
        Reader.objects.select_for_update()
        .filter(organisation_id=organisation_id, pk=reader_id)
        .first()
    )


def closing_reasons(reader: Reader) -> dict[str, str]:
    """Return scope → reason for the scopes that close the reader to the whole organisation."""
    return dict(
        Suppression.objects.filter(
            address_key=bytes(reader.address_key),
            scope__in=[INSTALLATION, organisation_scope(reader.organisation_id)],
        ).values_list("scope", "reason")
    )


def standing(reader: Reader) -> tuple[ReaderState, str]:
    """Return the state and its detail (a stable word) that the facts amount to."""
    reasons = closing_reasons(reader).values()
    if reasons:
        reason = min(reasons, key=lambda word: _WEIGHT.index(STATE_OF_REASON[word]))
        return STATE_OF_REASON[reason], str(reason)
    states = set(reader.subscriptions.values_list("state", flat=True))
    if states == {SubscriptionState.UNSUBSCRIBED}:
        return ReaderState.UNSUBSCRIBED, ""
    return ReaderState.ACTIVE, ""


def set_state(reader: Reader, state: str, detail: str, now: datetime) -> None:
    """Write the state when it is another one than before."""
    if (reader.state, reader.state_detail) == (state, detail):
        return
    if reader.state != state:
        reader.state_changed_at = now
    reader.state, reader.state_detail = state, detail[:200]
    reader.updated_at = now
    reader.save(update_fields=["state", "state_detail", "state_changed_at", "updated_at"])


def close(
    reader: Reader,
    *,
    scope: str,
    reason: SuppressionReason,
    actor: str,
    now: datetime,
    mailing_id: int | None = None,
    delivery_id: int | None = None,
    note: str = "",
) -> bool:
    """Suppress the address in a scope. A reader's own act outranks an earlier move to the trash.

    Without that, taking somebody out of the trash would open an address whose owner left meanwhile.
    """
    key = bytes(reader.address_key)
    if reason != SuppressionReason.TRASHED:
        trashed = Suppression.objects.filter(
            address_key=key, scope=scope, reason=SuppressionReason.TRASHED
        )
        if trashed.exists():
            release(scope=scope, address_key=key, actor=actor, now=now, note=note)
    return suppress(
        scope=scope,
        address_key=key,
        reason=reason,
        actor=actor,
        now=now,
        organisation_id=reader.organisation_id,
        mailing_id=mailing_id,
        delivery_id=delivery_id,
        note=note,
    )


def open_scope(
    reader: Reader,
    *,
    scope: str,
    reasons: frozenset[str],
    actor: str,
    now: datetime,
    note: str = "",
) -> bool:
    """Release the address in a scope if it was closed for one of the reasons."""
    key = bytes(reader.address_key)
    closed = Suppression.objects.filter(address_key=key, scope=scope, reason__in=reasons)
    if not closed.exists():
        return False
    return release(scope=scope, address_key=key, actor=actor, now=now, note=note)
