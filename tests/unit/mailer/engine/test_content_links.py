"""Which links are tracked, and how."""

import json

import pytest

from mailer.engine.content import (
    ContentSource,
    LinkUrls,
    TemplateProblem,
    compile_content,
    load,
)

URLS = LinkUrls(
    click="https://t.example/c/{}".format,
    click_target="https://t.example/c/{}?to={}".format,
    unsubscribe="https://t.example/u",
    open_pixel="https://t.example/o",
)
FIELDS = frozenset({"code", "vip", "page"})


def fill(html="", text="", values=None, preheader=""):
    compiled = compile_content(ContentSource("s", html, text, preheader, FIELDS))
    stored = json.loads(json.dumps(compiled.to_json()))
    return compiled.links, load(stored).fill(values or {}, URLS)


def targets(html="", text=""):
    return [link.url for link in fill(html, text)[0]]


def test_each_target_is_one_link_in_html_and_text():
    html = "<a href=\"https://a.example/?x=1&amp;y=2\">1</a><a href='HTTP://b.example'>2</a>"
    links, filled = fill(html, "見て https://a.example/?x=1&y=2 。")
    assert [link.url for link in links] == ["https://a.example/?x=1&y=2", "HTTP://b.example"]
    assert 'href="https://t.example/c/0"' in filled.html
    assert "href='https://t.example/c/1'" in filled.html
    assert filled.text == "見て https://t.example/c/0 。"


@pytest.mark.parametrize(
    "html",
    [
        '<a href="mailto:x@example.jp">m</a>',
        '<a href="tel:+81312345678">t</a>',
        '<a href="#top">up</a>',
        '<a href="https://a.example" data-no-track>a</a>',
        '<a href="{{ unsubscribe_url }}">stop</a>',
        '<!-- <a href="https://a.example">a</a> -->',
        '<link href="https://a.example/x.css">',
        '<img src="https://a.example/x.png">',
        '<a name="https://a.example">a</a>',
    ],
)
def test_what_is_no_link_of_the_author_stays_as_it_is(html):
    links, filled = fill(html)
    assert links == ()
    assert "t.example/c/" not in filled.html


def test_outlook_buttons_are_links_too():
    html = '<!--[if mso]><v:roundrect href="https://a.example"></v:roundrect><![endif]-->'
    assert targets(html) == ["https://a.example"]


def test_text_around_a_url_does_not_join_it():
    text = "詳しくはhttps://a.example/x）。（https://b.example/(y)）、<https://c.example/>!"
    assert targets(text=text) == [
        "https://a.example/x",
        "https://b.example/(y)",
        "https://c.example/",
    ]


def test_a_field_inside_a_url_is_percent_encoded_and_sealed_per_reader():
    links, filled = fill('<a href="https://a.example/?c={{ code }}">a</a>', values={"code": "あ&b"})
    assert links[0].is_per_reader
    assert links[0].url == "https://a.example/?c={{ code }}"
    assert "to=https://a.example/?c=%E3%81%82%26b" in filled.html


@pytest.mark.parametrize(
    ("page", "href"),
    [
        ("https://a.example/x?y=1", "https://t.example/c/0?to=https://a.example/x?y=1"),
        ("javascript:alert(1)", "#"),
        ("https://a.example/\nx y", "#"),
        ("", "#"),
    ],
)
def test_a_whole_url_in_a_field_must_be_a_web_url(page, href):
    _, filled = fill('<a href="{{ page }}">a</a>', values={"page": page})
    assert f'href="{href}"' in filled.html


def test_a_condition_may_stand_whole_inside_a_link():
    html = '<a href="https://a.example/{% if vip %}vip{% else %}all{% endif %}">a</a>'
    assert "to=https://a.example/all" in fill(html)[1].html
    assert "to=https://a.example/vip" in fill(html, values={"vip": "1"})[1].html


def test_a_condition_must_not_end_inside_a_link():
    with pytest.raises(TemplateProblem, match="condition-in-link"):
        fill('{% if vip %}<a href="https://a.example/{% endif %}">a</a>')


def test_pixel_and_preheader_have_their_places():
    html = "<html><body class='x'>hello</body></html>"
    _, filled = fill(html, values={"code": "<3"}, preheader="{{ code }} first")
    assert filled.html.startswith("<html><body class='x'><div")
    assert ">&lt;3 first</div>hello<img" in filled.html
    assert filled.html.endswith("></body></html>")


def test_hostile_markup_takes_no_longer_than_its_length():
    for piece in ("<a ", '<a "', "<!--", "<style>", "<a href='", "<a =", "</body "):
        compile_content(ContentSource("s", piece * (400_000 // len(piece)), "t"))
    compile_content(ContentSource("s", "h", "https://" * 20_000))
