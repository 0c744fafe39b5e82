"""A real SMTP server that does what a test tells it, on a free port of 127.0.0.1."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from typing import Self

CLOSE = "close"  # close the connection instead of replying
RESET = "reset"  # close it with a TCP reset
SILENT = "silent"  # say nothing, keep it open

DEFAULTS = {
    "CONNECT": "220 mx.test ESMTP",
    "HELO": "250 mx.test",
    "STARTTLS": "220 go ahead",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    "DOT": "250 2.0.0 queued",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


class ScriptedServer:
    """`script` gives, per command, what to answer the first, second, … time; then the default.

    A reply may be followed by an action: "421 bye|close". `extensions` None: EHLO is not known.
    """

    def __init__(
        self,
        script: Mapping[str, Sequence[str]] | None = None,
        *,
        extensions: Sequence[str] | None = ("PIPELINING", "SIZE 1000000", "8BITMIME"),
        tls: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        self.script = {verb: list(replies) for verb, replies in (script or {}).items()}
        self.extensions = None if extensions is None else list(extensions)
        self.tls = tls
        self.address = address
        self.commands: list[str] = []
        self.messages: list[bytes] = []
        self.peers: list[str] = []
        self.unfinished = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.address, 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.peers.append(writer.get_extra_info("peername")[0])
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, _End):
            pass
        except asyncio.CancelledError:
            pass  # the test is over; nobody waits for this conversation
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer("CONNECT", writer)
        accepted: set[str] = set()
        while line := await reader.readline():
            command = line.decode().rstrip("\r\n")
            verb = command.partition(" ")[0].upper()
            self.commands.append(command)
            if verb == "EHLO":
                await self._ehlo(writer)
            elif verb == "STARTTLS":
                await self._answer("STARTTLS", writer)
                if self.tls is not None:
                    await writer.start_tls(self.tls)
            else:
                ready = {"RCPT": "MAIL", "DATA": "RCPT"}.get(verb) in (None, *accepted)
                code = await self._answer(verb, writer, "" if ready else "503 5.5.1 out of order")
                if code == "250":
                    accepted.add(verb)
                if verb == "DATA" and code == "354":
                    await self._message(reader, writer)
                if verb in ("DATA", "RSET"):
                    accepted.clear()
                if verb == "QUIT":
                    return

    async def _ehlo(self, writer: asyncio.StreamWriter) -> None:
        if "EHLO" in self.script or self.extensions is None:
            await self._answer("EHLO", writer, "502 5.5.1 what?")
            return
        offered = [*self.extensions, *(["STARTTLS"] if self._offers_tls(writer) else [])]
        lines = ["mx.test", *offered]
        text = "".join(f"250-{line}\r\n" for line in lines[:-1]) + f"250 {lines[-1]}\r\n"
        writer.write(text.encode())

    def _offers_tls(self, writer: asyncio.StreamWriter) -> bool:
        wanted = self.tls is not None or "STARTTLS" in self.script
        return wanted and writer.get_extra_info("ssl_object") is None

    async def _message(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.unfinished += 1
        if "BODY" in self.script:
            await reader.readline()
            await self._answer("BODY", writer)
        octets = b""
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            octets += line.removeprefix(b".")
        self.unfinished -= 1
        code = await self._answer("DOT", writer, before=lambda: self.messages.append(octets))
        if code[0] in "45":
            self.messages.remove(octets)

    async def _answer(self, verb, writer, default="", before=None) -> str:
        script = self.script.get(verb)
        reply = script.pop(0) if script else default or DEFAULTS.get(verb, "500 5.5.1 what?")
        if before is not None:
            before()
        words, _, action = reply.partition("|")
        if words in (CLOSE, RESET, SILENT):
            words, action = "", words
        if words:
            writer.write(words.encode().decode("unicode_escape").encode() + b"\r\n")
            await writer.drain()
        if action == SILENT:
            await asyncio.sleep(3600)
        if action == RESET:
            writer.transport.abort()
        if action in (CLOSE, RESET):
            raise _End
        return words[:3]


class _End(Exception):
    pass
