"""Find every translatable text of the project, in Python and in templates."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
LEFT_OUT = {".venv", "var", "tests", "migrations", "node_modules", "bench", "tools", "locale"}
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml"}
# A component's dynamic attribute, <c-field :label="_('Name')">, is plain text to Django's lexer.
DYNAMIC_ATTRIBUTE = re.compile(r"""\s:[\w-]+=(?:"[^"]*?_\('([^']+)'\)|'[^']*?_\("([^"]+)"\))""")

# context (or None), message (one text, or singular and plural), line
Found = tuple[str | None, str | tuple[str, str], int]


def extract(root: Path) -> Catalog:
    """Return the catalogue of all texts below `root`, without translations."""
    catalog = Catalog(charset="utf-8")
    for path in sorted(_sources(root)):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        find = in_python if path.suffix == ".py" else in_template
        for context, message, line in find(text):
            catalog.add(message, locations=[(name, line)], context=context)
    return catalog


def _sources(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        if LEFT_OUT.intersection(parts) or any(part.startswith(".") for part in parts):
            continue
        is_template = path.suffix in TEMPLATE_SUFFIXES and "templates" in parts
        if path.is_file() and (path.suffix == ".py" or is_template):
            yield path


def in_python(text: str) -> Iterator[Found]:
    """Yield the texts of Python source that are literals in a gettext call."""
    for line, function, arguments, _comments in extract_python(
        io.BytesIO(text.encode()), dict.fromkeys(KEYWORDS), [], {"encoding": "utf-8"}
    ):
        words: list[str | None] = (
            [arguments] if isinstance(arguments, str) else list(arguments or ())
        )
        found = _interpret(str(function), words)
        if found is not None:
            yield (*found, line)


def _interpret(
    function: str, words: list[str | None]
) -> tuple[str | None, str | tuple[str, str]] | None:
    """Sort a call's literal arguments into context and message; None when one is not a literal."""
    positions = KEYWORDS[function] or (1,)
    context = None
    texts: list[str] = []
    for position in positions:
        index, is_context = (position, False) if isinstance(position, int) else (position[0], True)
        word = words[index - 1] if index <= len(words) else None
        if not word:
            return None
        if is_context:
            context = word
        else:
            texts.append(word)
    return context, (texts[0] if len(texts) == 1 else (texts[0], texts[1]))


def in_template(text: str) -> Iterator[Found]:
    """Yield the texts of a Django template, also those in attributes of components."""
    # templatize leaves calls of gettext between blotted-out text, which is Python but for its
    # indentation.
    source = "\n".join(line.strip() for line in templatize(text).split("\n"))
    yield from in_python(source)
    for match in DYNAMIC_ATTRIBUTE.finditer(text):
        yield None, match[1] or match[2], text.count("\n", 0, match.start()) + 1
