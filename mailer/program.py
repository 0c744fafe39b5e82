"""One database program, two drivers: services in Django's transaction, slots on an async connection.

A program is a generator that yields statements and receives their rows. It never sees a connection, so the
bookkeeping of an outcome is written once, whoever records it.
"""

from collections.abc import Generator, Mapping
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

T = TypeVar("T")

Rows = list[TupleRow]


class Statement(NamedTuple):
    """One SQL statement with its named parameters."""

    sql: str
    params: Mapping[str, Any]


Program = Generator[Statement, Rows, T]


def run(program: Program[T]) -> T:
    """Run a program in a transaction of Django's connection (or as part of the one that is open)."""
    with transaction.atomic(), connection.cursor() as cursor:
        rows: Rows | None = None
        while True:
            try:
                # A generator that has not started takes None, which is what `next` would send.
                statement = program.send(rows)  # type: ignore[arg-type]  # see above
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]  # StopIteration carries T
            cursor.execute(statement.sql, statement.params)
            rows = cursor.fetchall() if cursor.description else []


async def run_async(connection: AsyncConnection[TupleRow], program: Program[T]) -> T:
    """Run a program in one transaction of the slot's connection."""
    async with connection.transaction(), connection.cursor() as cursor:
        rows: Rows | None = None
        while True:
            try:
                statement = program.send(rows)  # type: ignore[arg-type]  # as in `run`
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]  # StopIteration carries T
            await cursor.execute(statement.sql, statement.params)
            rows = await cursor.fetchall() if cursor.description else []
