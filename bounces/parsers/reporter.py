"""Who wrote a mail: a mail server that reports, a machine that answers, or a person.

Free text is read as a report only where the sender looks like a mail server; a person who quotes a refusal is a
person. The null return path alone proves nothing (RFC 3834 §3.3: answering machines use it as well).
"""

import re
from enum import StrEnum
from typing import Final

from bounces.parsers.mime import Mail, decode_words

_DAEMON: Final = re.compile(
    r"""mailer[-_. ]?daemon | \A\s*<\s*>\s*\Z | (?<![\w.])post[-_]?master\\?@
      | \bpost_?master\b(?![\w.-]*[@.][\w.-]*\w+\.\w+\s*$)
      | mail[ _.-]?deliver(?:y|er)?[ _.-]?(?:sub)?[ _.-]?(?:system|service|agent|robot)
      | (?:system|mail|e-?mail|postal)[ ]administrator | mail[ ]system[ ]?@? | <mail@ | \bmdaemon@ | mailadm@
      | mail[ ]transfer[ ]agent | delivery[ ]?(?:report|status|notification|failure)s?
      | interscan | \bmail[ ]server[ ]at\b | \bmta@ | bounce-?(?:s|notification|d)?@ | mail[ ]router
      | internet[ ]mail[ ]delivery
      | microsoft[ ]outlook<?$ | microsoftexchange[0-9a-f]{8,} | 配信(?:エラー|システム)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SUBJECT: Final = re.compile(
    r"""(?<!re:[ ])(?<!re:)(?:
        \bundeliver(?:able|ed)\b
      | delivery[ ](?:has[ ])?(?:status[ ]notification|failure|failed|error|report|problem|incomplete|notification)
      | failure[ ](?:notice|delivery) | failed[ ]mail | delivery[ ]status\b | 配信遅延
      | (?:user|recipient|address|mailbox)[ ](?:is[ ])?(?:unknown|not[ ]found|full)
      | unknown[ ](?:user|recipient|address) | could[ ]not[ ]send[ ]mail
      | error[ ](?:sending|delivering)[ ](?:your[ ])?(?:e-?)?(?:mail|message)
      | (?:mail|message)[ ]delivery[ ](?:failed|failure|delayed|problem) | problem[ ]delivering
      | returned?[ ]?(?:e-?)?mail | mail[ ](?:delivery[ ])?(?:failed|failure|error|system[ ]error)
      | mail(?:[ ](?:could|can))[ ]?not[ ]be[ ]delivered | mail[ ]not[ ]delivered | not[ ]delivered
      | non[- ]?(?:delivery|remise)
      | could[ ]not[ ](?:send|deliver) | (?:un|non)zustellbar | konnte[ ]nicht[ ]zugestellt
      | delivery[ ]delayed | mail[ ]delivery[ ]warning
      | message[ ](?:not[ ]delivered|undeliverable|delayed|could[ ]not) | delivery[ ]has[ ]failed
      | rejected[ ](?:mail|message)
      | nicht[ ]zugestellt | non[ ]?remis | no[ ]se[ ](?:ha[ ]podido|puede)[ ]entregar | sin[ ]entregar
      | mancato[ ]recapito | não[ ](?:foi[ ])?entregue
      | 不達 | 未達 | 配信(?:不能|エラー|できません|失敗) | 送信(?:エラー|できません|失敗) | 届けできません
      | 配送(?:エラー|不能|失敗) | 宛先不明 | エラーメール
      | mail[ ]system[ ]error | 退信 | 系统退信 | Недоставлен | не[ ]доставлен | 반송
      )""",
    re.IGNORECASE | re.VERBOSE,
)
_ANSWER: Final = re.compile(
    r"\s*(?:re|aw|sv|vs|fwd?|wg|tr|転送|回复|答复)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE
)
_NULL: Final = re.compile(r"\s*<?\s*(?:mailer-daemon(?:@[^>]*)?)?\s*>?\s*\Z", re.IGNORECASE)


class Reporter(StrEnum):
    SERVER = "server"  # writes as a mail server does
    PERHAPS = "perhaps"  # only one sign of it
    NOBODY = "nobody"


def has_report_subject(mail: Mail) -> bool:
    return bool(_SUBJECT.search(decode_words(mail.header("subject"))[:400]))


def is_answer_or_forward(mail: Mail) -> bool:
    return bool(_ANSWER.match(decode_words(mail.header("subject"))[:400]))


def has_null_return_path(mail: Mail) -> bool:
    """RFC 5321 §4.5.5; some servers write their own name into it."""
    return any(key == "return-path" and _NULL.match(value) for key, value in mail.headers)


def reporter_of(mail: Mail) -> Reporter:
    """Judge by headers alone."""
    sender = decode_words(mail.header("from"))[:400]
    is_daemon = bool(_DAEMON.search(sender))
    has_subject, is_null = has_report_subject(mail), has_null_return_path(mail)
    is_report = mail.root_type == "multipart/report" and mail.parameters.get(
        "report-type", "delivery-status"
    ).lower() in {"delivery-status", "delivery-report"}
    if is_answer_or_forward(mail) and not is_null and not is_daemon:
        return Reporter.PERHAPS if has_subject else Reporter.NOBODY
    if is_daemon or mail.header("x-failed-recipients") or is_report or (is_null and has_subject):
        return Reporter.SERVER
    return Reporter.PERHAPS if has_subject or is_null else Reporter.NOBODY
