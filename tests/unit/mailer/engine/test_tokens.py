"""One codec for return paths, links and the report header."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.engine.tokens import (
    MAX_ID,
    MAX_INDEX,
    Token,
    TokenCodec,
    TokenError,
    TokenKind,
    derive_key,
)

OLD, NEW = derive_key("old master", "tokens"), derive_key("new master", "tokens")
CODEC = TokenCodec({1: OLD, 2: NEW}, current=2)

ids = st.integers(0, MAX_ID)
tokens = st.builds(Token, st.sampled_from(TokenKind), ids, ids, st.integers(0, MAX_INDEX))


@given(tokens)
def test_a_token_comes_back_as_it_was(token):
    assert CODEC.decode(CODEC.encode(token), token.kind) == token


@given(tokens, st.sampled_from(TokenKind))
def test_a_token_of_one_kind_is_worth_nothing_as_another(token, other):
    if other is not token.kind:
        with pytest.raises(TokenError):
            CODEC.decode(CODEC.encode(token), other)


@given(tokens, st.data())
def test_an_altered_token_is_refused(token, data):
    text = CODEC.encode(token)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(TokenError):
            CODEC.decode(changed, token.kind)


@given(st.text(max_size=80), st.sampled_from(TokenKind))
def test_foreign_text_is_refused(text, kind):
    with pytest.raises(TokenError):
        CODEC.decode(text, kind)


@pytest.mark.parametrize("kind", [TokenKind.RETURN_PATH, TokenKind.UNSUBSCRIBE_MAIL])
def test_a_mail_token_is_a_local_part_that_survives_capitals(kind):
    token = Token(kind, MAX_ID, MAX_ID, MAX_INDEX)
    text = CODEC.encode(token)
    assert re.fullmatch(r"[bu]-[a-z2-7]{1,62}", text)
    assert CODEC.decode(text.upper(), kind) == token


def test_a_web_token_is_short():
    assert len(CODEC.encode(Token(TokenKind.CLICK, 40_000, 3_000_000, 12))) <= 26


def test_retired_keys_go_on_verifying():
    before = TokenCodec({1: OLD}, current=1)
    token = Token(TokenKind.UNSUBSCRIBE, 7, 9)
    assert CODEC.decode(before.encode(token), TokenKind.UNSUBSCRIBE) == token


def test_a_key_that_is_gone_verifies_nothing():
    after = TokenCodec({2: NEW}, current=2)
    text = TokenCodec({1: OLD}, current=1).encode(Token(TokenKind.OPEN, 7, 9))
    with pytest.raises(TokenError):
        after.decode(text, TokenKind.OPEN)


def test_keys_differ_by_purpose():
    assert derive_key("master", "tokens") != derive_key("master", "addresses")
    with pytest.raises(ValueError, match="TODOKU_MASTER_KEY"):
        derive_key("", "tokens")


def test_numbers_that_do_not_fit_are_our_mistake():
    with pytest.raises(ValueError, match="out of range"):
        CODEC.encode(Token(TokenKind.OPEN, -1, 0))
