import re
import smtplib
import socket
import ssl

import pytest

from tests.integration.sandbox.conftest import Connect, letter
from tests.sandbox_client import SandboxClient

TO = "taro@gmail.com"


def talk(sandbox: SandboxClient, conversation: bytes, address: str = "127.10.2.1") -> bytes:
    """Send bytes as they are and return everything that comes back until the server closes."""
    with socket.create_connection((address, sandbox.ports.smtp), timeout=10) as sock:
        sock.sendall(conversation)
        answer = b""
        while chunk := sock.recv(65536):
            answer += chunk
        return answer


def codes(answer: bytes) -> list[bytes]:
    """The last line's code of each reply."""
    return re.findall(rb"^(\d{3}) ", answer, re.MULTILINE)


def test_bytes_are_kept_exactly(sandbox: SandboxClient, connect: Connect) -> None:
    raw = letter(TO, body=".dot\r\n..two\r\n\r\n\r\n\xe3\r\nno end")
    with connect() as client:
        client.sendmail("b-1@bounce.shop.example", [TO], raw)

    (message,) = sandbox.messages()
    assert sandbox.raw(message["id"]) == raw + b"\r\n"
    assert message["size"] == len(raw) + 2
    assert message["rcpt_to"] == [TO]
    assert (message["mail_from"], message["source_ip"]) == ("b-1@bounce.shop.example", "127.20.0.1")
    assert (message["helo"], message["tls"]) == ("out-0-1.practice.example", "")
    assert (message["subject"], message["header_to"]) == ("News", TO)
    assert message["message_id"] == f"<News-{TO}>"


def test_tls_is_offered_and_noted(sandbox: SandboxClient, connect: Connect) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with connect() as client:
        client.starttls(context=context)
        client.sendmail("b@shop.example", [TO], letter(TO))
        assert not client.has_extn("starttls")

    assert [row["tls"] for row in sandbox.messages()] == ["TLSv1.3"]


def test_broken_tls_fails_in_the_handshake(sandbox: SandboxClient, connect: Connect) -> None:
    client = connect("127.10.8.2")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        client.starttls()
    client.close()
    with connect("127.10.8.2") as plain:
        plain.sendmail("b@shop.example", ["a@tls-broken.example"], letter("a@tls-broken.example"))

    assert [(row["stage"], row["outcome"]) for row in sandbox.transactions()] == [
        ("tls", "dropped"),
        ("dot", "accepted"),
    ]


def test_pipelined_commands_are_answered_in_order(sandbox: SandboxClient) -> None:
    answer = talk(
        sandbox,
        b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<unknown.x@kaisha.example>\r\n"
        b"RCPT TO:<taro@kaisha.example>\r\nDATA\r\n"
        b"Subject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n",
    )

    assert codes(answer) == [b"220", b"250", b"250", b"550", b"250", b"354", b"250", b"221"]
    assert [row["rcpt_to"] for row in sandbox.messages()] == [["taro@kaisha.example"]]


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r"])
def test_nothing_is_smuggled_behind_a_false_end(sandbox: SandboxClient, end: bytes) -> None:
    smuggled = b"MAIL FROM:<evil@b.example>\r\nRCPT TO:<taro@kaisha.example>\r\nDATA\r\nx"
    answer = talk(
        sandbox,
        b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<taro@kaisha.example>\r\nDATA\r\n"
        b"Subject: x\r\n\r\nhi" + end + smuggled + b"\r\n.\r\nQUIT\r\n",
    )

    assert b"bare <LF> received" in answer
    assert sandbox.messages() == []


def test_commands_before_tls_do_not_count_after_it(sandbox: SandboxClient) -> None:
    with socket.create_connection(("127.10.2.1", sandbox.ports.smtp), timeout=10) as sock:
        sock.recv(1024)
        sock.sendall(b"EHLO x\r\n")
        sock.recv(1024)
        sock.sendall(b"STARTTLS\r\nEHLO y\r\nMAIL FROM:<evil@b.example>\r\n")
        assert sock.recv(1024).startswith(b"220 ")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(sock) as tls:
            tls.sendall(b"RCPT TO:<taro@kaisha.example>\r\n")
            assert tls.recv(1024).startswith(b"503 ")


def test_too_much_is_refused_by_announcement_and_by_count(
    sandbox: SandboxClient, connect: Connect
) -> None:
    sandbox.adjust("gmail", size_bytes=100_000)
    with connect() as client:
        assert client.mail("b@shop.example", ["SIZE=100001"])[0] == 552
        # The client would not send what it had to announce: SIZE is left out here.
        client.esmtp_features.pop("size")
        with pytest.raises(smtplib.SMTPDataError, match="exceeded Google's message size"):
            client.sendmail("b@shop.example", [TO], letter(TO, body="x" * 70 + "\r\n" * 60_000))
        client.sendmail("b@shop.example", [TO], letter(TO))

    assert len(sandbox.messages()) == 1


def test_out_of_order_commands_are_refused(sandbox: SandboxClient) -> None:
    answer = talk(
        sandbox,
        b"MAIL FROM:<a@b.example>\r\nEHLO x\r\nRCPT TO:<a@kaisha.example>\r\nDATA\r\n"
        b"MAIL FROM:<a@b.example>\r\nMAIL FROM:<a@b.example>\r\nDATA\r\nNONSENSE\r\nQUIT\r\n",
    )

    assert codes(answer) == [
        b"220", b"503", b"250", b"503", b"503", b"250", b"503", b"554", b"500", b"221",
    ]  # fmt: skip


FROM = b"From: a@b.example\r\n"
ID = b"Message-ID: <1@b.example>\r\n"


@pytest.mark.parametrize(
    ("server", "recipient", "raw", "reply"),
    [
        ("127.10.0.1", "a@gmail.com", ID + b"\r\nx", b"Messages missing a valid address"),
        ("127.10.0.1", "a@gmail.com", FROM + b"\r\nx", b"Messages missing a valid Message-ID"),
        ("127.10.0.1", "a@gmail.com", FROM + FROM + ID + b"\r\nx", b"duplicate"),
        (
            "127.10.7.1",
            "a@softbank.ne.jp",
            FROM + ID + b"X: " + b"y\r\n " * 4000 + b"\r\n\r\nx",
            b"Header too long",
        ),
        (
            "127.10.1.1",
            "a@docomo.ne.jp",
            FROM + ID + b"\r\n" + b"x" * 999,
            b"Transaction failed",
        ),
    ],
)
def test_providers_refuse_what_they_refuse(
    connect: Connect, sandbox: SandboxClient, server: str, recipient: str, raw: bytes, reply: bytes
) -> None:
    with connect(server) as client, pytest.raises(smtplib.SMTPDataError) as refusal:
        client.sendmail("a@b.example", [recipient], raw)

    assert isinstance(refusal.value.smtp_error, bytes)
    assert reply in refusal.value.smtp_error
    assert sandbox.messages() == []
