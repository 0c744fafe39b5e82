"""Every way of marking a text for translation is found."""

import pytest

from config.messages.extract import in_python, in_template


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("Save")', (None, "Save")),
        ('gettext_lazy("Save")', (None, "Save")),
        ('ngettext("%(n)s reader", "%(n)s readers", n)', (None, ("%(n)s reader", "%(n)s readers"))),
        ('pgettext("verb", "Open")', ("verb", "Open")),
        ('_(\n    "Two "\n    "parts"\n)', (None, "Two parts")),
    ],
)
def test_call_in_python_is_found(source, found):
    assert [item[:2] for item in in_python(source)] == [found]


@pytest.mark.parametrize("source", ["_(name)", '_("")', 'ngettext("one", many, n)', 'save("Save")'])
def test_call_without_a_literal_is_left_alone(source):
    assert list(in_python(source)) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('<p>{% translate "Save" %}</p>', (None, "Save")),
        ('{% trans "Open" context "verb" %}', ("verb", "Open")),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}", (None, "Hello %(name)s")),
        (
            "{% blocktranslate count n=n %}{{ n }} reader{% plural %}{{ n }} readers"
            "{% endblocktranslate %}",
            (None, ("%(n)s reader", "%(n)s readers")),
        ),
        ("<c-ui.button label=\"{% translate 'Save' %}\" />", (None, "Save")),
        ("<c-ui.field\n  :label=\"_('Name')\" />", (None, "Name")),
        ("{% if x == _('Save') %}{% endif %}", (None, "Save")),
        ("  it's\n    <b>\n  {% translate 'Save' %} (", (None, "Save")),
    ],
)
def test_mark_in_a_template_is_found(source, found):
    assert [item[:2] for item in in_template(source)] == [found]
