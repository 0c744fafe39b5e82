"""Events survive their journey, foreign text does not pass, and no more of an address is kept than was asked."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.raw_event import CLICK, RawEvent, RawEventError, clean_user_agent, kept_ip

NOW = datetime(2026, 11, 24, 12, 0, 1, 999999, tzinfo=UTC)


def test_event_comes_back_as_it_was():
    event = RawEvent(2**62, NOW, CLICK, 5, 77, 3, "192.0.2.0", '日本 "x"', is_head=True)
    assert RawEvent.from_json(event.to_json()) == event


@given(st.binary(max_size=200))
def test_foreign_text_is_refused(text):
    with pytest.raises(RawEventError):
        RawEvent.from_json(text)


@pytest.mark.parametrize(
    ("ip", "how", "kept"),
    [
        ("192.0.2.77", "prefix", "192.0.2.0"),
        ("2001:db8:1:2::3", "prefix", "2001:db8:1::"),
        ("192.0.2.77", "full", "192.0.2.77"),
        ("192.0.2.77", "none", ""),
        ("testclient", "full", ""),
    ],
)
def test_address_is_cut_as_asked(ip, how, kept):
    assert kept_ip(ip, how) == kept


def test_user_agent_is_cut_and_cannot_break_lines():
    assert clean_user_agent("a\r\nb" + "c" * 400) == "ab" + "c" * 296
