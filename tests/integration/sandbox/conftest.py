"""The other side of the practice internet: a mail host that takes reports, a site that is visited."""

import smtplib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.sandbox_client import SandboxClient

SOURCE_IP = "127.20.0.1"
Connect = Callable[..., smtplib.SMTP]


@pytest.fixture
def connect(sandbox: SandboxClient) -> Connect:
    """Return a function that opens a greeted connection to a receiver's address."""

    def open_connection(address: str = "127.10.0.1", source_ip: str = SOURCE_IP) -> smtplib.SMTP:
        client = smtplib.SMTP(timeout=15, source_address=(source_ip, 0))
        client._host = address  # type: ignore[attr-defined]  # starttls() wants the name of a host
        code, greeting = client.connect(address, sandbox.ports.smtp)
        if code != 220:
            client.close()
            raise smtplib.SMTPConnectError(code, greeting)
        client.ehlo("out-0-1.practice.example")
        return client

    return open_connection


def letter(
    recipient: str, *, subject: str = "News", body: str = "Hello\r\n", extra: str = ""
) -> bytes:
    return (
        f"From: Shop <news@shop.example>\r\nTo: {recipient}\r\nSubject: {subject}\r\n"
        f"Message-ID: <{subject}-{recipient}>\r\n{extra}\r\n{body}"
    ).encode()


@dataclass
class Inbound:
    """What came to 127.0.0.1: (MAIL FROM, recipient, bytes, peer address)."""

    mails: list[tuple[str, str, bytes, str]] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            content = envelope.original_content
            peer = session.peer[0] if session.peer else ""
            mail = (
                (envelope.mail_from or "").strip("<>"),
                envelope.rcpt_tos[0],
                content or b"",
                peer,
            )
            self.mails.append(mail)
        return self.answer


@pytest.fixture
def inbound(sandbox: SandboxClient) -> Iterator[Inbound]:
    handler = Inbound()
    controller = Controller(handler, hostname="127.0.0.1", port=sandbox.ports.inbound)
    controller.start()
    sandbox.publish("shop", ("bounce.shop.example", "MX", "10 inbound.todoku.example."))
    yield handler
    controller.stop()


@dataclass
class Site:
    port: int = 0
    visits: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200

    def seen(self, method: str, path: str) -> list[dict[str, Any]]:
        return [
            visit for visit in self.visits if (visit["method"], visit["path"]) == (method, path)
        ]


@pytest.fixture
def site() -> Iterator[Site]:
    visited = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            visited.visits.append(
                {
                    "method": self.command,
                    "path": self.path,
                    "agent": self.headers["User-Agent"],
                    "host": self.headers["Host"],
                    "body": self.rfile.read(size).decode(),
                }
            )
            self.send_response(visited.status)
            if self.path.startswith("/away"):
                self.send_header("Location", "http://203.0.113.1/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_arguments: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    visited.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield visited
    server.shutdown()
    thread.join()
    server.server_close()
