"""The SMTP reply inside free words: its code, its enhanced code, and where in the conversation it was given."""

import re
from dataclasses import dataclass
from typing import Final

from mailer.engine.vocabulary import Stage

# "550 5.1.1 …", "550-5.7.1", "(#5.1.1)", "SMTP;554": not a part of an address, a date or another number.
_CODE: Final = re.compile(
    r"(?:(?<=^)|(?<=[\s:;=\[(<>\"']))(?:SMTP[ ;:]+)?([45]\d\d)(?=[\s\-:#,;]|$)"
    r"(?![ -]+(?:messages?|hours?|minutes?|seconds?|days?|bytes|kb|attempts?)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_ENHANCED: Final = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?![\d.]*\d)")
_BOTH: Final = re.compile(
    r"(?<![\d.])([45]\d\d)[ :-]{1,3}\(?#?([45]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)"
)

_AGAIN: Final = re.compile(
    r"(?<![\d.])[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}(?=[\s:])|(?<![\d.])[45]\d\d-(?=[^\d'])"
)

# Words of the reporting servers: qmail, Exim, Postfix, Sendmail, DragonFly, Yahoo, X-gateways.
_STAGES: Final = (
    (
        Stage.CONNECT,
        r"""initial[ ]connection | refused[ ]to[ ]talk[ ]to[ ]me | greeting | my[ ]name[ ]was[ ]rejected
          | \bin[ ]reply[ ]to[ ](?:HELO|EHLO) | \b(?:HELO|EHLO)[ ]command""",
    ),
    (
        Stage.DOT,
        r"""end[ ]of[ ]data | after[ ]I[ ]sent[ ]the[ ]message | final[ ]DATA | after[ ](?:pipelined[ ])?DATA
          | reply[ ]to[ ]DATA | >>>[ ]?(?:DATA|\.) | STEP:[ ]?DATA | (?:sending|while[ ]sending)[ ]message""",
    ),
    (
        Stage.MAIL,
        r"""after[ ](?:pipelined[ ])?MAIL[ ]FROM | reply[ ]to[ ]MAIL | sender[ ]was[ ]rejected | >>>[ ]?MAIL
          | our[ ]MAIL[ ]FROM | \[MAIL_FROM\] | while[ ]sending[ ]MAIL[ ]FROM""",
    ),
    (
        Stage.RCPT,
        r"""after[ ](?:pipelined[ ])?RCPT | reply[ ]to[ ]RCPT | not[ ]like[ ]recipient | >>>[ ]?RCPT | our[ ]RCPT
          | \[RCPT_TO\] | RCPT[ ]command | <<<[ ]?RCPT | while[ ]sending[ ]RCPT[ ]TO""",
    ),
)
_STAGE_PATTERNS: Final = tuple(
    (stage, re.compile(words, re.IGNORECASE | re.VERBOSE)) for stage, words in _STAGES
)


@dataclass(frozen=True, slots=True)
class QuotedReply:
    code: int  # 0: no code in the words
    enhanced: str
    stage: Stage | None


def quoted_reply(text: str) -> QuotedReply:
    both = _BOTH.search(text)
    if both:
        return QuotedReply(int(both[1]), both[2], quoted_stage(text))
    code, enhanced = _CODE.search(text), _ENHANCED.search(text)
    return QuotedReply(
        int(code[1]) if code else 0, enhanced[1] if enhanced else "", quoted_stage(text)
    )


def quoted_stage(text: str) -> Stage | None:
    """The stage named last before the reply; servers tell the story in order."""
    found = [
        (match.start(), stage) for stage, p in _STAGE_PATTERNS for match in p.finditer(text[:4_000])
    ]
    return max(found)[1] if found else None


def without_codes(text: str) -> str:
    """Return the words of a reply of several lines without the codes that begin each line."""
    return _AGAIN.sub(" ", text)
