"""`manage.py explain_delivery MAILING_ID DELIVERY_ID`: where it is, why it waits, what was said about it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mailer.models import Attempt, Delivery
from mailer.selectors import delivery_timeline
from mailer.selectors.waiting import why_waiting


class Command(BaseCommand):
    help = "Say where a delivery is, why it waits and until when, and show its conversations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mailing_id", type=int)
        parser.add_argument("delivery_id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        mailing_id, delivery_id = options["mailing_id"], options["delivery_id"]
        delivery = Delivery.objects.filter(mailing_id=mailing_id, id=delivery_id).first()
        if delivery is None:
            raise CommandError(f"mailing {mailing_id} has no delivery {delivery_id}")
        waiting = why_waiting(delivery, timezone.now())
        self.stdout.write(f"{delivery.address} ({delivery.provider or 'receiver unknown'})")
        self.stdout.write(f"state: {waiting.state}, {delivery.attempts} attempts")
        for reason in waiting.reasons:
            self.stdout.write(f"  {reason}")
        if waiting.next_at is not None:
            self.stdout.write(f"next: {waiting.next_at:%Y-%m-%d %H:%M:%S %Z}")
        for attempt in delivery_timeline(mailing_id, delivery_id):
            self.stdout.write(_line(attempt))


def _line(attempt: Attempt) -> str:
    where = f"{attempt.mx_host}[{attempt.mx_address}]" if attempt.mx_host else "-"
    said = " ".join(
        str(word)
        for word in (attempt.reply_code, attempt.enhanced_code, attempt.reply_text)
        if word
    )
    return (
        f"{attempt.at:%Y-%m-%d %H:%M:%S} {attempt.stage:8} {where} {said} → {attempt.reply_class}"
    )
