"""Finds mailing cards: in memory, in a file of this machine, in Redis, and last in PostgreSQL.

The file and Redis keep what was found once, and `follow` fetches the cards of new mailings before anybody clicks:
so a redirect survives a database that is away.
"""

import asyncio
import logging
import os
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from tracking.mailing_card import CardError, MailingCard
from tracking.net.redis_link import RedisAway, RedisLink

logger = logging.getLogger(__name__)

MEMORY_CARDS: Final = 500
REDIS_KEEP_S: Final = 400 * 24 * 3600  # people press links in mails of last year


class CardsAway(Exception):
    """No copy of the card is at hand and the database does not answer: ask again later."""


class CardStore:
    """`load` reads cards from PostgreSQL; it raises `CardsAway` when that is not possible."""

    def __init__(
        self,
        *,
        directory: Path,
        redis: RedisLink,
        load: Callable[[Sequence[int]], Awaitable[Sequence[MailingCard]]],
    ) -> None:
        self._directory = directory
        self._redis = redis
        self._load = load
        self._memory: OrderedDict[int, MailingCard] = OrderedDict()
        self._on_disk: set[int] = set()
        self._under_way: dict[int, asyncio.Task[MailingCard | None]] = {}

    async def find(self, mailing_id: int) -> MailingCard | None:
        """Return the card, None for a mailing that does not exist; or raise CardsAway."""
        card = self._memory.get(mailing_id)
        if card is not None:
            self._memory.move_to_end(mailing_id)
            return card
        task = self._under_way.get(mailing_id)
        if task is None:
            task = asyncio.create_task(self._search(mailing_id))
            self._under_way[mailing_id] = task
            task.add_done_callback(lambda _: self._under_way.pop(mailing_id, None))
        # One reader who closes the connection must not take the answer away from the others.
        return await asyncio.shield(task)

    async def keep_new(self, mailing_ids: Sequence[int]) -> int:
        """Fetch and keep the cards of those mailings that have none on this machine yet."""
        missing = [number for number in mailing_ids if number not in self._on_disk]
        missing = [number for number in missing if not self._file(number).exists()]
        self._on_disk.update(set(mailing_ids) - set(missing))
        if not missing:
            return 0
        cards = await self._load(missing)
        for card in cards:
            await self._keep(card)
        return len(cards)

    async def _search(self, mailing_id: int) -> MailingCard | None:
        card = self._read_file(mailing_id)
        if card is None:
            card = await self._from_elsewhere(mailing_id)
        if card is not None:
            self._memory[mailing_id] = card
            while len(self._memory) > MEMORY_CARDS:
                self._memory.popitem(last=False)
        return card

    async def _from_elsewhere(self, mailing_id: int) -> MailingCard | None:
        try:
            text = await self._redis.get(_key(mailing_id))
            if text is not None:
                card = MailingCard.from_json(text)
                self._write_file(card)
                return card
        except RedisAway:
            pass
        except CardError:
            logger.exception("tracking.card.broken_in_redis %s", mailing_id)
        found = await self._load([mailing_id])
        for card in found:
            await self._keep(card)
        return found[0] if found else None

    async def _keep(self, card: MailingCard) -> None:
        self._write_file(card)
        try:
            await self._redis.set(_key(card.mailing_id), card.to_json(), keep_s=REDIS_KEEP_S)
        except RedisAway:
            logger.warning("tracking.card.not_in_redis %s", card.mailing_id)

    def _file(self, mailing_id: int) -> Path:
        return self._directory / f"{mailing_id % 100:02d}" / f"{mailing_id}.json"

    def _read_file(self, mailing_id: int) -> MailingCard | None:
        try:
            return MailingCard.from_json(self._file(mailing_id).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, CardError):
            logger.exception("tracking.card.broken_file %s", mailing_id)
            return None

    def _write_file(self, card: MailingCard) -> None:
        """A full disk costs the copy, not the redirect."""
        file = self._file(card.mailing_id)
        draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(card.to_json())
            draft.replace(file)
            self._on_disk.add(card.mailing_id)
        except OSError:
            logger.exception("tracking.card.not_on_disk %s", card.mailing_id)


def _key(mailing_id: int) -> str:
    return f"tracking:mailing:{mailing_id}"
