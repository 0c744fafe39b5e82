"""The SMTP server for mail that comes back: bounces, complaints and mail to unsubscribe addresses.

Takes nothing else: a recipient is known by its genuine token, or is postmaster or abuse at one of our return-path
hosts (RFC 2142, RFC 5321 §4.5.1). Unknown recipients are refused at RCPT, so nothing has to be answered later, and no
mail is ever sent from here. A mail is committed to PostgreSQL before its 250; without PostgreSQL the answer is 451 and
the sender keeps it. Bare line feeds are refused: two servers that disagree about line ends disagree about where a mail
ends.
"""

import asyncio
import logging
import ssl
import time
from collections import Counter
from typing import Final

from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as SmtpEnvelope
from aiosmtpd.smtp import Session as SmtpSession
from django.utils import timezone

from bounces.enqueue import process_inbound_soon
from bounces.services.store import Envelope, store_inbound, token_of_address
from mailer.database_threads import DatabaseAway, DatabaseThreads
from mailer.models import SendingDomain

logger = logging.getLogger(__name__)

MAX_MAIL_BYTES: Final = 10 * 1024 * 1024
MAX_LINE_BYTES: Final = 64 * 1024  # RFC 5321 says 1,000; mail in the wild does not listen
MAX_CONNECTIONS: Final = 60
MAX_CONNECTIONS_PER_PEER: Final = 20
MAX_RECIPIENTS: Final = 10
MAX_MAILS_PER_CONNECTION: Final = 100
MAX_REFUSED_PER_CONNECTION: Final = 10
IDLE_TIMEOUT_S: Final = 60.0
HOSTS_KEEP_S: Final = 60.0
WORD_EVERY_S: Final = 0.5
_ROLES: Final = frozenset({"postmaster", "abuse"})

OK: Final = "250 2.0.0 Ok"
STORED: Final = "250 2.0.0 Stored"
UNKNOWN: Final = "550 5.1.1 No such address here"
LATER: Final = "451 4.3.0 Cannot take mail at the moment, try again later"
TOO_MANY_RECIPIENTS: Final = "452 4.5.3 Too many recipients"
BARE_LF: Final = "554 5.6.0 Bare line feed is not allowed (RFC 5321 2.3.8)"
TOO_MANY: Final = "421 4.7.0 Too many connections"
ENOUGH: Final = "421 4.7.0 Enough for this connection"


class Door:
    """What all connections of one process share: the threads for PostgreSQL, the known hosts, the connection counts."""

    def __init__(self) -> None:
        self._database = DatabaseThreads()
        self._hosts: frozenset[str] = frozenset()
        self._hosts_until = 0.0
        self._word_is_due = False
        self.by_peer: Counter[str] = Counter()

    async def knows(self, address: str) -> bool:
        """Is this one of our addresses? Raises DatabaseAway when that cannot be told."""
        if token_of_address(address) is not None:
            return True
        local_part, _, host = address.lower().rpartition("@")
        return local_part in _ROLES and host in await self._known_hosts()

    async def store(self, envelope: Envelope, raw: bytes) -> None:
        """Commit the mail, or raise DatabaseAway. The workers are told within half a second."""
        await self._database.run(store_inbound, envelope=envelope, raw=raw, now=timezone.now())
        if not self._word_is_due:
            self._word_is_due = True
            asyncio.get_running_loop().call_later(WORD_EVERY_S, self._send_word)

    async def close(self) -> None:
        await self._database.close()

    async def _known_hosts(self) -> frozenset[str]:
        if time.monotonic() >= self._hosts_until:
            self._hosts = await self._database.run(_return_path_hosts)
            self._hosts_until = time.monotonic() + HOSTS_KEEP_S
        return self._hosts

    def _send_word(self) -> None:
        """One word to the workers for everything that came meanwhile."""
        self._word_is_due = False
        asyncio.get_running_loop().run_in_executor(None, process_inbound_soon)


class Conversation:
    """The hooks of one connection."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._mails = 0
        self._refused = 0

    async def handle_EHLO(
        self,
        server: SMTP,
        session: SmtpSession,
        envelope: SmtpEnvelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Nobody signs in here: leave out the AUTH that aiosmtpd offers inside TLS."""
        session.host_name = hostname
        return [line for line in responses if not line[4:].startswith("AUTH")]

    async def handle_RCPT(
        self,
        server: SMTP,
        session: SmtpSession,
        envelope: SmtpEnvelope,
        address: str,
        options: list[str],
    ) -> str:
        if self._refused >= MAX_REFUSED_PER_CONNECTION:
            return ENOUGH
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY_RECIPIENTS
        try:
            is_known = await self._door.knows(address)
        except DatabaseAway as error:
            logger.warning("bounces.inbound.database_away %s", error)
            return LATER
        if not is_known:
            self._refused += 1
            logger.info("bounces.inbound.refused %s", _peer(session))
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: SmtpEnvelope) -> str:
        raw = envelope.original_content or b""
        if raw.count(b"\n") != raw.count(b"\r\n"):
            return BARE_LF
        if self._mails >= MAX_MAILS_PER_CONNECTION:
            return ENOUGH
        self._mails += 1
        sender = "" if envelope.mail_from in (None, "<>") else str(envelope.mail_from)
        try:
            await self._door.store(
                Envelope("smtp", _peer(session), sender, list(envelope.rcpt_tos)), raw
            )
        except DatabaseAway as error:
            logger.warning("bounces.inbound.not_stored %s", error)
            return LATER
        return STORED


class InboundSMTP(SMTP):
    """aiosmtpd's server with our bounds. One object is one connection."""

    line_length_limit = MAX_LINE_BYTES

    def __init__(self, door: Door, *, hostname: str, tls: ssl.SSLContext | None) -> None:
        self._door = door
        self._counted_peer = ""
        super().__init__(
            Conversation(door),
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname=hostname,
            ident="ESMTP",
            tls_context=tls,
            timeout=IDLE_TIMEOUT_S,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            command_call_limit={"*": 1_000},
            loop=asyncio.get_running_loop(),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._counted_peer:  # STARTTLS calls this a second time
            peer = str((transport.get_extra_info("peername") or ("unknown",))[0])
            if not self._may_enter(peer):
                assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP server has no other
                transport.write(f"{TOO_MANY}\r\n".encode())
                transport.close()
                self.session = self._create_session()
                self._reset_timeout()
                return
            self._counted_peer = peer
            self._door.by_peer[peer] += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._counted_peer:
            self._door.by_peer[self._counted_peer] -= 1
            self._door.by_peer += Counter()  # forgets peers that have gone
            super().connection_lost(error)
        elif self._timeout_handle is not None:
            self._timeout_handle.cancel()

    def _may_enter(self, peer: str) -> bool:
        counts = self._door.by_peer
        return counts.total() < MAX_CONNECTIONS and counts[peer] < MAX_CONNECTIONS_PER_PEER


async def serve(
    *, host: str, port: int, hostname: str, tls: ssl.SSLContext | None = None
) -> tuple[asyncio.Server, Door]:
    """Listen; `hostname` is what the greeting says. The caller closes both."""
    door = Door()
    server = await asyncio.get_running_loop().create_server(
        lambda: InboundSMTP(door, hostname=hostname, tls=tls), host, port
    )
    return server, door


def _peer(session: SmtpSession) -> str:
    return str(session.peer[0]) if session.peer else ""


def _return_path_hosts() -> frozenset[str]:
    return frozenset(SendingDomain.objects.values_list("return_path_host", flat=True))
