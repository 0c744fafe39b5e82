"""Targets that differ per reader travel sealed: no open redirect, nothing readable."""

import pytest

from mailer.engine.tokens import Token, TokenCodec, TokenError, TokenKind, derive_key

CODEC = TokenCodec({1: derive_key("master", "tokens")}, current=1)
CLICK = Token(TokenKind.CLICK, 5, 6, 2)
URL = "https://shop.example/coupon?code=ひみつ&for=taro"


def test_a_sealed_target_opens_with_its_own_token():
    sealed = CODEC.seal_target(URL, CLICK)
    assert "taro" not in sealed
    assert CODEC.open_target(sealed, CLICK) == URL


def test_sealing_again_gives_the_same_message():
    assert CODEC.seal_target(URL, CLICK) == CODEC.seal_target(URL, CLICK)


@pytest.mark.parametrize(
    "other", [Token(TokenKind.CLICK, 5, 6, 3), Token(TokenKind.CLICK, 5, 7, 2)]
)
def test_a_sealed_target_opens_with_no_other_token(other):
    with pytest.raises(TokenError):
        CODEC.open_target(CODEC.seal_target(URL, CLICK), other)


def test_a_target_nobody_sealed_is_refused():
    for text in ("", "https://evil.example/", "AQ", "A" * 60, "é"):
        with pytest.raises(TokenError):
            CODEC.open_target(text, CLICK)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//x.example", "https://a b", "http://a\n"])
def test_only_one_web_url_is_sealed(url):
    with pytest.raises(TokenError):
        CODEC.seal_target(url, CLICK)


def test_only_clicks_have_targets():
    with pytest.raises(TokenError):
        CODEC.seal_target(URL, Token(TokenKind.OPEN, 5, 6))
