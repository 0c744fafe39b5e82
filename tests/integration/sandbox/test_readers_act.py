"""Readers open, click and leave over HTTP, and never reach outside loopback."""

import dkim
import pytest

from tests.integration.sandbox.conftest import Connect, Site, letter
from tests.integration.sandbox.signing import RSA_PEM, RSA_RECORD
from tests.sandbox_client import SandboxClient

GMAIL_PROXY = "GoogleImageProxy"


@pytest.fixture(autouse=True)
def _reading(sandbox: SandboxClient) -> None:
    sandbox.world(readers=True, speed=20_000.0)
    sandbox.publish(
        "shop",
        ("r1._domainkey.shop.example", "TXT", RSA_RECORD),
        ("track.shop.example", "A", "127.0.0.1"),
    )


def newsletter(recipient: str, base: str, *, more: str = "") -> bytes:
    extra = (
        "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"List-Unsubscribe: <{base}/leave>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )
    body = f'<img src="{base}/pixel"><a href="{base}/away">shop</a>{more}\r\n'
    return letter(recipient, body=body, extra=extra)


def signed(raw: bytes) -> bytes:
    names = [b"from", b"list-unsubscribe", b"list-unsubscribe-post"]
    header: bytes = dkim.sign(raw, b"r1", b"shop.example", RSA_PEM, include_headers=names)
    return header + raw


def deliver(connect: Connect, recipient: str, raw: bytes) -> None:
    server = "127.10.0.1" if recipient.endswith("@gmail.com") else "127.10.2.1"
    with connect(server) as client:
        client.sendmail("b@shop.example", [recipient], raw)


def settle(sandbox: SandboxClient) -> None:
    """Wait until everything planned has been done."""
    sandbox.wait_for(
        lambda: not (counts := sandbox.counts())["unverified"] and not counts["errands"]
    )


def test_a_click_follows_an_opening_and_no_redirect(
    sandbox: SandboxClient, connect: Connect, site: Site
) -> None:
    deliver(connect, "clicks.a@gmail.com", newsletter("a", f"http://127.0.0.1:{site.port}"))
    sandbox.wait_for(lambda: site.seen("GET", "/away"))
    settle(sandbox)

    assert [visit["path"] for visit in site.visits] == ["/pixel", "/away"]
    assert GMAIL_PROXY in site.visits[0]["agent"]
    assert "Mozilla/5.0" in site.visits[1]["agent"]
    assert GMAIL_PROXY not in site.visits[1]["agent"]
    click = sandbox.log(kind="fetched")[-1]["detail"]
    assert (click["status"], click["location"]) == (200, "http://203.0.113.1/")


def test_a_published_host_is_reached_under_its_name(
    sandbox: SandboxClient, connect: Connect, site: Site
) -> None:
    host = f"track.shop.example:{site.port}"
    deliver(connect, "opens.a@gmail.com", newsletter("a", f"http://{host}"))

    sandbox.wait_for(lambda: site.visits)
    assert site.visits[0]["host"] == host


def test_one_click_is_a_bare_post(sandbox: SandboxClient, connect: Connect, site: Site) -> None:
    raw = newsletter("a", f"http://127.0.0.1:{site.port}")
    deliver(connect, "leaves.a@gmail.com", signed(raw))
    sandbox.wait_for(lambda: site.seen("POST", "/leave"))
    settle(sandbox)

    (post,) = site.seen("POST", "/leave")
    assert post["body"] == "List-Unsubscribe=One-Click"
    assert site.seen("GET", "/leave") == []


@pytest.mark.parametrize("spoil", [b"", b"Hello"])
def test_one_click_is_not_offered_without_a_valid_signature(
    sandbox: SandboxClient, connect: Connect, site: Site, spoil: bytes
) -> None:
    raw = newsletter("a", f"http://127.0.0.1:{site.port}")
    deliver(connect, "leaves.a@gmail.com", signed(raw) + spoil if spoil else raw)
    sandbox.wait_for(lambda: site.seen("GET", "/pixel"))
    settle(sandbox)

    assert site.seen("POST", "/leave") == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://203.0.113.9/x", "no loopback address"),
        ("http://10.0.0.1/x", "no loopback address"),
        ("http://www.outside.example/x", "does not exist in the practice internet"),
        ("http://127.0.0.1@203.0.113.9/x", "no loopback address"),
        ("http://0x7f.1/x", "does not exist"),
    ],
)
def test_nothing_outside_loopback_is_fetched(
    sandbox: SandboxClient, connect: Connect, site: Site, url: str, reason: str
) -> None:
    body = f'<img src="{url}"><img src="http://127.0.0.1:{site.port}/pixel">'
    extra = "MIME-Version: 1.0\r\nContent-Type: text/html\r\n"
    deliver(connect, "opens.a@gmail.com", letter("a", body=body, extra=extra))
    sandbox.wait_for(lambda: site.seen("GET", "/pixel"))
    settle(sandbox)

    (refused,) = sandbox.log(kind="fetch_forbidden")
    assert refused["detail"]["url"] == url
    assert reason in refused["detail"]["reason"]


def test_letters_cannot_reach_the_control_port(
    sandbox: SandboxClient, connect: Connect, site: Site
) -> None:
    body = f'<img src="http://127.0.0.1:{sandbox.ports.http}/reset">'
    extra = "MIME-Version: 1.0\r\nContent-Type: text/html\r\n"
    deliver(connect, "opens.a@gmail.com", letter("a", body=body, extra=extra))

    assert sandbox.wait_for(lambda: sandbox.log(kind="fetch_forbidden"))
    assert sandbox.log(kind="fetched") == []


def test_a_failed_one_click_is_tried_again(
    sandbox: SandboxClient, connect: Connect, site: Site
) -> None:
    site.status = 503
    raw = newsletter("a", f"http://127.0.0.1:{site.port}")
    deliver(connect, "leaves.a@gmail.com", signed(raw))
    sandbox.wait_for(lambda: site.seen("POST", "/leave"))
    site.status = 200

    sandbox.wait_for(lambda: len(site.seen("POST", "/leave")) == 2)


def test_nobody_acts_while_readers_are_off(
    sandbox: SandboxClient, connect: Connect, site: Site
) -> None:
    sandbox.world(readers=False)
    deliver(connect, "clicks.a@gmail.com", newsletter("a", f"http://127.0.0.1:{site.port}"))
    settle(sandbox)

    assert site.visits == []


def test_two_runs_with_one_seed_are_read_alike(
    sandbox: SandboxClient, connect: Connect, site: Site
) -> None:
    sandbox.adjust("gmail", messages_per_connection=0, messages_per_minute=100_000)

    def visits() -> list[tuple[str, str]]:
        with connect() as client:
            for number in range(60):
                base = f"http://127.0.0.1:{site.port}/{number}"
                raw = newsletter(f"r{number}@gmail.com", base)
                client.sendmail("b@shop.example", [f"r{number}@gmail.com"], raw)
        sandbox.wait_for(lambda: len(sandbox.messages()) == 60)
        settle(sandbox)
        seen = sorted((visit["path"], visit["agent"]) for visit in site.visits)
        site.visits.clear()
        sandbox.http.post("/reset")
        sandbox.adjust("gmail", messages_per_connection=0, messages_per_minute=100_000)
        return seen

    first = visits()
    assert 10 <= len(first) <= 60
    assert visits() == first
