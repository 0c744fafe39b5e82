"""Starting campaigns whose time has come, in steps that may each be repeated after a crash.

    scheduled  → preparing      one conditional UPDATE: whoever changes the row has claimed it
    preparing  → mailing made   one transaction: checks again, mailing and its id on the campaign
    mailing    → planned        one INSERT … SELECT that refuses a mailing planned before
    preparing  → sending        follows the mailing

A worker that dies in between leaves a campaign in "preparing", which the next look takes up at the step where it
stopped: there is never a second mailing.
"""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import override

from accounts.services.audit import record_act
from accounts.services.notifications import notify
from campaigns.check_words import check_sentence
from campaigns.content.campaign_content import compose_campaign
from campaigns.models import Campaign, CampaignState
from campaigns.preflight import Check, preflight
from campaigns.selectors.audience import recipients_of
from campaigns.source import SOURCE_NAME
from mailer.models import Mailing, MailingKind, MailingState
from mailer.scopes import INSTALLATION, list_scope, organisation_scope
from mailer.services.mailings import PlanError, create_mailing, plan_mailing
from mailer.services.sources import NoSourceError

logger = logging.getLogger(__name__)

# A time that has passed is no reason to stop at the start: it has always just passed.
_NOT_AT_START: Final = frozenset({"past", "no-time"})
# Later than this after its time a campaign does not start by itself (the installation was down).
MAX_LATE: Final = timedelta(hours=12)


def start_due_campaigns(*, now: datetime) -> int:
    """Claim what is due, bring everything in preparation one step or all the way on; return how many."""
    Campaign.objects.filter(state=CampaignState.SCHEDULED, scheduled_at__lte=now).update(
        state=CampaignState.PREPARING, started_at=now, updated_at=now
    )
    preparing = Campaign.objects.filter(state=CampaignState.PREPARING).order_by(
        "scheduled_at", "id"
    )
    started = 0
    for campaign_id in preparing.values_list("id", flat=True):
        started += prepare_campaign(campaign_id=campaign_id, now=now)
    return started


def prepare_campaign(*, campaign_id: int, now: datetime) -> bool:
    """Make and plan the mailing of a claimed campaign; False when it failed or another worker has it."""
    mailing = _mailing_of(campaign_id, now)
    if mailing is None:
        return False
    campaign = Campaign.objects.select_related("organisation").get(id=campaign_id)
    planned = mailing.planned
    if mailing.state == MailingState.PLANNING:
        sql, params = recipients_of(campaign)
        try:
            planned = plan_mailing(mailing=mailing, recipients_sql=sql, params=params, now=now)
        except PlanError:
            # Another worker was faster; what it planned stands.
            mailing.refresh_from_db()
            planned = mailing.planned
    if not planned:
        return not _fail(campaign, "no-recipients", now=now)
    _mark_sending(campaign, planned, now)
    return True


def _mailing_of(campaign_id: int, now: datetime) -> Mailing | None:
    """Return the campaign's one mailing, made now unless an earlier try has made it."""
    with transaction.atomic():
        campaign = (
            Campaign.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("organisation", "list", "sending_domain", "mailing")
            .filter(id=campaign_id, state=CampaignState.PREPARING)
            .first()
        )
        if campaign is None:
            return None
        if campaign.mailing is not None:
            return campaign.mailing
        problem = _why_not(campaign, now)
        if problem is not None:
            _fail(campaign, problem.code, now=now, check=problem)
            return None
        try:
            campaign.mailing = make_mailing(campaign=campaign, now=now)
        except NoSourceError as error:
            _fail(campaign, "no-source", now=now, detail=str(error))
            return None
        campaign.save(update_fields=["mailing"])
        return campaign.mailing


def make_mailing(*, campaign: Campaign, now: datetime) -> Mailing:
    """Freeze the campaign's content into a mailing for its readers."""
    return create_mailing(
        content=compose_campaign(campaign).content, now=now, **mailing_fields(campaign)
    )


def mailing_fields(campaign: Campaign) -> dict[str, Any]:
    """Return what a campaign's mailing consists of, apart from content and time."""
    domain = campaign.sending_domain
    if domain is None:
        raise ValueError(f"campaign {campaign.pk} has no sending domain")
    scopes = [INSTALLATION, organisation_scope(campaign.organisation_id)]
    own_scope = organisation_scope(campaign.organisation_id)
    if campaign.list_id is not None:
        own_scope = list_scope(campaign.list_id)
        scopes.append(own_scope)
    return {
        "organisation": campaign.organisation,
        "kind": MailingKind.CAMPAIGN,
        "reference": f"campaign:{campaign.pk}",
        "source": SOURCE_NAME,
        "sending_domain": domain,
        "from_name": campaign.from_name,
        "from_address": campaign.from_address,
        "reply_to": campaign.reply_to,
        "list_id": f"list-{campaign.list_id or 0}.{domain.name}",
        "suppression_scopes": scopes,
        "unsubscribe_scope": own_scope,
        "tracks_opens": campaign.tracks_opens,
        "tracks_clicks": campaign.tracks_clicks,
    }


def _why_not(campaign: Campaign, now: datetime) -> Check | None:
    """Return what has changed for the worse since somebody scheduled the campaign."""
    if campaign.scheduled_at is not None and campaign.scheduled_at < now - MAX_LATE:
        return Check("too-late", "block", {"at": campaign.scheduled_at}, "when")
    blocking = preflight(campaign, now=now).of("block")
    return next((check for check in blocking if check.code not in _NOT_AT_START), None)


def _fail(
    campaign: Campaign, word: str, *, now: datetime, check: Check | None = None, detail: str = ""
) -> bool:
    """End the preparation. The sentence is kept in the organisation's language beside the stable word."""
    with override(campaign.organisation.language):
        sentence = detail or check_sentence(check or Check(word, "block"))
    failed = Campaign.objects.filter(id=campaign.pk, state=CampaignState.PREPARING).update(
        state=CampaignState.FAILED,
        failure=word[:60],
        failure_detail=sentence,
        mailing=None,
        updated_at=now,
    )
    if failed:
        logger.warning("campaign.failed campaign=%s reason=%s", campaign.pk, word)
        _record(campaign, "campaign.failed", {"reason": word})
        notify(
            organisation=campaign.organisation,
            kind="campaign.failed",
            params={"name": campaign.name},
            url=reverse("campaigns:review", args=[campaign.organisation.slug, campaign.pk]),
            now=now,
        )
    return bool(failed)


def _mark_sending(campaign: Campaign, planned: int, now: datetime) -> None:
    marked = Campaign.objects.filter(id=campaign.pk, state=CampaignState.PREPARING).update(
        state=CampaignState.SENDING, updated_at=now
    )
    if marked:
        logger.info("campaign.started campaign=%s planned=%s", campaign.pk, planned)
        _record(campaign, "campaign.started", {"recipients": planned})


def _record(campaign: Campaign, verb: str, data: dict[str, object]) -> None:
    record_act(
        organisation=campaign.organisation,
        actor=None,
        verb=verb,
        target=f"campaign:{campaign.pk}",
        data=data,
    )
