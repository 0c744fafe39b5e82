"""A real DNS server (UDP and TCP) with a zone written in the test, on a free port of 127.0.0.1."""

import asyncio
import struct
from collections.abc import Mapping
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

SERVFAIL = "servfail"
SILENT = "silent"
TRUNCATED = "truncated"


class DnsServer(asyncio.DatagramProtocol):
    """`zone` maps (name, type) to records; a name without any entry does not exist.

    (name, "*") may be SERVFAIL, SILENT, or TRUNCATED (over UDP, so that TCP must be asked).
    """

    def __init__(self, zone: Mapping[tuple[str, str], list[str] | str], ttl: int = 60) -> None:
        self.zone = zone
        self.ttl = ttl
        self.questions: list[tuple[str, str, str]] = []

    async def __aenter__(self) -> Self:
        self._tcp = await asyncio.start_server(self._serve_tcp, "127.0.0.1", 0)
        self.port: int = self._tcp.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", self.port)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._udp.close()
        self._tcp.close()
        await self._tcp.wait_closed()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answer(data, "udp")
        if answer is not None:
            self._udp.sendto(answer, addr)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            (size,) = struct.unpack("!H", await reader.readexactly(2))
            answer = self._answer(await reader.readexactly(size), "tcp")
            if answer is not None:
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        finally:
            writer.close()

    def _answer(self, data: bytes, transport: str) -> bytes | None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.rdtype)
        self.questions.append((name, kind, transport))
        response = dns.message.make_response(query)
        how = self.zone.get((name, "*"))
        if how == SILENT:
            return None
        if how == SERVFAIL:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif how == TRUNCATED and transport == "udp":
            response.flags |= dns.flags.TC
        elif (name, kind) in self.zone:
            rows = self.zone[name, kind]
            response.answer.append(
                dns.rrset.from_text_list(question.name, self.ttl, "IN", kind, rows)
            )
        elif not any(known == name for known, _ in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()
