"""HTML as plain text, and its lines."""

import pytest

from campaigns.content.text_lines import WIDTH, columns, wrap
from campaigns.content.text_part import text_of_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>冬</h1><p>雪の<b>朝</b>に。</p>", "冬\n==\n\n雪の朝に。"),
        ("<ul><li>一</li><li>二</li></ul>", "・一\n・二"),
        ("<ol><li>一</li><li>二</li></ol><p>三</p>", "1. 一\n2. 二\n\n三"),
        ('<p><a href="https://a.example/x">店へ</a></p>', "店へ: https://a.example/x"),
        ('<a href="https://a.example/">https://a.example/</a>', "https://a.example/"),
        ('<a href="mailto:a@b.example">書く</a>', "書く: a@b.example"),
        ('<a href="#top">上へ</a>', "上へ"),
        ('<a href="https://a.example/冬 豆">店</a>', "店: https://a.example/%E5%86%AC%20%E8%B1%86"),
        ('<p>袋<img src="a.png" alt="豆の袋">です</p>', "袋 豆の袋 です"),
        ("<p>a<br>b</p><hr><p>c</p>", f"a\nb\n\n{'-' * (WIDTH // 2)}\n\nc"),
        ("<style>p{}</style><script>x()</script><title>t</title><p>見える</p>", "見える"),
        ('<div style="display:none">隠れた</div><p>見える</p>', "見える"),
        ("<table><tr><td>豆</td><td>900円</td></tr></table>", "豆 900円"),
        ('<p>&lt;b&gt; &amp; {{ name|default("<b>") }}</p>', '<b> & {{ name|default("<b>") }}'),
        ("<p>a\n   b</p>", "a b"),
    ],
)
def test_html_becomes_text(html, text):
    assert text_of_html(html) == text


def test_lines_are_as_wide_as_thirty_six_full_width_characters():
    lines = wrap("雪の朝に、深くまろやかな一杯を。" * 12)

    assert all(columns(line) <= WIDTH + 4 for line in lines)
    assert len(lines) > 4


def test_no_line_begins_with_a_full_stop_or_ends_with_an_opening_bracket():
    lines = wrap("あ" * 35 + "い。" + "う" * 34 + "（え）お")

    assert not any(line[0] in "。、）" for line in lines)
    assert not any(line[-1] == "（" for line in lines)


def test_a_url_is_never_cut():
    url = "https://shop.example/" + "x" * 200

    assert url in wrap(f"ここへどうぞ: {url} です")
