"""DKIM signing (RFC 6376, RFC 8463), relaxed/relaxed, for messages built by this engine.

Signs only: verification in tests and preflight is dkimpy's business. The message must use CRLF
throughout; bare CR or LF is refused, because such a message could be read differently by the next
host.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from mailer.engine.line_ends import has_only_crlf

Algorithm = Literal["rsa-sha256", "ed25519-sha256"]

RSA_BITS: Final = 2048

# Oversigned: named once more than they occur, so that nobody can add a second one (RFC 6376 §8.15).
OVERSIGNED: Final = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
)
SIGNED: Final = frozenset(
    (
        *OVERSIGNED,
        b"reply-to",
        b"list-id",
        b"feedback-id",
        b"mime-version",
        b"content-type",
        b"content-transfer-encoding",
    )
)

_PKCS1: Final = PKCS1v15()
_SHA256: Final = SHA256()
_WSP_RUN: Final = re.compile(rb"[ \t]+")
_FOLD: Final = b"\r\n\t"
_LINE_OCTETS: Final = 72
_FEW_BLANKS: Final = 64


class DkimError(ValueError):
    """The message or the key cannot be signed with."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with the place its public half is published: `selector._domainkey.domain`."""

    domain: str
    selector: str
    algorithm: Algorithm
    key: RSAPrivateKey | Ed25519PrivateKey

    @classmethod
    def load_rsa(cls, domain: str, selector: str, private: bytes) -> Self:
        """Load PEM or DER without the 40 ms consistency check: keys are checked once, when made or
        imported.
        """
        key = _load(private)
        if not isinstance(key, RSAPrivateKey):
            raise DkimError("expected an RSA private key")
        return cls(domain, selector, "rsa-sha256", key)

    @classmethod
    def load_ed25519(cls, domain: str, selector: str, private: bytes) -> Self:
        key = _load(private)
        if not isinstance(key, Ed25519PrivateKey):
            raise DkimError("expected an Ed25519 private key")
        return cls(domain, selector, "ed25519-sha256", key)

    def signature(self, data: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, _PKCS1, _SHA256)
        # RFC 8463 §3: Ed25519 signs the SHA-256 hash, not the data.
        return self.key.sign(hashlib.sha256(data).digest())


def sign(message: bytes, keys: Sequence[SigningKey], now: int) -> bytes:
    """Return the message with one DKIM-Signature per key in front; `now` in Unix seconds."""
    if not has_only_crlf(message):
        raise DkimError("bare CR or LF in the message, or no CRLF at its end")
    head, found, body = message.partition(b"\r\n\r\n")
    if not found:
        raise DkimError("no empty line between header and body")
    body_hash = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest())
    names, hashed = _signed_headers(head)
    signatures = [_signature_header(key, names, hashed, body_hash, now) for key in keys]
    return b"".join((*signatures, message))


def relaxed_body(body: bytes) -> bytes:
    """Canonicalise a CRLF body (RFC 6376 §3.4.4); base64 bodies never reach the slow branch."""
    if _has_loose_blanks(body):
        body = _WSP_RUN.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    stripped = body.rstrip(b"\r\n")
    return stripped + b"\r\n" if stripped else b""


def _has_loose_blanks(body: bytes) -> bool:
    """True when the body may hold runs of blanks or blanks before a line's end.

    A base64 body has a handful of blanks in its part headers: looking at each of them takes a
    tenth of the time of searching for pairs.
    """
    if b"\t" in body:
        return True
    at = body.find(b" ")
    for _ in range(_FEW_BLANKS):
        if at < 0:
            return False
        if body[at + 1 : at + 2] in (b" ", b"\r", b""):
            return True
        at = body.find(b" ", at + 1)
    return b"  " in body or b" \r\n" in body or body.endswith(b" ")


def relaxed_header(name: bytes, value: bytes) -> bytes:
    """Canonicalise one header field (RFC 6376 §3.4.2), without the final CRLF."""
    value = value.replace(b"\r\n", b"").strip(b" \t")
    if b"  " in value or b"\t" in value:
        value = _WSP_RUN.sub(b" ", value)
    return name.strip(b" \t").lower() + b":" + value


def generate_rsa() -> tuple[bytes, str]:
    """Return (PKCS #8 PEM, base64 of the public key as published)."""
    key = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return _pem(key), base64.b64encode(public).decode()


def generate_ed25519() -> tuple[bytes, str]:
    """Return (PKCS #8 PEM, base64 of the 32 raw public octets, RFC 8463 §4)."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    return _pem(key), base64.b64encode(public).decode()


def dns_record(public: str, algorithm: Algorithm) -> str:
    """Return the TXT record to publish. Providers split it into strings of 255 themselves."""
    return f"v=DKIM1; k={algorithm.partition('-')[0]}; p={public}"


def _load(private: bytes) -> object:
    loader = (
        serialization.load_pem_private_key
        if private.lstrip().startswith(b"-----")
        else serialization.load_der_private_key
    )
    return loader(private, password=None, unsafe_skip_rsa_key_validation=True)


def _pem(key: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _signed_headers(head: bytes) -> tuple[bytes, bytes]:
    """Return (the h= list, folded; the canonical header fields it names, CRLF-terminated).

    Repeated fields are hashed from the bottom up (RFC 6376 §5.4.2).
    """
    names: list[bytes] = []
    canonical: list[bytes] = []
    for field in reversed(
        head.replace(b"\r\n ", b"\n ").replace(b"\r\n\t", b"\n\t").split(b"\r\n")
    ):
        raw_name, _, value = field.partition(b":")
        name = raw_name.strip(b" \t").lower()
        if name in SIGNED:
            names.append(name)
            canonical.append(relaxed_header(name, value.replace(b"\n", b"")))
    if b"from" not in names:
        raise DkimError("a message without From cannot be signed (RFC 6376 §5.4)")
    names.extend(OVERSIGNED)
    canonical.append(b"")
    return _fold_names(names), b"\r\n".join(canonical)


def _fold_names(names: list[bytes]) -> bytes:
    lines: list[bytes] = []
    line = b"h="
    for name in names:
        if len(line) + len(name) > _LINE_OCTETS:
            lines.append(line)
            line = b""
        line += name + b":"
    lines.append(line[:-1])
    return _FOLD.join(lines)


def _signature_header(
    key: SigningKey, names: bytes, hashed: bytes, body_hash: bytes, now: int
) -> bytes:
    method = f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={key.domain};".encode()
    origin = f"s={key.selector}; t={now};".encode()
    value = _FOLD.join((method, origin, names + b";", b"bh=" + body_hash + b";", b"b="))
    canonical = b"dkim-signature:" + value.replace(_FOLD, b" ")
    signature = base64.b64encode(key.signature(hashed + canonical))
    chunks = [signature[i : i + _LINE_OCTETS] for i in range(0, len(signature), _LINE_OCTETS)]
    return b"DKIM-Signature: " + value + _FOLD.join(chunks) + b"\r\n"
