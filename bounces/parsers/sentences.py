"""Reports that name the failed address inside a sentence. Rows: who writes so, and the sentence."""

import re
from typing import Final

from bounces.parsers.addresses import ADDRESS
from bounces.parsers.report_fields import bare_address

_A = rf"[<\"'(\[“「＜]*(?<![\w.@+-])(?P<address>{ADDRESS})"
_SENTENCES: Final = tuple(
    re.compile(row, re.IGNORECASE | re.VERBOSE)
    for row in (
        # DragonFly, Gmail, Yahoo, Outlook.com
        rf"(?:deliver(?:ing|ed|y)?|send(?:ing)?|sent)\b[^.\n@]{{0,60}}\b(?:to|for)\s+(?:the\s+)?(?:following\s+)?(?:recipients?|address(?:es)?|user|mailbox)?\s*:?\s*{_A}",
        rf"(?:message|mail|e-?mail)\s+(?:to|for)\s+{_A}",
        # IMail, SMTP32, Prodigy, generic "what: who"
        rf"(?:mailbox|userid|user|recipient|address|account|attempts|failed|undeliverable|unknown|full|size|delivery|error)[^\n@:]{{0,30}}[:;]\s*{_A}",
        # Demon, NTT, gateways
        rf"(?:addressed|returned|destined|intended)\s+(?:to|for)\s+(?:e-?mail\s+address\s*:?\s*)?(?:--\s*)?{_A}",
        rf"(?:this|following|the)\s+(?:e-?mail\s+)?address(?:es)?\b[^@]{{0,40}}?{_A}",
        rf"(?:quota|violation|mailbox|account|user|recipient|gateway|route|inbox)\s+(?:for|of|to|named|called)\s+{_A}",
        rf"(?:user|recipient|mailbox|address|account)\s+{_A}[>\"'\])]*\s+(?:is|was|has|does|not|could|cannot|unknown|doesn)",
        rf"{_A}[>\"'\])”」＞]*\s*(?:、|,)?\s*(?:could\s+not|cannot|can't|couldn't|was\s+not|does\s+not|doesn't|is\s+not|is\s+(?:unknown|full|over|disabled)|has\s+been|not\s+(?:found|known|listed)|へ(?:の|お)|宛|は存在|に配信|に送信|には|へは)",
        rf"generated\s+(?:by|from)\s+{_A}",  # Exim: a pipe or a file instead of the address
        rf">>>\s*RCPT\s+TO:\s*{_A}",
        rf"RCPT\s+TO:\s*{_A}",
        rf"(?:宛先|送信先|メールアドレス|受信者)[^@\n]{{0,30}}{_A}",
    )
)


def named_addresses(text: str) -> list[str]:
    """Return the addresses that such sentences name, each once, in the order of the table."""
    found: dict[str, None] = {}
    for sentence in _SENTENCES:
        for match in sentence.finditer(text[:8_000]):
            found.setdefault(bare_address(match["address"]))
    return list(found)
