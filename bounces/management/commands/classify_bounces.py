"""`manage.py classify_bounces DIR [--jsonl]`: what each mail below a directory is and would do. Changes nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bounces.judgement import judge
from bounces.parsers import MailKind, Parsed, ReportedRecipient, parse
from bounces.parsers.mime import MAX_BYTES
from bounces.policy import RECIPIENT_CLASSES
from mailer.engine.vocabulary import ReplyClass

_FAILURES = frozenset({MailKind.DSN, MailKind.TEXT_BOUNCE})
# RFC 6591: not about the reader, but about our signatures.
_ABOUT_US = frozenset({"auth-failure", "dkim", "spf", "dmarc"})


class Command(BaseCommand):
    help = "Tell what each mail (one a file) below a directory is, and whether it would stop its reader."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--jsonl", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["directory"]
        if not directory.is_dir():
            raise CommandError(f"{directory}: no directory")
        for file in sorted(path for path in directory.rglob("*") if path.is_file()):
            row = {"file": file.relative_to(directory).as_posix(), **description(_read(file))}
            line = json.dumps(row, ensure_ascii=False) if options["jsonl"] else _readable(row)
            self.stdout.write(line)


def description(parsed: Parsed) -> dict[str, Any]:
    """Return the kind and the recipients as JSON shows them."""
    return {
        "kind": parsed.kind.value,
        "recipients": [_recipient(parsed, recipient) for recipient in parsed.recipients],
    }


def _recipient(parsed: Parsed, recipient: ReportedRecipient) -> dict[str, Any]:
    if parsed.kind is MailKind.ARF:
        return _complaint(parsed, recipient)
    if parsed.kind is MailKind.DSN_SUCCESS:
        return _row(recipient.address, "accepted", "", recipient.status, False, False)
    reply = judge(recipient)
    verdict, is_final = reply.verdict, recipient.action == "failed" and parsed.kind in _FAILURES
    return _row(
        recipient.address,
        verdict.reply_class.value,
        str(reply.code),
        recipient.status or reply.enhanced,
        is_final and verdict.is_permanent,
        is_final and verdict.may_suppress and verdict.reply_class in RECIPIENT_CLASSES,
    )


def _complaint(parsed: Parsed, recipient: ReportedRecipient) -> dict[str, Any]:
    is_about_us = parsed.feedback_type in _ABOUT_US
    reply_class = ReplyClass.AUTHENTICATION if is_about_us else ReplyClass.COMPLAINT
    stops = not is_about_us and parsed.feedback_type != "not-spam"
    return _row(recipient.address, reply_class.value, "", "", not is_about_us, stops)


def _row(
    address: str, reply_class: str, reply: str, status: str, permanent: bool, suppress: bool
) -> dict[str, Any]:
    return {
        "address": address,
        "class": reply_class,
        "reply": reply,
        "status": status,
        "permanent": permanent,
        "suppress": suppress,
    }


def _read(file: Path) -> Parsed:
    try:
        with file.open("rb") as stream:
            return parse(stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise CommandError(f"{file}: cannot be read ({error.strerror})") from error


def _readable(row: dict[str, Any]) -> str:
    return "\n".join(_lines(row))


def _lines(row: dict[str, Any]) -> Iterator[str]:
    yield f"{row['file']}: {row['kind']}"
    for recipient in row["recipients"]:
        stops = "  stops the reader" if recipient["suppress"] else ""
        codes = f"{recipient['reply']} {recipient['status']}".strip()
        yield f"  {recipient['address'] or '?'}  {recipient['class']}  {codes}{stops}"
