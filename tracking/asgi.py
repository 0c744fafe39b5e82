"""The tracker process: `uvicorn config.asgi:application`. Django's ORM and templates, none of its request stack."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

# ruff: noqa: E402 - models can be imported from here on only
from django.conf import settings

from mailer.database_threads import DatabaseAway, DatabaseThreads
from mailer.keys import token_codec
from tracking import selectors, spool
from tracking.card_store import CardsAway, CardStore
from tracking.http import (
    MAX_PATH_CHARS,
    BodyTooLarge,
    ClientGone,
    Receive,
    Response,
    Scope,
    Send,
    read_request,
    send_response,
)
from tracking.mailing_card import MailingCard
from tracking.net.redis_link import RedisAway, RedisLink
from tracking.recorder import Recorder
from tracking.services.drain import drain_spools
from tracking.tracker import Tracker

logger = logging.getLogger(__name__)

FOLLOW_EVERY_S: Final = 3.0
BODY_TIMEOUT_S: Final = 20.0
_STATIC_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_STATIC_FOLDERS: Final = ("css", "fonts", "img")
_STATIC_HEADERS: Final = {"cache-control": "public, max-age=3600"}


class Application:
    """The ASGI callable. Everything that needs the event loop is made at start-up (the lifespan protocol)."""

    def __init__(self) -> None:
        self._parts: tuple[Tracker, Recorder] | None = None
        self._stack = contextlib.AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            raise ValueError(f"the tracker speaks HTTP only, not {scope['type']}")

    async def start(self) -> tuple[Tracker, Recorder]:
        """Make the parts and start the background tasks."""
        redis = RedisLink(settings.REDIS_URL)
        self._stack.push_async_callback(redis.close)
        database = DatabaseThreads()
        self._stack.push_async_callback(database.close)
        cards = CardStore(
            directory=settings.VAR_DIR / "tracking", redis=redis, load=partial(_load, database)
        )
        recorder = Recorder(redis=redis, directory=settings.SPOOL_DIR)
        recorder.start()
        self._stack.push_async_callback(recorder.stop)
        self._background(partial(_follow_mailings, database, cards))
        self._background(partial(_empty_spools, database))
        tracker = Tracker(
            codec=token_codec(),
            cards=cards,
            database=database,
            spool_directory=settings.SPOOL_DIR,
            ip_kept=settings.TRACK_IP,
            static=_static_files(settings.BASE_DIR / "static"),
            default_language=settings.LANGUAGE_CODE,
        )
        self._parts = tracker, recorder
        return self._parts

    async def stop(self) -> None:
        self._parts = None
        await self._stack.aclose()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["method"] == "HEAD"
        if len(scope["path"]) > MAX_PATH_CHARS:
            await send_response(Response(414, b"Address too long\n"), send, is_head=is_head)
            return
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                request = await read_request(scope, receive)
        except BodyTooLarge:
            await send_response(Response(413, b"Too large\n"), send, is_head=False)
            return
        except TimeoutError:
            await send_response(Response(408, b"Too slow\n"), send, is_head=False)
            return
        except ClientGone:
            return
        # A server without the lifespan protocol starts us with its first request.
        tracker, recorder = self._parts or await self.start()
        answer = await tracker.answer(request)
        try:
            await send_response(answer.response, send, is_head=is_head)
        finally:
            # The reader did it, whether or not they waited for our answer.
            if answer.event is not None:
                await recorder.record(answer.event)

    def _background(self, round_: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(_again_and_again(round_))

        async def end() -> None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        self._stack.push_async_callback(end)


async def _again_and_again(round_: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await round_()
        except (CardsAway, DatabaseAway, RedisAway, OSError) as error:
            logger.info("tracking.background.waits %s", error)
        except Exception:  # a fault in one round must not end the rounds
            logger.exception("tracking.background.failed")
        await asyncio.sleep(FOLLOW_EVERY_S)


async def _load(database: DatabaseThreads, mailing_ids: Sequence[int]) -> Sequence[MailingCard]:
    try:
        return await database.run(selectors.mailing_cards, mailing_ids=mailing_ids)
    except DatabaseAway as error:
        raise CardsAway(str(error)) from error


async def _follow_mailings(database: DatabaseThreads, cards: CardStore) -> None:
    """Keep the links of new mailings at hand before anybody presses them."""
    await cards.keep_new(await database.run(selectors.newest_mailing_ids))


async def _empty_spools(database: DatabaseThreads) -> None:
    """Wishes to leave go to PostgreSQL; the opens and clicks of this machine go with them."""
    directory: Path = settings.SPOOL_DIR
    if spool.has_any(directory):
        done = await database.run(drain_spools, directory=directory, ip_kept=settings.TRACK_IP)
        logger.info("tracking.spool.drained %d", done)


def _static_files(root: Path) -> dict[str, Response]:
    """Read the style sheets, fonts and marks of the public pages into memory: nothing else can be fetched."""
    return {
        f"page/{file.relative_to(root).as_posix()}": Response(
            200, file.read_bytes(), _STATIC_TYPES[file.suffix], _STATIC_HEADERS
        )
        for folder in _STATIC_FOLDERS
        for file in sorted((root / folder).glob("*"))
        if file.suffix in _STATIC_TYPES and file.is_file()
    }


application = Application()
