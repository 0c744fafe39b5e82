"""Short ways to call the client in tests."""

import dataclasses

from mailer.engine.mx import Candidate
from mailer.net.smtp_client import ClientOptions, Timeouts, connect

MESSAGE = b"Subject: test\r\n\r\n.one dot\r\n..two\r\nend\r\n"
FAST = Timeouts(
    connect=1,
    greeting=0.5,
    ehlo=0.5,
    starttls=0.5,
    mail=0.5,
    rcpt=0.5,
    data=0.5,
    block=0.5,
    dot=0.5,
)
MX = Candidate("mx.test", "127.0.0.1")


def options(server, **changes):
    base = ClientOptions(ehlo_name="mail.example.jp", port=server.port, timeouts=FAST)
    return dataclasses.replace(base, **changes)


async def connected(server, **changes):
    return await connect([MX], options(server, **changes))


async def deliver(connection, message=MESSAGE, rcpt="b@example.com", **hooks):
    return await connection.deliver("a@example.jp", rcpt, message, **hooks)
