"""Make the practice organisation of a first start and send its first campaign."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.demo.build import EMAIL, build_demo
from mailer.models import Mailing
from mailer.net.practice_dns import PracticeDnsError

POLL_S = 0.5


class Command(BaseCommand):
    help = "Create the demo organisation (once) and deliver its campaign in the practice internet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wait", type=int, default=0, help="seconds to wait for the delivery")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        password = settings.DEMO_PASSWORD
        try:
            demo = build_demo(password=password, node=settings.NODE, now=timezone.now())
        except PracticeDnsError as error:
            raise CommandError(
                f"The practice internet does not answer ({error}). Nothing is lost; start it with"
                " `python -m sandbox` and run this command again."
            ) from error
        mailing = _wait_for(demo.campaign.pk, options["wait"])
        result = {
            "organisation": demo.organisation.slug,
            "new": demo.is_new,
            "email": EMAIL,
            "password": password,
            "planned": mailing.planned if mailing else 0,
            "accepted": mailing.accepted if mailing else 0,
            "failed": mailing.failed if mailing else 0,
        }
        self.stdout.write(json.dumps(result) if options["json"] else _sentence(result))


def _wait_for(campaign_id: int, timeout_s: int) -> Mailing | None:
    """Watch until nothing but retries is left to do, or the time is over."""
    deadline = time.monotonic() + timeout_s
    while True:
        mailing = Mailing.objects.filter(campaign__pk=campaign_id).first()
        # Servers that asked to come back later and full mailboxes keep the last percent open.
        is_done = (
            mailing is not None and mailing.planned and mailing.remaining <= mailing.planned / 50
        )
        if is_done or time.monotonic() > deadline:
            return mailing
        time.sleep(POLL_S)


def _sentence(result: dict[str, Any]) -> str:
    return (
        f"{result['organisation']}: {result['accepted']} of {result['planned']} mails accepted,"
        f" {result['failed']} refused. Sign in as {result['email']} with {result['password']}"
    )
