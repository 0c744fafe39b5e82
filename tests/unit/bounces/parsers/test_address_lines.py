"""Lines that name the failed address, and lines that name somebody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bounces.parsers.address_lines import address_blocks


def blocks(text):
    return [(b.address, b.original, b.text) for b in address_blocks(text.split("\n"))]


@pytest.mark.parametrize(
    ("line", "address", "reason"),
    [
        ("<a@example.org>:", "a@example.org", ""),
        ("<a@example.org>: host mx said: 550 no", "a@example.org", "host mx said: 550 no"),
        ("  a@example.org", "a@example.org", ""),
        ('"a@example.org":', "a@example.org", ""),
        ("a@example.org: 550 no", "a@example.org", "550 no"),
        ("* a@example.org", "a@example.org", ""),
        ("\t* [a@example.org]: 550 no", "a@example.org", "550 no"),
        ("a@example.org [User unknown]", "a@example.org", "[User unknown]"),
        ("a@example.org on Tue, 17 Nov 2026 09:00", "a@example.org", "on Tue, 17 Nov 2026 09:00"),
        ("Failed Recipient: a@example.org", "a@example.org", ""),
        ("  RCPT TO: a@example.org", "a@example.org", ""),
        ("宛先: a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp", ""),
        ('<"a..b"@docomo.ne.jp>:', '"a..b"@docomo.ne.jp', ""),
    ],
)
def test_address_line_is_recognised(line, address, reason):
    assert blocks(line) == [(address, "", reason)]


@pytest.mark.parametrize(
    "line",
    [
        "For help, please contact <postmaster@example.org>",
        "MAIL FROM: news@example.net",
        "From: news@example.net",
        ">>> RCPT TO:<a@example.org>",
        "I wrote to a@example.org yesterday and got no answer",
        "To: a@example.org",
    ],
)
def test_other_lines_begin_no_block(line):
    assert blocks(line) == []


def test_reason_is_what_follows_until_a_rule_or_the_next_address():
    report = "<a@example.org>:\nNo such user.\n\nReally.\n<b@example.org>:\nFull.\n-----\nignored"
    assert blocks(report) == [
        ("a@example.org", "", "No such user. Really."),
        ("b@example.org", "", "Full."),
    ]


def test_alias_tells_whom_the_message_was_sent_to():
    report = "b@example.org\n    (expanded from: <a@example.org>)\n    no such user"
    assert blocks(report) == [("b@example.org", "a@example.org", "no such user")]


def test_address_without_a_dot_that_lost_its_bracket_is_no_address_line():
    assert blocks("taro@aolorg>") == []


@given(st.text(max_size=500))
def test_any_text_has_blocks_with_addresses_only(text):
    assert all("@" in block.address for block in address_blocks(text.split("\n")))
