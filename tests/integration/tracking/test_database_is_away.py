"""PostgreSQL refuses: links still lead on, and a wish to leave is on disk before the reader is told."""

import asyncio
import json

import pytest
from django.db import OperationalError, connections

from lists.models import Subscription
from mailer.engine.tokens import TokenKind
from tracking import asgi, selectors, spool
from tracking import tracker as tracker_module
from tracking.services import drain

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def database(tracker, monkeypatch):
    """A switch: `away()` makes every new use of the ORM by the tracker fail as a stopped server does."""
    connection_made = connections["default"].__class__.connect

    class Switch:
        is_away = False

        def away(self):
            self.is_away = True

        def back(self):
            self.is_away = False

    switch = Switch()

    def connect(self):
        if switch.is_away:
            raise OperationalError("connection refused")
        return connection_made(self)

    def close_if_unusable(original):
        def closing(*arguments, **named):
            if switch.is_away:
                connections.close_all()
            return original(*arguments, **named)

        return closing

    monkeypatch.setattr(connections["default"].__class__, "connect", connect)
    for module, name in (
        (tracker_module, "unsubscribe"),
        (asgi, "drain_spools"),
        (selectors, "mailing_cards"),
    ):
        monkeypatch.setattr(module, name, close_if_unusable(getattr(module, name)))
    monkeypatch.setattr(asgi, "FOLLOW_EVERY_S", 0.1)
    yield switch
    switch.back()


async def until(condition):
    for _ in range(100):
        if await condition():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not happen within five seconds")


def state():
    return Subscription.objects.get().state


async def test_wish_waits_on_disk_and_takes_effect_later(database, tracker, mail, orm, spool_dir):
    url = f"/u/{mail.token(TokenKind.UNSUBSCRIBE)}"
    database.away()
    answer = await tracker.post(url, data=ONE_CLICK, headers={"accept-language": "en"})
    assert (answer.status_code, "The mails are stopped" in answer.text) == (200, True)
    assert 'name="undo"' not in answer.text
    [file] = (spool_dir / "unsubscribe").iterdir()
    wish = json.loads(file.read_bytes())
    assert (wish["mailing"], wish["delivery"], wish["route"]) == (
        mail.mailing.pk,
        mail.delivery_id,
        "one-click",
    )
    database.back()

    async def is_drained():
        return not spool.has_leaves(spool_dir)

    await until(is_drained)
    assert await orm(state) == "unsubscribed"


async def test_link_leads_on_because_its_mailing_was_followed(
    database, tracker, mail, spool_dir, settings
):
    """Nobody had pressed it before the server went away."""
    card = (
        settings.VAR_DIR / "tracking" / f"{mail.mailing.pk % 100:02d}" / f"{mail.mailing.pk}.json"
    )

    async def is_kept():
        return card.exists()

    await until(is_kept)
    database.away()
    answer = await tracker.get(f"/c/{mail.token(TokenKind.CLICK, 0)}")
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        "https://shop.example/beans?x=1",
    )


async def test_wish_that_cannot_even_be_spooled_is_not_promised(
    database, tracker, mail, monkeypatch
):
    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(spool, "put_leave", full)
    database.away()
    answer = await tracker.post(f"/u/{mail.token(TokenKind.UNSUBSCRIBE)}", data=ONE_CLICK)
    assert answer.status_code == 503


def test_spooled_wish_is_acted_upon_once(mail, spool_dir, transactional_db):
    """Killed between the commit and the removal of the file."""
    from django.utils import timezone

    from tracking.leave import Leave
    from tracking.models import Event

    leave = Leave(mail.mailing.pk, mail.delivery_id, timezone.now(), "one-click")
    for _ in range(2):
        spool.put_leave(spool_dir, leave)
        assert drain.drain_spools(directory=spool_dir, ip_kept="prefix") == 1
    assert (state(), Event.objects.count()) == ("unsubscribed", 1)
