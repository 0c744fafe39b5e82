"""What can be merged into a message, and the values of a batch of readers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from accounts.models import Organisation
from lists.models import Field
from mailer.ports import MergedRecipient

NAME_KEY: Final = "name"
EMAIL_KEY: Final = "email"

_VALUES: Final = """
SELECT id, name, address, fields::text FROM lists_reader
 WHERE organisation_id = %s AND id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class MergeField:
    """A merge word (`{{ key }}`) and what the screen calls it."""

    key: str
    label: str


def merge_fields(organisation: Organisation) -> list[MergeField]:
    """Return every merge word of the organisation: the built-in ones first."""
    own = Field.objects.filter(organisation=organisation).order_by("position", "id")
    return [
        MergeField(NAME_KEY, _("Name")),
        MergeField(EMAIL_KEY, _("E-mail address")),
        *(MergeField(key, label) for key, label in own.values_list("key", "label")),
    ]


def merge_values(name: str, address: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the values for one reader. A field that the reader lacks is absent, as if blank."""
    values = {key: _as_text(value) for key, value in fields.items()}
    values[NAME_KEY] = name
    values[EMAIL_KEY] = address
    return values


async def reader_merge_data(
    connection: AsyncConnection[Any], organisation_id: int, reader_ids: Sequence[int]
) -> dict[int, MergedRecipient]:
    """Return reader → what to fill in, for one batch. Readers that no longer exist are missing."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_VALUES, [organisation_id, list(reader_ids)])
        rows = await cursor.fetchall()
    return {
        reader_id: MergedRecipient(name, merge_values(name, address, json.loads(fields)))
        for reader_id, name, address, fields in rows
    }


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    return str(value)
