"""One PostgreSQL connection of a slot that comes back by itself."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from mailer.program import Program, T, run_async

logger = logging.getLogger(__name__)

# Errors after which the same statement may work on a new connection, or once more on this one.
PASSING = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.IdleInTransactionSessionTimeout,
)

# The ledger is read by index or not at all; stale statistics must never make a slot read a whole partition.
_SESSION = "-c enable_seqscan=off -c jit=off -c application_name=todoku-slot"


def slot_conninfo(settings: dict[str, Any]) -> str:
    """Return the connection string for Django's database settings."""
    options = dict(settings.get("OPTIONS", {}))
    options["options"] = f"{options.get('options', '')} {_SESSION}".strip()
    known = {
        "NAME": "dbname",
        "USER": "user",
        "PASSWORD": "password",
        "HOST": "host",
        "PORT": "port",
    }
    values = {libpq: settings[name] for name, libpq in known.items() if settings.get(name)}
    text = {
        name: str(value)
        for name, value in options.items()
        if name not in {"pool", "isolation_level", "assume_role", "server_side_binding"}
    }
    return make_conninfo("", **(text | values), connect_timeout=5)


class Channel:
    """Programs and queries, one at a time, on one connection. Raises what `PASSING` names when it is down."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: AsyncConnection[TupleRow] | None = None
        self._turn = asyncio.Lock()

    async def run(self, program: Program[T]) -> T:
        async with self.connection() as connection:
            return await run_async(connection, program)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """Lend the connection, opened when needed; a broken one is thrown away."""
        async with self._turn:
            if self._connection is None or self._connection.closed:
                self._connection = await AsyncConnection.connect(self._conninfo, autocommit=True)
            connection = self._connection
            try:
                yield connection
            except (psycopg.OperationalError, psycopg.InterfaceError):
                await self._drop()
                raise

    async def close(self) -> None:
        async with self._turn:
            await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
