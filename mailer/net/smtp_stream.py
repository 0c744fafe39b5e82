"""Octets in and out of one TCP connection, with a time-out on every wait. Knows nothing of SMTP."""

import asyncio
import ssl
from typing import Final

MAX_BUFFER: Final = 256 * 1024


class StreamClosed(Exception):
    """The other side closed or reset the connection."""


class StreamTimeout(Exception):
    """The other side did not say (or take) anything in time."""


class SmtpStream(asyncio.Protocol):
    """A protocol with one reader and one writer; works on asyncio's loop and on uvloop's."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._is_paused = False
        self.is_closed = False
        self._reason = "closed by the receiver"

    @property
    def has_input(self) -> bool:
        return bool(self._buffer)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a Protocol is given a Transport

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if len(self._buffer) > MAX_BUFFER:
            self._reason = "the receiver sends without end"
            self.abort()
        _wake(self._reader)

    def eof_received(self) -> None:
        self.is_closed = True
        _wake(self._reader)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True
        if exc is not None:
            self._reason = str(exc) or type(exc).__name__
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        _wake(self._writer)

    def write(self, data: bytes) -> None:
        if self.is_closed or self._transport is None:
            raise StreamClosed(self._reason)
        self._transport.write(data)

    async def drain(self, timeout_s: float) -> None:
        """Wait until the other side takes octets again; `timeout_s` without any progress is the
        limit.
        """
        while self._is_paused and not self.is_closed:
            self._writer = self._loop.create_future()
            await self._wait(self._writer, timeout_s)
        if self.is_closed and not self._buffer:
            raise StreamClosed(self._reason)

    async def read(self, timeout_s: float) -> bytes:
        """Return whatever has arrived; raises StreamClosed at the end and StreamTimeout."""
        while not self._buffer:
            if self.is_closed:
                raise StreamClosed(self._reason)
            self._reader = self._loop.create_future()
            await self._wait(self._reader, timeout_s)
        return self.take()

    def take(self) -> bytes:
        data, self._buffer = self._buffer, b""
        return data

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Encrypt from here on; the caller bounds the time."""
        if self.is_closed or self._transport is None:
            raise StreamClosed(self._reason)
        transport = await self._loop.start_tls(self._transport, self, context, server_hostname=host)
        if transport is None:
            raise StreamClosed(self._reason)
        self._transport = transport

    def abort(self) -> None:
        self.is_closed = True
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self, waiter: "asyncio.Future[None]", timeout_s: float) -> None:
        timer = self._loop.call_later(timeout_s, _time_out, waiter, timeout_s)
        try:
            await waiter
        finally:
            timer.cancel()


def _wake(waiter: "asyncio.Future[None] | None") -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


def _time_out(waiter: "asyncio.Future[None]", timeout_s: float) -> None:
    if not waiter.done():
        waiter.set_exception(StreamTimeout(f"silent for {timeout_s:g} s"))
