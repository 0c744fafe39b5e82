"""The reader gets the answer at once; the event follows into the stream."""

import asyncio

import pytest

from mailer.engine.tokens import Token, TokenKind
from mailer.keys import token_codec
from mailer.models import Mailing
from tracking.raw_event import CLICK, OPEN


async def events(stream, count):
    for _ in range(100):
        found = await asyncio.to_thread(stream)
        if len(found) >= count:
            return found
        await asyncio.sleep(0.02)
    return found


async def test_pixel_is_a_gif_and_leaves_an_event(tracker, mail, stream):
    answer = await tracker.get(f"/o/{mail.token(TokenKind.OPEN)}", headers={"user-agent": "Mail/1"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert len(answer.content) == 43
    assert answer.headers["cache-control"] == "no-store"
    [event] = await events(stream, 1)
    assert (event.kind, event.mailing_id, event.delivery_id, event.link_index) == (
        OPEN,
        mail.mailing.pk,
        mail.delivery_id,
        None,
    )
    assert (event.ip, event.user_agent, event.is_head) == ("192.0.2.0", "Mail/1", False)


async def test_pixel_of_nobody_is_a_gif_and_no_event(tracker, stream):
    answer = await tracker.get("/o/AAAA")
    assert (answer.status_code, len(answer.content)) == (200, 43)
    await asyncio.sleep(0.1)
    assert await events(stream, 0) == []


async def test_link_leads_to_the_target_of_the_table(tracker, mail, stream):
    token = mail.token(TokenKind.CLICK, 0)
    answer = await tracker.get(f"/c/{token}?url=https://evil.example/")
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        "https://shop.example/beans?x=1",
    )
    [event] = await events(stream, 1)
    assert (event.kind, event.link_index) == (CLICK, 0)


async def test_head_gets_the_headers_and_is_marked(tracker, mail, stream):
    answer = await tracker.head(f"/c/{mail.token(TokenKind.CLICK, 0)}")
    assert (answer.status_code, answer.content) == (302, b"")
    [event] = await events(stream, 1)
    assert event.is_head


async def test_sealed_target_is_opened_for_its_own_token_only(tracker, mail):
    token = Token(TokenKind.CLICK, mail.mailing.pk, mail.delivery_id, 1)
    other = Token(TokenKind.CLICK, mail.mailing.pk, mail.delivery_id + 1, 1)
    sealed = token_codec().seal_target("https://shop.example/A1", token)
    good = await tracker.get(f"/c/{token_codec().encode(token)}?to={sealed}&utm_x=1")
    bad = await tracker.get(f"/c/{token_codec().encode(other)}?to={sealed}")
    assert (good.status_code, good.headers["location"]) == (302, "https://shop.example/A1")
    assert (bad.status_code, "location" in bad.headers) == (404, False)


@pytest.mark.parametrize("index", [1, 2, 999])
async def test_link_outside_the_table_is_not_found(tracker, mail, index):
    answer = await tracker.get(f"/c/{mail.token(TokenKind.CLICK, index)}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path", ["/c/", "/c/AAAA", "/", "/c/a/b/c", "/x", "/../etc/passwd", "/page/../manage.py"]
)
async def test_unknown_address_is_a_polite_404(tracker, path):
    answer = await tracker.get(path, headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "This page does not exist" in answer.text


async def test_token_of_another_kind_is_refused(tracker, mail):
    assert (await tracker.get(f"/c/{mail.token(TokenKind.OPEN)}")).status_code == 404
    assert (await tracker.get(f"/u/{mail.token(TokenKind.CLICK)}")).status_code == 404


async def test_post_to_a_link_is_refused(tracker, mail):
    answer = await tracker.post(f"/c/{mail.token(TokenKind.CLICK, 0)}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_redirect_survives_the_ledger(tracker, mail, redis_db, orm):
    """Once seen, a mailing's links are kept in memory, in a file and in Redis."""
    path = f"/c/{mail.token(TokenKind.CLICK, 0)}"
    assert (await tracker.get(path)).status_code == 302
    await orm(Mailing.objects.filter(pk=mail.mailing.pk).update, content={"links": []})
    assert (await tracker.get(path)).status_code == 302
    assert await asyncio.to_thread(redis_db.exists, f"tracking:mailing:{mail.mailing.pk}")


async def test_health_and_robots(tracker):
    assert (await tracker.get("/healthz")).text == "ok\n"
    assert "Disallow: /" in (await tracker.get("/robots.txt")).text


async def test_too_long_address_is_refused(tracker):
    assert (await tracker.get("/c/" + "a" * 9000)).status_code == 414


async def test_style_sheets_come_from_memory(tracker):
    answer = await tracker.get("/page/css/tokens.css")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
