"""The session transcript of Sendmail and its relatives: `>>> RCPT To:<a@b>` / `<<< 550 …` / `550 <a@b>... words`."""

import re
from typing import Final

from bounces.parsers.addresses import ADDRESS

_FINAL: Final = re.compile(
    rf"^[ \t]*(?P<code>[45]\d\d)[ -](?:(?P<enhanced>[45]\.\d\.\d{{1,3}})[ ])?<?(?P<address>{ADDRESS})>?(?:\.\.\.|,|:)[ \t]*(?P<words>.*)$",
    re.MULTILINE | re.IGNORECASE,
)
_COMMAND: Final = re.compile(r"^[ \t]*(?:Sent[ ])?(?:>>>|<<<)[ ]?(?P<command>HELO|EHLO|MAIL|RCPT|DATA|QUIT|\.)(?P<rest>[^\n]*)$", re.MULTILINE | re.IGNORECASE)
_REPLY: Final = re.compile(r"^[ \t]*(?:Received[ ])?(?:<<<|>>>)[ ]?(?P<reply>[245]\d\d\b[^\n]*)", re.MULTILINE | re.IGNORECASE)


def transcript_addresses(text: str) -> list[str]:
    """Return the addresses that the transcript ends a story with, each once."""
    return list(dict.fromkeys(match["address"] for match in _FINAL.finditer(text)))[:100]


def transcript_words(text: str, address: str) -> str:
    """Return what the transcript says about one address: the last exchange, its command first."""
    wanted = address.lower()
    own_end = next((m.end() for m in _FINAL.finditer(text) if m["address"].lower() == wanted), None)
    if own_end is None:
        story = text
    else:
        story = text[max(_end_before(text, own_end), 0) : own_end]
    lines = []
    for line in story.split("\n"):
        stripped = line.strip()
        if _COMMAND.match(line) or _REPLY.match(line) or _FINAL.match(line) or re.match(r"[45]\d\d[ -]", stripped) or lines:
            lines.append(stripped)
    return " ".join(lines[:20])[:2_000]


def _end_before(text: str, own_end: int) -> int:
    """Where the story of the address before this one ends."""
    ends = [m.end() for m in _FINAL.finditer(text) if m.end() < own_end]
    return ends[-1] if ends else 0
