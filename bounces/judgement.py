"""One classifier for what servers say during a conversation and for what they report later."""

import re
from dataclasses import dataclass, replace
from typing import Final

from bounces.parsers import ReportedRecipient
from bounces.parsers.quoted_reply import quoted_reply, without_codes
from bounces.parsers.remote_words import remote_words, without_phrases
from mailer.engine.replies import UNKNOWN, Verdict, classify
from mailer.engine.vocabulary import ReplyClass, Scope, Stage

# A warning that gives no reason: the message waits, and may expire.
_STILL_WAITING: Final = Verdict(ReplyClass.EXPIRED, Scope.NONE, False, False, None, "delayed")

# Whose rules apply to a report that does not say which server refused: (domain of the recipient, slug of
# mailer/engine/providers.toml). Only those whose replies mean something else there.
_PROVIDERS: Final = (
    (re.compile(r"(?:^|\.)docomo\.ne\.jp$"), "docomo"),
    (re.compile(r"(?:^|\.)(?:ezweb\.ne\.jp|au\.com|auone-net\.jp)$"), "au"),
    (re.compile(r"(?:^|\.)(?:softbank\.(?:ne\.)?jp|vodafone\.ne\.jp|disney\.ne\.jp)$"), "softbank"),
)


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
    provider = provider or _provider_of(recipient.address)
    said = without_phrases(recipient.diagnostic)
    reply: ReportedReply | None = None
    for text in (remote_words(said), said, without_phrases(recipient.context)):
        if text:
            found = _judged(recipient, text, provider)
            if found.verdict.rule != UNKNOWN:
                return found
            reply = reply or found
    reply = reply or _judged(recipient, "", provider)
    if recipient.action == "delayed":
        return replace(reply, verdict=_STILL_WAITING)
    return reply


def judge_reply_line(line: str, stage: Stage = Stage.RCPT, provider: str = "") -> Verdict:
    """Return the verdict on one reply as it is written down: "550 5.1.1 <a@example.jp>: User unknown"."""
    match = _LINE.match(line.strip())
    code, rest = (int(match[1]), match[2]) if match else (0, line)
    enhanced = _ENHANCED.match(rest)
    text = without_codes(rest[enhanced.end() :] if enhanced else rest)
    return classify(code, enhanced[1] if enhanced else "", text.strip(), stage, provider)


_LINE: Final = re.compile(r"([2-5]\d\d)(?:[ -]|$)(.*)", re.DOTALL)
_ENHANCED: Final = re.compile(r"#?([245]\.\d{1,3}\.\d{1,3})(?=[\s:,;)]|$)")


def _judged(recipient: ReportedRecipient, text: str, provider: str) -> ReportedReply:
    quoted = quoted_reply(text)
    code = quoted.code or _implied_code(recipient.action, quoted.enhanced or recipient.status)
    stage = Stage(recipient.stage) if recipient.stage else quoted.stage or Stage.RCPT
    words = without_codes(text)
    enhanced = quoted.enhanced if quoted.code else quoted.enhanced or recipient.status
    verdict = classify(code, enhanced, words, stage, provider)
    if verdict.rule == UNKNOWN and recipient.status not in {enhanced, ""}:
        verdict = classify(code, recipient.status, words, stage, provider)
    return ReportedReply(code, quoted.enhanced or recipient.status, text, verdict)


def _implied_code(action: str, status: str) -> int:
    """A server that gave up reports a failure whatever the class digit of its last reply was."""
    if status.startswith("4") or action == "delayed":
        return 450
    return 550


def _provider_of(address: str) -> str:
    domain = address.rpartition("@")[2].lower()
    return next((slug for pattern, slug in _PROVIDERS if pattern.search(domain)), "")
