"""Filters turn values into text for people."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation

from accounts.stamps import UnknownStampError, stamp_for
from accounts.templatetags import ui

YEAR_NOW = timezone.now().year
AT = datetime(YEAR_NOW, 11, 27, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(("value", "text"), [(12249, "12,249"), (0, "0"), (None, "—"), ("", "—")])
def test_an_unknown_number_is_a_dash_and_zero_is_zero(value, text):
    assert ui.number(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(92, 1000, "9.2"), (0, 0, "—"), (1, None, "—")]
)
def test_there_is_no_share_of_nothing(part, whole, text):
    assert ui.percent(part, whole) == text


def test_moments_are_local_and_in_the_readers_order():
    with timezone.override("Asia/Tokyo"):
        with translation.override("ja"):
            assert ui.moment(AT).startswith("11月27日（")
            assert ui.moment(AT).endswith("）10:00")
        with translation.override("en"):
            assert ui.moment(AT).endswith(" 27 Nov, 10:00")
        with translation.override("en"):
            assert ui.day(AT.replace(year=YEAR_NOW - 1)).endswith(f" 27 Nov {YEAR_NOW - 1}")
    assert ui.moment(None) == "—"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("中村 彩", "中"), ("Liam Foster", "LF"), ("aya@example.jp", "A"), ("", "?")],
)
def test_an_avatar_has_the_letters_of_the_name(name, letters):
    assert ui.initial(name) == letters


def test_a_state_without_a_stamp_is_a_mistake_that_names_itself():
    with pytest.raises(UnknownStampError, match="nowhere"):
        stamp_for("nowhere")
