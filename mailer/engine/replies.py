"""What a refusal means: whose fault, for how long, and whether it may clean the list.

Rules are data (`reply_rules.toml`), tried from top to bottom; each carries replies that it must
and must not match. The reply code decides whether to try again, the enhanced code and the words
decide why (RFC 3463 codes contradict reply codes in the wild). An unknown 5xx never suppresses:
only rules that say so do, and only for permanent replies.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from mailer.engine.vocabulary import ReplyClass, Scope, Stage

UNKNOWN: Final = "unknown"  # the name of the verdict that no rule gave

_RULES_FILE: Final = Path(__file__).with_name("reply_rules.toml")
_MAX_TEXT: Final = 1_000
# Words about our own address: whatever else such a reply says, the reader is not to blame.
_SENDER: Final = re.compile(
    r"\b(?:sender|originator|return[- ]path|from address|callout)\b", re.IGNORECASE
)
# "try again in 300 seconds", "please retry after 5 minutes": what the server asks for itself.
_WAIT: Final = re.compile(
    r"(?:try|retry|come back|wait|again|greylist\w*)\b[^.\d]{0,40}(\d{1,5})\s*(s|m|h)(?:ec|in|our|\b)",
    re.IGNORECASE,
)
_UNIT_S: Final = {"s": 1, "m": 60, "h": 3_600}
_LONGEST_WAIT_S: Final = 86_400

# RFC 3463 §3.7 and §3.8 (content, security) and the sender's codes of §3.2; 5.7.13 is a disabled
# account (registry of RFC 5248); 5.7.27 is what some servers answer for a host without mail (RFC 7505).
_ABOUT_US: Final = re.compile(r"5\.(?:7\.(?!13$|27$)\d+|6\.\d+|3\.4|1\.[78])")
# "(#5.7.1)" or "- 5.7.1 [BL23]": an enhanced code inside the words, which must not be part of
# an IP address.
_INNER_ENHANCED: Final = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?![\d.]\d)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_after_s` is the least wait the reply asks for; None leaves it to the retry
    schedule.
    """

    reply_class: ReplyClass
    scope: Scope
    is_permanent: bool
    may_suppress: bool
    retry_after_s: int | None
    rule: str


@dataclass(frozen=True, slots=True)
class ReplyRule:
    name: str
    reply_class: ReplyClass
    scope: Scope
    text: re.Pattern[str] | None = None
    codes: re.Pattern[str] | None = None
    enhanced: re.Pattern[str] | None = None
    stages: frozenset[Stage] = frozenset()
    providers: frozenset[str] = frozenset()
    suppress: bool = False
    retry_after_s: int | None = None
    matches: tuple[str, ...] = ()
    not_matches: tuple[str, ...] = ()

    def covers(
        self, code: str, enhanced: str, text: str, stage: Stage | None, provider: str
    ) -> bool:
        return (
            (not self.stages or stage in self.stages)
            and (not self.providers or provider in self.providers)
            and (self.codes is None or self.codes.match(code) is not None)
            and (self.enhanced is None or self.enhanced.fullmatch(enhanced) is not None)
            and (self.text is None or self.text.search(text) is not None)
        )


@dataclass(frozen=True, slots=True)
class ReplyRules:
    version: str
    rules: tuple[ReplyRule, ...]

    def classify(
        self, code: int, enhanced: str, text: str, stage: Stage | None, provider: str = ""
    ) -> Verdict:
        text = text[:_MAX_TEXT]
        if enhanced.endswith(".0.0"):  # RFC 3463 §3.1: "other or undefined" says nothing
            enhanced = ""
        if not enhanced:
            inner = _INNER_ENHANCED.search(text)
            enhanced = inner[1] if inner else ""
        is_permanent = code >= 500
        for rule in self.rules:
            if rule.covers(str(code), enhanced, text, stage, provider):
                return Verdict(
                    reply_class=rule.reply_class,
                    scope=rule.scope,
                    is_permanent=is_permanent,
                    may_suppress=(
                        rule.suppress
                        and is_permanent
                        and not _ABOUT_US.fullmatch(enhanced)
                        and not _SENDER.search(text)
                    ),
                    retry_after_s=_asked_wait_s(code, text) or rule.retry_after_s,
                    rule=rule.name,
                )
        wait_s = _asked_wait_s(code, text)
        return Verdict(ReplyClass.OTHER, Scope.NONE, is_permanent, False, wait_s, UNKNOWN)


def _asked_wait_s(code: int, text: str) -> int | None:
    asked = _WAIT.search(text) if code < 500 else None
    if asked is None:
        return None
    return min(int(asked[1]) * _UNIT_S[asked[2].lower()], _LONGEST_WAIT_S) or None


def classify(
    reply_code: int, enhanced: str, text: str, stage: Stage | None, provider: str = ""
) -> Verdict:
    """Return the verdict on one refusal; `provider` is the slug of `providers.toml` or empty."""
    return shipped_rules().classify(reply_code, enhanced, text, stage, provider)


@cache
def shipped_rules() -> ReplyRules:
    return read_rules(tomllib.loads(_RULES_FILE.read_text(encoding="utf-8")))


def read_rules(data: Mapping[str, Any]) -> ReplyRules:
    return ReplyRules(data["version"], tuple(_rule(row) for row in data["rule"]))


def _rule(row: Mapping[str, Any]) -> ReplyRule:
    return ReplyRule(
        name=row["name"],
        reply_class=ReplyClass(row["class"]),
        scope=Scope(row["scope"]),
        text=_pattern(row.get("text")),
        codes=_pattern(row.get("codes")),
        enhanced=_pattern(row.get("enhanced")),
        stages=frozenset(Stage(stage) for stage in row.get("stages", ())),
        providers=frozenset(row.get("providers", ())),
        suppress=row.get("suppress", False),
        retry_after_s=row.get("retry_after_s"),
        matches=tuple(row["matches"]),
        not_matches=tuple(row["not_matches"]),
    )


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return None if text is None else re.compile(text, re.IGNORECASE | re.VERBOSE)


# Numbers, addresses and identifiers of one reply, replaced so that replies of a kind look the same.
_SHAPES: Final = (
    (re.compile(r"https?://\S+"), "URL"),
    (re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?"), "ADDRESS"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), "IP"),
    (re.compile(r"\b[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){3,7}\b"), "IP"),
    (re.compile(r"\b(?=[\w.-]*\d)[A-Za-z0-9_.-]{12,}\b"), "ID"),
    (re.compile(r"\b\d{4,}\b"), "N"),
)


def reply_shape(text: str) -> str:
    """Return the words of a reply without what differs from one message to the next."""
    shape = text[:_MAX_TEXT]
    for pattern, word in _SHAPES:
        shape = pattern.sub(word, shape)
    return " ".join(shape.split())
