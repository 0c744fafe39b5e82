"""From the author's parts to the compiled mail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.content import inline_css as module
from campaigns.content.compose import Draft, compose
from campaigns.content.inline_css import CssNotInlined, inline_css
from campaigns.content.law_footer import SenderInfo
from campaigns.content.template_shield import TemplateShield
from mailer.engine.content import LinkUrls, TemplateProblem, load

SENDER = SenderInfo("株式会社つきのわ珈琲", "岩手県盛岡市紺屋町0-0", "hello@shop.example")
TABLE = """<html><head><style>.c { color: red } @media (max-width:600px) { .c { color: blue !important } }
</style></head><body><table>
<tr><td class="c">{% if name %}{{ name }}{% else %}<b>お客様</b>{% endif %}</td></tr>
{% if company and not email == "x" %}<tr><td>{{ company|default("<none>\\"") }}</td></tr>{% endif %}
</table><a href="https://shop.example/?n={{ name }}&amp;q=冬">店</a></body></html>"""


def draft(**parts):
    defaults = {
        "subject": "{{ name }} さまへ",
        "preheader": "冬の豆",
        "html": TABLE,
        "text": "",
        "language": "ja",
        "sender": SENDER,
        "fields": frozenset({"name", "email", "company"}),
    }
    return Draft(**{**defaults, **parts})


def fill(composition, **values):
    urls = LinkUrls(click=lambda n: f"https://t.example/{n}", unsubscribe="https://t.example/u")
    return load(composition.content.to_json()).fill(values, urls)


def test_css_is_inlined_and_media_queries_stay():
    html = compose(draft()).source.html

    assert '<td class="c" style="color:red">' in html
    assert "@media (max-width:600px) { .c { color: blue !important } }" in html


def test_merge_expressions_survive_the_css_inliner_byte_for_byte():
    html = compose(draft()).source.html

    assert "{% if name %}{{ name }}{% else %}<b>お客様</b>{% endif %}</td>" in html
    assert (
        '\n{% if company and not email == "x" %}<tr><td>{{ company|default("<none>\\"") }}</td></tr>'
        in html
    )
    assert "?n={{ name }}&amp;q=%E5%86%AC" in html


def test_a_conditional_row_of_a_table_comes_and_goes_with_the_reader():
    composition = compose(draft())

    assert "<tr><td>つきのわ</td></tr>" in fill(composition, name="a", company="つきのわ").html
    assert "つきのわ</td>" not in fill(composition, name="a").html
    assert "<b>お客様</b>" in fill(composition).html


def test_the_text_version_is_made_from_the_html_and_carries_the_footer():
    text = fill(compose(draft()), name="佐藤").text

    assert text.startswith("佐藤\n")
    assert "店: https://shop.example/?n=%E4%BD%90%E8%97%A4&q=%E5%86%AC" in text
    assert "https://t.example/u" in text
    assert SENDER.postal_address in text


def test_a_text_of_ones_own_is_kept_as_it_is():
    assert fill(compose(draft(text="  手書き\n\n  ——\n"))).text.startswith("  手書き\n\n  ——\n")


def test_a_mail_of_text_alone_gets_simple_html():
    composition = compose(draft(html="", text="{{ name }} さま\n\n1 < 2 https://shop.example/a。"))

    html = fill(composition, name="佐藤").html
    assert "<p>佐藤 さま</p>" in html
    assert "1 &lt; 2 <a href=" in html
    assert composition.content.links[0].url == "https://shop.example/a"


def test_a_mistake_is_named_with_the_line_of_the_author():
    with pytest.raises(TemplateProblem) as problem:
        compose(draft(html="<p>\n{{ nmae }}</p>"))

    assert (problem.value.kind, problem.value.line, problem.value.name) == (
        "unknown-field",
        2,
        "nmae",
    )


@pytest.mark.parametrize(
    "bad", ["{% for a in b %}{% endfor %}", "{{ name.__class__ }}", "{{ name() }}"]
)
def test_loops_attributes_and_calls_are_refused(bad):
    with pytest.raises(TemplateProblem):
        compose(draft(html=f"<p>{bad}</p>"))


def test_nothing_is_fetched_for_foreign_style_sheets(monkeypatch):
    asked = []
    monkeypatch.setattr("requests.get", lambda *a, **k: asked.append(a))
    monkeypatch.setattr("urllib.request.urlopen", lambda *a, **k: asked.append(a))

    html = inline_css(
        '<html><head><link rel="stylesheet" href="http://127.0.0.1:1/a.css">'
        "<style>@import url(http://127.0.0.1:1/b.css); p { color: red }</style></head>"
        "<body><p>x</p></body></html>"
    )

    assert asked == []
    assert '<p style="color:red">' in html


def test_css_that_cannot_be_used_leaves_the_mail_alone_and_says_so():
    source = "<html><head><style>p:::x[ { color red</style></head><body><p>x</p></body></html>"
    huge = "p { color: red }" * (module.MAX_CSS_CHARS // 10)

    assert compose(draft(html=source)).source.html.count("<p>x</p>") == 1
    with pytest.raises(CssNotInlined):
        inline_css(f"<style>{huge}</style><p>x</p>")


@given(st.text(alphabet="ab<>{}%#\"'=/ \n!-{%{{}}あ", max_size=60))
def test_hiding_and_restoring_gives_the_source_back(source):
    shield = TemplateShield.for_source(source)

    assert shield.restore(shield.hide(source)) == source
