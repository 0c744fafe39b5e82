"""A person decides that a campaign goes out, or takes that back."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.services.audit import record_act
from campaigns.enqueue import start_due_on_commit
from campaigns.models import Campaign, CampaignState, Timing
from campaigns.preflight import Check, preflight
from campaigns.services.drafts import CampaignConflict, CampaignLocked

# Above this many recipients the number has to be typed.
CONFIRM_ABOVE = 1_000


class NotReady(Exception):
    """The checks do not pass; `blocking` says which."""

    def __init__(self, blocking: list[Check]) -> None:
        super().__init__(", ".join(check.code for check in blocking))
        self.blocking = blocking


class NumberNotConfirmed(Exception):
    """The number of recipients was not typed, or it has changed since the page was opened."""

    def __init__(self, recipients: int) -> None:
        super().__init__(
            _("The number you typed is not the number of recipients. Check it and type it again.")
        )
        self.recipients = recipients


def schedule_campaign(
    *,
    organisation: Organisation,
    campaign_id: int,
    revision: int,
    actor: User | None,
    now: datetime,
    confirmed: int | None = None,
    asks_number: bool = True,
) -> Campaign:
    """Put a draft into the queue for its time ("now" is a time too).

    `asks_number` is for people in front of a page: the command line names its campaign by number already, and
    readers who leave between two counts must not stop it.
    Raises NotReady, NumberNotConfirmed, CampaignConflict (changed since the review), CampaignLocked.
    """
    with transaction.atomic():
        campaign = _locked(organisation, campaign_id)
        if campaign.state not in {CampaignState.DRAFT, CampaignState.FAILED}:
            raise CampaignLocked(_("The campaign has already been scheduled or started."))
        if campaign.revision != revision:
            raise CampaignConflict(
                _("The campaign was changed after you opened this page. Look at it again.")
            )
        result = preflight(campaign, now=now)
        if not result.may_go:
            raise NotReady(result.of("block"))
        is_large = asks_number and result.recipients > CONFIRM_ABOVE
        if is_large and confirmed != result.recipients:
            raise NumberNotConfirmed(result.recipients)
        if campaign.timing == Timing.NOW or campaign.scheduled_at is None:
            campaign.scheduled_at = now
        campaign.state = CampaignState.SCHEDULED
        campaign.failure = campaign.failure_detail = ""
        campaign.updated_at = now
        campaign.save(
            update_fields=["state", "scheduled_at", "failure", "failure_detail", "updated_at"]
        )
        data = {"at": campaign.scheduled_at.isoformat(), "recipients": result.recipients}
        _record(campaign, actor, "campaign.scheduled", data)
        if campaign.scheduled_at <= now:
            start_due_on_commit()
    return campaign


def unschedule_campaign(
    *, organisation: Organisation, campaign_id: int, actor: User | None, now: datetime
) -> Campaign:
    """Turn a scheduled campaign back into a draft. Raises CampaignLocked once it has started."""
    with transaction.atomic():
        taken_back = Campaign.objects.filter(
            organisation=organisation, id=campaign_id, state=CampaignState.SCHEDULED
        ).update(state=CampaignState.DRAFT, revision=F("revision") + 1, updated_at=now)
        campaign = Campaign.objects.get(organisation=organisation, id=campaign_id)
        if not taken_back:
            raise CampaignLocked(_("The campaign is not waiting for its time any more."))
        _record(campaign, actor, "campaign.unscheduled")
    return campaign


def _locked(organisation: Organisation, campaign_id: int) -> Campaign:
    return (
        Campaign.objects.select_for_update(of=("self",))
        .select_related("organisation", "list", "sending_domain")
        .get(organisation=organisation, id=campaign_id)
    )


def _record(
    campaign: Campaign, actor: User | None, verb: str, data: dict[str, object] | None = None
) -> None:
    record_act(
        organisation=campaign.organisation,
        actor=actor,
        verb=verb,
        target=f"campaign:{campaign.id}",
        data=data,
    )
