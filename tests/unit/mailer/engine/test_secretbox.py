"""Secrets at rest."""

import pytest

from mailer.engine.secretbox import SecretBox, SecretError

BOX = SecretBox({1: b"1" * 32, 2: b"2" * 32}, current=2)


def test_a_secret_opens_in_its_context_only():
    sealed = BOX.seal(b"private", "dkim:example.jp:s1")
    assert b"private" not in sealed
    assert BOX.open(sealed, "dkim:example.jp:s1") == b"private"
    with pytest.raises(SecretError, match="context"):
        BOX.open(sealed, "dkim:example.jp:s2")


def test_every_altered_octet_is_noticed():
    sealed = BOX.seal(b"private", "x")
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SecretError):
            BOX.open(changed, "x")


def test_older_keys_open_and_ask_to_be_sealed_again():
    old = SecretBox({1: b"1" * 32}, current=1).seal(b"private", "x")
    assert BOX.open(old, "x") == b"private"
    assert BOX.needs_reseal(old)
    assert not BOX.needs_reseal(BOX.seal(b"private", "x"))


def test_what_was_never_sealed_is_refused():
    for junk in (b"", b"\1", b"plain text of any kind, long enough to be one"):
        with pytest.raises(SecretError):
            BOX.open(junk, "x")
