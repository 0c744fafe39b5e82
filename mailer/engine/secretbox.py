"""Seals secrets at rest (DKIM keys, passwords of smart hosts) with AES-256-GCM.

Sealed form: format byte, key id, 12-byte nonce, ciphertext with tag. The context (for example
`dkim:example.jp:s1`) is authenticated, so that a sealed value moved to another row does not open
there.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT: Final = 1
_NONCE_BYTES: Final = 12


class SecretError(ValueError):
    """The sealed value is damaged, belongs to another context, or its key is gone."""


@dataclass(frozen=True)
class SecretBox:
    """Seal with the current key, open with any. Keys are 32 bytes, ids 0–255."""

    keys: Mapping[int, bytes]
    current: int

    def seal(self, secret: bytes, context: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        header = bytes((_FORMAT, self.current))
        sealed = AESGCM(self.keys[self.current]).encrypt(nonce, secret, header + context.encode())
        return header + nonce + sealed

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return the secret, or raise SecretError."""
        if len(sealed) < 2 + _NONCE_BYTES + 16 or sealed[0] != _FORMAT:
            raise SecretError("not a sealed secret")
        header, nonce, body = sealed[:2], sealed[2 : 2 + _NONCE_BYTES], sealed[2 + _NONCE_BYTES :]
        key = self.keys.get(header[1])
        if key is None:
            raise SecretError(f"sealed with key {header[1]}, which is not configured")
        try:
            return AESGCM(key).decrypt(nonce, body, header + context.encode())
        except InvalidTag as error:
            raise SecretError(f"does not open in the context {context!r}") from error

    def needs_reseal(self, sealed: bytes) -> bool:
        """True when a newer key should protect this value."""
        return sealed[1] != self.current
