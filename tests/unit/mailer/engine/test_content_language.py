"""Which templates compile, and how the others are refused."""

import pytest

from mailer.engine.content import ContentSource, TemplateProblem, compile_content

FIELDS = frozenset({"name", "姓", "vip", "day"})


def compile_html(html):
    return compile_content(ContentSource("件名", html, "text", fields=FIELDS))


@pytest.mark.parametrize(
    "html",
    [
        "{{ name }}",
        '{{ 姓|default("お客様") }}',
        '{{ name|fallback("x")|upper }}',
        '{{ day|date("M月D日") }}',
        '{% if vip and not name or 姓 == "山" %}a{% elif vip != "1" %}b{% else %}c{% endif %}',
        "{% raw %}{{ untouched }}{% endraw %}{# a note #}",
    ],
)
def test_the_language_for_marketers_compiles(html):
    compile_html(html)


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ("{{ unknown }}", "unknown-field"),
        ("{% if unknown %}x{% endif %}", "unknown-field"),
        ("{{ name", "syntax"),
        ("{% if name %}x", "syntax"),
        ("{% bogus %}", "syntax"),
        ("{{ name|pprint }}", "unknown-filter"),
        ("{{ name|default }}", "bad-filter-argument"),
        ("{{ name|default(vip) }}", "bad-filter-argument"),
        ('{{ name|upper("x") }}', "bad-filter-argument"),
        ("{% for x in name %}{{ x }}{% endfor %}", "not-allowed"),
        ("{{ name.__class__ }}", "not-allowed"),
        ("{{ name['x'] }}", "not-allowed"),
        ("{{ name() }}", "not-allowed"),
        ("{{ range(9) }}", "not-allowed"),
        ("{{ 9 * 9 }}", "not-allowed"),
        ("{{ name ~ vip }}", "not-allowed"),
        ('{{ "x" }}', "not-allowed"),
        ("{{ name if vip else vip }}", "not-allowed"),
        ("{% set x = 1 %}", "not-allowed"),
        ("{% include 'x' %}", "not-allowed"),
        ("{% import 'x' as y %}", "not-allowed"),
        ("{% extends 'x' %}", "not-allowed"),
        ("{% block x %}{% endblock %}", "not-allowed"),
        ("{% macro x() %}{% endmacro %}", "not-allowed"),
        ("{% call name() %}{% endcall %}", "not-allowed"),
        ("{% filter upper %}x{% endfilter %}", "not-allowed"),
        ("{% with x=1 %}{% endwith %}", "not-allowed"),
        ("{% if name > 1 %}x{% endif %}", "not-allowed"),
        ("{% if name == vip %}x{% endif %}", "not-allowed"),
        ("{% if 'a' == name == 'b' %}x{% endif %}", "not-allowed"),
        ("{% if name is defined %}x{% endif %}", "not-allowed"),
        ("{% if name %}" * 30 + "{% endif %}" * 30, "too-deep"),
        ("{{ " + "(" * 5000 + "name" + ")" * 5000 + " }}", "too-deep"),
        ("{{ " + "9" * 5000 + " }}", "syntax"),
        ("{{ name }}" * 2001, "too-many-expressions"),
        ("x" * 500_001, "too-long"),
        ("a\ufdd0b", "reserved-character"),
        ("a\0b", "reserved-character"),
        ("<td width={{ name }}>", "unquoted-attribute"),
        ("<style>p { color: {{ name }} }</style>", "merge-in-style-or-script"),
        ("<script>{{ name }}</script>", "merge-in-style-or-script"),
    ],
)
def test_everything_else_is_refused_by_kind(html, kind):
    with pytest.raises(TemplateProblem) as refused:
        compile_html(html)
    assert (refused.value.kind, refused.value.part) == (kind, "html")


def test_a_problem_names_the_line_and_the_word():
    with pytest.raises(TemplateProblem) as refused:
        compile_html("<p>\n{{ name }}\n{{ nmae }}")
    assert (refused.value.line, refused.value.name) == (3, "nmae")


def test_the_unsubscribe_link_has_no_place_in_a_subject():
    with pytest.raises(TemplateProblem, match="unsubscribe-not-here"):
        compile_content(ContentSource("{{ unsubscribe_url }}", "x", "x"))


def test_full_width_field_names_are_the_same_fields():
    compiled = compile_content(ContentSource("{{ ｖｉｐ }}", "x", "x", fields=FIELDS))
    assert compiled.used_fields == ("vip",)
