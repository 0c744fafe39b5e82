"""One classifier for what servers say during a conversation and for what they report later."""

from dataclasses import dataclass, replace
from typing import Final

from bounces.parsers import ReportedRecipient
from bounces.parsers.quoted_reply import quoted_reply
from bounces.parsers.remote_words import remote_words, without_phrases
from mailer.engine.replies import UNKNOWN, Verdict, classify
from mailer.engine.vocabulary import ReplyClass, Scope, Stage

# A warning that gives no reason: the message waits, and may expire.
_STILL_WAITING: Final = Verdict(ReplyClass.EXPIRED, Scope.NONE, False, False, None, "delayed")


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
    (RFC 3464 §2.3.4): "4.4.7" for a message that expired after four days of "550 user unknown" is common. The
    reporting server's own words are asked only where the diagnostic says nothing.
    """
    said = without_phrases(recipient.diagnostic)
    reply = _judged(recipient, said, provider)
    for text in (remote_words(said), said, without_phrases(recipient.context)):
        if text and (found := _judged(recipient, text, provider)).verdict.rule != UNKNOWN:
            return found
    if recipient.action == "delayed":
        return replace(reply, verdict=_STILL_WAITING)
    return reply


def _judged(recipient: ReportedRecipient, text: str, provider: str) -> ReportedReply:
    quoted = quoted_reply(text)
    enhanced = quoted.enhanced or recipient.status
    code = quoted.code or _implied_code(recipient.action, enhanced)
    stage = Stage(recipient.stage) if recipient.stage else quoted.stage or Stage.RCPT
    return ReportedReply(code, enhanced, text, classify(code, enhanced, text, stage, provider))


def _implied_code(action: str, status: str) -> int:
    """A server that gave up reports a failure whatever the class digit of its last reply was."""
    if status.startswith("4") or action == "delayed":
        return 450
    return 550
