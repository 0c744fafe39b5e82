"""One worker of a lane: it holds at most one connection and serves one row after the other.

Order of one row: route, connection, last look at guard and deadline, render, MAIL RCPT, last look again, message,
journal, dot, reply, journal, outcome. After the dot nothing is ever tried elsewhere.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from mailer.engine.content import OutputTooLarge
from mailer.engine.dkim import DkimError
from mailer.engine.mime import MimeError
from mailer.engine.smtp import CapabilityMissing, LocalError, MessageTooLarge
from mailer.engine.smtp_reply import Reply
from mailer.engine.vocabulary import ReplyClass, Stage
from mailer.models import DeliveryState, SkipReason
from mailer.net import smtp_client
from mailer.net.dns import DnsFailure
from mailer.net.journal import JournalReply
from mailer.net.smtp_client import ClientOptions, Connection
from mailer.services.outcome import AttemptFacts, Outcome
from mailer.services.recover import uncertain_outcome
from mailer.services.render import RenderedMessage, RenderError
from mailer.services.verdict import Judged, judge_impossible, judge_reply, judge_silence
from mailer.slots.brake import Brake
from mailer.slots.exchange import Exchange, Forbidden, NoMail, NoRoute, Route
from mailer.slots.guard import Stop
from mailer.slots.held import Row
from mailer.slots.renderers import pause
from mailer.slots.tools import Tools

logger = logging.getLogger(__name__)

# A quiet close at a receiver's limit is normal; a receiver that does nothing else is not.
MAX_QUIET_CLOSES = 2


class Session:
    """The connection of one worker, and what it may say over it."""

    def __init__(
        self,
        *,
        tools: Tools,
        exchange: Exchange,
        options: ClientOptions,
        brake: Brake,
        pauses_on_reset: bool,
        on_braked: Callable[[], None],
    ) -> None:
        self._tools = tools
        self._exchange = exchange
        self._options = options
        self._brake = brake
        self._pauses_on_reset = pauses_on_reset
        self._on_braked = on_braked
        self._connection: Connection | None = None
        self._route: Route | None = None
        self._domain = ""
        self._undecided: Row | None = None
        self._has_dot = False

    @property
    def domain(self) -> str:
        """The domain of the last row; workers prefer more of the same."""
        return self._domain if self._connection else ""

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.quit()

    async def serve(self, row: Row) -> None:
        """Bring one row to an outcome, or give it back. Never raises for anything a receiver does."""
        self._undecided, self._has_dot = row, False
        try:
            while self._undecided is row:
                await self._serve(row)
        except asyncio.CancelledError:
            self._abandon("stopped while waiting for the reply")
            raise
        except Exception:
            # A surprise of ours: the next row must not suffer.
            logger.exception("conversation.surprise delivery=%s", row.key)
            self._abandon("internal error after the final dot")
            self._brake.hold(None, "internal error, see the log")
            self._on_braked()

    async def _serve(self, row: Row) -> None:
        """One try; the row stays undecided when its connection was closed quietly before it."""
        if row.merged is None:
            self._skip(row, SkipReason.GONE)
            return
        connection = await self._connection_for(row)
        if connection is None:
            return
        await self._tools.guard.fresh()
        if not self._may_speak(row):
            return
        message = await self._rendered(row)
        if message is not None:
            await self._deliver(row, connection, message)

    def _abandon(self, words: str) -> None:
        """Decide about a row that we break off: after the dot it is in doubt, before it is given back."""
        self._drop_connection()
        row = self._undecided
        if row is None:
            return
        if self._has_dot:
            self._doubt(row, words, AttemptFacts())
        else:
            self._give_back(row)

    # --- before the conversation

    def _may_speak(self, row: Row) -> bool:
        """The last look: disposes of a row that must not be sent now, and says False."""
        if time.monotonic() > row.deadline:
            # Another slot may have taken it over; the fence makes giving back harmless.
            self._give_back(row)
            return False
        stop = self._tools.guard.stop_for(row)
        if stop is None:
            if not self._brake.holds_domain(row.mailing.sending_domain):
                return True
            stop = Stop.MAILING
        if stop is Stop.SUPPRESSED:
            self._skip(row, SkipReason.SUPPRESSED)
        else:
            self._give_back(row)
        return False

    async def _connection_for(self, row: Row) -> Connection | None:
        """Return a usable connection to this row's receiver, or dispose of the row."""
        try:
            route = await self._exchange.route(row.lease.domain, self._options.source_address)
        except Forbidden:
            self._skip(row, SkipReason.FORBIDDEN)
            return None
        except NoMail as error:
            self._impossible(row, Stage.DNS, str(error), ReplyClass.BAD_DOMAIN, AttemptFacts())
            return None
        except (NoRoute, DnsFailure) as error:
            stage = Stage.DNS if isinstance(error, DnsFailure) else Stage.CONNECT
            self._silence(row, stage, str(error), AttemptFacts())
            return None
        connection = self._connection
        if (
            connection is not None
            and connection.is_usable
            and self._route is not None
            and self._route.key == route.key
        ):
            self._domain = row.lease.domain
            return connection
        await self.close()
        return await self._connect(row, route)

    async def _connect(self, row: Row, route: Route) -> Connection | None:
        try:
            connection = await smtp_client.connect(route.candidates, self._options)
        except smtp_client.Refused as refusal:
            where = AttemptFacts(
                mx_host=refusal.candidate.host, mx_address=refusal.candidate.address
            )
            self._reply(row, refusal.reply, where)
        except smtp_client.SourceUnavailable as error:
            logger.error(
                "source.unavailable address=%s error=%s", self._options.source_address, error
            )
            self._give_back(row)
            self._brake.hold(None, str(error))
            self._on_braked()
        except smtp_client.ConnectFailed as failure:
            self._exchange.failed(route)
            where = AttemptFacts(
                mx_host=failure.failures[-1][0].host, mx_address=failure.failures[-1][0].address
            )
            self._silence(row, Stage.CONNECT, str(failure), where)
            if failure.was_reset and self._pauses_on_reset:
                self._brake.hold(None, str(failure))
                self._on_braked()
        except smtp_client.DeliveryFault as fault:
            self._silence(
                row, fault.stage, str(fault), AttemptFacts(mx_host=route.candidates[0].host)
            )
        else:
            self._exchange.worked(route)
            self._connection, self._route = connection, route
            self._domain = row.lease.domain
            return connection
        return None

    async def _rendered(self, row: Row) -> RenderedMessage | None:
        """Return the message; one reader's values may be too much, anything else stops the mailing."""
        try:
            renderer = await self._tools.renderers.of(row.mailing.id)
            assert row.merged is not None  # noqa: S101 `_serve` skipped the row otherwise
            return renderer.render(
                recipient_ref=row.lease.recipient_ref,
                address=row.lease.address,
                delivery_id=row.lease.id,
                merged=row.merged,
                now=self._tools.clock(),
            )
        except OutputTooLarge as error:
            self._impossible(row, Stage.DATA, str(error), ReplyClass.SIZE, AttemptFacts())
        except (RenderError, MimeError, DkimError, ValueError) as error:
            self._stop_mailing(row, "render", str(error))
            self._give_back(row)
        return None

    # --- the conversation

    async def _deliver(self, row: Row, connection: Connection, message: RenderedMessage) -> None:
        began = time.monotonic()
        journal, key = self._tools.journal, row.key

        async def before_data() -> bool:
            return time.monotonic() < row.deadline and self._tools.guard.stop_for(row) is None

        async def dot_sent() -> None:
            journal.dot_sent(*key)
            await self._tools.sync.wait()
            self._has_dot = True

        def where() -> AttemptFacts:
            return AttemptFacts(
                mx_host=connection.candidate.host,
                mx_address=connection.candidate.address,
                tls="tls" if connection.is_tls else "",
                duration_ms=int((time.monotonic() - began) * 1000),
            )

        try:
            reply = await connection.deliver(
                message.mail_from,
                message.rcpt_to,
                message.raw,
                before_data=before_data,
                dot_sent=dot_sent,
            )
        except (smtp_client.DeliveryFault, LocalError) as fault:
            self._broken_off(row, fault, where())
        else:
            if self._has_dot:
                self._note(row, JournalReply(reply.code, reply.enhanced, reply.text, reply.stage))
            self._reply(row, reply, where())

    def _broken_off(self, row: Row, fault: Exception, where: AttemptFacts) -> None:
        """Decide about a row whose conversation ended without a reply to it."""
        if isinstance(fault, MessageTooLarge | CapabilityMissing):
            is_size = isinstance(fault, MessageTooLarge)
            reply_class = ReplyClass.SIZE if is_size else ReplyClass.OTHER
            self._impossible(row, Stage.MAIL, str(fault), reply_class, where)
            return
        self._drop_connection()
        match fault:
            case smtp_client.Uncertain():
                self._doubt(row, str(fault), where)
            case smtp_client.ConnectionLost():
                self._lost(row, fault, where)
            case smtp_client.Withdrawn():
                if self._may_speak(row):
                    self._give_back(row)
            case smtp_client.DeliveryFault():
                self._silence(row, fault.stage, str(fault), where)
            case _:  # LocalError: our own message or order of commands
                self._stop_mailing(row, "render", str(fault))
                self._give_back(row)

    def _lost(self, row: Row, lost: smtp_client.ConnectionLost, where: AttemptFacts) -> None:
        if lost.is_quiet and row.quiet_closes < MAX_QUIET_CLOSES:
            # Closed between two messages, this one was never offered: again, on a new connection.
            row.quiet_closes += 1
        else:
            self._silence(row, lost.stage, str(lost), where)

    # --- outcomes

    def _reply(self, row: Row, reply: Reply, where: AttemptFacts) -> None:
        self._judge(row, judge_reply(
            lease=row.lease, reply=reply, where=where, expires_at=row.mailing.expires_at,
            now=self._tools.clock(),
        ))  # fmt: skip

    def _silence(self, row: Row, stage: Stage, words: str, where: AttemptFacts) -> None:
        self._judge(row, judge_silence(
            lease=row.lease, stage=stage, words=words, where=where,
            expires_at=row.mailing.expires_at, now=self._tools.clock(),
        ))  # fmt: skip

    def _impossible(
        self, row: Row, stage: Stage, words: str, reply_class: ReplyClass, where: AttemptFacts
    ) -> None:
        self._judge(row, judge_impossible(
            lease=row.lease, stage=stage, words=words, reply_class=reply_class, where=where,
            now=self._tools.clock(),
        ))  # fmt: skip

    def _judge(self, row: Row, judged: Judged) -> None:
        """Record the outcome, and brake what the reply blamed."""
        self._decide(row, judged.outcome)
        verdict = judged.verdict
        if verdict is None:
            self._brake.release()
            return
        words = judged.outcome.attempt.reply_text
        if verdict.reply_class is ReplyClass.AUTHENTICATION:
            self._stop_mailing(row, "authentication", words)
        elif self._brake.apply(verdict, row.mailing.sending_domain, words):
            self._on_braked()

    def _doubt(self, row: Row, words: str, where: AttemptFacts) -> None:
        self._note(row, JournalReply(0, "", words, Stage.DOT))
        facts = replace(where, stage=Stage.DOT, reply_text=words)
        self._decide(row, uncertain_outcome(row.lease, self._tools.clock(), facts))

    def _note(self, row: Row, reply: JournalReply) -> None:
        """Write the reply into the journal; a full disk must not cost us what we know."""
        try:
            self._tools.journal.replied(*row.key, reply)
        except OSError:
            logger.exception("journal.not_written delivery=%s", row.key)

    def _decide(self, row: Row, outcome: Outcome) -> None:
        self._undecided = None
        self._tools.recorder.add(row, outcome)

    def _skip(self, row: Row, reason: SkipReason) -> None:
        facts = AttemptFacts(reply_class=reason)
        self._decide(row, Outcome(row.lease, DeliveryState.SKIPPED, self._tools.clock(), facts))

    def _give_back(self, row: Row) -> None:
        self._undecided = None
        self._tools.recorder.return_row(row)

    def _stop_mailing(self, row: Row, reason: str, detail: str) -> None:
        tools = self._tools
        tools.guard.stop_mailing(row.mailing.id)
        task = asyncio.create_task(pause(tools.orm, row.mailing.id, reason, detail))
        tools.pauses.add(task)
        task.add_done_callback(tools.pauses.discard)

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
