"""The installation's keys, derived from `MASTER_KEY`. One secret to keep, one purpose per key."""

from functools import cache

from django.conf import settings

from mailer.engine.address import address_key
from mailer.engine.secretbox import SecretBox
from mailer.engine.tokens import TokenCodec, derive_key

_CURRENT_KEY_ID = 1


@cache
def token_codec() -> TokenCodec:
    """Return the codec for return paths, tracking links and unsubscribe links."""
    return TokenCodec(
        keys={_CURRENT_KEY_ID: derive_key(settings.MASTER_KEY, "tokens")}, current=_CURRENT_KEY_ID
    )


@cache
def secret_box() -> SecretBox:
    """Return the box that seals private keys at rest."""
    return SecretBox(
        keys={_CURRENT_KEY_ID: derive_key(settings.MASTER_KEY, "secrets")}, current=_CURRENT_KEY_ID
    )


@cache
def address_hash_key() -> bytes:
    """Return the key under which addresses are hashed for suppression and de-duplication."""
    return derive_key(settings.MASTER_KEY, "addresses")


def key_of(normalised: str) -> bytes:
    """Return the 16-byte address key of a normalised address."""
    return address_key(normalised, address_hash_key())
