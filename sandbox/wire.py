"""The bytes of one SMTP client: command lines and message data in, replies out.

Only CRLF ends a line and only CRLF.CRLF ends a message (RFC 5321 §2.3.8, §4.1.1.4): a dot between
bare line feeds stays inside the message, so nothing can be smuggled behind it.
"""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_COMMAND_OCTETS = 4096
_HIGH_WATER = 1 << 20
_END = b"\r\n.\r\n"
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class ClientGone(Exception):
    """The connection ended, or the client stayed silent too long."""


class LineTooLong(Exception):
    """A command line exceeds every limit; the conversation cannot go on."""


@dataclass(frozen=True)
class Data:
    """A message after dot-unstuffing. `content` is empty when it was `too_big`."""

    content: bytes
    size: int
    too_big: bool
    has_bare_ends: bool


class Wire(asyncio.Protocol):
    """One accepted connection. Own protocol, because a stream would keep bytes sent before TLS."""

    def __init__(self, connected: Callable[["Wire"], None], idle_s: float) -> None:
        self._connected = connected
        self._idle_s = idle_s
        self._transport: Any = None  # asyncio.Transport, and uvloop's which is no subclass of it
        self._buffer = bytearray()
        self._more = asyncio.Event()
        self._is_gone = False
        self.peer_ip = ""

    # --- asyncio.Protocol -------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self.peer_ip = peer[0] if peer else ""
        self._connected(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._more.set()
        if len(self._buffer) > _HIGH_WATER:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._is_gone = True
        self._more.set()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_gone = True
        self._more.set()

    # --- Reading ----------------------------------------------------------------------------------
    async def line(self) -> bytes:
        """Return one line without its CRLF."""
        searched = 0
        while (end := self._buffer.find(b"\r\n", searched)) < 0:
            if len(self._buffer) > MAX_COMMAND_OCTETS:
                raise LineTooLong
            searched = max(0, len(self._buffer) - 1)
            await self._wait()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    async def data(self, limit: int) -> Data:
        """Read up to the final dot. Beyond `limit` octets the rest is read and thrown away."""
        # The CRLF of the DATA line is the first half of a dot in the very first line.
        self._buffer[:0] = b"\r\n"
        searched, dropped = 0, 0
        while (end := self._buffer.find(_END, searched)) < 0:
            if len(self._buffer) > limit + len(_END):
                excess = len(self._buffer) - len(_END)
                del self._buffer[:excess]
                dropped += excess
            searched = max(0, len(self._buffer) - len(_END) + 1)
            await self._wait()
        size = dropped + end
        body = bytes(self._buffer[2 : end + 2]) if end else b""
        del self._buffer[: end + len(_END)]
        if dropped or size > limit:
            return Data(b"", size, too_big=True, has_bare_ends=False)
        has_bare_ends = _BARE.search(body) is not None
        return Data(_unstuffed(body), len(body), too_big=False, has_bare_ends=has_bare_ends)

    async def _wait(self) -> None:
        """Wait for more bytes; those already received are served before ClientGone is raised."""
        if self._is_gone:
            raise ClientGone
        self._more.clear()
        self._transport.resume_reading()
        try:
            async with asyncio.timeout(self._idle_s):
                await self._more.wait()
        except TimeoutError as error:
            raise ClientGone from error

    # --- Writing and ending -----------------------------------------------------------------------
    def write(self, reply: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(reply)

    async def start_tls(self, context: ssl.SSLContext) -> str:
        """Become TLS and return the version. Raises OSError (ssl.SSLError is one).

        What came before the handshake is dropped: commands injected in front of TLS must not count
        (RFC 3207 §6).
        """
        self._buffer.clear()
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(
            self._transport, self, context, server_side=True, ssl_handshake_timeout=30.0
        )
        if transport is None:
            raise ConnectionResetError("the client went away during the handshake")
        self._transport = transport
        session = transport.get_extra_info("ssl_object")
        return str(session.version()) if session else "TLS"

    def close(self) -> None:
        self._transport.close()

    def reset(self) -> None:
        """End with RST, as a firewall in front of a carrier does (linger 0)."""
        sock: socket.socket | None = self._transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


def _unstuffed(body: bytes) -> bytes:
    """Undo transparency (RFC 5321 §4.5.2)."""
    if body.startswith(b".."):
        body = body[1:]
    return body.replace(b"\r\n..", b"\r\n.")
