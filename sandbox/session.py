"""One SMTP conversation with a receiver. RFC 5321, 1870 (SIZE), 2920 (PIPELINING), 3207 (STARTTLS).

The profile decides the words and the limits, the mailbox what happens to a recipient, scripted
faults come before both. Every outcome is recorded, refusals and broken connections too.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

from sandbox.envelope import Path, PathError, read_path
from sandbox.inspection import Inspection, inspect, resolves
from sandbox.mailboxes import Mailbox
from sandbox.profiles.profile import Check, Host, Say, Stage
from sandbox.record import Received
from sandbox.wire import ClientGone, Data, LineTooLong, Wire

if TYPE_CHECKING:
    from sandbox.receiver import Receiver

IDLE_S = 300.0  # RFC 5321 §4.5.3.2.7
MAX_ERRORS = 20
SLOW_REPLY_PRACTICE_S = 120.0

# Mailboxes that are refused at RCPT, and with which words.
_AT_RCPT = {
    Mailbox.UNKNOWN: Say.UNKNOWN,
    Mailbox.INACTIVE: Say.INACTIVE,
    Mailbox.FULL: Say.FULL,
    Mailbox.OVER_QUOTA: Say.OVER_QUOTA,
    Mailbox.DEFERRED: Say.DEFERRED,
}
# Mailboxes that are refused after the message.
_AT_DOT = {Mailbox.FILTERED: Say.FILTERED, Mailbox.REFUSED: Say.SPAM}


class Hangup(Exception):
    """We end the conversation. `reset` sends RST instead of FIN."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self.reset = reset


@dataclass(frozen=True)
class Rcpt:
    path: Path
    mailbox: Mailbox


