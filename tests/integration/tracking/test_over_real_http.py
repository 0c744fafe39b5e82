"""The tracker behind uvicorn, as it runs in production."""

import http.client
import threading

import pytest
import uvicorn

from lists.models import Subscription
from mailer.engine.tokens import TokenKind


@pytest.fixture
def port(transactional_db, redis_db, spool_dir):
    from tracking.asgi import Application

    config = uvicorn.Config(
        Application(), host="127.0.0.1", port=0, lifespan="on", log_level="warning"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        threading.Event().wait(0.05)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def ask(port):
    def request(method, path, body=None, headers=None):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        client.request(method, path, body, headers or {})
        answer = client.getresponse()
        result = answer.status, dict(answer.getheaders()), answer.read()
        client.close()
        return result

    return request


def test_one_click_over_the_wire(ask, mail):
    path = f"/u/{mail.token(TokenKind.UNSUBSCRIBE)}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _, _ = ask("GET", path)
    assert (status, Subscription.objects.get().state) == (200, "subscribed")
    status, headers, page = ask("POST", path, b"List-Unsubscribe=One-Click", form)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert Subscription.objects.get().state == "unsubscribed"
    assert int(headers["content-length"]) == len(page)


def test_pixel_and_link_over_the_wire(ask, mail):
    status, headers, body = ask("GET", f"/o/{mail.token(TokenKind.OPEN)}")
    assert (status, headers["content-type"], len(body)) == (200, "image/gif", 43)
    status, headers, body = ask("HEAD", f"/c/{mail.token(TokenKind.CLICK, 0)}")
    assert (status, headers["location"], body) == (302, "https://shop.example/beans?x=1", b"")
