"""Read, merge, write and compile the .po files below `locale/`."""

import io
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

# English is the language of the source: its catalogue holds the header alone.
SOURCE_LANGUAGE = "en"
HEADER = "# Words of the screens. Kept by `manage.py messages --update`."


def path_of(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def languages(root: Path) -> list[str]:
    return sorted(path.parent.name for path in root.glob("locale/*/LC_MESSAGES"))


def read(path: Path, language: str) -> Catalog:
    """Return the catalogue of a file; an empty one where there is none."""
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def key_of(message: Message) -> tuple[str | None, str]:
    """Return what makes a message itself: its context and its (singular) text."""
    text = message.id if isinstance(message.id, str) else message.id[0]
    return message.context, text


def texts_of(message: Message) -> list[str]:
    """Return the translations, one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def merge(template: Catalog, *sources: Catalog) -> Catalog:
    """Return the template's messages with the translations of the sources; later ones win.

    A message that the template no longer has is dropped.
    """
    language = sources[0].locale
    merged = Catalog(locale=language, charset="utf-8", header_comment=HEADER)
    known = {
        key_of(message): message
        for source in sources
        for message in source
        if message.id and any(texts_of(message))
    }
    for message in template:
        if not message.id:
            continue
        old = known.get(key_of(message))
        string = _fitting(merged, message, old)
        flags = {"fuzzy"} if old is not None and "fuzzy" in old.flags else set()
        merged.add(
            message.id,
            string,
            locations=sorted({(name, 0) for name, _line in message.locations}),
            flags=flags,
            context=message.context,
            user_comments=old.user_comments if old is not None else (),
        )
    return merged


def _fitting(catalog: Catalog, message: Message, old: Message | None) -> str | tuple[str, ...]:
    """Return the old translation in the shape that the message has today."""
    texts = texts_of(old) if old is not None else []
    if isinstance(message.id, str):
        return texts[0] if texts else ""
    return tuple((texts + [""] * catalog.num_plurals)[: catalog.num_plurals])


def write(path: Path, catalog: Catalog) -> None:
    """Write a catalogue so that the same content gives the same bytes."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=100, sort_output=True, omit_header=True, include_lineno=False)
    head = (
        f'{HEADER}\nmsgid ""\nmsgstr ""\n'
        f'"Language: {catalog.locale_identifier}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head.encode() + buffer.getvalue().strip() + b"\n")


def compile_catalogue(path: Path, language: str) -> bool:
    """Write the .mo beside a .po unless it is there already; return whether it was written."""
    buffer = io.BytesIO()
    write_mo(buffer, read(path, language))
    target = path.with_suffix(".mo")
    if target.exists() and target.read_bytes() == buffer.getvalue():
        return False
    draft = target.with_suffix(".draft")
    draft.write_bytes(buffer.getvalue())
    draft.replace(target)
    return True
