"""Pause, resume and cancel a campaign that is being sent, and let its state follow its mailing."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.services.audit import record_act
from accounts.services.notifications import notify
from campaigns.models import Campaign, CampaignState
from campaigns.services.drafts import CampaignLocked
from mailer.models import Mailing, MailingState
from mailer.services.control import (
    ControlError,
    cancel_mailing,
    pause_mailing,
    resume_mailing,
)

_FOLLOWS: Final = {
    MailingState.RUNNING: CampaignState.SENDING,
    MailingState.PAUSED: CampaignState.PAUSED,
    MailingState.FINISHED: CampaignState.SENT,
    MailingState.CANCELLED: CampaignState.CANCELLED,
}
# The pause reason of a person's own act: nobody has to be told.
_BY_STAFF: Final = "staff"
_ALIVE: Final = (CampaignState.PREPARING, CampaignState.SENDING, CampaignState.PAUSED)


def pause_campaign(
    *, organisation: Organisation, campaign_id: int, actor: User | None, now: datetime
) -> Campaign:
    """Stop new messages within two seconds. Raises CampaignLocked when there is nothing to pause."""

    def pause(mailing_id: int) -> None:
        pause_mailing(mailing_id=mailing_id, reason=_BY_STAFF, detail=str(actor or ""), now=now)

    return _act(organisation, campaign_id, actor, now, pause, "campaign.paused")


def resume_campaign(
    *, organisation: Organisation, campaign_id: int, actor: User | None, now: datetime
) -> Campaign:
    def resume(mailing_id: int) -> None:
        resume_mailing(mailing_id=mailing_id, now=now)

    return _act(organisation, campaign_id, actor, now, resume, "campaign.resumed")


def cancel_campaign(
    *, organisation: Organisation, campaign_id: int, actor: User | None, now: datetime
) -> Campaign:
    """Give up what has not been sent yet; what was accepted stays accepted."""

    def cancel(mailing_id: int) -> None:
        cancel_mailing(mailing_id=mailing_id, now=now)

    return _act(organisation, campaign_id, actor, now, cancel, "campaign.cancelled")


def follow_mailings(*, now: datetime) -> int:
    """Bring campaigns in line with their mailings; return how many changed."""
    changed = 0
    alive = Campaign.objects.filter(state__in=_ALIVE, mailing__isnull=False)
    for campaign in alive.select_related("mailing", "organisation"):
        changed += _follow(campaign, now)
    return changed


def _act(
    organisation: Organisation,
    campaign_id: int,
    actor: User | None,
    now: datetime,
    act: Callable[[int], None],
    verb: str,
) -> Campaign:
    with transaction.atomic():
        campaign = Campaign.objects.select_related("mailing", "organisation").get(
            organisation=organisation, id=campaign_id
        )
        if campaign.mailing is None or campaign.state not in _ALIVE:
            raise CampaignLocked(_("The campaign is not being sent."))
        try:
            act(campaign.mailing.pk)
        except ControlError as error:
            raise CampaignLocked(_("The campaign has already come to its end.")) from error
        _record(campaign, actor, verb)
        campaign.mailing.refresh_from_db()
        _follow(campaign, now)
    campaign.refresh_from_db()
    return campaign


def _follow(campaign: Campaign, now: datetime) -> bool:
    """Change the state by a conditional UPDATE, so that the end is recorded once."""
    mailing: Mailing | None = campaign.mailing
    wanted = _FOLLOWS.get(MailingState(mailing.state)) if mailing else None
    if mailing is None or wanted is None or wanted == campaign.state:
        return False
    is_end = wanted in {CampaignState.SENT, CampaignState.CANCELLED}
    changed = Campaign.objects.filter(id=campaign.pk, state=campaign.state).update(
        state=wanted,
        finished_at=(mailing.finished_at or now) if is_end else None,
        updated_at=now,
    )
    if changed and wanted == CampaignState.SENT:
        _record(campaign, None, "campaign.finished", {"accepted": mailing.accepted})
        _tell(campaign, "campaign.finished", "report", now, accepted=mailing.accepted)
    elif changed and wanted == CampaignState.PAUSED and mailing.pause_reason != _BY_STAFF:
        _tell(campaign, "campaign.paused", "sending", now)
    return bool(changed)


def _tell(campaign: Campaign, kind: str, page: str, now: datetime, **params: int) -> None:
    notify(
        organisation=campaign.organisation,
        kind=kind,
        params={"name": campaign.name, **params},
        url=reverse(f"campaigns:{page}", args=[campaign.organisation.slug, campaign.pk]),
        now=now,
    )


def _record(
    campaign: Campaign, actor: User | None, verb: str, data: dict[str, object] | None = None
) -> None:
    record_act(
        organisation=campaign.organisation,
        actor=actor,
        verb=verb,
        target=f"campaign:{campaign.pk}",
        data=data,
    )
