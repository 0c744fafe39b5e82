"""A scripted DNS server on UDP: zones are plain dictionaries; what is not in them does not exist."""

import socket
import threading

import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """`records` maps (name, type) to texts; `silent` names get no answer, `failing` ones SERVFAIL."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.silent: set[str] = set()
        self.failing: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.port = self._socket.getsockname()[1]
        self._is_running = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def add_domain(self, domain: str, address: str, mx: str = "") -> None:
        """Let `domain` be served by one MX host at `address`."""
        host = mx or f"mx1.{domain}"
        self.records[domain, "MX"] = [f"10 {host}."]
        self.records[host, "A"] = [address]

    def stop(self) -> None:
        self._is_running = False
        self._thread.join(2)
        self._socket.close()

    def _serve(self) -> None:
        while self._is_running:
            try:
                octets, client = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            reply = self._reply(octets)
            if reply is not None:
                self._socket.sendto(reply.to_wire(), client)

    def _reply(self, octets: bytes) -> dns.message.Message | None:
        question = dns.message.from_wire(octets)
        name = question.question[0].name.to_text().rstrip(".").lower()
        kind = dns.rdatatype.to_text(question.question[0].rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        reply = dns.message.make_response(question)
        if name in self.failing:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in self.records:
            reply.answer.append(
                dns.rrset.from_text(f"{name}.", 300, "IN", kind, *self.records[name, kind])
            )
        elif not any(known == name for known, _ in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply
