"""The tracker as a callable, and a client in front of it."""

import asyncio

import httpx
import pytest
from django.db import connections

from tests.factories.tracking import make_sent_mail


@pytest.fixture
def spool_dir(tmp_path, settings):
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.VAR_DIR = tmp_path / "var"
    return settings.SPOOL_DIR


@pytest.fixture
async def tracker(transactional_db, redis_db, spool_dir):
    """A running tracker with its background tasks, and an HTTP client that follows nothing."""
    from tracking.asgi import Application

    application = Application()
    await application.start()
    transport = httpx.ASGITransport(app=application, client=("192.0.2.77", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://track.example") as client:
        yield client
    await application.stop()


@pytest.fixture
def stream(redis_db):
    """Read what stands in the event stream."""
    from tracking.raw_event import RawEvent

    def read():
        return [
            RawEvent.from_json(fields[b"e"]) for _, fields in redis_db.xrange("tracking:events")
        ]

    return read


@pytest.fixture
def mail(transactional_db):
    return make_sent_mail()


@pytest.fixture
def orm():
    """Run something that uses the ORM beside the event loop, in a thread that leaves no connection behind."""

    def closing(work, arguments, named):
        try:
            return work(*arguments, **named)
        finally:
            connections.close_all()

    async def run(work, *arguments, **named):
        return await asyncio.to_thread(closing, work, arguments, named)

    return run
