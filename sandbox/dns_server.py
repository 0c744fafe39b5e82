"""Answer DNS over UDP and TCP from the practice zone.

RFC 1035 (wire), RFC 7766 (TCP), RFC 6891 (EDNS), RFC 2308 (negative answers), RFC 8482 (ANY).
Only loopback clients can reach it, so there is no rate limiting.
"""

import asyncio
import struct
from collections import Counter, deque
from collections.abc import Callable

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from sandbox.zone import Answer, Lookup, Zone

UDP_PLAIN_MAX = 512
UDP_EDNS_MAX = 1232  # DNS flag day 2020
TCP_IDLE_S = 30
# Short, so that a record published a moment ago is seen: negative answers live for 5 seconds.
NEGATIVE_TTL_S = 5
_SOA_TEXT = f"ns.practice.example. postmaster.practice.example. 1 3600 600 86400 {NEGATIVE_TTL_S}"
_SOA = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.SOA, _SOA_TEXT)
_ANY = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.HINFO, '"RFC8482" ""')
_RCODES = {Answer.NO_NAME: dns.rcode.NXDOMAIN, Answer.SERVER_FAILURE: dns.rcode.SERVFAIL}

Ask = Callable[[str, str], Lookup]


class DnsServer:
    """Listen on 127.0.0.1. Keeps the last questions so that tests can count look-ups."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self.questions: deque[tuple[str, str]] = deque(maxlen=5000)
        self.counts: Counter[str] = Counter()
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None

    async def start(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._udp, _protocol = await loop.create_datagram_endpoint(
            lambda: _Udp(self), local_addr=("127.0.0.1", port)
        )
        self._tcp = await asyncio.start_server(self._serve_tcp, "127.0.0.1", port)

    async def stop(self) -> None:
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()

    def ask(self, name: str, kind: str) -> Lookup:
        self.questions.append((name, kind))
        self.counts[kind] += 1
        return self._zone.find(name, kind)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                async with asyncio.timeout(TCP_IDLE_S):
                    (size,) = struct.unpack("!H", await reader.readexactly(2))
                    wire = await reader.readexactly(size)
                reply = respond(wire, self.ask, max_size=65_535)
                if reply is not None:
                    writer.write(struct.pack("!H", len(reply)) + reply)
                    await writer.drain()
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            pass  # the client has gone, which is how every TCP conversation ends
        finally:
            writer.close()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # create_datagram_endpoint's contract

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = respond(data, self._server.ask, max_size=UDP_PLAIN_MAX)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)


def respond(wire: bytes, ask: Ask, max_size: int) -> bytes | None:
    """Answer one message; None means silence (a slow zone, or bytes that are no query)."""
    try:
        query = dns.message.from_wire(wire)
    except dns.message.ShortHeader:
        return None
    except dns.exception.DNSException:
        return _format_error(wire)
    if query.flags & dns.flags.QR:
        return None
    response = dns.message.make_response(query, recursion_available=True)
    refusal = _refusal(query)
    if refusal is not None:
        response.set_rcode(refusal)
    elif not _fill(response, query, ask):
        return None
    if query.edns >= 0 and max_size == UDP_PLAIN_MAX:
        max_size = max(UDP_PLAIN_MAX, min(query.payload, UDP_EDNS_MAX))
    try:
        return response.to_wire(max_size=max_size)
    except dns.exception.TooBig:
        return _truncated(query)


def _format_error(wire: bytes) -> bytes:
    """Echo the id with FORMERR: the rest could not be read (RFC 1035 §4.1.1)."""
    return wire[:2] + struct.pack("!HHHHH", dns.flags.QR | dns.rcode.FORMERR, 0, 0, 0, 0)


def _refusal(query: dns.message.Message) -> dns.rcode.Rcode | None:
    if query.opcode() != dns.opcode.QUERY:
        return dns.rcode.NOTIMP
    if query.edns > 0:
        return dns.rcode.BADVERS
    if len(query.question) != 1:
        return dns.rcode.FORMERR
    question = query.question[0]
    if question.rdclass != dns.rdataclass.IN or question.rdtype in (
        dns.rdatatype.AXFR,
        dns.rdatatype.IXFR,
    ):
        return dns.rcode.REFUSED
    return None


def _fill(response: dns.message.Message, query: dns.message.Message, ask: Ask) -> bool:
    """Put the answer into the response; False when the zone stays silent."""
    response.flags |= dns.flags.AA
    question = query.question[0]
    kind = dns.rdatatype.to_text(question.rdtype)
    lookup = ask(question.name.to_text(omit_final_dot=True), kind)
    if lookup.answer is Answer.SILENCE:
        return False
    if kind == "ANY" and lookup.answer is Answer.NO_DATA:
        response.answer.append(dns.rrset.from_rdata(question.name, 60, _ANY))
        return True
    response.set_rcode(_RCODES.get(lookup.answer, dns.rcode.NOERROR))
    for entry in lookup.records:
        # The question's own spelling is echoed: resolvers may check it (0x20 case randomisation).
        name = dns.name.from_text(entry.name)
        owner = question.name if name == question.name else name
        rrset = response.find_rrset(
            response.answer, owner, dns.rdataclass.IN, entry.data.rdtype, create=True
        )
        rrset.add(entry.data, entry.ttl_s)
    if lookup.answer in (Answer.NO_DATA, Answer.NO_NAME):
        response.authority.append(dns.rrset.from_rdata(dns.name.root, NEGATIVE_TTL_S, _SOA))
    return True


def _truncated(query: dns.message.Message) -> bytes:
    """Send the client to TCP (RFC 2181 §9): an empty answer with the TC bit."""
    response = dns.message.make_response(query, recursion_available=True)
    response.flags |= dns.flags.AA | dns.flags.TC
    return response.to_wire()
