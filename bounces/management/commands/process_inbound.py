"""The third door: a mail from a file, as if it had come by SMTP."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bounces.models import InboundMail
from bounces.parsers.mime import MAX_BYTES, read_mail
from bounces.services.process import process_inbound
from bounces.services.store import Envelope, store_inbound


class Command(BaseCommand):
    help = "Store and process one mail from a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--recipient",
            default="",
            help="the address it was sent to; without it Delivered-To, X-Original-To or To of the mail",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            size = file.stat().st_size
            if size > MAX_BYTES:
                raise CommandError(f"{file}: {size} bytes, more than the {MAX_BYTES} that are read")
            raw = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: cannot be read ({error.strerror})") from error
        now = timezone.now()
        envelope = Envelope("file", "", "", [options["recipient"] or _recipient(raw)])
        [number] = store_inbound(envelope=envelope, raw=raw, now=now)
        process_inbound(inbound_id=number, now=now)
        mail = InboundMail.objects.get(pk=number)
        self.stdout.write(f"{mail.state} {mail.kind} {mail.note}".rstrip())
        for report in mail.reports.all():
            self.stdout.write(
                f"  {report.address} {report.action} {report.status} {report.reply_class}"
                f"{' acted' if report.acted else ''}"
            )


def _recipient(raw: bytes) -> str:
    mail = read_mail(raw)
    for name in ("delivered-to", "x-original-to", "envelope-to", "to"):
        if value := mail.header(name):
            return value.strip().strip("<>")[:320]
    return ""
