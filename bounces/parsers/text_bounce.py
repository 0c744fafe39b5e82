"""Reports in free words. Structured remains first, then addresses on lines of their own, then sentences, then hints."""

import re
from dataclasses import replace
from typing import Final

from bounces.parsers.mime import Mail
from bounces.parsers.model import MailKind, Parsed, ReportedRecipient
from bounces.parsers.quoted_fields import has_failed_fields, quoted_recipients
from bounces.parsers.report_text import ReportText, cut_at_returned_message, report_text, unquoted
from bounces.parsers.reporter import (
    Reporter,
    has_null_return_path,
    has_report_subject,
    is_answer_or_forward,
    reporter_of,
)
from bounces.parsers.returned_message import original_headers
from bounces.parsers.text_recipients import nameless, text_recipients

# What no report lacks: that something was not delivered. English first, then what servers elsewhere write.
_FAILURE: Final = re.compile(
    r"""undeliver | not[ ](?:be[ ])?(?:deliver|reach|sent\b|accept|receive)
      | un(?:able|successful)\b[^.]{0,40}\b(?:deliver|send|reach|complete)
      | (?:delivery|sending)\b[^.]{0,60}\b(?:fail|abort|delay|postpone|impossible|problem|error)
      | fail(?:ed|ure)\b[^.]{0,60}\b(?:deliver|recipient|address|permanent)
      | (?:permanent|fatal|delivery)[ ]errors? | error[ ](?:occurred|while|delivering)
      | returned[ ](?:mail|to[ ]sender) | no[ ]such[ ](?:user|mailbox|person|recipient|address|account)
      | no[ ]mailbox[ ]here | trouble[ ]delivering | (?:over[ -]?|exceed\w*\b[^.]{0,20})quota
      | did[ ]not[ ](?:exactly[ ])?match | rejected[ ]recipient | error\(s\):
      | delivery[ ](?:errors|problems) | unknown[ ](?:user|recipient|address|host) | user[ ]unknown
      | transcript[ ]of[ ]session
      | mailbox\b[^.]{0,40}\b(?:full|exceed) | did[ ]not[ ]reach
      | couldn.t[ ]be[ ](?:deliver|found|reach|sent)
      | (?:can|could)(?:not|n.t)[ ](?:be[ ])?(?:deliver|send|sent|reach) | wasn.t[ ](?:able|deliver)
      | has[ ]been[ ](?:delayed|rejected|postponed) | was[ ](?:rejected|refused|returned|blocked)
      | delivery[ ]status[ ]notification | address[ ]not[ ]found
      | invalid[ ](?:user|recipient|address|final)
      | non[ ](?:remis|distribu) | pas[ ](?:pu[ ])?être[ ](?:remis|délivr|livr) | no[ ]pudo[ ]ser
      | no[ ]se[ ]ha[ ]podido | nicht[ ](?:zugestellt|ausgeliefert|zustell) | impossibile
      | 送信できま | 送信されません
      | 届けできま | 配信できま | 配信されません | 配送できま
      | 送付できま | 不達 | 送れません | 届きません | エラーのため
      | 見つかりません | 存在しません | いっぱい | 存在しないか
      | не[ ](?:может[ ]быть|было|удалось|доставлен)| 退回 | 无法 | 無法""",
    re.IGNORECASE | re.VERBOSE,
)
_DELAY: Final = re.compile(
    r"""warning[ ]message[ ]only | warning\W+could[ ]not[ ](?:send|deliver)
      | (?:could[ ]not[ ]send|undelivered)[ ](?:message[ ]|mail[ ])?for[ ]past
      | only[ ]a[ ](?:warning|temporary[ ]failure|notification[ ]about[ ]a[ ]delay)
      | do[ ]not[ ]need[ ]to[ ]re-?send
      | has[ ](?:not[ ]yet[ ]been|been)[ ](?:delivered[ ]yet|delayed|postponed) | is[ ]delayed
      | (?:still|keep|continue)\b[^.]{0,20}\b(?:trying|undelivered|try\b)
      | will[ ](?:be[ ]retried|retry|continue[ ](?:trying|to[ ]try)|keep[ ]trying|try[ ]again)
      | not[ ]yet[ ](?:been[ ])?deliver | delivery[ ]incomplete | temporary[ ]problem[ ]delivering
      | no[ ]action[ ]is[ ]required[ ]on[ ]your[ ]part | 配信が遅れて | 遅延して | まだ配信されて""",
    re.IGNORECASE | re.VERBOSE,
)
_GIVEN_UP: Final = re.compile(
    r"""i.ve[ ]given[ ]up | not[ ]going[ ]to[ ]try[ ]again | permanent(?:ly)?\b[^.]{0,30}(?:fail|error)
      | failed[ ]permanently | gave[ ]up | giving[ ]up | no[ ]further[ ]attempts""",
    re.IGNORECASE | re.VERBOSE,
)


def parse_text_bounce(mail: Mail) -> Parsed | None:
    reporter = reporter_of(mail)
    if reporter is Reporter.NOBODY:
        return None
    report = report_text(mail)
    has_failure = bool(_FAILURE.search(report.words) or _DELAY.search(report.words))
    if reporter is Reporter.SERVER or (has_failure and _returns_a_message(mail, report)):
        if not has_failure and not has_report_subject(mail):
            return None
        recipients = text_recipients(report)
        return _parsed(report, recipients) if recipients or has_failure else None
    return _forwarded(report)


def _parsed(report: ReportText, recipients: list[ReportedRecipient]) -> Parsed:
    is_delay = _is_delay(report, recipients)
    # Nobody is named: with our token in the return path the words alone are worth something.
    recipients = recipients or [nameless(report)]
    return Parsed(
        kind=MailKind.DELAY_WARNING if is_delay else MailKind.TEXT_BOUNCE,
        recipients=tuple(
            replace(r, action=r.action or ("delayed" if is_delay else "failed")) for r in recipients
        ),
        original_headers=original_headers(report.mail) or report.returned_headers,
    )


def _is_delay(report: ReportText, recipients: list[ReportedRecipient]) -> bool:
    actions = {r.action for r in recipients} - {""}
    if actions:
        return actions == {"delayed"}
    said = f"{report.subject}\n{report.words}"
    return bool(_DELAY.search(said)) and not _GIVEN_UP.search(said)


def _returns_a_message(mail: Mail, report: ReportText) -> bool:
    """One sign in the headers, failure in the words, and the message itself: together enough."""
    returned = original_headers(mail) or report.returned_headers
    is_ours = bool(returned) and not any(
        key == "from" and "mailer-daemon" in value.lower() for key, value in returned
    )
    return (
        is_ours
        and not is_answer_or_forward(mail)
        and (has_null_return_path(mail) or has_report_subject(mail))
    )


def _forwarded(report: ReportText) -> Parsed | None:
    """A report that somebody passed on inline: only when its machine-readable fields came along."""
    if not has_report_subject(report.mail):
        return None
    whole = unquoted(report.words + "\n" + report.returned[:8_000])
    recipients = quoted_recipients(whole) if has_failed_fields(whole) else []
    words, returned = cut_at_returned_message(whole)
    return (
        _parsed(replace(report, words=words, returned=returned), recipients) if recipients else None
    )
