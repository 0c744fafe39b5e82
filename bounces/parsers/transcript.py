"""The session transcript of Sendmail and its relatives: `>>> RCPT To:<a@b>` / `<<< 550 …` / `550 <a@b>... words`."""

import re
from typing import Final

from bounces.parsers.addresses import ADDRESS

_FINAL: Final = re.compile(
    rf"^[ \t]*[45]\d\d[ -](?:[45]\.\d\.\d{{1,3}}[ ])?<?(?P<address>{ADDRESS})>?(?:\.\.\.|,|:)[ \t]*.*$",
    re.MULTILINE | re.IGNORECASE,
)
# A command, a reply, or a line that begins with a code: here the story begins.
_BEGINS: Final = re.compile(
    r"[ \t]*(?:(?:Sent[ ]|Received[ ])?(?:>>>|<<<)[ ]?(?:HELO|EHLO|MAIL|RCPT|DATA|QUIT|\.|[245]\d\d\b)|[45]\d\d[ -])",
    re.IGNORECASE,
)
_MAX_LINES: Final = 20


def transcript_addresses(text: str) -> list[str]:
    """Return the addresses that the transcript ends a story with, each once."""
    return list(dict.fromkeys(match["address"] for match in _FINAL.finditer(text)))[:100]


def transcript_words(text: str, address: str) -> str:
    """Return what the transcript says about one address: the last exchange, its command first."""
    lines = [line.strip() for line in _story(text, address.lower()).split("\n")]
    start = next((n for n, line in enumerate(lines) if _BEGINS.match(line)), len(lines))
    return " ".join(lines[start : start + _MAX_LINES])[:2_000]


def _story(text: str, address: str) -> str:
    """Return the part that ends with the line about this address and begins behind the one before."""
    begin = 0
    for match in _FINAL.finditer(text):
        if match["address"].lower() == address:
            return text[begin : match.end()]
        begin = match.end()
    return text
