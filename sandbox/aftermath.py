"""What follows the receipt of a message: plans it once the signatures are judged, and does it."""

import smtplib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from sandbox import reports
from sandbox.browser import Browser, Fetched, ForbiddenAddress
from sandbox.errands import Errands, TryLater
from sandbox.letter import read_letter
from sandbox.mailboxes import Mailbox
from sandbox.postman import NoRoute, Postman
from sandbox.profiles.profile import Profile, Say
from sandbox.readers import Act, plan_reading
from sandbox.record import Errand, Record
from sandbox.reports import Original, Reporter
from sandbox.settings import Switches

# Practice seconds from receipt until the report leaves.
_REPORT_AFTER_S = 120.0
_REPORTS = {
    Mailbox.LATE: "bounce",
    Mailbox.LATE_FULL: "bounce",
    Mailbox.DELAYED: "delay",
    Mailbox.AWAY: "away",
    Mailbox.COMPLAINS: "complaint",
}
_BOUNCE_SAYS = {Mailbox.LATE: Say.UNKNOWN, Mailbox.LATE_FULL: Say.OVER_QUOTA}
_STATUS = {Mailbox.LATE: "5.1.1", Mailbox.LATE_FULL: "5.2.2"}


@dataclass(frozen=True)
class _Case:
    """All that a report is written from."""

    errand: Errand
    profile: Profile
    original: Original
    reporter: Reporter
    now: datetime

    def words(self, say: Say) -> str:
        """Return the provider's words for an occasion as one line."""
        local, _at, domain = self.original.recipient.rpartition("@")
        return (
            self.profile.replies[say]
            .replace("\n", " ")
            .format(
                mailbox=self.original.recipient,
                local=local,
                domain=domain,
                sender=self.original.mail_from,
                sender_domain=self.original.mail_from.rpartition("@")[2],
                ip=self.original.source_ip,
                host=self.reporter.host,
                queue=f"{self.errand.message:x}",
            )
        )


@dataclass(frozen=True)
class _Post:
    """A report ready to leave; `sender` is the envelope's, empty for <>."""

    sender: str
    recipient: str
    message: bytes


