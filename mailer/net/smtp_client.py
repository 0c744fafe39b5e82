"""Talks SMTP to one receiver over one connection, again and again. Protocol rules:
`engine/smtp.py`.

Faults are told apart by what they leave behind: - `ConnectFailed`: no host could be reached;
nothing was said. - `Refused`: greeting, EHLO or required STARTTLS answered with a refusal. -
`ConnectionLost` (with its stage): before the final dot, so the message is certainly not
accepted. `is_quiet`
  means closed between transactions, which busy servers do at their limits and which is no failure.
- `Uncertain`: after the final dot and before its reply. Never tried elsewhere by this module.
- `SourceUnavailable`: our own address could not be bound; nobody else's fault.

Time-outs are those of RFC 5321 §4.5.3.2, ten minutes after the final dot included.
"""

import asyncio
import errno
import socket
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Final

from mailer.engine.mx import Candidate
from mailer.engine.smtp import (
    CapabilityMissing,
    Dialogue,
    LocalError,
    MessageTooLarge,
    RemoteError,
    Reply,
    State,
    transparent,
)
from mailer.engine.smtp_reply import ReplyParser
from mailer.engine.vocabulary import Stage
from mailer.net.smtp_stream import SmtpStream, StreamClosed, StreamTimeout

QUIT_WAIT_S: Final = 1.0


class TlsPolicy(StrEnum):
    NEVER = "never"
    OPPORTUNISTIC = "opportunistic"  # if offered, certificate not verified, clear text if it breaks
    REQUIRED = "required"  # encrypted or not at all, certificate not verified


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `connect` is far below the standard's: other hosts wait behind a dead one."""

    connect: float = 5.0
    greeting: float = 300.0
    ehlo: float = 300.0
    starttls: float = 120.0
    mail: float = 300.0
    rcpt: float = 300.0
    data: float = 120.0
    block: float = 180.0
    dot: float = 600.0

    def of(self, stage: Stage) -> float:
        return _TIMEOUT_OF[stage](self)


_TIMEOUT_OF: Final[dict[Stage, Callable[[Timeouts], float]]] = {
    Stage.CONNECT: lambda t: t.greeting,
    Stage.EHLO: lambda t: t.ehlo,
    Stage.STARTTLS: lambda t: t.starttls,
    Stage.MAIL: lambda t: t.mail,
    Stage.RCPT: lambda t: t.rcpt,
    Stage.DATA: lambda t: t.data,
    Stage.DOT: lambda t: t.dot,
}


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """How this source introduces itself and how long it keeps a connection."""

    ehlo_name: str
    port: int = 25
    source_address: str = ""
    tls: TlsPolicy = TlsPolicy.OPPORTUNISTIC
    timeouts: Timeouts = field(default_factory=Timeouts)
    max_messages: int = 50
    max_age_s: float = 300.0
    max_idle_s: float = 30.0


class DeliveryFault(Exception):
    """A conversation that ended without a reply to the message."""

    stage: Stage = Stage.CONNECT


class ConnectFailed(DeliveryFault):
    """`failures` holds (candidate, words) of every address tried; `was_reset` if any was
    refused or reset.
    """

    def __init__(self, failures: Sequence[tuple[Candidate, str]], *, was_reset: bool) -> None:
        super().__init__("; ".join(f"{c.host}[{c.address}]: {words}" for c, words in failures))
        self.failures = tuple(failures)
        self.was_reset = was_reset


class Refused(DeliveryFault):
    """The receiver does not talk to us now; `reply` says why."""

    def __init__(self, candidate: Candidate, reply: Reply) -> None:
        super().__init__(f"{candidate.host}[{candidate.address}]: {reply}")
        self.candidate = candidate
        self.reply = reply
        self.stage = reply.stage


class SourceUnavailable(DeliveryFault):
    """The source address is not (or no longer) one of this host's."""


class TlsFailed(DeliveryFault):
    """Encryption was required and could not be had."""

    stage = Stage.STARTTLS


