"""Header fields as octets."""

import dataclasses
import datetime as dt
import re

import pytest

from mailer.engine.mime import MAX_HEADER_BLOCK, MessageParts, MimeError, build_message

PARTS = MessageParts(
    from_name="とどく商店",
    from_address="news@example.jp",
    reply_to="help@example.jp",
    to_name="山田 太郎",
    to_address="taro@example.com",
    subject="秋のお知らせ",
    date=dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=9))),
    message_id="AQECAw@example.jp",
    text="こんにちは\n",
    html="<p>こんにちは</p>",
    list_unsubscribe_https="https://t.example/u/AQECAw",
    list_unsubscribe_mailto="mailto:u-abc@bounce.example.jp",
    list_id="news.example.jp",
    feedback_id="m5:o1:campaign:todoku",
    token="AQECAw",
)


def head(**changes):
    message = build_message(dataclasses.replace(PARTS, **changes))
    return message.partition(b"\r\n\r\n")[0].decode("ascii")


def test_a_newsletter_carries_every_field_in_order():
    names = re.findall(r"^([A-Za-z-]+):", head(), re.MULTILINE)
    assert names == [
        "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Unsubscribe",
        "List-Unsubscribe-Post", "List-Id", "Feedback-ID", "X-Todoku-Token", "MIME-Version",
        "Content-Type",
    ]  # fmt: skip


def test_one_click_unsubscribe_is_announced():
    assert (
        "List-Unsubscribe: <https://t.example/u/AQECAw>,\r\n <mailto:u-abc@bounce.example.jp>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    ) in head()
    without = head(list_unsubscribe_https="", list_unsubscribe_mailto="")
    assert "List-Unsubscribe" not in without


def test_old_carrier_addresses_are_quoted():
    assert '<"a..b"@docomo.ne.jp>' in head(to_address="a..b@docomo.ne.jp")


def test_the_date_keeps_its_offset():
    assert "Date: Tue, 24 Nov 2026 09:00:00 +0900\r\n" in head()


def test_the_same_delivery_is_the_same_octets():
    assert build_message(PARTS) == build_message(dataclasses.replace(PARTS))


def test_a_message_without_html_is_plain_text():
    assert "Content-Type: text/plain; charset=utf-8" in head(html="")


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "a\r\nBcc: x@example.jp"},
        {"subject": "a\nb"},
        {"subject": "a\0b"},
        {"from_name": "a\rb"},
        {"to_address": "taro@example.com>\r\nBcc: <x@example.jp"},
        {"to_address": "taro@example.com, x@example.jp"},
        {"to_address": "taro@日本.jp"},
        {"from_address": ""},
        {"reply_to": "a b@example.jp"},
        {"message_id": "a b@example.jp"},
        {"message_id": "a>\r\nX: y"},
        {"list_unsubscribe_https": "https://t.example/>\r\nX: y"},
        {"list_unsubscribe_https": "http://t.example/u"},
        {"list_id": "a<b"},
        {"feedback_id": "ä"},
        {"token": "a\nb"},
        {"extra_headers": [("X-A", "a\r\nb")]},
        {"extra_headers": [("X A", "a")]},
        {"extra_headers": [("", "a")]},
        {"subject": "件" * 5000},
    ],
    ids=lambda changes: repr(changes)[:50],
)
def test_a_value_that_could_break_out_is_refused(changes):
    with pytest.raises(MimeError):
        build_message(dataclasses.replace(PARTS, **changes))


def test_the_name_of_one_reader_cannot_stop_a_mailing():
    assert "To: a Bcc: x@example.jp" not in head(to_name="a\r\nBcc: x@example.jp")
    assert 'To: "a Bcc: x@example.jp" <taro@example.com>' in head(
        to_name="a\r\nBcc: x@example.jp\0"
    )
    assert len(head(to_name="名" * 5000)) < 4000


def test_a_word_too_long_for_a_line_is_encoded():
    lines = head(extra_headers=[("X-A", "a" * 1000)]).split("\r\n")
    assert max(map(len, lines)) <= 78


def test_a_large_header_block_is_refused_before_softbank_does():
    many = [("X-A", "a" * 60)] * 200
    with pytest.raises(MimeError, match=str(MAX_HEADER_BLOCK)):
        build_message(dataclasses.replace(PARTS, extra_headers=many))
