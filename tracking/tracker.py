"""What the tracker answers. The reader's answer comes first; what it meant is written afterwards.

Unsubscribing is the exception: it is in PostgreSQL, or on disk in the spool, before the reader is told so.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.core import signing
from django.utils import timezone

from mailer.database_threads import DatabaseAway, DatabaseThreads
from mailer.engine.links import SEALED_TARGET_PARAMETER
from mailer.engine.tokens import Token, TokenCodec, TokenError, TokenKind
from tracking import spool
from tracking.card_store import CardsAway, CardStore
from tracking.http import Request, Response
from tracking.leave import Leave
from tracking.mailing_card import MailingCard, location
from tracking.pages import LANGUAGES, Page, preferred_language
from tracking.raw_event import CLICK, OPEN, RawEvent, clean_user_agent, kept_ip, new_event_id
from tracking.services.unsubscribe import LeaveOutcome, undo_unsubscribe, unsubscribe

logger = logging.getLogger(__name__)

# The smallest transparent GIF: 43 bytes.
PIXEL: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
UNDO_MAX_AGE_S: Final = 24 * 3600
_READ: Final = frozenset({"GET", "HEAD"})
_NOT_ALLOWED: Final = "Method not allowed\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, and what is recorded once it is on its way."""

    response: Response
    event: RawEvent | None = None