class ConnectionLost(DeliveryFault):
    """Closed, silent or babbling before the final dot: the message was not accepted."""

    def __init__(self, stage: Stage, words: str, *, is_quiet: bool = False) -> None:
        super().__init__(f"{stage}: {words}")
        self.stage = stage
        self.is_quiet = is_quiet


class Uncertain(DeliveryFault):
    """Lost between the final dot and its reply: the receiver may have the message."""

    stage = Stage.DOT


class Withdrawn(DeliveryFault):
    """`before_data` said no: nothing of the message was sent."""

    stage = Stage.DATA


BeforeData = Callable[[], Awaitable[bool]]
DotSent = Callable[[], Awaitable[None] | None]


async def _always() -> bool:
    return True


def _ignore() -> None:
    return None


async def connect(candidates: Sequence[Candidate], options: ClientOptions) -> "Connection":
    """Return a connection ready for a first message, to the first candidate that can be reached.

    Only an address that cannot be reached sends us to the next one; a host that answers and
    refuses is obeyed (`Refused`), because its neighbours would say the same and note that we
    asked.
    """
    failures: list[tuple[Candidate, str]] = []
    was_reset = False
    for candidate in candidates:
        try:
            return await _open(candidate, options, options.tls)
        except (ConnectionLost, OSError, TimeoutError) as error:
            was_reset = was_reset or isinstance(error, ConnectionError | ConnectionLost)
            failures.append((candidate, str(error) or "no connection in time"))
    raise ConnectFailed(failures, was_reset=was_reset)


async def _open(candidate: Candidate, options: ClientOptions, tls: TlsPolicy) -> "Connection":
    stream = await _open_stream(candidate, options)
    connection = Connection(candidate, options, stream)
    try:
        await connection.introduce(tls)
    except TlsFailed:
        connection.close()
        if tls is TlsPolicy.REQUIRED:
            raise
        connection = await _open(candidate, options, TlsPolicy.NEVER)
        connection.has_broken_tls = True
    except (StreamClosed, StreamTimeout, RemoteError) as error:
        raise connection.fault(error) from error
    except BaseException:
        connection.close()
        raise
    return connection


async def _open_stream(candidate: Candidate, options: ClientOptions) -> SmtpStream:
    family = socket.AF_INET6 if ":" in candidate.address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _bind(sock, options.source_address)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(options.timeouts.connect):
            await loop.sock_connect(sock, (candidate.address, options.port))
        _, stream = await loop.create_connection(SmtpStream, sock=sock)
    except BaseException:
        sock.close()
        raise
    return stream


def _bind(sock: socket.socket, source_address: str) -> None:
    if not source_address:
        return
    try:
        sock.bind((source_address, 0))
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "")
        raise SourceUnavailable(f"cannot send from {source_address}: {name}") from error


