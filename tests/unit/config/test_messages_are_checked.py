"""The check names every fault of a catalogue, and a complete one has none."""

import pytest
from babel.messages.catalog import Catalog

from config.messages import catalogues
from config.messages.check import faults


def catalogue(*messages, flags=()):
    result = Catalog(locale="ja", charset="utf-8")
    for text, translation in messages:
        result.add(text, translation, locations=[("lists/views.py", 1)], flags=flags)
    return result


SOURCE = catalogue(("Hello %(name)s", ""))


@pytest.mark.parametrize(
    ("translated", "fault"),
    [
        (catalogue(), "missing: 'Hello %(name)s' (lists/views.py)"),
        (catalogue(("Hello %(name)s", "")), "empty: 'Hello %(name)s' (lists/views.py)"),
        (
            catalogue(("Hello %(name)s", "%(name)sさん"), flags=["fuzzy"]),
            "fuzzy: 'Hello %(name)s' waits for a look",
        ),
        (
            catalogue(("Hello %(name)s", "Hello %(name)s")),
            "untranslated: 'Hello %(name)s' is the same as the source",
        ),
        (
            catalogue(("Hello %(name)s", "%(nam)sさん")),
            "placeholders: 'Hello %(name)s' and '%(nam)sさん' do not have the same ones",
        ),
        (
            catalogue(("Hello %(name)s", "%(name)sさん"), ("Bye", "では")),
            "obsolete: 'Bye' is used nowhere",
        ),
    ],
)
def test_fault_is_named(translated, fault):
    assert list(faults(SOURCE, translated, set())) == [fault]


def test_complete_catalogue_has_no_fault():
    source = catalogue(("Save", ""), (("%(n)s reader", "%(n)s readers"), ("",)), ("HTML", ""))
    translated = catalogue(
        ("Save", "保存"), (("%(n)s reader", "%(n)s readers"), ("読者%(n)s人",)), ("HTML", "HTML")
    )

    assert list(faults(source, translated, {"HTML"})) == []


def test_update_keeps_translations_and_drops_what_is_gone():
    old = catalogue(("Save", "保存"), ("Bye", "では"))

    merged = catalogues.merge(catalogue(("Save", ""), ("Open", "")), old)

    assert {m.id: m.string for m in merged if m.id} == {"Open": "", "Save": "保存"}


def test_compiled_catalogue_is_written_once(tmp_path):
    path = tmp_path / "django.po"
    catalogues.write(path, catalogue(("Save", "保存")))

    assert catalogues.compile_catalogue(path, "ja")
    assert not catalogues.compile_catalogue(path, "ja")
    assert catalogues.texts_of(next(m for m in catalogues.read(path, "ja") if m.id)) == ["保存"]
