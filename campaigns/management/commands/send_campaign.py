"""`manage.py send_campaign CAMPAIGN_ID`: start a campaign now and watch it.

The command plans and asks Celery; it never delivers by itself. With the workers stopped nothing leaves.
"""

import json
import time
from argparse import ArgumentParser
from typing import Any, Final

from celery import current_app
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from kombu.exceptions import OperationalError

from campaigns.check_words import check_sentence, check_title
from campaigns.models import Campaign, CampaignState, Timing
from campaigns.services.drafts import CampaignConflict, CampaignLocked, change_campaign
from campaigns.services.running import follow_mailings
from campaigns.services.schedule import NotReady, schedule_campaign
from campaigns.services.start import start_due_campaigns
from mailer.models import Mailing
from mailer.selectors import state_counts
from mailer.words import pause_words

POLL_S: Final = 0.5
# After so long without any change we ask whether anybody works at all.
QUIET_S: Final = 10
PING_TIMEOUT_S: Final = 2
TIMED_OUT: Final = 2
_ON_THE_WAY: Final = frozenset({CampaignState.SCHEDULED, CampaignState.PREPARING})


class Command(BaseCommand):
    help = "Start a campaign now. The workers deliver it; this command only plans and watches."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", type=int)
        parser.add_argument("--wait", action="store_true", help="watch until it has finished")
        parser.add_argument("--json", action="store_true", help="print counts as one JSON object")
        parser.add_argument("--timeout", type=float, default=3600, metavar="SECONDS")

    def handle(self, *_args: Any, **options: Any) -> None:
        began = time.monotonic()
        campaign = self._campaign(options["campaign"])
        if campaign.mailing is None:
            self._schedule(campaign)
            campaign = self._prepared(campaign.pk, began + options["timeout"])
        mailing = campaign.mailing
        if mailing is None:
            reason = campaign.failure_detail or campaign.get_state_display()
            raise CommandError(f"the campaign did not start: {reason}")
        finished = True
        if options["wait"]:
            finished = self._watch(mailing, began + options["timeout"])
            follow_mailings(now=timezone.now())
        self._print(self._campaign(campaign.pk), mailing, time.monotonic() - began, options["json"])
        if not finished:
            self.stderr.write(f"not finished after {options['timeout']:g} seconds")
            raise SystemExit(TIMED_OUT)

    def _campaign(self, campaign_id: int) -> Campaign:
        found = (
            Campaign.objects.select_related("organisation", "list", "sending_domain", "mailing")
            .filter(pk=campaign_id)
            .first()
        )
        if found is None:
            raise CommandError(f"campaign {campaign_id} does not exist")
        return found

    def _schedule(self, campaign: Campaign) -> None:
        """Schedule a draft for now, as the review page does."""
        now = timezone.now()
        try:
            if campaign.state in {CampaignState.DRAFT, CampaignState.FAILED}:
                changed = change_campaign(
                    organisation=campaign.organisation,
                    campaign_id=campaign.pk,
                    revision=campaign.revision,
                    changes={"timing": Timing.NOW, "scheduled_at": None},
                    actor=None,
                    now=now,
                )
                schedule_campaign(
                    organisation=campaign.organisation,
                    campaign_id=campaign.pk,
                    revision=changed.revision,
                    actor=None,
                    now=now,
                    asks_number=False,
                )
        except NotReady as error:
            lines = [f"{check_title(each)}: {check_sentence(each)}" for each in error.blocking]
            raise CommandError("\n".join(lines)) from error
        except (CampaignConflict, CampaignLocked) as error:
            raise CommandError(str(error)) from error

    def _prepared(self, campaign_id: int, deadline: float) -> Campaign:
        """Plan it here and now, or wait for the worker that was faster and holds it."""
        while True:
            start_due_campaigns(now=timezone.now())
            campaign = self._campaign(campaign_id)
            if campaign.state not in _ON_THE_WAY or time.monotonic() > deadline:
                return campaign
            time.sleep(POLL_S)

    def _watch(self, mailing: Mailing, deadline: float) -> bool:
        """Return whether it finished; say once when nothing moves because nobody works."""
        seen: object = None
        moved = time.monotonic()
        while time.monotonic() < deadline:
            mailing.refresh_from_db()
            if mailing.is_finished:
                return True
            now_seen = (mailing.state, mailing.pause_reason, state_counts(mailing.pk))
            if now_seen != seen:
                seen, moved = now_seen, time.monotonic()
                self._say_pause(mailing)
            elif time.monotonic() - moved > QUIET_S:
                moved = time.monotonic()
                self._say_if_nobody_works()
            time.sleep(POLL_S)
        return False

    def _say_pause(self, mailing: Mailing) -> None:
        if mailing.pause_reason:
            self.stderr.write(f"{pause_words(mailing.pause_reason)} {mailing.pause_detail}".strip())

    def _say_if_nobody_works(self) -> None:
        try:
            answers = current_app.control.ping(timeout=PING_TIMEOUT_S)
        except OperationalError as error:
            self.stderr.write(f"the broker does not answer ({error}); nothing leaves")
            return
        if not answers:
            self.stderr.write(
                "no worker answers; nothing leaves until one is started"
                " (celery -A config.celery worker)"
            )

    def _print(self, campaign: Campaign, mailing: Mailing, seconds: float, as_json: bool) -> None:
        counts = {state.name.lower(): n for state, n in state_counts(mailing.pk).items()}
        if as_json:
            result = {
                "campaign": campaign.pk,
                "mailing": mailing.pk,
                "state": campaign.state,
                "mailing_state": mailing.state,
                "planned": mailing.planned,
                "counts": counts,
                "seconds": round(seconds, 3),
            }
            self.stdout.write(json.dumps(result))
            return
        self.stdout.write(f"campaign {campaign.pk}: {campaign.state}, {mailing.planned} planned")
        for state, number in counts.items():
            if number:
                self.stdout.write(f"  {state}: {number}")
