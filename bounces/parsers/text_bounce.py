"""Reports in free words. Structured remains first, then addresses on lines of their own, then sentences, then hints."""

import json
import re
from collections.abc import Iterable
from typing import Final

from bounces.parsers.address_lines import address_blocks
from bounces.parsers.addresses import ADDRESS_PATTERN, clean, header_addresses, is_office, sender_side
from bounces.parsers.mime import Headers, Mail
from bounces.parsers.model import MailKind, Parsed, ReportedRecipient
from bounces.parsers.quoted_fields import quoted_recipients
from bounces.parsers.quoted_reply import quoted_reply
from bounces.parsers.report_text import ReportText, cut_at_returned_message, report_text, unquoted
from bounces.parsers.reporter import Reporter, reporter_of
from bounces.parsers.returned_message import original_headers
from bounces.parsers.sentences import named_addresses
from bounces.parsers.transcript import transcript_words

# What no report lacks: that something was not delivered. English first, then what Japanese and other servers write.
_FAILURE: Final = re.compile(
    r"""undeliver | not[ ](?:be[ ])?(?:deliver|reach|sent\b|accept) | un(?:able|successful)\b[^.]{0,40}\b(?:deliver|send|reach|complete) | (?:delivery|sending)\b[^.]{0,60}\b(?:fail|abort|delay|postpone|impossible|problem|error)
      | fail(?:ed|ure)\b[^.]{0,60}\b(?:deliver|recipient|address|permanent) | (?:permanent|fatal|delivery)[ ]errors? | error[ ](?:occurred|while|delivering)
      | returned[ ](?:mail|to[ ]sender) | unknown[ ](?:user|recipient|address|host) | user[ ]unknown | transcript[ ]of[ ]session
      | mailbox\b[^.]{0,40}\b(?:full|exceed) | did[ ]not[ ]reach | couldn.t[ ]be[ ](?:deliver|found|reach|sent) | (?:can|could)(?:not|n.t)[ ](?:be[ ])?(?:deliver|send|sent|reach) | wasn.t[ ](?:able|deliver)
      | has[ ]been[ ](?:delayed|rejected|postponed) | was[ ](?:rejected|refused|returned|blocked) | delivery[ ]status[ ]notification | address[ ]not[ ]found | invalid[ ](?:user|recipient|address|final)
      | non[ ](?:remis|distribu) | pas[ ](?:pu[ ])?être[ ](?:remis|délivr|livr) | no[ ]pudo[ ]ser | no[ ]se[ ]ha[ ]podido | nicht[ ](?:zugestellt|ausgeliefert|zustell) | impossibile
      | 送信できません | 送信されません | 届けできません | 配信できません | 配信されません | 配送できません | 送付できません | 不達 | 送れません | 届きません | エラーのため | 見つかりません | 存在しません | いっぱい | 存在しないか
      | не[ ](?:может[ ]быть|было|удалось|доставлен)| 退回 | 无法 | 無法""",
    re.IGNORECASE | re.VERBOSE,
)
_DELAY: Final = re.compile(
    r"""warning[ ]message[ ]only | only[ ]a[ ](?:warning|temporary[ ]failure|notification[ ]about[ ]a[ ]delay) | do[ ]not[ ]need[ ]to[ ]re-?send | has[ ](?:not[ ]yet[ ]been|been)[ ](?:delivered[ ]yet|delayed|postponed) | is[ ]delayed
      | (?:still|keep|continue)\b[^.]{0,20}\b(?:trying|undelivered|try\b) | will[ ](?:be[ ]retried|retry|continue[ ]trying|keep[ ]trying|try[ ]again) | not[ ]yet[ ](?:been[ ])?deliver | delivery[ ]incomplete | temporary[ ]problem[ ]delivering
      | no[ ]action[ ]is[ ]required[ ]on[ ]your[ ]part | 配信が遅れて | 遅延 | まだ配信されて""",
    re.IGNORECASE | re.VERBOSE,
)
_GIVEN_UP: Final = re.compile(r"i.ve given up|not going to try again|permanent(?:ly)?\b[^.]{0,30}(?:fail|error)|failed permanently|gave up|giving up|no further attempts", re.IGNORECASE)
_FORWARDED_REPORT: Final = re.compile(r"^\s*Final-Recipient\s*:", re.IGNORECASE | re.MULTILINE)
_NOTIFICATION: Final = re.compile(r'\{"(?:notificationType|eventType)":"(Bounce|Complaint)"')


