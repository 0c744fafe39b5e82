"""A process that checks DKIM signatures, so that checking never slows the conversations.

It reads framed messages from standard input and writes one JSON line for each; it ends when its
parent does, because the pipe does. Keys are asked from the practice DNS by socket.

RFC 6376 by dkimpy. dkimpy checks Ed25519 (RFC 8463) only with PyNaCl; the canonical form is still
dkimpy's here, the curve is cryptography's.
"""

import base64
import binascii
import json
import re
import struct
import sys
import time
from typing import Any, BinaryIO

import dkim
import dns.exception
import dns.message
import dns.query
import dns.rdatatype
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FRAME = struct.Struct("!I")
MAX_SIGNATURES = 10
_DNS_TIMEOUT_S = 3.0
_CACHE_S = 5.0
_ED25519 = b"ed25519-sha256"

Verdict = dict[str, Any]


class KeyServer:
    """Look up key records at 127.0.0.1; remembers each answer, also none, for five seconds."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._known: dict[str, tuple[float, bytes | None]] = {}

    def text(self, name: str | bytes, timeout: float = _DNS_TIMEOUT_S) -> bytes | None:
        """Return the TXT record of `name` joined together. The signature is dkimpy's `dnsfunc`."""
        wanted = (name.decode("ascii", "replace") if isinstance(name, bytes) else name).lower()
        expires, value = self._known.get(wanted, (0.0, None))
        if expires < time.monotonic():
            value = self._ask(wanted, timeout)
            self._known[wanted] = (time.monotonic() + _CACHE_S, value)
        return value

    def _ask(self, name: str, timeout: float) -> bytes | None:
        try:
            query = dns.message.make_query(name, "TXT")
            reply, _by_tcp = dns.query.udp_with_fallback(
                query, "127.0.0.1", port=self._port, timeout=timeout
            )
        except (dns.exception.DNSException, OSError):
            return None
        for rrset in reply.answer:
            if rrset.rdtype == dns.rdatatype.TXT:
                return b"".join(rrset[0].strings)
        return None


class _Ed25519Key:
    """Stands where dkimpy expects a PyNaCl key; remembers the verdict instead of raising."""

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(raw)
        self.is_valid = False

    def verify(self, digest: bytes, signature: bytes) -> None:
        try:
            self._key.verify(signature, digest)
        except InvalidSignature:
            return
        self.is_valid = True


def verdicts(message: bytes, keys: KeyServer) -> list[Verdict]:
    """Judge every DKIM signature of a message, topmost first.

    Each verdict has domain, selector, algorithm, headers (signed names, lower case), valid, reason.
    """
    try:
        reader = dkim.DKIM(message, minkey=1024)
        number = sum(name.lower() == b"dkim-signature" for name, _value in reader.headers)
    except dkim.DKIMException as error:
        return [_verdict({}, valid=False, reason=str(error))]
    return [_judge(message, index, keys) for index in range(min(number, MAX_SIGNATURES))]


def _judge(message: bytes, index: int, keys: KeyServer) -> Verdict:
    reader = dkim.DKIM(message, minkey=1024)
    tags: dict[bytes, bytes] = {}
    try:
        tags, signed, headers = reader.verify_headerprep(index)
        key = _key_tags(keys, tags)
        if tags[b"a"] == _ED25519:
            valid = _check_ed25519(reader, tags, signed, headers[index], key)
        elif key.get("k", "rsa") != "rsa":
            return _verdict(tags, valid=False, reason="the key is of another type")
        else:
            valid = reader.verify_sig(tags, signed, headers[index], keys.text)
    except (dkim.DKIMException, binascii.Error, ValueError) as error:
        return _verdict(tags, valid=False, reason=str(error) or type(error).__name__)
    return _verdict(tags, valid=bool(valid), reason="" if valid else "signature does not verify")


def _key_tags(keys: KeyServer, tags: dict[bytes, bytes]) -> dict[str, str]:
    name = f"{_text(tags, b's')}._domainkey.{_text(tags, b'd')}."
    record = keys.text(name)
    if record is None:
        raise ValueError(f"no key at {name}")
    pairs = (part.partition("=") for part in record.decode("ascii", "replace").split(";"))
    found = {name.strip(): re.sub(r"\s+", "", value) for name, _equals, value in pairs}
    if not found.get("p"):
        raise ValueError(f"key at {name} is revoked or empty")
    return found


def _check_ed25519(
    reader: Any,
    tags: dict[bytes, bytes],
    signed: list[bytes],
    header: tuple[bytes, bytes],
    key: dict[str, str],
) -> bool:
    if key.get("k") != "ed25519":
        raise ValueError("the key is of another type")
    public = _Ed25519Key(base64.b64decode(key["p"], validate=True))
    reader.pk, reader.ktag, reader.keysize, reader.seqtlsrpt = public, b"ed25519", 256, False
    reader.verify_sig_process(tags, signed, header, None)
    return public.is_valid


def _verdict(tags: dict[bytes, bytes], *, valid: bool, reason: str) -> Verdict:
    names = _text(tags, b"h").lower().split(":")
    return {
        "domain": _text(tags, b"d").lower(),
        "selector": _text(tags, b"s"),
        "algorithm": _text(tags, b"a"),
        "headers": [name.strip() for name in names if name.strip()],
        "valid": valid,
        "reason": reason,
    }


def _text(tags: dict[bytes, bytes], name: bytes) -> str:
    return tags.get(name, b"").decode("ascii", "replace")


def serve(source: BinaryIO, sink: BinaryIO, keys: KeyServer) -> None:
    """Answer frames (length, message) with lines (JSON list of verdicts) until the source ends."""
    while len(head := source.read(FRAME.size)) == FRAME.size:
        (size,) = FRAME.unpack(head)
        message = source.read(size)
        if len(message) < size:
            return
        sink.write(json.dumps(verdicts(message, keys)).encode() + b"\n")
        sink.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, KeyServer(int(sys.argv[1])))
