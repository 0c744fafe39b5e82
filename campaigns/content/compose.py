"""From what the author wrote to what is compiled: footer, inlined CSS, text version.

The author's own parts are compiled first and alone, so that a mistake is named with the author's line and not with
a line of the document we make of it. The preheader is placed by the compiler.
"""

import html
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from campaigns.content.inline_css import CssNotInlined, inline_css
from campaigns.content.law_footer import Language, SenderInfo, with_html_footer, with_text_footer
from campaigns.content.text_part import text_of_html
from mailer.engine.content import CompiledContent, ContentSource, compile_content

_HTML_TAG: Final = re.compile(r"<html\b", re.IGNORECASE)
_BODY_TAG: Final = re.compile(r"<body\b", re.IGNORECASE)
_TAG: Final = re.compile(r"<[a-z!/]", re.IGNORECASE)


@dataclass(frozen=True)
class Draft:
    """The parts as the author wrote them; an empty `text` is made from the HTML, and the other way round."""

    subject: str
    preheader: str
    html: str
    text: str
    language: Language
    sender: SenderInfo
    fields: AbstractSet[str]


@dataclass(frozen=True)
class Composition:
    """The whole mail as template source, its compiled form, and what could not be done."""

    source: ContentSource
    content: CompiledContent
    css_problem: str = ""


def compose(draft: Draft) -> Composition:
    """Return the finished mail. Raises mailer.engine.content.TemplateProblem with the author's line."""
    fields = frozenset(draft.fields)
    written = ContentSource(draft.subject, draft.html, draft.text, draft.preheader, fields)
    compile_content(written)
    document, css_problem = _html_part(draft)
    source = ContentSource(draft.subject, document, _text_part(draft), draft.preheader, fields)
    return Composition(source, compile_content(source), css_problem)


def _html_part(draft: Draft) -> tuple[str, str]:
    body = draft.html if draft.html.strip() else html_of_text(draft.text)
    if not body.strip():
        return "", ""
    document = with_html_footer(_as_document(body, draft.language), draft.sender, draft.language)
    try:
        return inline_css(document), ""
    except CssNotInlined as problem:
        return document, str(problem)


def _text_part(draft: Draft) -> str:
    if not (draft.text.strip() or draft.html.strip()):
        return ""
    # A mail of pictures alone has an empty text; the footer stands there all the same.
    body = draft.text if draft.text.strip() else text_of_html(draft.html)
    return with_text_footer(body, draft.sender, draft.language)


def html_of_text(text: str) -> str:
    """Return a plain text as simple HTML: paragraphs, line breaks, links. Merge expressions stay."""
    if not text.strip():
        return ""
    paragraphs = re.split(r"\n[ \t]*\n+", text.strip().replace("\r\n", "\n"))
    return "\n".join(f"<p>{_paragraph(paragraph)}</p>" for paragraph in paragraphs)


# Only what RFC 3986 allows, so that full-width text touching a URL does not become part of it.
_URL: Final = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_KEPT: Final = re.compile(r"\{\{.{0,2000}?\}\}|\{%.{0,2000}?%\}|\{#.{0,2000}?#\}", re.DOTALL)


def _paragraph(text: str) -> str:
    pieces: list[str] = []
    done = 0
    for match in _KEPT.finditer(text):
        pieces += (_linked(text[done : match.start()]), _expression(match[0]))
        done = match.end()
    pieces.append(_linked(text[done:]))
    return "".join(pieces)


def _expression(expression: str) -> str:
    if "unsubscribe_url" in expression:
        return f'<a href="{expression}">{expression}</a>'
    return expression


def _linked(text: str) -> str:
    pieces: list[str] = []
    done = 0
    for match in _URL.finditer(text):
        url = match[0].rstrip(".,;:!?'")
        shown = html.escape(url)
        pieces += (_lines(text[done : match.start()]), f'<a href="{shown}">{shown}</a>')
        done = match.start() + len(url)
    pieces.append(_lines(text[done:]))
    return "".join(pieces)


def _lines(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>\n")


def _as_document(body: str, language: Language) -> str:
    if _HTML_TAG.search(body) or _BODY_TAG.search(body):
        return body
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>\n'
        f"<body>{body}</body></html>"
    )
