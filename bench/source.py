"""What the benchmark's messages are filled with: one row per reader in a table, as a campaign's readers are."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection

from bench.message import FIELDS
from mailer import ports
from mailer.ports import MailingSnapshot, MergedRecipient

TABLE = (
    "CREATE TABLE bench_reader (id bigint PRIMARY KEY, name text NOT NULL, fields jsonb NOT NULL)"
)

READERS = """
INSERT INTO bench_reader
SELECT n, '読者' || n, jsonb_build_object({pairs}) FROM generate_series(1, %s) AS n
"""


class TableSource:
    async def merge_data(
        self,
        connection: AsyncConnection[Any],
        mailing: MailingSnapshot,
        recipient_refs: Sequence[int],
    ) -> Mapping[int, MergedRecipient]:
        rows = await connection.execute(
            "SELECT id, name, fields FROM bench_reader WHERE id = ANY(%s)", [list(recipient_refs)]
        )
        return {id: MergedRecipient(name, fields) for id, name, fields in await rows.fetchall()}


def readers_sql() -> str:
    pairs = ", ".join(f"'{name}', '{name}' || n" for name in FIELDS)
    return READERS.format(pairs=pairs)


def register() -> None:
    ports.register_message_source("bench", TableSource())
