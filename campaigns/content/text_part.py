"""The text version of an HTML mail: headings, lists, links as "label: URL", image descriptions."""

import re
import urllib.parse
from html.parser import HTMLParser
from typing import Final

from campaigns.content.template_shield import TemplateShield
from campaigns.content.text_lines import WIDTH, columns, wrap

_SILENT: Final = frozenset({"style", "script", "head", "title", "template", "noscript", "svg"})
# fmt: off
_BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "figure",
    "figcaption", "footer", "header", "li", "main", "nav", "ol", "p", "pre", "section", "table",
    "tbody", "tfoot", "thead", "tr", "ul", "form", "fieldset",
})
_PARAGRAPHS: Final = frozenset({
    "blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul",
})
_VOID: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
})
# fmt: on
_HEADING_TAGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HEADINGS: Final = {"h1": "=", "h2": "-", "h3": ""}
_HIDDEN: Final = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
_BULLET: Final = "・"


def text_of_html(html: str) -> str:
    """Return the visible text, in lines of at most 72 columns; merge expressions stay as they are."""
    shield = TemplateShield.for_source(html)
    reader = _Reader()
    reader.feed(shield.hide_plain(html))
    reader.close()
    return shield.restore(reader.text()).strip("\n")


def visible_text(html: str) -> str:
    """Return the words a reader sees, in one line, without expressions' quotes being touched."""
    return " ".join(text_of_html(html).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.current = ""
        self.silent: list[str] = []  # open elements whose content is not shown
        self.links: list[tuple[str, int]] = []  # target, and where the label begins
        self.lists: list[int] = []  # 0: bullets, else the next number
        self.heading = ""

    def text(self) -> str:
        self._end_line()
        out: list[str] = []
        for line in self.lines:
            if line or (out and out[-1]):
                out += wrap(line) if line else [""]
        return "\n".join(out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if self.silent or self._is_silent(tag, attributes):
            if tag not in _VOID:
                self.silent.append(tag)
            return
        if tag in _BLOCKS or tag in _PARAGRAPHS:
            self._end_line(blank=tag in _PARAGRAPHS and not self.lists)
        self._open(tag, attributes)

    def _open(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "br":
                self._end_line()
            case "hr":
                self._end_line(blank=True)
                self.lines += ["-" * (WIDTH // 2), ""]
            case "img":
                self.handle_data(f" {attributes.get('alt', '')} ")
            case "a":
                self.links.append((attributes.get("href", "").strip(), len(self.current)))
            case "ul" | "ol":
                self.lists.append(1 if tag == "ol" else 0)
            case "li":
                self.current = self._bullet()
            case "td" | "th":
                self.handle_data(" ")
            case _ if tag in _HEADING_TAGS:
                self.heading = tag

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            if tag in self.silent:
                while self.silent.pop() != tag:
                    pass
            return
        if tag == "a" and self.links:
            self._end_link()
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
            self._end_line(blank=not self.lists)
        elif tag == self.heading:
            self._end_heading()
        elif tag in _BLOCKS or tag in _PARAGRAPHS:
            self._end_line(blank=tag in _PARAGRAPHS and not self.lists)

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        text = _BLANKS.sub(" ", data)
        if not self.current or self.current.endswith(" "):
            text = text.lstrip(" ")
        self.current += text

    @staticmethod
    def _is_silent(tag: str, attributes: dict[str, str]) -> bool:
        return (
            tag in _SILENT
            or "hidden" in attributes
            or bool(_HIDDEN.search(attributes.get("style", "")))
        )

    def _bullet(self) -> str:
        indent = "  " * (len(self.lists) - 1)
        if not self.lists or not self.lists[-1]:
            return f"{indent}{_BULLET}"
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1] - 1}. "

    def _end_link(self) -> None:
        target, start = self.links.pop()
        label = self.current[start:].strip()
        if not target or target.startswith("#"):
            return
        shown = _plain_url(target.removeprefix("mailto:").removeprefix("tel:"))
        if label and shown not in label:
            self.current = f"{self.current[:start]}{label}: {shown} "
        else:
            self.current = f"{self.current[:start]}{label or shown} "

    def _end_heading(self) -> None:
        rule = _HEADINGS.get(self.heading, "")
        title = self.current.strip()
        self._end_line()
        if title and rule:
            self.lines.append(rule * min(columns(title), WIDTH))
        self.heading = ""
        if title:
            self.lines.append("")

    def _end_line(self, *, blank: bool = False) -> None:
        line = self.current.rstrip()
        self.current = ""
        if line.strip() and line.strip() != _BULLET:
            self.lines.append(line)
        if blank and self.lines and self.lines[-1]:
            self.lines.append("")


def _plain_url(url: str) -> str:
    """Percent-encode what would end a URL in plain text (RFC 3986), and leave what is encoded alone."""
    return urllib.parse.quote(url, safe="%-._~:/?#[]@!$&'()*+,;=")
