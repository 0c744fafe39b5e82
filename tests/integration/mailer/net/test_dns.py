"""Questions to a real DNS server."""

import asyncio
import time

import pytest

from mailer.engine.mx import MxAnswer, MxHost
from mailer.engine.realm import Realm
from mailer.net.dns import DnsFailure, DnsTimeout, Resolver

from .dns_server import SERVFAIL, SILENT, TRUNCATED, DnsServer

ZONE: dict[tuple[str, str], list[str] | str] = {
    ("example.com", "MX"): ["20 mx2.example.com.", "10 MX1.example.com."],
    ("mx1.example.com", "A"): ["192.0.2.1", "192.0.2.2"],
    ("mx1.example.com", "AAAA"): ["2001:db8::1"],
    ("implicit.example", "A"): ["192.0.2.3"],
    ("null.example", "MX"): ["0 ."],
    ("empty.example", "TXT"): ['"nothing else"'],
    ("xn--wgv71a119e.jp", "MX"): ["10 mx.xn--wgv71a119e.jp."],
    ("s1._domainkey.example.com", "TXT"): ['"v=DKIM1; k=rsa; " "p=AAAA"'],
    ("broken.example", "*"): SERVFAIL,
    ("silent.example", "*"): SILENT,
    ("big.example", "*"): TRUNCATED,
    ("big.example", "MX"): [f"10 mx{n}.big.example." for n in range(40)],
    ("half.example", "A"): ["192.0.2.9"],
}

TWO_HOSTS = (MxHost(10, "mx1.example.com"), MxHost(20, "mx2.example.com"))


def resolver(server, **changes):
    realm = Realm("test", ("127.0.0.1",), server.port)
    return Resolver(realm, **({"query_timeout_s": 0.3, "lifetime_s": 0.5} | changes))


@pytest.mark.parametrize(
    ("domain", "answer"),
    [
        ("example.com", MxAnswer("example.com", TWO_HOSTS, ttl_s=60)),
        ("implicit.example", MxAnswer("implicit.example", (MxHost(0, "implicit.example"),), is_implicit=True)),
        ("null.example", MxAnswer("null.example", (), is_null=True, ttl_s=60)),
        ("empty.example", MxAnswer("empty.example", (), is_implicit=True)),
        ("missing.example", MxAnswer("missing.example", (), is_nxdomain=True)),
        ("xn--wgv71a119e.jp", MxAnswer("xn--wgv71a119e.jp", (MxHost(10, "mx.xn--wgv71a119e.jp"),), ttl_s=60)),
    ],
)  # fmt: skip
async def test_a_domain_has_one_answer(domain, answer):
    async with DnsServer(ZONE) as server:
        assert await resolver(server).resolve_mx(domain) == answer


async def test_addresses_alternate_between_families():
    async with DnsServer(ZONE) as server:
        found = await resolver(server).resolve_addresses("mx1.example.com")
        assert found[1] == "2001:db8::1"
        assert {found[0], found[2]} == {"192.0.2.1", "192.0.2.2"}
        assert await resolver(server).resolve_addresses("nobody.example") == ()


async def test_split_text_records_are_joined():
    async with DnsServer(ZONE) as server:
        found = await resolver(server).resolve_txt("s1._domainkey.example.com")
        assert found == ("v=DKIM1; k=rsa; p=AAAA",)


async def test_an_answer_too_big_for_udp_comes_by_tcp():
    async with DnsServer(ZONE) as server:
        answer = await resolver(server).resolve_mx("big.example")
        assert len(answer.hosts) == 40
        assert ("big.example", "MX", "tcp") in server.questions


async def test_a_broken_server_is_a_failure_and_no_answer():
    async with DnsServer(ZONE) as server:
        asking = resolver(server)
        for _ in range(2):
            with pytest.raises(DnsFailure) as failure:
                await asking.resolve_mx("broken.example")
            assert not isinstance(failure.value, DnsTimeout)
        assert len(server.questions) >= 2  # not remembered


async def test_silence_ends_in_time():
    async with DnsServer(ZONE) as server:
        started = time.monotonic()
        with pytest.raises(DnsTimeout, match=r"silent\.example"):
            await resolver(server).resolve_mx("silent.example")
        assert time.monotonic() - started < 3


async def test_nobody_listening_is_a_failure():
    async with DnsServer(ZONE) as server:
        port = server.port
    gone = type("Gone", (), {"port": port})
    with pytest.raises(DnsFailure):
        await resolver(gone).resolve_mx("example.com")


async def test_many_who_ask_at_once_ask_once():
    async with DnsServer(ZONE) as server:
        asking = resolver(server)
        answers = await asyncio.gather(*(asking.resolve_mx("example.com") for _ in range(20)))
        assert len(set(answers)) == 1
        assert server.questions == [("example.com", "MX", "udp")]
        await asking.resolve_mx("example.com")
        assert len(server.questions) == 1
        asking.forget("example.com")
        await asking.resolve_mx("example.com")
        assert len(server.questions) == 2


async def test_one_who_gives_up_does_not_spoil_the_others():
    async with DnsServer(ZONE) as server:
        asking = resolver(server)
        impatient = asyncio.ensure_future(asking.resolve_mx("example.com"))
        patient = asyncio.ensure_future(asking.resolve_mx("example.com"))
        await asyncio.sleep(0)
        impatient.cancel()
        assert (await patient).names == ("mx1.example.com", "mx2.example.com")


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example", "x." * 130])
async def test_a_name_that_cannot_exist_does_not(name):
    async with DnsServer(ZONE) as server:
        answer = await resolver(server).resolve_mx(name)
        assert (answer.hosts, server.questions) == ((), [])