@dataclass(frozen=True)
class Tracker:
    """One process's tracker. Routes are the first path segment; whatever follows the token is bounded by it."""

    codec: TokenCodec
    cards: CardStore
    database: DatabaseThreads
    spool_directory: Path
    ip_kept: str
    static: Mapping[str, Response]
    default_language: str

    async def answer(self, request: Request) -> Answer:
        route = _ROUTES.get(request.segments[0])
        if route is not None:
            return await route(self, request)
        if request.method not in _READ:
            return _not_allowed("GET, HEAD")
        asset = self.static.get("/".join(request.segments))
        return Answer(asset) if asset is not None else self._not_found(request)

    async def pixel(self, request: Request) -> Answer:
        """GET /o/<token>: the picture, whatever the token says. A mail never shows a broken image."""
        if request.method not in _READ:
            return _not_allowed("GET, HEAD")
        response = Response(200, PIXEL, "image/gif")
        try:
            token = self._token(request, TokenKind.OPEN)
        except TokenError:
            return Answer(response)
        return Answer(response, self._event(request, OPEN, token))

    async def click(self, request: Request) -> Answer:
        """GET /c/<token>[?to=<sealed target>]: on to a target of the mailing, and nowhere else."""
        if request.method not in _READ:
            return _not_allowed("GET, HEAD")
        try:
            token = self._token(request, TokenKind.CLICK)
            target = await self._target(request, token)
        except TokenError:
            return self._not_found(request)
        except CardsAway:
            return self._unavailable(request)
        if target is None:
            return self._not_found(request)
        return Answer(
            Response(302, headers={"location": target}),
            self._event(request, CLICK, token, token.index),
        )

    async def leave(self, request: Request) -> Answer:
        """GET /u/<token>[/<language>] asks; POST acts (RFC 8058 §3.1 and §3.2: the one-click POST and no other way)."""
        if request.method not in {*_READ, "POST"}:
            return _not_allowed("GET, HEAD, POST")
        try:
            token = self._token(request, TokenKind.UNSUBSCRIBE)
        except TokenError:
            return self._not_found(request)
        card = await self._card_or_blank(token.mailing_id)
        if card is None:
            return self._not_found(request)
        page = self._page(request, card)
        if card.is_test:
            return Answer(page.render("test"))
        if request.method != "POST":
            return Answer(page.render("unsubscribe"))
        return Answer(await self._act(request, token, page))

    async def _act(self, request: Request, token: Token, page: Page) -> Response:
        if request.fields.get("List-Unsubscribe") == "One-Click":
            return await self._unsubscribe(request, token, page, "one-click")
        if request.fields.get("action") == "unsubscribe":
            return await self._unsubscribe(request, token, page, "page")
        if request.fields.get("action") == "undo":
            return await self._undo(request, token, page)
        return page.render("unsubscribe", 400, problem="not-understood")

    async def _unsubscribe(
        self, request: Request, token: Token, page: Page, route: str
    ) -> Response:
        leave = self._leave(request, token, route)
        try:
            outcome = await self.database.run(
                unsubscribe, leave=leave, kept_ip=kept_ip(leave.ip, self.ip_kept)
            )
        except DatabaseAway as error:
            logger.warning("tracking.unsubscribe.spooled %s", error)
            return await self._spool(leave, page)
        if outcome is LeaveOutcome.TEST:
            return page.render("test")
        if outcome is LeaveOutcome.UNKNOWN:
            # Our token is genuine, but its ledger is gone: say so rather than promise.
            return page.render("not_found", 404)
        return page.render("done", undo=_undo_signer().sign(request.segments[1]))

    async def _spool(self, leave: Leave, page: Page) -> Response:
        try:
            await asyncio.to_thread(spool.put_leave, self.spool_directory, leave)
        except OSError:
            logger.exception("tracking.unsubscribe.lost %s/%s", leave.mailing_id, leave.delivery_id)
            return page.render("unavailable", 503)
        return page.render("done")

    async def _undo(self, request: Request, token: Token, page: Page) -> Response:
        """Only who has just seen the done page holds the signed value."""
        try:
            signed = _undo_signer().unsign(request.fields.get("undo", ""), max_age=UNDO_MAX_AGE_S)
        except signing.BadSignature:
            return page.render("not_undone", 400)
        if signed != request.segments[1]:
            return page.render("not_undone", 400)
        leave = self._leave(request, token, "page-undo")
        try:
            came_back = await self.database.run(
                undo_unsubscribe, leave=leave, kept_ip=kept_ip(leave.ip, self.ip_kept)
            )
        except DatabaseAway as error:
            logger.warning("tracking.undo.refused %s", error)
            return page.render("unavailable", 503)
        return page.render("undone") if came_back else page.render("not_undone", 409)

    async def _target(self, request: Request, token: Token) -> str | None:
        sealed = request.parameter(SEALED_TARGET_PARAMETER)
        if sealed:
            return location(self.codec.open_target(sealed, token))
        card = await self.cards.find(token.mailing_id)
        return card.target(token.index) if card is not None else None

    async def _card_or_blank(self, mailing_id: int) -> MailingCard | None:
        """Leaving must be possible even while we cannot say whose mail it was."""
        try:
            return await self.cards.find(mailing_id)
        except CardsAway:
            return MailingCard(mailing_id, False, (), "", language=self.default_language)

    def _token(self, request: Request, kind: TokenKind) -> Token:
        return self.codec.decode(request.segments[1] if len(request.segments) > 1 else "", kind)

    def _event(
        self, request: Request, kind: int, token: Token, link_index: int | None = None
    ) -> RawEvent:
        return RawEvent(
            id=new_event_id(),
            at=timezone.now(),
            kind=kind,
            mailing_id=token.mailing_id,
            delivery_id=token.delivery_id,
            link_index=link_index,
            ip=kept_ip(request.client_ip, self.ip_kept),
            user_agent=clean_user_agent(request.user_agent),
            is_head=request.method == "HEAD",
        )

    def _leave(self, request: Request, token: Token, route: str) -> Leave:
        return Leave(
            mailing_id=token.mailing_id,
            delivery_id=token.delivery_id,
            at=timezone.now(),
            route=route,
            ip=request.client_ip,
            user_agent=clean_user_agent(request.user_agent),
        )

    def _page(self, request: Request, card: MailingCard | None = None) -> Page:
        default = card.language if card is not None else self.default_language
        language = preferred_language(request.headers.get("accept-language", ""), default)
        path = "/".join(request.segments[:2])
        if card is not None and len(request.segments) > 2 and request.segments[2] in LANGUAGES:
            language = request.segments[2]
        other = next(code for code in LANGUAGES if code != language)
        return Page(language, f"/{path}/{other}" if card is not None else "", card)

    def _not_found(self, request: Request) -> Answer:
        return Answer(self._page(request).render("not_found", 404))

    def _unavailable(self, request: Request) -> Answer:
        return Answer(self._page(request).render("unavailable", 503))


async def _healthz(_tracker: Tracker, _request: Request) -> Answer:
    return Answer(Response(200, b"ok\n"))


async def _robots(_tracker: Tracker, _request: Request) -> Answer:
    return Answer(Response(200, b"User-agent: *\nDisallow: /\n"))


_ROUTES: Final[Mapping[str, Callable[[Tracker, Request], Awaitable[Answer]]]] = {
    "o": Tracker.pixel,
    "c": Tracker.click,
    "u": Tracker.leave,
    "healthz": _healthz,
    "robots.txt": _robots,
}


def _not_allowed(allowed: str) -> Answer:
    return Answer(Response(405, _NOT_ALLOWED.encode(), headers={"allow": allowed}))


def _undo_signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="tracking.undo")
