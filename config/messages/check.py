"""Find what is wrong with a catalogue of translations, each fault in one sentence."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from config.messages.catalogues import key_of, texts_of

PLACEHOLDER = re.compile(r"%\([A-Za-z_]\w*\)[#0\- +]*[\d.]*[a-zA-Z]|%[sd]|\{[A-Za-z_][\w.]*\}")


def read_same_as_source(root: Path) -> set[str]:
    """Return the texts that may be the same in both languages (names, abbreviations)."""
    path = root / "locale" / "same-as-source.txt"
    if not path.exists():
        return set()
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def faults(template: Catalog, translated: Catalog, same_as_source: set[str]) -> Iterator[str]:
    """Yield a sentence for everything that keeps the catalogue from being complete."""
    used = {key_of(message): message for message in template if message.id}
    known = {key_of(message): message for message in translated if message.id}
    for key in sorted(used.keys() - known.keys(), key=str):
        yield f"missing: {key[1]!r} ({_places(used[key])})"
    for key in sorted(known.keys() - used.keys(), key=str):
        yield f"obsolete: {key[1]!r} is used nowhere"
    for key in sorted(used.keys() & known.keys(), key=str):
        yield from _faults_of(used[key], known[key], same_as_source)


def _faults_of(used: Message, known: Message, same_as_source: set[str]) -> Iterator[str]:
    text = key_of(used)[1]
    translations = texts_of(known)
    if isinstance(used.id, str) != isinstance(known.id, str):
        yield f"plural: {text!r} has plural forms in one of source and catalogue only"
    if "fuzzy" in known.flags:
        yield f"fuzzy: {text!r} waits for a look"
    if not all(translations):
        yield f"empty: {text!r} ({_places(used)})"
        return
    # The plural's text names all placeholders; a singular may spell its number out.
    source = used.id if isinstance(used.id, str) else used.id[-1]
    for translation in translations:
        if translation == source and source not in same_as_source:
            yield f"untranslated: {text!r} is the same as the source"
        if set(PLACEHOLDER.findall(translation)) != set(PLACEHOLDER.findall(source)):
            yield f"placeholders: {text!r} and {translation!r} do not have the same ones"


def _places(message: Message) -> str:
    return ", ".join(sorted({name for name, _line in message.locations}))
