"""One classifier for what servers say during a conversation and for what they report later."""

import re
from dataclasses import dataclass
from typing import Final

from bounces.parsers import ReportedRecipient
from mailer.engine.replies import Verdict, classify
from mailer.engine.vocabulary import Stage

_CODE: Final = re.compile(r"(?<![\d.])([45]\d\d)(?=[\s\-:#]|$)")
_CODE_AND_ENHANCED: Final = re.compile(
    r"(?<![\d.])[45]\d\d[\s\-]{1,2}['#(]{0,2}([45]\.\d{1,3}\.\d{1,3})(?!\.?\d)"
)
_ENHANCED: Final = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")


@dataclass(frozen=True, slots=True)
class ReportedReply:
    """The remote server's reply as a report quotes it. `code` may be implied by the status."""

    code: int
    enhanced: str
    text: str
    verdict: Verdict


def judge(recipient: ReportedRecipient, provider: str = "") -> ReportedReply:
    """Return what a failed or delayed recipient's report means.

    The reply inside the diagnostic counts more than the Status field, which the reporting server may have made up
    (RFC 3464 §2.3.4): "4.4.7" for a message that expired after four days of "550 user unknown" is common.
    """
    text = recipient.diagnostic
    quoted = _CODE_AND_ENHANCED.search(text)
    # The reply without the words around it: "5.1.0 - Unknown address error 550-'5.7.1 Access denied'".
    words = text[quoted.start() :] if quoted else text
    quoted_code = _CODE.search(words)
    quoted_enhanced = quoted or _ENHANCED.search(words)
    status = recipient.status or (quoted_enhanced[1] if quoted_enhanced else "")
    code = int(quoted_code[1]) if quoted_code else _implied_code(recipient.action, status)
    enhanced = quoted_enhanced[1] if quoted_enhanced else recipient.status
    # Reports do not say at which stage the reply came. Most speak of the recipient, so that is how it is read.
    return ReportedReply(
        code, enhanced, text, classify(code, enhanced, words, Stage.RCPT, provider)
    )


def _implied_code(action: str, status: str) -> int:
    """A server that gave up reports a failure whatever the class digit of its last reply was."""
    if status.startswith("4") or action == "delayed":
        return 450
    return 550
