"""Compiled content: what a marketer wrote, checked once per mailing and filled once per reader.

`compile_content` reads the template language (a small part of Jinja2's, see `content_template`),
finds the links, and yields a program of plain JSON. `load` turns that program into a `Filler`
without any template engine: what can run is only what this module knows, so neither time nor
output can grow beyond the source and the values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from mailer.engine.content_links import Link, collect_html_links, collect_text_links
from mailer.engine.content_program import Filled, Filler, LinkUrls, Ops, OutputTooLarge
from mailer.engine.content_template import TemplateProblem, parse_part

__all__ = [
    "CompiledContent",
    "ContentSource",
    "Filled",
    "Filler",
    "Link",
    "LinkUrls",
    "OutputTooLarge",
    "TemplateProblem",
    "compile_content",
    "load",
]

FORMAT: Final = 1


@dataclass(frozen=True)
class ContentSource:
    """The parts as written. `fields` are the merge fields that exist for this organisation
    (NFKC).
    """

    subject: str
    html: str
    text: str
    preheader: str = ""
    fields: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class CompiledContent:
    """A program per part and the links in order of first appearance (HTML first, then text)."""

    subject: Ops
    html: Ops
    text: Ops
    preheader: Ops
    links: tuple[Link, ...]
    used_fields: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "subject": self.subject,
            "html": self.html,
            "text": self.text,
            "preheader": self.preheader,
            "links": [link.to_json() for link in self.links],
            "fields": list(self.used_fields),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        if data.get("format") != FORMAT:
            raise ValueError(
                f"compiled content of format {data.get('format')!r}, expected {FORMAT}"
            )
        return cls(
            subject=data["subject"],
            html=data["html"],
            text=data["text"],
            preheader=data["preheader"],
            links=tuple(Link.from_json(row) for row in data["links"]),
            used_fields=tuple(data["fields"]),
        )


def compile_content(source: ContentSource) -> CompiledContent:
    """Return the compiled content, or raise TemplateProblem naming the part, the line and the
    name.
    """
    used: set[str] = set()
    subject = parse_part("subject", source.subject, source.fields, used)
    preheader = parse_part("preheader", source.preheader, source.fields, used)
    html_ops = parse_part("html", source.html, source.fields, used)
    text_ops = parse_part("text", source.text, source.fields, used)
    links: list[Link] = []
    html = collect_html_links(html_ops, links, preheader)
    text = collect_text_links(text_ops, links)
    return CompiledContent(subject, html, text, preheader, tuple(links), tuple(sorted(used)))


def load(data: Mapping[str, Any]) -> Filler:
    """Return the Filler of stored JSON. Make one per mailing and keep it."""
    compiled = CompiledContent.from_json(data)
    return Filler(
        subject=compiled.subject,
        html=compiled.html,
        text=compiled.text,
        preheader=compiled.preheader,
        links=[(link.index, link.ops) for link in compiled.links],
    )
