"""A scripted receiver on a loopback address: it answers as told and remembers everything it accepted."""

import asyncio
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

CAPABILITIES = "250-receiver.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 10000000"

Answer = str | Callable[["Letter"], str | None]


@dataclass(frozen=True)
class Letter:
    """One message that was offered. `accepted` when our 250 was written."""

    mail_from: str
    rcpt: str
    source: str
    message: bytes = b""
    at: float = 0.0

    @property
    def message_id(self) -> str:
        found = re.search(rb"^Message-ID: (.*)\r$", self.message, re.MULTILINE)
        return found[1].decode() if found else ""


@dataclass
class Script:
    """Replies by stage. A callable may return None to close the connection without a word."""

    greeting: str = "220 receiver.example ESMTP"
    rcpt: Answer = "250 2.1.5 OK"
    data: Answer = "354 go on"
    dot: Answer = "250 2.0.0 taken"
    dot_delay_s: float = 0.0
    messages_per_connection: int = 10_000
    log: list[Letter] = field(default_factory=list)
    offered: list[Letter] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    open_most: int = 0


class Receiver:
    """Runs in a thread of its own; `script` may be changed while it runs."""

    def __init__(self, address: str = "127.10.0.1", port: int = 0) -> None:
        self.address = address
        self.script = Script()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, address, port, limit=2**20))
        self.port = self._server.sockets[0].getsockname()[1]
        self._writers: set[asyncio.StreamWriter] = set()

    def stop(self) -> None:
        async def close() -> None:
            self._server.close()
            for writer in list(self._writers):
                writer.close()
            tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self._do(close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def wait_for(self, number: int, timeout_s: float = 10.0) -> None:
        """Wait until that many messages were accepted."""
        end = time.monotonic() + timeout_s
        while len(self.script.log) < number:
            assert time.monotonic() < end, f"{len(self.script.log)} of {number} messages came"
            time.sleep(0.02)

    def _do(self, act):
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self.script
        script.connections += 1
        script.open_now += 1
        script.open_most = max(script.open_most, script.open_now)
        self._writers.add(writer)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # `stop` cancels; asyncio's streams would log that as an error
        finally:
            script.open_now -= 1
            self._writers.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self.script
        source = writer.get_extra_info("peername")[0]
        writer.write(script.greeting.encode() + b"\r\n")
        letter, has_rcpt, taken = Letter("", "", source), False, 0
        while line := await reader.readline():
            word = line[:4].upper()
            reply: str | None = "250 2.0.0 OK"
            if word == b"EHLO":
                reply = CAPABILITIES
            elif word == b"MAIL":
                if taken >= script.messages_per_connection:
                    return
                letter, has_rcpt = Letter(_path(line), "", source), False
            elif word == b"RCPT":
                letter = replace(letter, rcpt=_path(line))
                script.offered.append(letter)
                reply = _answer(script.rcpt, letter)
                has_rcpt = reply is not None and reply[0] == "2"
            elif word == b"DATA":
                reply = _answer(script.data, letter) if has_rcpt else "503 no recipient"
                if reply is not None and reply[0] == "3":
                    writer.write(reply.encode() + b"\r\n")
                    reply = await self._take(reader, letter)
                    taken += reply is not None and reply[0] == "2"
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            if reply is None:
                return
            writer.write(reply.encode() + b"\r\n")

    async def _take(self, reader: asyncio.StreamReader, letter: Letter) -> str | None:
        """Read a message and return the reply to its dot."""
        raw = await reader.readuntil(b"\r\n.\r\n")
        letter = replace(letter, message=raw[:-3], at=time.monotonic())
        await asyncio.sleep(self.script.dot_delay_s)
        reply = _answer(self.script.dot, letter)
        if reply is not None and reply[0] == "2":
            self.script.log.append(letter)
        return reply


def _path(line: bytes) -> str:
    found = re.search(rb"<([^>]*)>", line)
    return found[1].decode() if found else ""


def _answer(answer: Answer, letter: Letter) -> str | None:
    return answer if isinstance(answer, str) else answer(letter)
