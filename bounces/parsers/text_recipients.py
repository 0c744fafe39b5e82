"""Whom a report in free words is about, and what it says about each. Several ways, the most certain first."""

import re
from collections.abc import Callable
from typing import Final

from bounces.parsers.address_lines import address_blocks
from bounces.parsers.addresses import (
    ADDRESS_PATTERN,
    header_addresses,
    is_office,
    sender_side,
)
from bounces.parsers.mime import Headers
from bounces.parsers.model import ReportedRecipient
from bounces.parsers.quoted_fields import quoted_recipients
from bounces.parsers.quoted_reply import quoted_reply
from bounces.parsers.report_fields import bare_address
from bounces.parsers.report_text import ReportText
from bounces.parsers.returned_message import original_headers
from bounces.parsers.sentences import named_addresses
from bounces.parsers.transcript import transcript_addresses, transcript_words

_FINAL_RECIPIENT: Final = re.compile(r"^[ \t]*Final-Recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)


def text_recipients(report: ReportText) -> list[ReportedRecipient]:
    """Return what the first way that finds somebody finds."""
    return next((found for find in _WAYS if (found := find(report))), [])


def nameless(report: ReportText) -> ReportedRecipient:
    """The entry of a report that names nobody."""
    return _recipient("", "", " ".join(report.words.split()))


def words_about(report: ReportText, address: str) -> str:
    """Return what the report says about one address of several, or nothing."""
    wanted = address.lower()
    for block in address_blocks(report.lines):
        if wanted in {block.address.lower(), block.original.lower()} and block.text:
            return block.text
    return ""


def _from_quoted_fields(report: ReportText) -> list[ReportedRecipient]:
    """RFC 3464 fields that stand in the text itself, before or behind what looks like the message."""
    found = quoted_recipients(report.words)
    if not found and _FINAL_RECIPIENT.search(report.returned[:3_000]):
        found = quoted_recipients(report.returned[:8_000])
    return [_with_context(report, r) for r in found] if len(found) == 1 else found


def _from_lines(report: ReportText) -> list[ReportedRecipient]:
    strangers, addressed = _strangers(report), _addressed(report)
    blocks = [
        b
        for b in address_blocks(report.lines)
        if not is_office(b.address) or b.address.lower() in addressed
    ]
    wanted = [b for b in blocks if b.address.lower() not in strangers] or blocks[:1]
    merged: dict[str, ReportedRecipient] = {}
    for block in wanted:
        known = merged.get(block.address.lower())
        words = block.text if known is None else f"{known.diagnostic} {block.text}".strip()
        original = block.original or (known.original if known else "")
        merged[block.address.lower()] = _recipient(block.address, original, words)
    found = [_with_story(report, r) for r in merged.values()]
    return [_with_context(report, r) for r in found] if len(found) == 1 else found


def _from_transcript(report: ReportText) -> list[ReportedRecipient]:
    return [
        _recipient(address, "", transcript_words(report.words, address))
        for address in transcript_addresses(report.words)
        if address.lower() not in _strangers(report)
    ]


def _from_sentences(report: ReportText) -> list[ReportedRecipient]:
    strangers, addressed = _strangers(report), _addressed(report)
    one_line = " ".join(report.words.split())
    return [
        _recipient(address, "", one_line)
        for address in named_addresses(one_line)
        if address.lower() not in strangers
        and (not is_office(address) or address.lower() in addressed)
    ]


def _from_header(report: ReportText) -> list[ReportedRecipient]:
    """X-Failed-Recipients, of Exim and Google."""
    words = " ".join(report.words.split())
    listed = ADDRESS_PATTERN.finditer(report.mail.header("x-failed-recipients")[:8_000])
    return [
        _recipient(address, "", words)
        for address in dict.fromkeys(bare_address(m[1]) for m in listed)
    ]


def _from_any_word(report: ReportText) -> list[ReportedRecipient]:
    strangers = _strangers(report)
    for match in ADDRESS_PATTERN.finditer(report.words):
        if match[1].lower() not in strangers and not is_office(match[1]):
            return [_recipient(bare_address(match[1]), "", " ".join(report.words.split()))]
    return []


def _from_returned_message(report: ReportText) -> list[ReportedRecipient]:
    """The report names nobody: whom the message was for, if that was one person."""
    addressed = sorted(header_addresses(_returned(report), "to"))
    words = " ".join(report.words.split())
    return [_recipient(addressed[0], "", words)] if len(addressed) == 1 else []


_WAYS: Final[tuple[Callable[[ReportText], list[ReportedRecipient]], ...]] = (
    _from_quoted_fields,
    _from_lines,
    _from_transcript,
    _from_sentences,
    _from_header,
    _from_any_word,
    _from_returned_message,
)


def _with_story(report: ReportText, recipient: ReportedRecipient) -> ReportedRecipient:
    """Add what a session transcript says, where the words below the address hold no reply."""
    words = recipient.diagnostic
    if quoted_reply(words).code:
        return recipient
    story = transcript_words(report.words, recipient.address)
    return _recipient(recipient.address, recipient.original, f"{words} {story}".strip())


def _with_context(report: ReportText, recipient: ReportedRecipient) -> ReportedRecipient:
    """The report is about one recipient: all its words are."""
    return ReportedRecipient(
        address=recipient.address,
        original=recipient.original,
        action=recipient.action,
        status=recipient.status,
        diagnostic=recipient.diagnostic,
        remote_mta=recipient.remote_mta,
        stage=recipient.stage,
        context=" ".join(report.words.split())[:2_000],
    )


def _recipient(address: str, original: str, words: str) -> ReportedRecipient:
    reply = quoted_reply(words)
    return ReportedRecipient(
        address=address,
        original=original,
        status=reply.enhanced,
        diagnostic=words[:2_000],
        stage=reply.stage.value if reply.stage else "",
    )


def _strangers(report: ReportText) -> set[str]:
    return sender_side(report.mail, _returned(report)) - _addressed(report)


def _addressed(report: ReportText) -> set[str]:
    return header_addresses(_returned(report), "to", "cc", "x-original-to") | header_addresses(
        report.mail.headers, "x-failed-recipients"
    )


def _returned(report: ReportText) -> Headers:
    return original_headers(report.mail) or report.returned_headers