def parse_text_bounce(mail: Mail) -> Parsed | None:
    reporter = reporter_of(mail)
    if reporter is Reporter.NOBODY and not _may_be_notification(mail):
        return None
    report = report_text(mail)
    notification = _notification(report)
    if notification is not None:
        return notification
    if reporter is Reporter.PERHAPS:
        return _forwarded(mail, report)
    if not (_FAILURE.search(report.words) or _FAILURE.search(report.subject)):
        return None
    recipients = _recipients(report)
    if not recipients and not mail.header("x-failed-recipients") and not _FAILURE.search(report.words):
        return None
    return _parsed(mail, report, recipients)


def _parsed(mail: Mail, report: ReportText, recipients: list[ReportedRecipient]) -> Parsed:
    is_delay = _is_delay(report, recipients)
    kind = MailKind.DELAY_WARNING if is_delay else MailKind.TEXT_BOUNCE
    action = "delayed" if is_delay else "failed"
    return Parsed(
        kind=kind,
        recipients=tuple(
            ReportedRecipient(
                r.address, r.original, r.action or action, r.status, r.diagnostic, r.remote_mta, r.stage, r.context
            )
            for r in recipients
        ),
        original_headers=original_headers(mail) or report.returned_headers,
    )


def _is_delay(report: ReportText, recipients: Iterable[ReportedRecipient]) -> bool:
    actions = {r.action for r in recipients} - {""}
    if actions:
        return actions == {"delayed"}
    said = report.subject + "\n" + report.words
    return bool(_DELAY.search(said)) and not _GIVEN_UP.search(said)


def _recipients(report: ReportText) -> list[ReportedRecipient]:
    for find in (_from_quoted_fields, _from_lines, _from_sentences, _from_hints):
        found = find(report)
        if found:
            return found
    return []


def _from_quoted_fields(report: ReportText) -> list[ReportedRecipient]:
    """RFC 3464 fields that stand in the text itself."""
    found = quoted_recipients(report.words)
    return found or (quoted_recipients(report.returned[:8_000]) if _FORWARDED_REPORT.search(report.returned[:3_000]) else [])


def _from_lines(report: ReportText) -> list[ReportedRecipient]:
    strangers = _strangers(report)
    merged: dict[str, ReportedRecipient] = {}
    blocks = [b for b in address_blocks(report.lines) if not is_office(b.address) or b.address.lower() in _addressed(report)]
    wanted = [b for b in blocks if b.address.lower() not in strangers] or [b for b in blocks if len(blocks) == 1]
    for block in wanted:
        known = merged.get(block.address.lower())
        words = block.text if known is None else f"{known.diagnostic} {block.text}".strip()
        original = block.original or (known.original if known else "")
        merged[block.address.lower()] = _recipient(block.address, original, words, "")
    is_single = len(merged) == 1
    return [_with_story(report, r, is_single) for r in merged.values()]


def _with_story(report: ReportText, recipient: ReportedRecipient, is_single: bool) -> ReportedRecipient:
    """Add what the transcript or the rest of the text says about this address."""
    words = recipient.diagnostic
    reply = quoted_reply(words)
    if not reply.code:
        words = f"{words} {transcript_words(report.words, recipient.address)}".strip()
    context = report.words if is_single else ""
    return _recipient(recipient.address, recipient.original, words, context)


