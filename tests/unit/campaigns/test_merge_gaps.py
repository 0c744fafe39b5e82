"""Which fields may leave a gap, and whether every reader can leave."""

import pytest

from campaigns.content.merge_gaps import always_offers_unsubscribe, unguarded_fields
from mailer.engine.content import ContentSource, compile_content

FIELDS = frozenset({"name", "company"})


def compiled(html, subject="x"):
    return compile_content(ContentSource(subject, html, "x", fields=FIELDS))


@pytest.mark.parametrize(
    ("html", "gaps"),
    [
        ("{{ name }}", {"name"}),
        ('{{ name|default("お客様") }}', set()),
        ('{{ name|default("") }}', {"name"}),
        ('{{ name|default("x")|upper }} {{ name|upper }}', {"name"}),
        ("{% if name %}{{ name }}{% endif %}", set()),
        ("{% if name %}a{% else %}{{ name }}{% endif %}", {"name"}),
        ("{% if not name %}{{ name }}{% endif %}", {"name"}),
        ("{% if name and company %}{{ name }}{{ company }}{% endif %}", set()),
        ("{% if name or company %}{{ name }}{% endif %}", {"name"}),
        ('{% if company == "a" %}{{ company }}{% endif %}', set()),
        ('{% if company %}<a href="https://a.example/{{ company }}">x</a>{% endif %}', set()),
        ('<a href="https://a.example/{{ company }}">x</a>', {"company"}),
    ],
)
def test_a_field_is_a_gap_unless_it_is_known_to_be_filled(html, gaps):
    assert unguarded_fields(compiled(html)) == gaps


def test_the_subject_counts_too():
    assert unguarded_fields(compiled("x", subject="{{ company }}")) == {"company"}


@pytest.mark.parametrize(
    ("html", "offers"),
    [
        ("{{ unsubscribe_url }}", True),
        ("x", False),
        ("{% if name %}{{ unsubscribe_url }}{% endif %}", False),
        ("{% if name %}{{ unsubscribe_url }}{% else %}{{ unsubscribe_url }}{% endif %}", True),
        ("{% if name %}x{% endif %}{{ unsubscribe_url }}", True),
    ],
)
def test_every_reader_must_be_able_to_leave(html, offers):
    assert always_offers_unsubscribe(compiled(html).html) is offers
