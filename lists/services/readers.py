"""Readers one at a time, by the hand of staff: add, change, trash, restore."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Organisation, User
from accounts.services.audit import record_act
from lists.models import Reader, ReaderList, ReaderState
from lists.services.consents import Circumstances
from lists.services.standing import close, closing_reasons, open_scope, set_state, standing
from lists.services.subscriptions import subscribe
from lists.services.turns import wait_for_imports
from mailer.engine.address import CleanAddress, clean_address
from mailer.keys import key_of
from mailer.models import SuppressionReason
from mailer.scopes import organisation_scope

MAX_NAME_CHARS = 200


class AlreadyReaderError(Exception):
    """The address belongs to a reader already; perhaps one who left or is in the trash."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(f"reader {reader.pk}")
        self.reader = reader


class AddressClosedError(Exception):
    """The address is suppressed although no reader has it (somebody who was erased)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def add_reader(
    *,
    organisation: Organisation,
    address: str,
    name: str,
    fields: Mapping[str, str],
    reader_list: ReaderList,
    basis: str,
    evidence: str,
    actor: User,
    now: datetime,
) -> Reader:
    """Add one reader with a subscription and its consent record.

    Raises AddressError (engine) for an address that cannot be one, AlreadyReaderError,
    AddressClosedError.
    """
    clean = clean_address(address)
    how = Circumstances(f"staff:{actor.pk}", evidence, actor=actor)
    with transaction.atomic():
        reader = _new_reader(organisation, clean, name or clean.name, fields, how.route, now)
        reasons = closing_reasons(reader)
        if reasons:
            raise AddressClosedError(next(iter(reasons.values())))
        subscribe(reader=reader, reader_list=reader_list, basis=basis, how=how, now=now)
        _audit(reader, actor, "reader.added")
    return reader


def update_reader(
    *, reader: Reader, name: str, fields: Mapping[str, str], actor: User, now: datetime
) -> bool:
    """Change name and fields; blank values are removed. False when nothing changed."""
    with transaction.atomic():
        row = Reader.objects.select_for_update().get(pk=reader.pk)
        merged = {key: value for key, value in {**row.fields, **fields}.items() if value != ""}
        if (row.name, row.fields) == (name[:MAX_NAME_CHARS], merged):
            return False
        row.name, row.fields, row.updated_at = name[:MAX_NAME_CHARS], merged, now
        row.save(update_fields=["name", "fields", "updated_at"])
        _audit(row, actor, "reader.changed")
    return True


def trash_reader(*, reader: Reader, actor: User, now: datetime) -> bool:
    """Move a reader to the trash: nothing is sent any more, everything can come back."""
    with transaction.atomic():
        row = Reader.objects.select_for_update().get(pk=reader.pk)
        if row.state == ReaderState.TRASHED:
            return False
        close(
            row,
            scope=organisation_scope(row.organisation_id),
            reason=SuppressionReason.TRASHED,
            actor=f"user:{actor.pk}",
            now=now,
        )
        # A confirmation that was still awaited is the one thing that no other row remembers.
        detail = ReaderState.UNCONFIRMED if row.state == ReaderState.UNCONFIRMED else ""
        set_state(row, ReaderState.TRASHED, detail, now)
        _audit(row, actor, "reader.trashed")
    return True


def restore_reader(*, reader: Reader, actor: User, now: datetime) -> bool:
    """Take a reader out of the trash. Somebody who had left before, or meanwhile, stays stopped."""
    with transaction.atomic():
        row = Reader.objects.select_for_update().get(pk=reader.pk)
        if row.state != ReaderState.TRASHED:
            return False
        open_scope(
            row,
            scope=organisation_scope(row.organisation_id),
            reasons=frozenset({str(SuppressionReason.TRASHED)}),
            actor=f"user:{actor.pk}",
            now=now,
        )
        state, detail = standing(row)
        if state == ReaderState.ACTIVE and row.state_detail == ReaderState.UNCONFIRMED:
            state = ReaderState.UNCONFIRMED
        set_state(row, state, detail, now)
        _audit(row, actor, "reader.restored")
    return True


def _new_reader(
    organisation: Organisation,
    clean: CleanAddress,
    name: str,
    fields: Mapping[str, str],
    source: str,
    now: datetime,
) -> Reader:
    wait_for_imports(organisation.pk)
    key = key_of(clean.normalised)
    same_person = Reader.objects.filter(organisation=organisation, address_key=key)
    found = same_person.first()
    if found is not None:
        raise AlreadyReaderError(found)
    try:
        with transaction.atomic():
            return Reader.objects.create(
                organisation=organisation,
                address=clean.address,
                normalised=clean.normalised,
                address_key=key,
                domain=clean.domain,
                name=name.strip()[:MAX_NAME_CHARS],
                fields={field: value for field, value in fields.items() if value != ""},
                source=source,
                created_at=now,
                updated_at=now,
                state_changed_at=now,
            )
    except IntegrityError:
        # Somebody else added the same person between the look and the insert.
        raise AlreadyReaderError(same_person.get()) from None


def _audit(reader: Reader, actor: User, verb: str) -> None:
    record_act(
        organisation=reader.organisation, actor=actor, verb=verb, target=f"reader:{reader.pk}"
    )
