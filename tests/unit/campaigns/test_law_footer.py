"""特定電子メール法 §4: what every advertising mail shows, in which order, and never twice."""

import pytest

from campaigns.content.law_footer import (
    SenderInfo,
    says_refusal_is_possible,
    with_html_footer,
    with_text_footer,
)
from campaigns.content.text_part import visible_text

SENDER = SenderInfo("株式会社つきのわ珈琲", "岩手県盛岡市紺屋町0-0", "https://shop.example/contact")
LINK = '<a href="{{ unsubscribe_url }}"'


def test_the_parts_stand_in_the_order_of_the_law_before_the_end_of_the_body():
    html = with_html_footer("<html><body><p>本文</p></body></html>", SENDER, "ja")

    places = [
        html.index(part)
        for part in ("本文", SENDER.legal_name, "いつでも停止できます", LINK, SENDER.postal_address)
    ]
    assert places == sorted(places)
    assert html.index("shop.example/contact") < html.index("</body>")


def test_the_statement_and_the_link_are_adjacent():
    html = with_html_footer("<p>本文</p>", SENDER, "ja")

    assert "いつでも停止できます。<br>" + LINK in html


def test_the_text_part_has_the_same_parts_in_the_same_order():
    text = with_text_footer("本文", SENDER, "ja")

    lines = text.splitlines()
    assert lines[0] == "本文"
    assert lines[3:] == [
        "株式会社つきのわ珈琲",
        "このメールは、配信を希望された方にお送りしています。今後の配信を希望されない場合は、いつでも停止できます。",
        "配信停止：",
        "{{ unsubscribe_url }}",
        "岩手県盛岡市紺屋町0-0",
        "お問い合わせ：https://shop.example/contact",
    ]


def test_an_english_organisation_gets_english_words():
    text = with_text_footer("Hello", SENDER, "en")

    assert "You can stop it at any time." in text
    assert "配信停止" not in text


def test_only_what_the_author_has_not_written_is_added():
    own = (
        "<body><p>株式会社つきのわ珈琲　岩手県盛岡市紺屋町0-0</p>"
        '<p><a href="{{ unsubscribe_url }}">配信停止はこちら</a></p></body>'
    )

    html = with_html_footer(own, SENDER, "ja")

    assert html.count("{{ unsubscribe_url }}") == 1
    assert html.count("紺屋町") == 1
    assert "shop.example/contact" in html


def test_a_link_that_does_not_say_what_it_is_gets_the_statement_and_a_second_link():
    html = with_html_footer('<p><a href="{{ unsubscribe_url }}">こちら</a></p>', SENDER, "ja")

    assert html.count("{{ unsubscribe_url }}") == 2


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("配信停止：{{ unsubscribe_url }}", True),
        ("{{unsubscribe_url}} (unsubscribe)", True),
        ("購読を解除する {{ unsubscribe_url }}", True),
        ("くわしくは {{ unsubscribe_url }}", False),
        ("配信停止" + "あ" * 400 + "{{ unsubscribe_url }}", False),
        ("配信停止はできません", False),
    ],
)
def test_refusal_must_be_explained_beside_the_link(source, expected):
    assert says_refusal_is_possible(source) is expected


def test_names_cannot_smuggle_in_html_or_merge_expressions():
    sender = SenderInfo("<b>{{ email }}</b>", "a & b", '"><script>')

    html = with_html_footer("<p>x</p>", sender, "ja")
    text = with_text_footer("x", sender, "ja")

    assert "<script>" not in html
    assert "{{ email }}" not in html
    assert "{{ email }}" not in text
    assert "<b>{{ email }}</b>" in visible_text(html)


def test_an_empty_profile_still_gets_the_way_out():
    html = with_html_footer("<p>x</p>", SenderInfo("", "", ""), "ja")

    assert LINK in html
    assert "お問い合わせ" not in html