class Connection:
    """One conversation with one receiver. Not to be shared by two tasks at once."""

    def __init__(self, candidate: Candidate, options: ClientOptions, stream: SmtpStream) -> None:
        self.candidate = candidate
        self.options = options
        self.has_broken_tls = False
        self.messages = 0
        self._stream = stream
        self._dialogue = Dialogue()
        self._opened_at = self._used_at = time.monotonic()
        self._replies: deque[Reply] = deque()
        self._replies_here = 0
        self._was_in_doubt = False

    @property
    def is_tls(self) -> bool:
        return self._dialogue.is_tls

    @property
    def is_usable(self) -> bool:
        """True while a further message may be given to this connection."""
        now = time.monotonic()
        return (
            self._dialogue.is_usable
            and not self._stream.is_closed
            and not self._stream.has_input
            and self.messages < self.options.max_messages
            and now - self._opened_at < self.options.max_age_s
            and now - self._used_at < self.options.max_idle_s
        )

    async def introduce(self, tls: TlsPolicy) -> None:
        """Greeting, EHLO (or HELO), STARTTLS and EHLO again."""
        self._accepted(await self._reply())
        await self._ehlo()
        if tls is TlsPolicy.NEVER:
            return
        if "STARTTLS" in self._dialogue.capabilities:
            await self._starttls(tls)
        elif tls is TlsPolicy.REQUIRED:
            raise TlsFailed(f"{self.candidate.host} does not offer STARTTLS")

    async def deliver(
        self,
        mail_from: str,
        rcpt_to: str,
        message: bytes,
        *,
        before_data: BeforeData = _always,
        dot_sent: DotSent = _ignore,
    ) -> Reply:
        """Give one message to one recipient; return the reply that decided, with its stage.

        `mail_from` and `rcpt_to` as `smtp_path` writes them. `before_data` is awaited when the
        receiver is ready for the message; False withdraws it (and drops the connection).
        `dot_sent` is called (and awaited) just before the final dot is written. Raises the
        faults of this module, and LocalError for a message that must not be sent.
        """
        if not self._dialogue.is_usable:
            raise LocalError("this connection has had a fault or a goodbye; open another one")
        octets = transparent(message)
        self._replies_here = 0
        try:
            refusal = await self._envelope(mail_from, rcpt_to, message)
            self.messages += 1
            if refusal is not None:
                return await self._give_up(refusal)
            if not await before_data():
                raise Withdrawn("withdrawn before the message")
            return await self._message(octets, dot_sent)
        except (StreamClosed, StreamTimeout, RemoteError) as error:
            raise self.fault(error) from error
        except (MessageTooLarge, CapabilityMissing):
            raise  # found out before anything was written: the connection is as good as before
        except BaseException:
            self.close()
            raise
        finally:
            self._used_at = time.monotonic()

    async def quit(self) -> None:
        """Say goodbye without waiting long for the answer, and close."""
        if self._dialogue.is_usable and not self._stream.is_closed:
            try:
                self._stream.write(self._dialogue.quit())
                async with asyncio.timeout(QUIT_WAIT_S):
                    await self._reply()
            except (StreamClosed, StreamTimeout, RemoteError, TimeoutError):
                pass  # leaving anyway
        self.close()

    def close(self) -> None:
        """Drop the connection; a message between dot and reply stays in doubt."""
        self._dialogue.lost()
        self._stream.abort()

    def fault(self, error: Exception) -> DeliveryFault:
        """Close, and return what the end of the conversation means for the message under way."""
        dialogue = self._dialogue
        in_doubt, stage = dialogue.is_in_doubt or self._was_in_doubt, dialogue.stage
        is_quiet = (
            isinstance(error, StreamClosed)
            and stage is Stage.MAIL
            and self.messages > 0
            and self._replies_here == 0
        )
        self.close()
        if in_doubt:
            return Uncertain(f"{self.candidate.host}: {error}")
        return ConnectionLost(stage, str(error), is_quiet=is_quiet)

    async def _ehlo(self) -> None:
        self._stream.write(self._dialogue.ehlo(self.options.ehlo_name))
        reply = await self._reply()
        if reply.code in (500, 501, 502, 504):
            self._stream.write(self._dialogue.helo(self.options.ehlo_name))
            reply = await self._reply()
        self._accepted(reply)

    async def _starttls(self, tls: TlsPolicy) -> None:
        self._stream.write(self._dialogue.starttls())
        reply = await self._reply()
        if not reply.is_positive:
            if tls is TlsPolicy.REQUIRED:
                raise TlsFailed(f"{self.candidate.host}: {reply}")
            return
        try:
            async with asyncio.timeout(self.options.timeouts.starttls):
                await self._stream.start_tls(unverified_context(), self.candidate.host)
        except (OSError, ssl.SSLError, TimeoutError, StreamClosed) as error:
            raise TlsFailed(f"{self.candidate.host}: {error or 'time-out'}") from error
        self._dialogue.tls_started()
        try:
            await self._ehlo()
        except (StreamClosed, StreamTimeout) as error:
            raise TlsFailed(f"{self.candidate.host} is lost inside TLS: {error}") from error

    def _accepted(self, reply: Reply) -> None:
        if not reply.is_positive or self._dialogue.is_closing:
            self.close()
            raise Refused(self.candidate, reply)

    async def _envelope(self, mail_from: str, rcpt_to: str, message: bytes) -> Reply | None:
        """Send MAIL, RCPT and DATA; return the first refusal, or None when 354 was given."""
        dialogue = self._dialogue
        if not dialogue.has_pipelining:
            return await self._envelope_in_steps(mail_from, rcpt_to, message)
        replies = 4 if dialogue.needs_reset else 3
        octets = dialogue.mail(mail_from, message, rcpt=rcpt_to)
        self._stream.write(octets + dialogue.rcpt(rcpt_to) + dialogue.data())
        refusal = None
        for _ in range(replies):
            try:
                reply = await self._reply()
            except StreamClosed:
                if refusal is None:
                    raise
                break  # refused, then closed without answering the rest
            if refusal is None and not reply.is_positive:
                refusal = reply
            if (
                reply.code == 421
            ):  # nothing follows; the dialogue may know of it before its turn here
                break
        return refusal

    async def _envelope_in_steps(
        self, mail_from: str, rcpt_to: str, message: bytes
    ) -> Reply | None:
        dialogue = self._dialogue
        if dialogue.needs_reset:
            self._stream.write(dialogue.rset())
            await self._reply()
        self._stream.write(dialogue.mail(mail_from, message, rcpt=rcpt_to))
        reply = await self._reply()
        if reply.is_positive:
            self._stream.write(dialogue.rcpt(rcpt_to))
            reply = await self._reply()
        if reply.is_positive:
            self._stream.write(dialogue.data())
            reply = await self._reply()
        return None if reply.is_positive else reply

    async def _give_up(self, refusal: Reply) -> Reply:
        """Leave the transaction so that the connection can take another message."""
        if self._dialogue.is_closing or self._stream.is_closed:
            self.close()
        elif self._dialogue.state is State.IN_DATA:
            await self._end_empty_data()
        else:
            self._dialogue.close_transaction()
        return refusal

    async def _end_empty_data(self) -> None:
        """354 although the recipient was refused: end the data without any (RFC 2920 §3.1)."""
        try:
            self._stream.write(self._dialogue.end_of_data())
            await self._reply()
        except (StreamClosed, StreamTimeout, RemoteError):
            self.close()

    async def _message(self, octets: bytes, dot_sent: DotSent) -> Reply:
        stream = self._stream
        stream.write(octets)
        await stream.drain(self.options.timeouts.block)
        if stream.has_input:
            return self._interrupted()
        noted = dot_sent()
        if noted is not None:
            await noted
        if stream.has_input:
            return self._interrupted()
        stream.write(self._dialogue.end_of_data())
        reply = await self._reply()
        if self._dialogue.is_closing:
            self.close()
        return reply

    def _interrupted(self) -> Reply:
        """The receiver spoke before the final dot, so it did not take the message; return its
        words.
        """
        replies = list(ReplyParser().feed(self._stream.take()))
        self.close()
        if not replies or replies[0][0] < 400:
            raise ConnectionLost(Stage.DATA, "the receiver spoke in the middle of the message")
        return Reply(*replies[0], Stage.DATA)

    async def _reply(self) -> Reply:
        """Return the next reply; raises StreamClosed, StreamTimeout or RemoteError."""
        while not self._replies:
            stage = self._dialogue.stage
            self._was_in_doubt = self._dialogue.is_in_doubt
            data = await self._stream.read(self.options.timeouts.of(stage))
            self._replies.extend(self._dialogue.receive(data))
        self._was_in_doubt = False
        self._replies_here += 1
        return self._replies.popleft()


@cache
def unverified_context() -> ssl.SSLContext:
    """Opportunistic TLS keeps listeners out and verifies nobody (RFC 7435)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
