"""Finds the links of a parsed part and puts link operations in their place.

The program is flattened to one string in which every operation is a mark of two noncharacters
around a number; links are found in that string as a mail client would see them, then it is folded
back into a program.

Tracked: `href` of `<a>` and `<area>` with an http(s) URL or one that starts with a merge field,
and bare http(s) URLs in text. Not tracked: `data-no-track`, mailto:, tel:, `#…`, the unsubscribe
link, links in real comments (but those in Outlook's conditional comments are). The tag expressions
use possessive and atomic forms: their time grows linearly with the source.
"""

import html
import re
from dataclasses import dataclass, field
from typing import Any, Final, Self

from mailer.engine.content_program import Op, Ops
from mailer.engine.content_template import TemplateProblem

# A value goes in here …            … and a condition begins, turns or ends here.
_OUT, _OUT_END, _TURN, _TURN_END = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
_MARK: Final = re.compile(f"[{_OUT}{_TURN}](\\d+)[{_OUT_END}{_TURN_END}]")

_TAG: Final = re.compile(
    r"""(?P<comment><!--(?!\[if).*?(?:-->|\Z))
      | (?P<raw><(?P<rawname>style|script)\b.*?(?:</(?P=rawname)\s*>|\Z))
      | <(?P<name>[a-z][a-z0-9:]*)(?P<attributes>(?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_QUOTED: Final = re.compile(r""""[^"]*+"|'[^']*+'""")
_ATTRIBUTE: Final = re.compile(
    r"""(?P<name>[^\s"'=<>/]++)(?:\s*+=\s*+(?P<value>"[^"]*+"|'[^']*+'|[^\s"'<>]++))?"""
)
# Only what RFC 3986 allows: full-width text that touches a URL must not become part of it.
_TEXT_URL: Final = re.compile(
    rf"https?://(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]|{_OUT}\d+{_OUT_END})++", re.IGNORECASE
)
_TEXT_URL_TAIL: Final = ".,;:!?'"
_BODY: Final = re.compile(r"<body\b(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+>", re.IGNORECASE)
_BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)
_WEB: Final = ("http://", "https://")
_LINK_TAGS: Final = frozenset(
    ("a", "area", "v:roundrect", "v:rect")
)  # the last two: Outlook's buttons
MAX_LINKS: Final = 1_000

_PREHEADER_OPEN: Final = (
    '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all" aria-hidden="true">'
)
_PREHEADER_CLOSE: Final = "</div>"


@dataclass(frozen=True)
class Link:
    """`url` is the target as shown in reports; with `ops` it differs per reader and `url` is its
    shape.
    """

    index: int
    url: str
    ops: Ops = field(default_factory=list)

    @property
    def is_per_reader(self) -> bool:
        return bool(self.ops)

    def to_json(self) -> list[Any]:
        return [self.index, self.url, self.ops]

    @classmethod
    def from_json(cls, row: list[Any]) -> Self:
        return cls(row[0], row[1], row[2])


def collect_html_links(ops: Ops, links: list[Link], preheader: Ops) -> Ops:
    """Return the HTML program with links, pixel and preheader in place; append new links to
    `links`.
    """
    flat = _Flat("html")
    source = flat.write(ops)
    out: list[str] = []
    done = 0
    for tag in _TAG.finditer(source):
        if tag["raw"] is not None and _OUT in tag["raw"]:
            raise TemplateProblem(
                "merge-in-style-or-script", "html", flat.line(source, tag.start()), tag["rawname"]
            )
        if tag["name"] is None:
            continue
        if _OUT in _QUOTED.sub("", tag["attributes"]):
            raise TemplateProblem(
                "unquoted-attribute", "html", flat.line(source, tag.start()), tag["name"]
            )
        span = _tracked_href(tag)
        if span is None:
            continue
        start, end = span
        target = html.unescape(source[start:end]).strip()
        mark = _link_mark(target, flat, links, flat.line(source, tag.start()))
        if mark:
            out += (source[done:start], mark)
            done = end
    out.append(source[done:])
    return flat.read(_with_pixel(_with_preheader("".join(out), flat, preheader), flat))


def collect_text_links(ops: Ops, links: list[Link]) -> Ops:
    flat = _Flat("text")
    source = flat.write(ops)

    def replace(match: re.Match[str]) -> str:
        url = _without_tail(match[0])
        mark = _link_mark(url, flat, links, flat.line(source, match.start()))
        return (mark or url) + match[0][len(url) :]

    return flat.read(_TEXT_URL.sub(replace, source))


