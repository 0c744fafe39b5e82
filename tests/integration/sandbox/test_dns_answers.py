"""Real questions over UDP and TCP."""

import socket
import struct
import time

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.resolver
import pytest

from tests.sandbox_client import SandboxClient


def ask(
    sandbox: SandboxClient, name: str, kind: str, payload: int | None = None
) -> dns.message.Message:
    query = dns.message.make_query(name, kind, payload=payload)
    return dns.query.udp(query, "127.0.0.1", port=sandbox.ports.dns, timeout=5)


def found(message: dns.message.Message) -> list[str]:
    return sorted(data.to_text() for rrset in message.answer for data in rrset)


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        (
            "gmail.com",
            "MX",
            ["10 alt1.gmail-smtp-in.l.google.com.", "5 gmail-smtp-in.l.google.com."],
        ),
        ("gmail-smtp-in.l.google.com", "A", ["127.10.0.1"]),
        ("docomo.ne.jp", "MX", ["10 mfsmax.docomo.ne.jp."]),
        ("nomail.example", "MX", ["0 ."]),
        ("implicit-mx.example", "A", ["127.10.8.1"]),
        ("1.0.20.127.in-addr.arpa", "PTR", ["out-0-1.practice.example."]),
        ("1.0.10.127.in-addr.arpa", "PTR", ["gmail-smtp-in.l.google.com."]),
    ],
)
def test_the_practice_world_is_found(
    sandbox: SandboxClient, name: str, kind: str, expected: list[str]
) -> None:
    reply = ask(sandbox, name, kind)

    assert found(reply) == expected
    assert reply.flags & dns.flags.AA


def test_unknown_names_and_missing_types_are_told_apart(sandbox: SandboxClient) -> None:
    missing, empty = ask(sandbox, "no-such-domain.example", "MX"), ask(sandbox, "gmail.com", "AAAA")

    assert (missing.rcode(), empty.rcode()) == (dns.rcode.NXDOMAIN, dns.rcode.NOERROR)
    assert [rrset.ttl for rrset in missing.authority + empty.authority] == [5, 5]
    assert found(empty) == []


def test_the_spelling_of_the_question_is_echoed(sandbox: SandboxClient) -> None:
    reply = ask(sandbox, "gMaIl.CoM", "MX")

    assert reply.question[0].name.to_text() == "gMaIl.CoM."
    assert reply.answer[0].name.to_text() == "gMaIl.CoM."


def test_a_long_answer_goes_by_tcp(sandbox: SandboxClient) -> None:
    sandbox.publish("shop", ("s1._domainkey.shop.example", "TXT", "v=DKIM1; p=" + "A" * 2000))

    short = ask(sandbox, "s1._domainkey.shop.example", "TXT")
    query = dns.message.make_query("s1._domainkey.shop.example", "TXT")
    whole = dns.query.tcp(query, "127.0.0.1", port=sandbox.ports.dns, timeout=5)

    assert short.flags & dns.flags.TC
    assert short.answer == []
    assert len(b"".join(whole.answer[0][0].strings)) == 2011


def test_edns_makes_room(sandbox: SandboxClient) -> None:
    sandbox.publish("shop", ("s1._domainkey.shop.example", "TXT", "v=DKIM1; p=" + "A" * 700))

    assert ask(sandbox, "s1._domainkey.shop.example", "TXT").flags & dns.flags.TC
    roomy = ask(sandbox, "s1._domainkey.shop.example", "TXT", payload=1232)
    assert not roomy.flags & dns.flags.TC


def test_faulty_domains_fail_in_their_way(sandbox: SandboxClient) -> None:
    assert ask(sandbox, "servfail.example", "MX").rcode() == dns.rcode.SERVFAIL
    query = dns.message.make_query("mail.slow-dns.example", "MX")
    with pytest.raises(dns.exception.Timeout):
        dns.query.udp(query, "127.0.0.1", port=sandbox.ports.dns, timeout=0.3)


def test_published_records_are_served_at_once_and_withdrawn(sandbox: SandboxClient) -> None:
    sandbox.publish("shop", ("track.shop.example", "A", "127.0.0.1"))
    assert found(ask(sandbox, "track.shop.example", "A")) == ["127.0.0.1"]

    sandbox.withdraw("shop")
    assert ask(sandbox, "track.shop.example", "A").rcode() == dns.rcode.NXDOMAIN


def test_questions_can_be_counted(sandbox: SandboxClient) -> None:
    ask(sandbox, "docomo.ne.jp", "MX")
    ask(sandbox, "docomo.ne.jp", "MX")

    assert sandbox.questions() == [("docomo.ne.jp", "MX")] * 2
    assert sandbox.counts()["dns"] == {"MX": 2}


def test_garbage_is_answered_or_ignored_and_the_server_lives(sandbox: SandboxClient) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.connect(("127.0.0.1", sandbox.ports.dns))
        sock.send(b"\x00")
        sock.send(b"\x12\x34" + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + b"\xff\xff")
        reply = sock.recv(512)

    assert (reply[:2], reply[3] & 0x0F) == (b"\x12\x34", dns.rcode.FORMERR)
    started = time.monotonic()
    assert found(ask(sandbox, "docomo.ne.jp", "MX"))
    assert time.monotonic() - started < 2
