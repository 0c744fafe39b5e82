"""`manage.py classify_replies FILE.tsv [--jsonl]`: what each SMTP reply of a table means. Changes nothing.

Columns: the reply, the stage it was given at (connect, mail, rcpt, data or ?), and perhaps the provider; more are
passed over. A first line that begins with the word "reply" names the columns.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bounces.judgement import judge_reply_line
from bounces.policy import RECIPIENT_CLASSES
from mailer.engine.vocabulary import Stage

# Most replies without a stage speak of the recipient. "data" is what an MTA says of the message after its final dot.
_STAGES: Final = {stage.value: stage for stage in Stage} | {"data": Stage.DOT}
# Names that tables use for providers whose replies have a meaning of their own.
_PROVIDERS: Final = {
    "ezweb/kddi": "au",
    "kddi": "au",
    "ezweb": "au",
    "softbank/vodafone": "softbank",
}


class Command(BaseCommand):
    help = "Tell what each SMTP reply of a tab-separated table means."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--jsonl", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        for reply, row in _rows(options["file"]):
            if options["jsonl"]:
                self.stdout.write(json.dumps(row, ensure_ascii=False))
            else:
                stops = "  may stop the reader" if row["suppress"] else ""
                self.stdout.write(f"{row['class']}  {row['scope']}{stops}\n  {reply}")


def _rows(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        with file.open(encoding="utf-8", errors="replace", newline="") as stream:
            table = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, csv.Error) as error:
        raise CommandError(f"{file}: cannot be read ({error})") from error
    names = table.pop(0) if table and table[0][:1] == ["reply"] else []
    at = names.index("provider") if "provider" in names else 2
    for cells in table:
        if cells:
            yield cells[0], _verdict(cells, at)


def _verdict(cells: list[str], provider_at: int) -> dict[str, Any]:
    stage = _STAGES.get(cells[1].strip().lower(), Stage.RCPT) if len(cells) > 1 else Stage.RCPT
    provider = cells[provider_at].strip() if len(cells) > provider_at else ""
    verdict = judge_reply_line(cells[0], stage, _PROVIDERS.get(provider, provider))
    return {
        "class": verdict.reply_class.value,
        "scope": verdict.scope.value,
        "permanent": verdict.is_permanent,
        "suppress": verdict.may_suppress and verdict.reply_class in RECIPIENT_CLASSES,
        "retry_after_s": verdict.retry_after_s,
    }