class _Flat:
    """One program as a string with marks, and back."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.table: list[Op] = []

    def mark(self, op: Op, start: str = _OUT, end: str = _OUT_END) -> str:
        self.table.append(op)
        return f"{start}{len(self.table) - 1}{end}"

    def op_of(self, match: re.Match[str]) -> Op:
        return self.table[int(match[1])]

    def write(self, ops: Ops) -> str:
        return "".join([op if isinstance(op, str) else self._write_op(op) for op in ops])

    def _write_op(self, op: Op) -> str:
        if op[0] != "if":
            return self.mark(op)
        pieces = [self._turn("if")]
        for cond, body in op[1]:
            pieces += (self._turn("branch", cond), self.write(body))
        pieces += (self._turn("else"), self.write(op[2]), self._turn("end"))
        return "".join(pieces)

    def _turn(self, *op: Any) -> str:
        return self.mark(op, _TURN, _TURN_END)

    def read(self, source: str) -> Ops:
        """Fold the string back; raises ValueError where conditions are not balanced."""
        root: Ops = []
        open_ifs: list[Op] = []
        bodies: list[Ops] = [root]
        done = 0
        for match in _MARK.finditer(source):
            _add_text(bodies[-1], source[done : match.start()])
            done = match.end()
            op = self.op_of(match)
            if op[0] not in ("if", "branch", "else", "end"):
                bodies[-1].append(op)
            elif op[0] == "if":
                open_ifs.append(["if", [], []])
                bodies[-1].append(open_ifs[-1])
                bodies.append([])
            elif not open_ifs:
                raise ValueError("a condition ends that did not begin here")
            else:
                _turn_to(op, open_ifs, bodies)
        if open_ifs:
            raise ValueError("a condition begins that does not end here")
        _add_text(root, source[done:])
        return root

    def shape(self, source: str) -> str:
        """The string for people: fields as `{{ name }}`, conditions left out."""
        return _MARK.sub(
            lambda m: f"{{{{ {self.op_of(m)[1][0]} }}}}" if self.op_of(m)[0] == "out" else "",
            source,
        )

    def line(self, source: str, position: int) -> int:
        return source.count("\n", 0, position) + 1


def _add_text(body: Ops, text: str) -> None:
    if text:
        body.append(text)


def _turn_to(op: Op, open_ifs: list[Op], bodies: list[Ops]) -> None:
    bodies.pop()
    if op[0] == "branch":
        bodies.append([])
        open_ifs[-1][1].append([op[1], bodies[-1]])
    elif op[0] == "else":
        bodies.append(open_ifs[-1][2])
    else:
        open_ifs.pop()


def _tracked_href(tag: re.Match[str]) -> tuple[int, int] | None:
    """Return where the URL of a link tag stands, without its quotes."""
    if tag["name"].lower() not in _LINK_TAGS:
        return None
    span = None
    for attribute in _ATTRIBUTE.finditer(tag["attributes"]):
        name = attribute["name"].lower()
        if name == "data-no-track":
            return None
        if name == "href" and attribute["value"] and span is None:
            start, end = attribute.span("value")
            quotes = 1 if attribute["value"][0] in "\"'" else 0
            span = (
                tag.start("attributes") + start + quotes,
                tag.start("attributes") + end - quotes,
            )
    return span


def _link_mark(target: str, flat: _Flat, links: list[Link], line: int) -> str:
    """Return the mark of the link for this target, or nothing when it is not to be tracked."""
    marks = [flat.op_of(match) for match in _MARK.finditer(target)]
    if not target.lower().startswith((*_WEB, _OUT, _TURN)):
        return ""
    if ["unsubscribe"] in marks:
        if _MARK.fullmatch(target):
            return ""
        raise TemplateProblem("unsubscribe-not-here", flat.part, line)
    if marks:
        try:
            ops = flat.read(target)
        except ValueError as error:
            raise TemplateProblem("condition-in-link", flat.part, line) from error
        return _mark_of(Link(len(links), flat.shape(target), ops), flat, links)
    url = "".join(target.split("\n")).replace(" ", "%20")
    return _mark_of(Link(len(links), url), flat, links) if url.isprintable() else ""


def _mark_of(link: Link, flat: _Flat, links: list[Link]) -> str:
    for known in links:
        if (known.url, known.ops) == (link.url, link.ops):
            return flat.mark(["link", known.index])
    if len(links) >= MAX_LINKS:
        raise TemplateProblem("too-many-links", flat.part, 0, str(MAX_LINKS))
    links.append(link)
    return flat.mark(["link", link.index])


def _without_tail(url: str) -> str:
    """Leave the full stop of the sentence, and a bracket that was not opened in the URL,
    outside.
    """
    while True:
        before = url
        url = url.rstrip(_TEXT_URL_TAIL)
        if url.endswith(")") and url.count(")") > url.count("("):
            url = url[:-1]
        if url == before:
            return url


def _with_preheader(source: str, flat: _Flat, preheader: Ops) -> str:
    if not preheader:
        return source
    body = _BODY.search(source)
    at = body.end() if body else 0
    block = _PREHEADER_OPEN + flat.mark(["preheader"]) + _PREHEADER_CLOSE
    return source[:at] + block + source[at:]


def _with_pixel(source: str, flat: _Flat) -> str:
    """Put the pixel before the last `</body>`, else at the end."""
    at = len(source)
    for match in _BODY_END.finditer(source):
        at = match.start()
    return source[:at] + flat.mark(["pixel"]) + source[at:]
