"""The client's side of an SMTP conversation without any I/O.

Commands return octets to write, `receive` takes octets that were read; time, sockets and TLS
are the caller's. RFC 5321 (commands, transparency), RFC 2920 (pipelining), RFC 3207 (STARTTLS
and the reset after it), RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8).

`LocalError` is our mistake (order of commands, octets that must not be sent); `RemoteError` is
theirs. After either a RemoteError or a lost connection the dialogue refuses every further
command.
"""

import re
from collections import deque
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from mailer.engine.line_ends import has_only_crlf
from mailer.engine.smtp_reply import RemoteError, Reply, ReplyParser
from mailer.engine.vocabulary import Stage

__all__ = ["CapabilityMissing", "Dialogue", "LocalError", "MessageTooLarge", "RemoteError", "Reply"]

END_OF_DATA: Final = b".\r\n"


class LocalError(Exception):
    """We asked for something that this conversation cannot or must not do."""


class CapabilityMissing(LocalError):
    """The receiver does not offer the extension which this message needs."""


class MessageTooLarge(LocalError):
    """The receiver announced a smaller SIZE than the message has."""


class State(Enum):
    CONNECTED = auto()  # waiting for the greeting
    GREETED = auto()  # greeted (again, after TLS): EHLO comes next
    SHAKING_HANDS = auto()  # EHLO or HELO sent
    STARTING_TLS = auto()
    TLS_AGREED = auto()  # the next octets belong to the TLS layer
    IDLE = auto()  # between transactions
    IN_ENVELOPE = auto()
    IN_DATA = auto()  # 354 received: octets of the message may be written
    AWAITING_VERDICT = auto()  # final dot written
    LEAVING = auto()  # QUIT sent
    BROKEN = auto()


class Command(Enum):
    GREETING = auto()
    EHLO = auto()
    HELO = auto()
    STARTTLS = auto()
    RSET = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    DOT = auto()
    QUIT = auto()


# Where each command may be given, and the state while it waits for its reply.
_ALLOWED: Final[Mapping[Command, tuple[frozenset[State], State]]] = {
    Command.EHLO: (frozenset({State.GREETED, State.IDLE}), State.SHAKING_HANDS),
    Command.HELO: (frozenset({State.GREETED}), State.SHAKING_HANDS),
    Command.STARTTLS: (frozenset({State.IDLE}), State.STARTING_TLS),
    Command.RSET: (frozenset({State.IDLE, State.IN_ENVELOPE}), State.IDLE),
    Command.MAIL: (frozenset({State.IDLE}), State.IN_ENVELOPE),
    Command.RCPT: (frozenset({State.IN_ENVELOPE}), State.IN_ENVELOPE),
    Command.DATA: (frozenset({State.IN_ENVELOPE}), State.IN_ENVELOPE),
    Command.DOT: (frozenset({State.IN_DATA}), State.AWAITING_VERDICT),
    Command.QUIT: (
        frozenset({State.GREETED, State.IDLE, State.IN_ENVELOPE}),
        State.LEAVING,
    ),
}

_STAGES: Final[Mapping[Command, Stage]] = {
    Command.GREETING: Stage.CONNECT,
    Command.EHLO: Stage.EHLO,
    Command.HELO: Stage.EHLO,
    Command.STARTTLS: Stage.STARTTLS,
    Command.RSET: Stage.MAIL,
    Command.MAIL: Stage.MAIL,
    Command.RCPT: Stage.RCPT,
    Command.DATA: Stage.DATA,
    Command.DOT: Stage.DOT,
    Command.QUIT: Stage.EHLO,
}

# State after a positive reply; a negative one leaves the state as it was, except where
# `_refused` says more.
_AFTER: Final[Mapping[Command, State]] = {
    Command.GREETING: State.GREETED,
    Command.EHLO: State.IDLE,
    Command.HELO: State.IDLE,
    Command.STARTTLS: State.TLS_AGREED,
    Command.DATA: State.IN_DATA,
    Command.DOT: State.IDLE,
    Command.QUIT: State.BROKEN,
}
_AFTER_REFUSAL: Final[Mapping[Command, State]] = {
    Command.GREETING: State.GREETED,
    Command.EHLO: State.GREETED,
    Command.HELO: State.GREETED,
    Command.STARTTLS: State.IDLE,
    Command.DOT: State.IDLE,
    Command.QUIT: State.BROKEN,
}
# May share a write with the commands before them when PIPELINING is offered (RFC 2920 §3.1).
_PIPELINED: Final = frozenset({Command.RSET, Command.MAIL, Command.RCPT, Command.DATA})