class Aftermath:
    """Registers its functions with the errands; `plan` is called once for each message."""

    def __init__(
        self,
        record: Record,
        switches: Switches,
        profiles: Mapping[str, Profile],
        errands: Errands,
        postman: Postman,
        browser: Browser,
    ) -> None:
        self._record = record
        self._switches = switches
        self._profiles = profiles
        self._errands = errands
        self._postman = postman
        self._browser = browser
        for kind, write in (
            ("bounce", self._bounce),
            ("delay", self._delay),
            ("away", self._away),
            ("complaint", self._complaint),
        ):
            errands.register(kind, self._sender(write))
        for act in (Act.OPEN, Act.PREFETCH, Act.SCAN, Act.CLICK):
            errands.register(act.value, self._fetch)
        errands.register(Act.UNSUBSCRIBE.value, self._unsubscribe)

    # --- Planning ---------------------------------------------------------------------------------
    def plan(self, number: int) -> None:
        """Store the errands of a message whose signatures have been judged."""
        row, raw = self._record.message(number), self._record.raw(number)
        if row is None or raw is None:
            return
        now = time.time()
        rows: list[tuple[float, str, int, Mapping[str, Any]]] = []
        for recipient in row["recipients"]:
            mailbox = Mailbox(recipient["mailbox"])
            who = {"recipient": recipient["given"], "mailbox": mailbox.value}
            if (kind := _REPORTS.get(mailbox)) and row["mail_from"]:
                rows.append((now + self._switches.real_s(_REPORT_AFTER_S), kind, number, who))
            if self._switches.readers:
                rows += self._reading(row, raw, mailbox, who, now)
        self._errands.add(rows)

    def _reading(
        self, row: Mapping[str, Any], raw: bytes, mailbox: Mailbox, who: dict[str, str], now: float
    ) -> list[tuple[float, str, int, Mapping[str, Any]]]:
        actions = plan_reading(
            read_letter(raw, row["dkim"] or []),
            self._profiles[row["receiver"]].habits,
            mailbox,
            seed=self._switches.seed,
            address=who["recipient"],
            subject=row["subject"],
        )
        return [
            (
                now + self._switches.real_s(action.after_s),
                "complaint" if action.act is Act.COMPLAIN else action.act.value,
                row["id"],
                {**who, **action.detail},
            )
            for action in actions
            if action.act is not Act.COMPLAIN or row["mail_from"]
        ]

    # --- Reports ----------------------------------------------------------------------------------
    def _sender(self, write: Callable[[_Case], _Post]) -> Callable[[Errand], Any]:
        """Make an errand of a function that writes one kind of report."""

        async def send(errand: Errand) -> None:
            row, raw = self._record.message(errand.message), self._record.raw(errand.message)
            if row is None or raw is None:
                return
            original = Original(
                raw=raw,
                mail_from=row["mail_from"],
                recipient=errand.detail["recipient"],
                source_ip=row["source_ip"],
                received_at=datetime.fromtimestamp(row["received_at"], UTC),
            )
            profile = self._profiles[row["receiver"]]
            domain = original.recipient.rpartition("@")[2].lower()
            reporter = Reporter(profile.hosts[0].name, domain, profile.title)
            case = _Case(errand, profile, original, reporter, datetime.now(UTC))
            await self._post(case, write(case))

        return send

    async def _post(self, case: _Case, post: _Post) -> None:
        about = {"message": case.errand.message, "kind": case.errand.kind, "to": post.recipient}
        host = case.profile.hosts[0]
        try:
            await self._postman.deliver(
                post.message,
                sender=post.sender,
                recipient=post.recipient,
                source_ip=host.address,
                helo=host.name,
            )
        except NoRoute as error:
            self._record.log(time.time(), "report_unroutable", {**about, "reason": str(error)})
            return
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            code, words = _answer(error)
            if code < 500:
                raise TryLater(f"{code} {words}") from error
            self._record.log(time.time(), "report_refused", {**about, "reply": f"{code} {words}"})
            return
        self._record.log(time.time(), "report_sent", about)

    def _bounce(self, case: _Case) -> _Post:
        mailbox = Mailbox(case.errand.detail["mailbox"])
        message = reports.bounce(
            case.original,
            case.reporter,
            action="failed",
            status=_STATUS[mailbox],
            diagnostic=case.words(_BOUNCE_SAYS[mailbox]),
            now=case.now,
        )
        return _Post("", case.original.mail_from, message)

    def _delay(self, case: _Case) -> _Post:
        message = reports.bounce(
            case.original,
            case.reporter,
            action="delayed",
            status="4.4.1",
            diagnostic=case.words(Say.DEFERRED),
            now=case.now,
        )
        return _Post("", case.original.mail_from, message)

    def _away(self, case: _Case) -> _Post:
        message = reports.automatic_answer(case.original, case.reporter, case.now)
        return _Post("", case.original.mail_from, message)

    def _complaint(self, case: _Case) -> _Post:
        to = self._switches.complaint_address or case.original.mail_from
        redacted = case.profile.redacts_complaints
        message = reports.complaint(
            case.original, case.reporter, redacted=redacted, to=to, now=case.now
        )
        return _Post(f"feedback@{case.reporter.domain}", to, message)

    # --- Reading ----------------------------------------------------------------------------------
    async def _fetch(self, errand: Errand) -> None:
        urls = errand.detail["urls"]
        for url in urls:
            try:
                await self._visit(errand, url, self._browser.get)
            except httpx.TransportError as error:
                if len(urls) == 1:
                    raise
                # Tried again as a whole, the errand would count the other addresses twice.
                about = {"message": errand.message, "act": errand.kind, "url": url}
                self._record.log(time.time(), "fetch_failed", {**about, "reason": str(error)})

    async def _unsubscribe(self, errand: Errand) -> None:
        for url in errand.detail["urls"]:
            fetched = await self._visit(errand, url, self._browser.one_click)
            if fetched is not None and fetched.status >= 500:
                raise TryLater(f"the one-click address answered {fetched.status}")

    async def _visit(self, errand: Errand, url: str, ask: Callable[..., Any]) -> Fetched | None:
        """Ask for one URL and log what came of it; None when it leads outside."""
        about = {"message": errand.message, "act": errand.kind, "url": url}
        try:
            fetched: Fetched = await ask(url, errand.detail["agent"])
        except ForbiddenAddress as error:
            self._record.log(time.time(), "fetch_forbidden", {**about, "reason": str(error)})
            return None
        self._record.log(
            time.time(),
            "fetched",
            {
                **about,
                "recipient": errand.detail["recipient"],
                "agent": errand.detail["agent"],
                "status": fetched.status,
                "location": fetched.location,
            },
        )
        return fetched


def _answer(
    error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused,
) -> tuple[int, str]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return code, words.decode("utf-8", "replace")
    text = error.smtp_error
    return error.smtp_code, text.decode("utf-8", "replace") if isinstance(text, bytes) else text