class Session:
    """Reads commands one by one; a command's method answers through `_reply`."""

    def __init__(
        self,
        receiver: Receiver,
        host: Host,
        number: int,
        wire: Wire,
    ) -> None:
        self._receiver = receiver
        self._profile = receiver.profile
        self._host = host
        self._number = number
        self._wire = wire
        self._ip = wire.peer_ip
        self._helo = ""
        self._tls = ""
        self._sender: Path | None = None
        self._rcpts: list[Rcpt] = []
        self._taken = 0
        self._errors = 0
        self._transactions = 0
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "EHLO": self._ehlo,
            "HELO": self._helo_command,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
            "VRFY": self._vrfy,
            "STARTTLS": self._starttls,
            "QUIT": self._quit,
        }

    # --- The conversation -------------------------------------------------------------------------
    async def run(self) -> None:
        open_now = self._receiver.gauge.connected(self._ip)
        reset = False
        try:
            await self._greet(open_now)
            while True:
                await self._command(await self._wire.line())
        except Hangup as hangup:
            reset = hangup.reset
        except ClientGone:
            if self._sender is not None:
                self._note(Stage.DATA, "dropped", "(the client went away)")
        except LineTooLong:
            self._wire.write(rendered("500 5.5.2 Line too long"))
        finally:
            self._receiver.gauge.disconnected(self._ip)
            if reset:
                self._wire.reset()
            else:
                self._wire.close()

    async def _greet(self, open_now: int) -> None:
        await self._strike(Stage.CONNECT)
        if open_now > self._receiver.limits.connections:
            await self._turn_away(Say.TOO_MANY_CONNECTIONS)
        if self._profile.limits.too_fast_at is Stage.CONNECT and self._is_too_fast():
            await self._turn_away(Say.TOO_FAST)
        await self._reply(self._words(self._profile.banner))

    async def _turn_away(self, say: Say) -> None:
        self._receiver.gauge.turned_away[self._ip] += 1
        if self._profile.limits.resets:
            self._note(Stage.CONNECT, "dropped", f"(reset: {say.value})")
            raise Hangup(reset=True)
        text = self._said(say)
        self._note(Stage.CONNECT, _outcome(text), text)
        await self._reply(text)
        raise Hangup

    async def _command(self, line: bytes) -> None:
        verb, _space, argument = line.decode("utf-8", "surrogateescape").partition(" ")
        command = self._commands.get(verb.upper())
        if "\n" in argument or "\r" in argument:
            # RFC 5321 §2.3.8: bare CR or LF never stands in a command.
            await self._reply("500 5.5.2 Syntax error: bare <LF> received")
            raise Hangup
        if command is None:
            self._errors += 1
            await self._reply("500 5.5.2 Syntax error, command unrecognized")
        else:
            with contextlib.suppress(_Answered):
                await command(argument)
        if self._errors > MAX_ERRORS:
            await self._reply(f"421 4.7.0 {self._host.name} Error: too many errors")
            raise Hangup

    # --- Commands ---------------------------------------------------------------------------------
    async def _ehlo(self, argument: str) -> None:
        if not argument.strip():
            return await self._mistake("501 5.5.4 Syntax: EHLO hostname")
        await self._strike(Stage.EHLO)
        self._forget_transaction()
        self._helo = argument.strip()
        lines = [f"250 {self._host.name} at your service, [{self._ip}]"]
        lines += self._profile.extensions
        lines.append(f"SIZE {self._receiver.limits.size_bytes}")
        if self._profile.starttls and not self._tls:
            lines.append("STARTTLS")
        if self._profile.smtputf8 and "SMTPUTF8" not in self._profile.extensions:
            lines.append("SMTPUTF8")
        await self._reply("\n".join(lines))

    async def _helo_command(self, argument: str) -> None:
        if not argument.strip():
            return await self._mistake("501 5.5.4 Syntax: HELO hostname")
        await self._strike(Stage.EHLO)
        self._forget_transaction()
        self._helo = argument.strip()
        await self._reply(f"250 {self._host.name}")

    async def _mail(self, argument: str) -> None:
        if not self._helo:
            return await self._mistake("503 5.5.1 EHLO/HELO first")
        if self._sender is not None:
            return await self._mistake("503 5.5.1 Sender already given")
        try:
            path = read_path(_after(argument, "FROM:"), loose_dots=True, may_be_empty=True)
        except PathError:
            return await self._mistake("501 5.1.7 Bad sender address syntax")
        if objection := self._parameter_objection(path):
            return await self._mistake(objection)
        self._sender = path
        await self._strike(Stage.MAIL)
        self._transactions += 1
        say = self._mail_objection(path)
        if say is None:
            return await self._reply("250 2.1.0 Ok" if self._has_enhanced else "250 Ok")
        text = self._said(say)
        self._note(Stage.MAIL, _outcome(text), text)
        self._forget_transaction()
        await self._reply(text)
        if text.startswith("421"):
            raise Hangup

    def _parameter_objection(self, path: Path) -> str:
        """Check SIZE, BODY and SMTPUTF8; an empty text means no objection."""
        size = path.parameters.get("SIZE", "0")
        if not size.isdecimal():
            return "501 5.5.4 Bad SIZE value"
        if 0 < self._receiver.limits.size_bytes < int(size):
            return self._said(Say.TOO_BIG)
        if path.parameters.get("BODY", "7BIT").upper() not in {"7BIT", "8BITMIME"}:
            return "501 5.5.4 Bad BODY value"
        unknown = set(path.parameters) - {"SIZE", "BODY", "SMTPUTF8", "RET", "ENVID"}
        if unknown or ("SMTPUTF8" in path.parameters and not self._profile.smtputf8):
            return "555 5.5.4 Unsupported option"
        if not path.address.isascii() and "SMTPUTF8" not in path.parameters:
            return "553 5.6.7 Non-ASCII address without SMTPUTF8"
        return ""

    def _mail_objection(self, path: Path) -> Say | None:
        if self._transactions > self._receiver.limits.messages_per_connection > 0:
            return Say.CONNECTION_USED_UP
        if self._limits_at(Stage.MAIL):
            return Say.TOO_FAST
        asks = Check.SENDER_DOMAIN in self._profile.checks and path.domain
        world = self._receiver.world
        if asks and world.switches.authentication and not resolves(world.zone, path.domain):
            return Say.NO_SENDER_DOMAIN
        return None

    async def _rcpt(self, argument: str) -> None:
        if self._sender is None:
            return await self._mistake("503 5.5.1 Need MAIL command first")
        try:
            path = read_path(_after(argument, "TO:"), loose_dots=self._profile.takes_loose_dots)
        except PathError as error:
            return await self._mistake(self._said(Say.BAD_ADDRESS, mailbox=str(error)))
        if not path.address.isascii() and "SMTPUTF8" not in self._sender.parameters:
            return await self._mistake("553 5.6.7 Non-ASCII address without SMTPUTF8")
        await self._strike(Stage.RCPT, path.given)
        mailbox = self._receiver.mailbox(path.address)
        if mailbox is Mailbox.RESET:
            self._note(Stage.RCPT, "dropped", "(reset)", path)
            raise Hangup(reset=True)
        if mailbox is Mailbox.SLOW:
            await asyncio.sleep(self._receiver.world.switches.real_s(SLOW_REPLY_PRACTICE_S))
        say = self._rcpt_objection(path, mailbox)
        if say is None:
            self._rcpts.append(Rcpt(path, mailbox))
            return await self._reply("250 2.1.5 Ok" if self._has_enhanced else "250 Ok")
        text = self._said(say, path)
        self._note(Stage.RCPT, _outcome(text), text, path)
        await self._reply(text)
        if text.startswith("421"):
            raise Hangup

    def _rcpt_objection(self, path: Path, mailbox: Mailbox) -> Say | None:
        if path.address.lower() == "postmaster":
            return None
        if path.domain not in self._profile.all_domains():
            return Say.RELAY
        if len(self._rcpts) >= self._receiver.limits.recipients:
            return Say.TOO_MANY_RECIPIENTS
        is_second_domain = self._rcpts and self._rcpts[0].path.domain != path.domain
        if is_second_domain and not self._profile.replies[Say.MANY_DOMAINS].startswith("2"):
            return Say.MANY_DOMAINS
        if self._limits_at(Stage.RCPT):
            return Say.TOO_FAST
        if mailbox is Mailbox.GREY and self._receiver.is_grey(self._ip, path.address):
            return Say.GREY
        return _AT_RCPT.get(mailbox)

    async def _data(self, argument: str) -> None:
        if argument.strip():
            return await self._mistake("501 5.5.4 Syntax: DATA")
        if self._sender is None:
            return await self._mistake("503 5.5.1 Need MAIL command first")
        if not self._rcpts:
            refusal = (
                "554 5.5.1 No valid recipients"
                if self._has_enhanced
                else "503 Bad sequence of commands"
            )
            return await self._mistake(refusal)
        await self._strike(Stage.DATA, self._rcpts[0].path.given)
        await self._reply("354 End data with <CR><LF>.<CR><LF>")
        data = await self._wire.data(self._receiver.limits.size_bytes or 2**40)
        await self._after_dot(data)
        self._forget_transaction()

    async def _after_dot(self, data: Data) -> None:
        inspection = self._inspected(data)
        await self._strike_at_dot(data, inspection)
        say, path = self._dot_objection(data, inspection)
        if say is not None:
            text = self._said(say, path)
            self._note(Stage.DOT, _outcome(text), text)
            await self._reply(text)
            if text.startswith(("421", "521")):
                raise Hangup
            return
        kinds = {rcpt.mailbox for rcpt in self._rcpts}
        if Mailbox.LOST_MESSAGE in kinds:
            self._note(Stage.DOT, "dropped", "(dropped, message not kept)")
            raise Hangup
        if Mailbox.LOST_REPLY in kinds:
            number = self._keep(data, inspection)
            self._note(Stage.DOT, "dropped", "(dropped, message kept)", message=number)
            raise Hangup
        number = self._keep(data, inspection)
        text = self._said(Say.ACCEPTED, message_id=_bare_id(inspection))
        self._note(Stage.DOT, "accepted", text, message=number)
        await self._reply(text)

    def _inspected(self, data: Data) -> Inspection:
        assert self._sender is not None  # noqa: S101  # DATA is refused without it
        return inspect(
            self._profile,
            self._receiver.world.zone,
            data,
            sender_domain=self._sender.domain or self._helo,
            source_ip=self._ip,
            header_limit=self._profile.limits.header_bytes,
            authentication=self._receiver.world.switches.authentication,
        )

    def _dot_objection(self, data: Data, inspection: Inspection) -> tuple[Say | None, Path]:
        path = self._rcpts[0].path
        if data.too_big:
            return Say.TOO_BIG, path
        if inspection.objection is not None:
            return inspection.objection, path
        if self._limits_at(Stage.DOT):
            return Say.TOO_FAST, path
        for rcpt in self._rcpts:
            if say := _AT_DOT.get(rcpt.mailbox):
                return say, rcpt.path
        return None, path

    def _keep(self, data: Data, inspection: Inspection) -> int:
        assert self._sender is not None  # noqa: S101  # DATA is refused without it
        self._taken += 1
        self._receiver.gauge.sent(self._ip, time.monotonic())
        headers = inspection.headers
        return self._receiver.keep(
            Received(
                receiver=self._profile.name,
                source_ip=self._ip,
                helo=_clean(self._helo),
                tls=self._tls,
                mail_from=_clean(self._sender.address),
                header_from=headers.text("from"),
                header_to=headers.text("to"),
                subject=headers.text("subject"),
                message_id=headers.text("message-id"),
                spf=inspection.spf.value,
                recipients=tuple(
                    (_clean(rcpt.path.given), _clean(rcpt.path.address.lower()), rcpt.mailbox.value)
                    for rcpt in self._rcpts
                ),
                raw=data.content,
            )
        )

    async def _starttls(self, argument: str) -> None:
        if not self._profile.starttls or self._tls:
            return await self._mistake("503 5.5.1 STARTTLS not available")
        if argument.strip():
            return await self._mistake("501 5.5.4 Syntax: STARTTLS")
        await self._strike(Stage.TLS)
        world = self._receiver.world
        await self._reply("220 2.0.0 Ready to start TLS")
        context = world.broken_tls if self._profile.breaks_tls else world.tls
        try:
            self._tls = await self._wire.start_tls(context)
        except OSError as error:
            self._note(Stage.TLS, "dropped", f"(handshake: {error})")
            raise Hangup from error
        self._helo = ""  # RFC 3207 §4.2: start again with EHLO
        self._forget_transaction()

    async def _rset(self, _argument: str) -> None:
        self._forget_transaction()
        await self._reply("250 2.0.0 Ok")

    async def _noop(self, _argument: str) -> None:
        await self._reply("250 2.0.0 Ok")

    async def _vrfy(self, _argument: str) -> None:
        await self._reply("252 2.1.5 Send some mail, I will try my best")

    async def _quit(self, _argument: str) -> None:
        await self._reply("221 2.0.0 Bye")
        raise Hangup

    # --- Faults -----------------------------------------------------------------------------------
    async def _strike(self, stage: Stage, recipient: str = "") -> None:
        """Let a scripted fault happen at this stage."""
        fault = self._receiver.fault(stage, recipient, self._ip)
        if fault is None:
            return
        await asyncio.sleep(fault.delay_s)
        if fault.drop:
            self._note(stage, "dropped", f"({fault.drop})", rcpt=recipient)
            raise Hangup(reset=fault.drop == "reset")
        if fault.reply:
            self._note(stage, _outcome(fault.reply), fault.reply, rcpt=recipient)
            await self._reply(fault.reply)
            if stage is Stage.MAIL:
                self._forget_transaction()
            if stage is Stage.CONNECT or fault.reply.startswith("421"):
                raise Hangup
            raise _Answered

    async def _strike_at_dot(self, data: Data, inspection: Inspection) -> None:
        """At the final dot a fault may keep the message although the client never hears of it."""
        recipient = self._rcpts[0].path.given
        fault = self._receiver.fault(Stage.DOT, recipient, self._ip)
        if fault is None:
            return
        number = self._keep(data, inspection) if fault.keep else None
        await asyncio.sleep(fault.delay_s)
        if fault.drop:
            kept = "kept" if fault.keep else "not kept"
            self._note(Stage.DOT, "dropped", f"({fault.drop}, message {kept})", message=number)
            raise Hangup(reset=fault.drop == "reset")
        if fault.reply:
            self._note(Stage.DOT, _outcome(fault.reply), fault.reply, message=number)
            await self._reply(fault.reply)
            self._forget_transaction()
            if fault.reply.startswith("421"):
                raise Hangup
            raise _Answered

    # --- Words ------------------------------------------------------------------------------------
    @property
    def _has_enhanced(self) -> bool:
        return "ENHANCEDSTATUSCODES" in self._profile.extensions

    def _said(self, say: Say, path: Path | None = None, **more: str) -> str:
        return self._words(self._profile.replies[say], path, **more)

    def _words(self, template: str, path: Path | None = None, **more: str) -> str:
        address = path.given if path else ""
        sender = self._sender.address if self._sender else ""
        words = {
            "mailbox": address,
            "local": address.rpartition("@")[0],
            "domain": address.rpartition("@")[2],
            "sender": sender,
            "sender_domain": sender.rpartition("@")[2] or self._helo,
            "ip": self._ip,
            "host": self._host.name,
            "queue": f"{self._number:x}-{self._transactions:x}{self._taken:04x}.{len(self._rcpts):x}",
            "epoch": str(int(time.time())),
            "date": formatdate(),
            "message_id": "",
        }
        return template.format(**{**words, **more})

    async def _mistake(self, text: str) -> None:
        """Answer a client error that ends no transaction."""
        self._errors += 1
        await self._reply(text)

    async def _reply(self, text: str) -> None:
        if self._receiver.reply_delay_s:
            await asyncio.sleep(self._receiver.reply_delay_s)
        self._wire.write(rendered(text))

    # --- State ------------------------------------------------------------------------------------
    def _is_too_fast(self) -> bool:
        return self._receiver.is_too_fast(self._ip)

    def _limits_at(self, stage: Stage) -> bool:
        return self._profile.limits.too_fast_at is stage and self._is_too_fast()

    def _forget_transaction(self) -> None:
        self._sender = None
        self._rcpts = []

    def _note(
        self,
        stage: Stage,
        outcome: str,
        reply: str,
        path: Path | None = None,
        *,
        rcpt: str = "",
        message: int | None = None,
    ) -> None:
        named = (
            [path.address] if path else [rcpt] if rcpt else [r.path.address for r in self._rcpts]
        )
        self._receiver.world.record.conversed(
            {
                "at": time.time(),
                "receiver": self._profile.name,
                "source_ip": self._ip,
                "session": self._number,
                "helo": _clean(self._helo),
                "tls": self._tls,
                "mail_from": _clean(self._sender.address) if self._sender else "",
                "rcpt_to": _clean(",".join(named).lower()),
                "stage": stage.value,
                "outcome": outcome,
                "reply": _clean(reply),
                "message": message,
            }
        )


class _Answered(Exception):
    """A fault has already answered this command."""


def rendered(text: str) -> bytes:
    """Turn `550 5.1.1 one\\ntwo` into the lines of a reply (RFC 5321 §4.2)."""
    code, rest = text[:3], text[4:]
    lines = rest.split("\n")
    marks = ["-"] * (len(lines) - 1) + [" "]
    whole = "".join(f"{code}{mark}{line}\r\n" for mark, line in zip(marks, lines, strict=True))
    return whole.encode("utf-8", "surrogateescape")


def _outcome(reply: str) -> str:
    return {"2": "accepted", "4": "deferred"}.get(reply[:1], "refused")


def _after(argument: str, keyword: str) -> str:
    """Take `FROM:` or `TO:` off; raises PathError."""
    if argument[: len(keyword)].upper() != keyword:
        raise PathError(argument)
    return argument[len(keyword) :]


def _bare_id(inspection: Inspection) -> str:
    return inspection.headers.text("message-id").strip("<> ")


def _clean(text: str) -> str:
    """Make client bytes storable: invalid UTF-8 becomes question marks."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
