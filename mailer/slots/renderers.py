"""Renderers and mailing controls for the slots: what needs Django's ORM runs in a thread of its own."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from mailer.models import Mailing
from mailer.services.control import ControlError, pause_mailing
from mailer.services.render import Renderer

logger = logging.getLogger(__name__)

KEPT = 64
KEPT_S = 300.0

R = TypeVar("R")


class OrmDesk:
    """One thread with Django's connection."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="todoku-orm")

    async def run(self, act: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _fresh, act)

    async def close(self) -> None:
        await self.run(lambda: connection.close())
        self._thread.shutdown(wait=False)


class Renderers:
    """The renderers of the mailings that are being sent, the least recently used dropped first."""

    def __init__(self, desk: OrmDesk) -> None:
        self._desk = desk
        self._kept: OrderedDict[int, tuple[float, Renderer]] = OrderedDict()
        self._loading: dict[int, asyncio.Task[Renderer]] = {}

    async def of(self, mailing_id: int) -> Renderer:
        """Return the renderer; raises what `Renderer.for_mailing` raises."""
        kept = self._kept.get(mailing_id)
        if kept is not None and time.monotonic() - kept[0] < KEPT_S:
            return kept[1]
        task = self._loading.get(mailing_id)
        if task is None:
            task = asyncio.create_task(self._desk.run(lambda: _load(mailing_id)))
            self._loading[mailing_id] = task
            task.add_done_callback(lambda _: self._loading.pop(mailing_id, None))
        renderer = await asyncio.shield(task)
        self._kept[mailing_id] = (time.monotonic(), renderer)
        self._kept.move_to_end(mailing_id)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return renderer


async def pause(desk: OrmDesk, mailing_id: int, reason: str, detail: str) -> None:
    """Pause a mailing from inside a slot; when the database is away the next refusal tries again."""
    try:
        await desk.run(
            lambda: pause_mailing(
                mailing_id=mailing_id, reason=reason, detail=detail, now=timezone.now()
            )
        )
    except ControlError as error:
        logger.info("mailing.not_paused mailing=%s error=%s", mailing_id, error)
    except DatabaseError as error:
        logger.warning("mailing.not_paused mailing=%s error=%s", mailing_id, error)
    else:
        logger.warning("mailing.paused mailing=%s reason=%s", mailing_id, reason)


def _load(mailing_id: int) -> Renderer:
    mailing = Mailing.objects.select_related("sending_domain__organisation").get(pk=mailing_id)
    return Renderer.for_mailing(mailing)


def _fresh(act: Callable[[], R]) -> R:
    close_old_connections()
    return act()
