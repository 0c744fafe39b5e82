"""Reports that give every failed address a line of its own, and the reason under it or behind it.

qmail, Exim, Postfix, Sendmail, OpenSMTPD, Exchange, Notes, Yahoo, Zoho, the Japanese carriers and most others are
variations of this. A row of the table is one way of writing such a line; the rest of the line begins the reason.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from bounces.parsers.addresses import ADDRESS, clean

MAX_ADDRESSES: Final = 100
MAX_REASON_LINES: Final = 25

_A = rf"(?P<address>{ADDRESS})"
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"[ \t]*<{_A}>[ \t]*(?:\((?:expanded|generated|reason|original|ultimately)[^<\n]{{0,20}}<?(?P<original>{ADDRESS})>?\))?[ \t]*:?(?P<rest>.*)",  # qmail, Postfix, Sendmail
        rf"[ \t]*\"{_A}\"[ \t]*:?(?P<rest>.*)",  # GMX
        rf"[ \t>*•-]*{_A}[ \t]+<{ADDRESS}>(?P<rest>)",  # Active! hunter
        rf"[ \t]{{0,12}}(?:[*•-][ \t]+)?{_A}[ \t]*(?P<rest>[:;(\[].*)?",  # Exim, OpenSMTPD, Mail2000
        rf"[ \t]*{_A}[ \t]+(?P<rest>(?:on[ ]\w{{3}},|on[ ]\d|invalid|unknown|user|mailbox|error|\.\.\.|-+[ ]|was|has|is|not).*)",  # Exchange, Zoho
        rf"[ \t]*[\w.' ]{{1,60}}<{_A}>[ \t]*(?P<rest>)",  # a name and the address
        rf"[ \t>*-]*(?:final[ -])?(?:failed[ -])?(?:recipients?|rcpt[ ]to|address(?:[ ]of[ ]recipient)?|e-?mail(?:[ ]address)?|to|destinatario|empf.{{1,3}}nger|destinataire|宛先|送信先|受信者)(?:[ ]address)?[ \t]*[:=：][ \t]*[<\"]?{_A}[>\"]?[ \t]*(?P<rest>.*)",
        rf"[ \t]*(?:[45]\d\d)[ :-]+(?:[45]\.\d\.\d{{1,3}}[ :-]+)?<?{_A}>?\.\.\.(?P<rest>.*)",  # Sendmail's transcript
    )
)
# A line that ends the reason of the address above it.
_STOP: Final = re.compile(
    r"^[ \t]*(?:-{5,}|={5,}|\*{5,}|_{5,}|i'm not going to try again|giving up|for (?:further|more) (?:assistance|information)|if you (?:do so|feel|need|have)|please (?:contact|do not|include)|reporting-mta:|message-?id:|(?:envelope-)?from:|subject:|sent:|date:)",
    re.IGNORECASE,
)
_SENDER_LINE: Final = re.compile(r"[ \t>]*(?:mail[ ]from|envelope[- ]from|from|sender|reply-to|return-path|cc|bcc|to[ ]report|contact)\b", re.IGNORECASE)


@dataclass(slots=True)
class Block:
    address: str
    original: str = ""
    reason: list[str] = field(default_factory=list)
    head: str = ""

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.reason).split())


def address_blocks(lines: list[str]) -> list[Block]:
    """Return the blocks in the order of the report."""
    blocks: list[Block] = []
    is_open = False
    for line in lines:
        match = _address_line(line)
        if match is not None and len(blocks) < MAX_ADDRESSES:
            found = match.groupdict()
            blocks.append(Block(clean(found["address"]), clean(found.get("original") or "")))
            blocks[-1].reason.append((found.get("rest") or "").lstrip(" \t:;"))
            is_open = True
        elif _STOP.match(line):
            is_open = False
        elif is_open and line.strip() and len(blocks[-1].reason) < MAX_REASON_LINES:
            blocks[-1].reason.append(line)
    return blocks


def _address_line(line: str) -> re.Match[str] | None:
    if "@" not in line or len(line) > 1_000 or _SENDER_LINE.match(line):
        return None
    return next((match for form in _FORMS if (match := form.fullmatch(line.rstrip()))), None)
