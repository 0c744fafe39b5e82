"""Make the practice organisation of a first start and send its first campaign."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from campaigns.demo.build import EMAIL, Demo, build_demo
from mailer.models import Mailing
from mailer.net.practice_dns import PracticeDnsError

POLL_S = 0.3


class Command(BaseCommand):
    help = "Create the demo organisation (once) and deliver its campaign in the practice internet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--wait", type=int, default=0, help="seconds to watch a delivery that this call began"
        )
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
        mailing = _watch(demo.campaign.pk, options["wait"] if demo.is_new else 0)
        result = {
            "organisation": demo.organisation.slug,
            "new": demo.is_new,
            "email": EMAIL,
            "password": password,
            "planned": mailing.planned if mailing else 0,
            "accepted": mailing.accepted if mailing else 0,
            "failed": mailing.failed if mailing else 0,
        }
        lines = [json.dumps(result)] if options["json"] else _greeting(demo, mailing)
        self.stdout.write("\n".join(lines))


def _watch(campaign_id: int, timeout_s: int) -> Mailing | None:
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


def _greeting(demo: Demo, mailing: Mailing | None) -> list[str]:
    """Say in both languages how to sign in, how far the newsletter is, and where to look."""
    slug = demo.organisation.slug
    report = reverse("campaigns:report", args=[slug, demo.campaign.pk])
    mailbox = reverse("mailer:mailbox", args=[slug])
    return [
        f"サインイン / Sign in: {EMAIL}",
        f"パスワード / Password: {settings.DEMO_PASSWORD}",
        f"レポート / Report: {settings.BASE_URL}{report}",
        f"練習用受信箱 / Practice inbox: {settings.BASE_URL}{mailbox}",
        "",
        *(_progress(mailing) if mailing and mailing.planned else _PLANNING),
    ]


# While the worker has not written the ledger yet.
_PLANNING = [
    "はじめてのニュースレターを、練習用インターネットに配信するところです。",
    "The first newsletter is about to be delivered in the practice internet.",
]
# Told while mails are left; a provider's pace is what a newcomer wonders about first.
_REST = (
    "残りは順に届きます(携帯会社には1秒に1通ずつ送ります)。",
    "the rest follows (mobile carriers get one a second)",
)


def _progress(mailing: Mailing) -> list[str]:
    planned, accepted, failed = mailing.planned, mailing.accepted, mailing.failed
    ja, en = _REST if mailing.remaining else ("配信は終わりました。", "all is done")
    return [
        f"はじめてのニュースレター: {planned:,}通のうち受付済み{accepted:,}通、"
        f"宛先不明など{failed:,}通。{ja}",
        f"The first newsletter: {planned:,} mails: {accepted:,} accepted so far,"
        f" {failed:,} refused, {en}.",
    ]