_PATH: Final = re.compile(
    r'(?:[^\s<>@\x00-\x20\x7f"]+|"[^\r\n\x00"\\<>]+")@[^\s<>\x00-\x20\x7f"@]+'
)
_HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")


class Dialogue:
    """One conversation over one connection."""

    def __init__(self) -> None:
        self.state = State.CONNECTED
        self.is_tls = False
        self.capabilities: dict[str, str] = {}
        self.is_closing = False
        self.transactions = 0
        self._is_open = False
        self._parser = ReplyParser()
        self._expected: deque[Command] = deque((Command.GREETING,))

    @property
    def is_usable(self) -> bool:
        """True when a new transaction may begin."""
        return self.state is State.IDLE and not self.is_closing and not self._expected

    @property
    def is_in_doubt(self) -> bool:
        """True from the final dot until its reply: the receiver may or may not have the message."""
        return self.state is State.AWAITING_VERDICT

    @property
    def stage(self) -> Stage:
        """The stage whose reply comes next (or whose turn it is)."""
        if self._expected:
            return _STAGES[self._expected[0]]
        return Stage.DATA if self.state is State.IN_DATA else Stage.MAIL

    def ehlo(self, name: str) -> bytes:
        return self._command(Command.EHLO, f"EHLO {_host(name)}")

    def helo(self, name: str) -> bytes:
        """For servers that do not know EHLO (RFC 5321 §3.2)."""
        return self._command(Command.HELO, f"HELO {_host(name)}")

    def starttls(self) -> bytes:
        if "STARTTLS" not in self.capabilities:
            raise CapabilityMissing("STARTTLS is not offered")
        return self._command(Command.STARTTLS, "STARTTLS")

    def tls_started(self) -> None:
        """Forget what was said in the clear (RFC 3207 §4.2): EHLO must follow."""
        if self.state is not State.TLS_AGREED:
            raise LocalError(f"TLS started in state {self.state.name}")
        self.state = State.GREETED
        self.is_tls = True
        self.capabilities = {}

    def mail(self, path: str, message: bytes, *, rcpt: str = "") -> bytes:
        """Begin a transaction, after a RSET if the last one is still open. `path` is empty for
        `<>`.

        Raises MessageTooLarge or CapabilityMissing before anything is written. `rcpt` is the
        path of the RCPT that will follow: what it needs must be announced here.
        """
        parameters = self._parameters(path + rcpt, message)
        if rcpt:
            _path(rcpt)
        command = f"MAIL FROM:<{_path(path) if path else ''}>{parameters}"
        reset = b""
        if self.needs_reset:
            if not self.has_pipelining:
                raise LocalError("RSET must be answered first: call rset()")
            reset = self.rset()
        self.transactions += 1
        return reset + self._command(Command.MAIL, command)

    def rcpt(self, path: str) -> bytes:
        return self._command(Command.RCPT, f"RCPT TO:<{_path(path)}>")

    def data(self) -> bytes:
        return self._command(Command.DATA, "DATA")

    def end_of_data(self) -> bytes:
        """Return the final dot, to follow the message made `transparent`.

        From here on the outcome is in doubt until the reply.
        """
        self._expect(Command.DOT)
        return END_OF_DATA

    @property
    def needs_reset(self) -> bool:
        """True when the server still holds an envelope that was given up."""
        return self._is_open and self.state is State.IDLE

    @property
    def has_pipelining(self) -> bool:
        return "PIPELINING" in self.capabilities

    def rset(self) -> bytes:
        self._is_open = False
        return self._command(Command.RSET, "RSET")

    def quit(self) -> bytes:
        return self._command(Command.QUIT, "QUIT")

    def lost(self) -> None:
        """The connection is gone; nothing may be said any more."""
        self.state = State.BROKEN

    def receive(self, data: bytes) -> list[Reply]:
        """Return the replies that `data` completes, in order; raises RemoteError and breaks
        otherwise.
        """
        try:
            taken = [self._take(code, lines) for code, lines in self._parser.feed(data)]
            if self.state is State.TLS_AGREED and self._parser.has_leftover:
                # Octets behind the 220 would be obeyed as if they had come through TLS.
                raise RemoteError("octets injected before TLS")
        except RemoteError:
            self.state = State.BROKEN
            raise
        return [reply for reply in taken if reply is not None]

    def _take(self, code: int, lines: tuple[str, ...]) -> Reply | None:
        if code == 421:
            self.is_closing = True
        if not self._expected:
            if code == 421:  # a farewell while idle: the quiet close of a busy server
                return None
            raise RemoteError(f"unexpected reply {code}")
        command = self._expected.popleft()
        reply = Reply(code, lines, _STAGES[command])
        if self._is_accepted(command, code):
            self._accepted(command, lines)
        else:
            self._refused(command)
        return reply

    @staticmethod
    def _is_accepted(command: Command, code: int) -> bool:
        if code >= 400:
            return False
        if (code >= 300) is not (command is Command.DATA):
            raise RemoteError(f"{code} in reply to {command.name}")
        return True

    def _accepted(self, command: Command, lines: tuple[str, ...]) -> None:
        if command is Command.EHLO:
            self.capabilities = _capabilities(lines[1:])
        elif command is Command.MAIL:
            self._is_open = True
        elif command is Command.DOT:
            self._is_open = False
        if command in _AFTER:
            self.state = _AFTER[command]

    def _refused(self, command: Command) -> None:
        if command in _AFTER_REFUSAL:
            self.state = _AFTER_REFUSAL[command]
        if command is Command.DOT:
            self._is_open = False

    def close_transaction(self) -> None:
        """Leave a transaction whose commands have all been answered; RSET goes before the next
        one.
        """
        if self._expected or self.state is not State.IN_ENVELOPE:
            raise LocalError(f"cannot leave a transaction in state {self.state.name}")
        self.state = State.IDLE

    def _parameters(self, paths: str, message: bytes) -> str:
        parameters = ""
        if "SIZE" in self.capabilities:
            limit = self.capabilities["SIZE"]
            if limit.isdigit() and 0 < int(limit) < len(message):
                raise MessageTooLarge(f"{len(message)} octets, the receiver takes {limit}")
            parameters += f" SIZE={len(message)}"
        if not message.isascii():
            if "8BITMIME" not in self.capabilities:
                raise CapabilityMissing("8BITMIME is not offered")
            parameters += " BODY=8BITMIME"
        if not paths.isascii():
            if "SMTPUTF8" not in self.capabilities:
                raise CapabilityMissing("SMTPUTF8 is not offered")
            parameters += " SMTPUTF8"
        return parameters

    def _command(self, command: Command, line: str) -> bytes:
        self._expect(command)
        return line.encode() + b"\r\n"

    def _expect(self, command: Command) -> None:
        states, waiting = _ALLOWED[command]
        if self.state not in states:
            raise LocalError(f"{command.name} in state {self.state.name}")
        if self._expected and not (command in _PIPELINED and self.has_pipelining):
            raise LocalError(f"{command.name} before the reply to {self._expected[0].name}")
        if self.is_closing and command is not Command.QUIT:
            raise LocalError(f"{command.name} after the server said goodbye")
        self._expected.append(command)
        self.state = waiting


def transparent(message: bytes) -> bytes:
    """Double leading dots. Refuses bare CR or LF and a missing last CRLF, which could smuggle
    commands.
    """
    if not has_only_crlf(message):
        raise LocalError("bare CR or LF in the message, or no CRLF at its end")
    if b"\0" in message:
        raise LocalError("NUL in the message")
    if b"\n." in message:
        message = message.replace(b"\n.", b"\n..")
    return b"." + message if message.startswith(b".") else message


def _path(path: str) -> str:
    if not _PATH.fullmatch(path) or len(path) > 320:
        raise LocalError("not a mailbox that can stand in a command")
    return path


def _host(name: str) -> str:
    if not _HOST.fullmatch(name):
        raise LocalError(f"{name!r} is not a host name for EHLO")
    return name


def _capabilities(lines: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        keyword, _, parameters = line.strip().partition(" ")
        if keyword:
            found[keyword.upper()] = parameters.strip()
    return found
