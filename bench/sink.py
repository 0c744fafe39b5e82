"""The other side of the send benchmark, in a process of its own: an SMTP sink and a name server for it.

    python -m bench.sink ADDRESS

Prints `{"smtp_port": …, "dns_port": …}`, then serves until its standard input closes, and then prints what it
got: accepted messages, distinct recipients, octets, the seconds between the first and the last acceptance, and the
last one's time on the machine's monotonic clock.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import cast

import dns.message
import dns.rdatatype
import dns.rrset
import uvloop

CAPABILITIES = b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 50000000\r\n"


@dataclass
class Count:
    recipients: list[bytes] = field(default_factory=list)
    octets: int = 0
    connections: int = 0
    first: float = 0.0
    last: float = 0.0


class Sink(asyncio.Protocol):
    """Accepts everything; remembers who got it."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._buffer = b""
        self._is_message = False
        self._recipient = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._count.connections += 1
        self._transport.write(b"220 sink.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        out = []
        while True:
            if self._is_message:
                end = self._buffer.find(b"\r\n.\r\n")
                if end < 0:
                    break
                self._taken(end)
                self._buffer = self._buffer[end + 5 :]
                out.append(b"250 2.0.0 taken\r\n")
            else:
                line, found, rest = self._buffer.partition(b"\r\n")
                if not found:
                    break
                self._buffer = rest
                out.append(self._reply(line))
        if self._transport is not None and out:
            self._transport.write(b"".join(out))

    def _taken(self, octets: int) -> None:
        count = self._count
        count.last = time.monotonic()
        count.first = count.first or count.last
        count.octets += octets
        count.recipients.append(self._recipient)
        self._is_message = False

    def _reply(self, line: bytes) -> bytes:
        word = line[:4].upper()
        if word == b"EHLO":
            return CAPABILITIES
        if word == b"RCPT":
            self._recipient = line
        elif word == b"DATA":
            self._is_message = True
            return b"354 go on\r\n"
        elif word == b"QUIT":
            return b"221 bye\r\n"
        return b"250 OK\r\n"


class Names(asyncio.DatagramProtocol):
    """Every domain has one MX host at the sink's address."""

    def __init__(self, address: str) -> None:
        self._address = address

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's class is not asyncio's, though it does the same.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, client: tuple[str, int]) -> None:
        question = dns.message.from_wire(data)
        name = question.question[0].name.to_text()
        kind = dns.rdatatype.to_text(question.question[0].rdtype)
        reply = dns.message.make_response(question)
        record = {"MX": f"10 mx.{name}", "A": self._address}.get(kind)
        if record is not None:
            reply.answer.append(dns.rrset.from_text(name, 3600, "IN", kind, record))
        self._transport.sendto(reply.to_wire(), client)


async def serve(address: str) -> None:
    loop = asyncio.get_running_loop()
    count = Count()
    server = await loop.create_server(lambda: Sink(count), address, 0, backlog=512)
    transport, _ = await loop.create_datagram_endpoint(
        lambda: Names(address), local_addr=("127.0.0.1", 0)
    )
    ports = {
        "smtp_port": server.sockets[0].getsockname()[1],
        "dns_port": transport.get_extra_info("sockname")[1],
    }
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    report = {
        "accepted": len(count.recipients),
        "recipients": len(set(count.recipients)),
        "octets": count.octets,
        "connections": count.connections,
        "seconds": count.last - count.first,
        "last": count.last,
    }
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
