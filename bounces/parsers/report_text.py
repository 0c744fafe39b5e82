"""The words of a report: what a server writes to people, up to where the returned message begins.

HTML is read only where there is no plain text. Bounded like everything here.
"""

import html
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bounces.parsers.mime import Headers, Mail, Part, decode_words, split_headers

MAX_TEXT: Final = 20_000
MAX_RETURNED: Final = 64 * 1024

# Where servers put the returned message behind their own words. Each begins a line.
_RETURNED: Final = re.compile(
    r"""^[ \t>]*(?:
        [-=_*#]{2,}[ ]*(?:
            (?:this|below|enclosed|here)\b(?![^\n]*warning)[^\n]{0,60}\b(?:copy|message|header)   # qmail, Exim
          | (?:the[ ])?(?:original|unsent|returned|undelivered|forwarded|failed)\b[^\n]{0,20}\b(?:message|mail|e-?mail)
          | start[ ]of[ ]returned
          | message[ ](?:header|body|text)
          | the[ ]header\b
          | mensaje[ ]original | message[ ]original | urspr
          | returned[ ]message
        )
      | (?:the[ ])?(?:original|returned)[ ](?:message|mail)(?:[ ]headers?)?[ ](?:follows|below|attached)
      | (?:message|mail)[ ]headers?[ ]follow
      | (?:below[ ]is|here[ ]is|this[ ]is|following[ ]is|a)[ ](?:a[ ])?(?:copy|part|the[ ]first)\b
          [^\n]{0,60}\b(?:message|mail|header|below)
      | the[ ](?:first|header)\b[^\n]{0,40}\b(?:lines|header)?[^\n]{0,40}\b(?:original|message)[^\n]{0,20}(?:follow|:)
      | --[ ]the[ ]header[ ]and[ ]top
      | original[ ]message[ ]headers?:?
      | =====[ ]?(?:original|returned)
      | ----boundary_
    )[^\n]*$""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# No marker: two header fields in a row that only a message has.
_HEADER_BLOCK: Final = re.compile(
    r"^(?:Received|Return-Path|DKIM-Signature|X-Received):[ \t]*\S[^\n]*\n(?:[ \t][^\n]*\n|[\w-]{2,40}:[^\n]*\n)",
    re.IGNORECASE | re.MULTILINE,
)
# What a browser shows nobody. Parts without an end are left: the tags go, the words stay.
_HIDDEN: Final = re.compile(r"<(style|script|head)\b|</(style|script|head)\s*>", re.IGNORECASE)
_BREAK: Final = re.compile(
    r"<\s*/?\s*(?:br|p|div|tr|td|table|h\d|li|ul|pre|blockquote)\b[^>]{0,500}>", re.IGNORECASE
)
_TAG: Final = re.compile(r"</?[a-zA-Z!][^<>@]{0,2000}>")
_QUOTED: Final = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)


@dataclass(frozen=True)
class ReportText:
    """`words` end where the returned message begins; `returned` is what follows (may be empty)."""

    mail: Mail
    subject: str
    words: str
    returned: str

    @cached_property
    def lines(self) -> list[str]:
        return self.words.split("\n")

    @cached_property
    def returned_headers(self) -> Headers:
        """The headers of a message that follows in the text itself."""
        block = self.returned.lstrip("\n")[:MAX_RETURNED]
        headers, _ = split_headers(block.encode("utf-8", "replace"))
        return headers


def report_text(mail: Mail) -> ReportText:
    subject = decode_words(mail.header("subject"))[:400]
    words, returned = cut_at_returned_message(_own_text(mail)[: MAX_TEXT + MAX_RETURNED])
    return ReportText(mail, subject, words[:MAX_TEXT], returned)


def cut_at_returned_message(text: str) -> tuple[str, str]:
    """Return the report's own words and the returned message."""
    marks = [(m.start(), m.end()) for m in (_RETURNED.search(text),) if m]
    block = _HEADER_BLOCK.search(text)
    if block:
        marks.append((block.start(), block.start()))
    if not marks:
        return text, ""
    start, end = min(marks)
    return text[:start], text[end:]


def unquoted(text: str) -> str:
    """Return the text without the `>` of a forwarded or answered mail."""
    return _QUOTED.sub("", text)


def plain_of_html(source: str) -> str:
    """Return the visible words of HTML, block elements as lines."""
    text = _without_hidden(source[: MAX_TEXT * 4])
    text = _TAG.sub("", _BREAK.sub("\n", re.sub(r"[ \t]*\n[ \t]*", " ", text)))
    return re.sub(r"[ \t\xa0]+", " ", html.unescape(text))


def _without_hidden(source: str) -> str:
    """Return the source without style, script and head, in one pass."""
    kept: list[str] = []
    position, opened = 0, ""
    for match in _HIDDEN.finditer(source):
        if match[1] and not opened:
            kept.append(source[position : match.start()])
            position, opened = match.start(), match[1].lower()
        elif match[2] and match[2].lower() == opened:
            position, opened = match.end(), ""
    kept.append(source[position:])
    return " ".join(kept)


def _own_text(mail: Mail) -> str:
    plain = _joined(mail, "text/plain")
    if plain.strip():
        return plain
    marked_up = "\n".join(
        plain_of_html(part.text()) for part in list(mail.own_parts("text/html"))[:3]
    )
    if marked_up.strip():
        return marked_up
    return "\n".join(_clean(part) for part in _unlabelled(mail))


def _joined(mail: Mail, content_type: str) -> str:
    parts = list(mail.own_parts(content_type))
    shown = [
        part
        for part in parts
        if not part.header("content-disposition").lower().startswith("attachment")
    ]
    return "\n".join(_clean(part) for part in (shown or parts)[:5])


def _unlabelled(mail: Mail) -> list[Part]:
    """A multipart without usable delimiters: its body as it stands."""
    return [p for p in mail.parts if not p.is_embedded and p.content_type.startswith("multipart/")][
        :1
    ]


def _clean(part: Part) -> str:
    return part.text().replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
