"""What the sender slots fill into a campaign's messages: the reader's name and fields."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg import AsyncConnection

from lists.selectors import reader_merge_data
from mailer.models import MailingKind
from mailer.ports import MailingSnapshot, MergedRecipient

SOURCE_NAME: Final = "campaigns"
# A test may be sent before there is any reader: then all fields are empty.
NOBODY: Final = 0


class CampaignSource:
    """Implements mailer.ports.MessageSource; `recipient_ref` is the reader's id."""

    async def merge_data(
        self,
        connection: AsyncConnection[Any],
        mailing: MailingSnapshot,
        recipient_refs: Sequence[int],
    ) -> Mapping[int, MergedRecipient]:
        """Return the fields of the readers that still exist in the mailing's organisation."""
        readers = [ref for ref in recipient_refs if ref != NOBODY]
        merged: dict[int, MergedRecipient] = {}
        if readers:
            merged.update(await reader_merge_data(connection, mailing.organisation_id, readers))
        if NOBODY in recipient_refs and mailing.kind == MailingKind.TEST:
            merged[NOBODY] = MergedRecipient(to_name="", values={})
        return merged
