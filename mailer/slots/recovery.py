"""Reads the journals of slots that died on this node, and settles what they left."""

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from mailer.engine.smtp_reply import Reply
from mailer.engine.vocabulary import Stage
from mailer.net.journal import JournalEntry, OrphanedJournal, adopt_orphans
from mailer.program import Program
from mailer.services.outcome import AttemptFacts, Outcome
from mailer.services.recover import LeftRow, Settled, rows_left_by, settle_slot
from mailer.services.verdict import judge_reply
from mailer.slots.channel import Channel

logger = logging.getLogger(__name__)


def journal_name(node: str, slot_id: int) -> str:
    return f"{node}-{slot_id}"


async def recover_orphans(*, directory: Path, channel: Channel, now: datetime) -> None:
    """Settle every orphaned journal. Raises what `PASSING` names; what is not settled stays for the next try."""
    if not directory.is_dir():
        return
    for orphan in adopt_orphans(directory):
        try:
            slot_id = int(orphan.incarnation.rpartition("-")[2])
            settled = await channel.run(_settle(slot_id, orphan, now))
        except BaseException:
            orphan.release()
            raise
        logger.warning(
            "slot.recovered slot=%s recorded=%s uncertain=%s given_back=%s damaged_lines=%s",
            slot_id,
            settled.recorded,
            settled.uncertain,
            settled.given_back,
            orphan.contents.damaged_lines,
        )
        orphan.discard()


def _settle(slot_id: int, orphan: OrphanedJournal, now: datetime) -> Program[Settled]:
    left = yield from rows_left_by(slot_id)
    answered, in_doubt = _read(left, orphan.contents.entries, now)
    return (
        yield from settle_slot(
            slot_id=slot_id, left=left, answered=answered, in_doubt=in_doubt, now=now
        )
    )


def _read(
    left: Sequence[LeftRow], entries: Sequence[JournalEntry], now: datetime
) -> tuple[list[Outcome], set[tuple[int, int]]]:
    """Return the outcomes that the journal knows, and the deliveries whose reply it does not."""
    rows = {(row.lease.mailing_id, row.lease.id): row for row in left}
    answered: list[Outcome] = []
    in_doubt: set[tuple[int, int]] = set()
    for entry in entries:
        key = (entry.mailing_id, entry.delivery_id)
        row = rows.get(key)
        if row is None:
            continue  # committed before the crash
        if entry.reply is None or not entry.reply.code:
            in_doubt.add(key)
            continue
        words = " ".join(filter(None, (entry.reply.enhanced, entry.reply.text)))
        reply = Reply(entry.reply.code, (words,), Stage(entry.reply.stage))
        judged = judge_reply(
            lease=row.lease, reply=reply, where=AttemptFacts(), expires_at=row.expires_at, now=now
        )
        answered.append(judged.outcome)
    return answered, in_doubt