def _from_sentences(report: ReportText) -> list[ReportedRecipient]:
    strangers = _strangers(report)
    one_line = " ".join(report.words.split())
    named = [a for a in named_addresses(one_line) if a.lower() not in strangers and not is_office(a)]
    return [_recipient(address, "", one_line[:2_000], "") for address in named]


def _from_hints(report: ReportText) -> list[ReportedRecipient]:
    """X-Failed-Recipients (Exim, Google); any address in the words; whom the returned message was for."""
    words = " ".join(report.words.split())[:2_000]
    strangers = _strangers(report)
    hinted = [clean(m[1]) for m in ADDRESS_PATTERN.finditer(report.mail.header("x-failed-recipients")[:8_000])]
    if not hinted:
        hinted = [
            clean(m[1])
            for m in ADDRESS_PATTERN.finditer(report.words)
            if m[1].lower() not in strangers and not is_office(m[1])
        ][:1]
    if not hinted:
        hinted = sorted(_addressed(report))
        hinted = hinted if len(hinted) == 1 else []
    return [_recipient(address, "", words, "") for address in dict.fromkeys(hinted)]


def _recipient(address: str, original: str, words: str, context: str) -> ReportedRecipient:
    reply = quoted_reply(words)
    return ReportedRecipient(
        address=address,
        original=original,
        status=reply.enhanced,
        diagnostic=words[:2_000],
        stage=reply.stage.value if reply.stage else "",
        context=" ".join(context.split())[:2_000],
    )


def _strangers(report: ReportText) -> set[str]:
    returned = _returned(report)
    return sender_side(report.mail, returned) - _addressed(report)


def _addressed(report: ReportText) -> set[str]:
    return header_addresses(_returned(report), "to", "cc", "x-original-to") | header_addresses(
        report.mail.headers, "x-failed-recipients"
    )


def _returned(report: ReportText) -> Headers:
    return original_headers(report.mail) or report.returned_headers


def _forwarded(mail: Mail, report: ReportText) -> Parsed | None:
    """A report that somebody passed on inline: only when its machine-readable fields came along."""
    whole = unquoted(report.words + "\n" + report.returned[:8_000])
    if not _FORWARDED_REPORT.search(whole) or not re.search(r"^\s*Action\s*:\s*failed", whole, re.IGNORECASE | re.MULTILINE):
        return None
    recipients = quoted_recipients(whole)
    words, returned = cut_at_returned_message(whole)
    return _parsed(mail, ReportText(mail, report.subject, words, returned), recipients) if recipients else None


def _may_be_notification(mail: Mail) -> bool:
    return "amazon" in mail.header("from").lower() or bool(mail.header("x-amz-sns-message-id"))


def _notification(report: ReportText) -> Parsed | None:
    """Amazon SES by way of SNS: JSON, one object, perhaps with words behind it."""
    whole = report.words + report.returned
    match = _NOTIFICATION.search(re.sub(r"\s*\n\s*", "", whole))
    if match is None:
        return None
    text = re.sub(r"\s*\n\s*", "", whole)[match.start() :]
    try:
        data, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    if match[1] == "Complaint":
        rows = _rows(data.get("complaint"), "complainedRecipients")
        return Parsed(MailKind.ARF, tuple(ReportedRecipient(a, a, "complaint") for a, _ in rows), feedback_type="abuse")
    rows = _rows(data.get("bounce"), "bouncedRecipients")
    return Parsed(
        MailKind.TEXT_BOUNCE,
        tuple(
            ReportedRecipient(
                address=address,
                action=str(row.get("action") or "failed"),
                status=str(row.get("status") or ""),
                diagnostic=str(row.get("diagnosticCode") or "")[:2_000],
            )
            for address, row in rows
        ),
    )


def _rows(section: object, key: str) -> list[tuple[str, dict[str, object]]]:
    listed = section.get(key) if isinstance(section, dict) else None
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return [(clean(str(row["emailAddress"])), row) for row in rows[:100] if row.get("emailAddress")]
