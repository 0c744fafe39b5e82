"""Filling one reader's values into the compiled parts."""

import pytest

from mailer.engine.content import ContentSource, LinkUrls, OutputTooLarge, compile_content, load

FIELDS = frozenset({"name", "vip", "day"})
URLS = LinkUrls(click=str, unsubscribe="https://t.example/u?a=1&b=2")


def fill(source, values, part="text"):
    parts = {"subject": "s", "html": "h", "text": "t"} | {part: source}
    compiled = compile_content(ContentSource(**parts, fields=FIELDS))
    return getattr(load(compiled.to_json()).fill(values, URLS), part)


@pytest.mark.parametrize("value", ["", " ", "\u3000", None])
def test_an_empty_or_blank_field_falls_back(value):
    values = {} if value is None else {"name": value}
    assert fill('{{ name|default("お客様") }}様', values) == "お客様様"
    assert fill("{% if name %}{{ name }}様{% else %}皆様{% endif %}", values) == "皆様"


def test_values_are_escaped_in_html_only():
    value = {"name": "<b>\"Tom\" & 'Co'</b>"}
    assert fill("{{ name }}", value, "html").startswith(
        "&lt;b&gt;&quot;Tom&quot; &amp; &#x27;Co&#x27;&lt;/b&gt;"
    )
    assert fill("{{ name }}", value) == value["name"]


def test_a_subject_stays_one_line():
    assert fill("Hi {{ name }}", {"name": "A\r\nBcc: x@example.jp\0"}, "subject") == (
        "Hi A Bcc: x@example.jp"
    )


def test_wide_blanks_and_joined_emoji_of_a_subject_are_kept():
    subject = "秋　セール\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}"
    assert fill(subject, {}, "subject") == subject


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ('{% if vip == "1" %}a{% else %}b{% endif %}', {"vip": "1"}, "a"),
        ("{% if vip == 1 %}a{% else %}b{% endif %}", {"vip": "1"}, "a"),
        ('{% if vip != "1" %}a{% elif name %}b{% endif %}', {"vip": "1", "name": "x"}, "b"),
        ("{% if vip and not name %}a{% endif %}", {"vip": "1"}, "a"),
        ("{% if vip or name %}a{% endif %}", {}, ""),
        ("{{ name|lower|upper }}", {"name": "aB"}, "AB"),
        ('{{ day|date("YYYY年M月D日(W)") }}', {"day": "2026-01-05"}, "2026年1月5日(月)"),
        ('{{ day|date("MM/DD") }}', {"day": "2026/01/05"}, "01/05"),
        ('{{ day|date("D") }}', {"day": "soon"}, "soon"),
        ("{{ unsubscribe_url }}", {}, "https://t.example/u?a=1&b=2"),
        ("a\n\n{{ name }}\n", {"name": "b"}, "a\n\nb\n"),
    ],
)
def test_conditions_and_filters(template, values, text):
    assert fill(template, values) == text


def test_the_output_is_bounded_per_part():
    with pytest.raises(OutputTooLarge):
        fill("{{ name }}", {"name": "x" * 2001})
    with pytest.raises(OutputTooLarge):
        fill("{{ name }}{{ name }}", {"name": "x" * 300}, "subject")
    with pytest.raises(OutputTooLarge):
        fill("{{ name }}" * 1000, {"name": "x" * 1999}, "html")


def test_values_are_never_read_as_templates():
    assert fill("{{ name }}", {"name": "{{ vip }}{% if %}"}) == "{{ vip }}{% if %}"


def test_stored_content_of_another_format_is_refused():
    with pytest.raises(ValueError, match="format 99"):
        load({"format": 99})
