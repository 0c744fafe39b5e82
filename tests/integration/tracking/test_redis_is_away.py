"""Redis refuses: events go to the spool, and the answers do not wait."""

import asyncio
import time

import httpx
import pytest

from mailer.engine.tokens import TokenKind
from tracking.models import Event
from tracking.services.drain import drain_spools


@pytest.fixture
async def lonely_tracker(transactional_db, spool_dir, settings, monkeypatch):
    """A tracker whose Redis does not exist, and that leaves the spool alone."""
    from tracking import asgi

    async def never():
        await asyncio.sleep(60)

    monkeypatch.setattr(asgi, "_empty_spools", lambda _database: never())
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    application = asgi.Application()
    await application.start()
    transport = httpx.ASGITransport(app=application, client=("192.0.2.77", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://track.example") as client:
        yield client, application
    await application.stop()


async def test_events_wait_in_the_spool(lonely_tracker, mail, orm, spool_dir):
    client, application = lonely_tracker
    start = time.perf_counter()
    for _ in range(5):
        assert (await client.get(f"/o/{mail.token(TokenKind.OPEN)}")).status_code == 200
    assert time.perf_counter() - start < 2
    await application.stop()
    assert await orm(drain_spools, directory=spool_dir, ip_kept="prefix") == 5
    assert await orm(Event.objects.count) == 5
    assert list((spool_dir / "events").iterdir()) == []
