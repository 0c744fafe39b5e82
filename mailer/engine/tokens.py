"""The one codec for return paths, tracking links, unsubscribe links and the report header.

A token is `key id | mailing id | delivery id | link index | MAC`. It carries references, never
personal data. The MAC is keyed BLAKE2b of 80 bits, separated by kind through the hash's
personalisation, so that an open pixel can never be replayed as an unsubscribe. Retired keys go on
verifying.

Mail kinds (return path, unsubscribe by mail) are lower-case base32 with a prefix: a local part of
at most 64 octets (RFC 5321 §4.5.3.1.1) that survives relays which change letter case. Web kinds
are base64url.

Targets that differ per reader travel encrypted and bound to their token (AES-SIV, RFC 5297): equal
input gives equal output, so a retried message is the same message, and nobody else can make us
redirect.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAC_BYTES: Final = 10
MAX_ID: Final = 2**63 - 1
MAX_INDEX: Final = 0xFFFF
MAX_TOKEN_CHARS: Final = 64
MAX_TARGET_CHARS: Final = 4096


class TokenKind(StrEnum):
    OPEN = "open"
    CLICK = "click"
    UNSUBSCRIBE = "unsubscribe"
    UNSUBSCRIBE_MAIL = "unsubscribe-mail"
    RETURN_PATH = "return-path"
    HEADER = "header"


MAIL_PREFIXES: Final[Mapping[TokenKind, str]] = {
    TokenKind.RETURN_PATH: "b-",
    TokenKind.UNSUBSCRIBE_MAIL: "u-",
}


class TokenError(ValueError):
    """The text is not a token of the expected kind made by one of our keys."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    mailing_id: int
    delivery_id: int
    index: int = 0


def derive_key(master: str, purpose: str) -> bytes:
    """Return the 32-byte key for `purpose` (HKDF-SHA256, RFC 5869) from the installation's master
    key.
    """
    if not master:
        raise ValueError("the master key is empty: set TODOKU_MASTER_KEY")
    kdf = HKDF(algorithm=SHA256(), length=32, salt=b"todoku", info=purpose.encode())
    return kdf.derive(master.encode())


@dataclass(frozen=True)
class TokenCodec:
    """Encode with the current key, decode with any. Keys are 32 bytes, ids 0–255."""

    keys: Mapping[int, bytes]
    current: int

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise ValueError(f"token key {self.current} is not among {sorted(self.keys)}")
        for key_id, key in self.keys.items():
            if not 0 <= key_id <= 255 or len(key) != 32:
                raise ValueError(f"token key {key_id}: expected an id of 0–255 and 32 bytes")

    def encode(self, token: Token) -> str:
        """Return the token's text: a local part for mail kinds, base64url otherwise."""
        payload = _payload(self.current, token)
        raw = payload + self._mac(self.current, token.kind, payload)
        prefix = MAIL_PREFIXES.get(token.kind)
        if prefix is not None:
            return prefix + base64.b32encode(raw).decode().rstrip("=").lower()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def decode(self, text: str, kind: TokenKind) -> Token:
        """Return the token, or raise TokenError for anything altered, foreign or of another
        kind.
        """
        raw = _raw_bytes(text, kind)
        if len(raw) < 1 + 3 + MAC_BYTES:
            raise TokenError("too short")
        payload, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if payload[0] not in self.keys:
            raise TokenError("unknown key")
        if not hmac.compare_digest(mac, self._mac(payload[0], kind, payload)):
            raise TokenError("wrong signature")
        mailing_id, delivery_id, index = _read_numbers(payload[1:])
        return Token(kind, mailing_id, delivery_id, index)

    def seal_target(self, url: str, token: Token) -> str:
        """Return `url` encrypted for this click token, as base64url. Only http and https are
        sealed.
        """
        _require_web_url(url)
        sealed = self._siv[self.current].encrypt(url.encode(), [_target_context(token)])
        return base64.urlsafe_b64encode(bytes([self.current]) + sealed).rstrip(b"=").decode()

    def open_target(self, text: str, token: Token) -> str:
        """Return the URL sealed for exactly this token, or raise TokenError."""
        if len(text) > 2 * MAX_TARGET_CHARS:
            raise TokenError("target too long")
        raw = _unpad_base64url(text)
        if len(raw) < 18 or raw[0] not in self.keys:
            raise TokenError("unknown key")
        try:
            url = self._siv[raw[0]].decrypt(raw[1:], [_target_context(token)]).decode()
        except InvalidTag as error:
            raise TokenError("wrong signature") from error
        _require_web_url(url)
        return url

    def _mac(self, key_id: int, kind: TokenKind, payload: bytes) -> bytes:
        state = self._states[key_id, kind].copy()
        state.update(payload)
        return state.digest()

    @cached_property
    def _states(self) -> "dict[tuple[int, TokenKind], hashlib.blake2b]":
        return {
            (key_id, kind): hashlib.blake2b(
                key=key, digest_size=MAC_BYTES, person=kind.value.encode()
            )
            for key_id, key in self.keys.items()
            for kind in TokenKind
        }

    @cached_property
    def _siv(self) -> dict[int, AESSIV]:
        return {
            key_id: AESSIV(hashlib.blake2b(b"link target", key=key, digest_size=32).digest())
            for key_id, key in self.keys.items()
        }


def _payload(key_id: int, token: Token) -> bytes:
    if not (
        0 <= token.mailing_id <= MAX_ID
        and 0 <= token.delivery_id <= MAX_ID
        and 0 <= token.index <= MAX_INDEX
    ):
        raise ValueError(f"token out of range: {token}")
    out = bytearray((key_id,))
    for number in (token.mailing_id, token.delivery_id, token.index):
        while number > 0x7F:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)
    return bytes(out)


def _read_numbers(data: bytes) -> tuple[int, int, int]:
    """Read exactly three base-128 numbers; leftovers or a missing one are an error."""
    numbers: list[int] = []
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    if shift or len(numbers) != 3:
        raise TokenError("malformed")
    return numbers[0], numbers[1], numbers[2]


def _raw_bytes(text: str, kind: TokenKind) -> bytes:
    if len(text) > MAX_TOKEN_CHARS or not text.isascii():
        raise TokenError("not a token")
    prefix = MAIL_PREFIXES.get(kind)
    if prefix is None:
        return _unpad_base64url(text)
    if not text.lower().startswith(prefix):
        raise TokenError("not a token of this kind")
    body = text[len(prefix) :].upper()
    try:
        raw = base64.b32decode(body + "=" * (-len(body) % 8))
    except binascii.Error as error:
        raise TokenError("not base32") from error
    if base64.b32encode(raw).decode().rstrip("=") != body:
        raise TokenError("not canonical")
    return raw


def _unpad_base64url(text: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise TokenError("not base64url") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise TokenError("not canonical")
    return raw


def _target_context(token: Token) -> bytes:
    if token.kind is not TokenKind.CLICK:
        raise TokenError(f"a link target belongs to a click token, not to {token.kind}")
    return _payload(0, token)


def _require_web_url(url: str) -> None:
    if len(url) > MAX_TARGET_CHARS:
        raise TokenError(f"link target longer than {MAX_TARGET_CHARS} characters")
    if not url.lower().startswith(("http://", "https://")) or any(ord(c) <= 0x20 for c in url):
        raise TokenError("a link target must be one http or https URL")
