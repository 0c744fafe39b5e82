"""Making and changing campaigns that have not been sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.services.audit import record_act
from campaigns.models import Campaign, CampaignState, Timing
from lists.models import ReaderList
from lists.services.default_list import ensure_default_list
from mailer.models import DomainState, SendingDomain

EDITABLE_STATES: Final = (CampaignState.DRAFT, CampaignState.SCHEDULED, CampaignState.FAILED)
CONTENT_FIELDS: Final = frozenset({"subject", "preheader", "html", "text"})
EDITABLE_FIELDS: Final = CONTENT_FIELDS | {
    "name", "list", "sending_domain", "from_name", "from_local", "reply_to",
    "tracks_opens", "tracks_clicks", "timing", "scheduled_at",
}  # fmt: skip
# What a new campaign takes over from the newest one, so that nobody types it twice.
_REMEMBERED: Final = ("list", "sending_domain", "from_name", "from_local", "reply_to")
_COPIED: Final = (
    *_REMEMBERED, "subject", "preheader", "html", "text", "tracks_opens", "tracks_clicks",
)  # fmt: skip


class CampaignConflict(Exception):
    """Somebody else saved in the meantime; the text is for the person who lost."""


class CampaignLocked(Exception):
    """The campaign is being sent or has been sent."""


def create_campaign(
    *, organisation: Organisation, name: str, actor: User | None, now: datetime
) -> Campaign:
    """Make a draft with the newest campaign's sender, or with what there is only one of."""
    campaign = Campaign(
        organisation=organisation, name=name, created_by=actor, created_at=now, updated_at=now
    )
    newest = Campaign.objects.filter(organisation=organisation).order_by("-id").first()
    if newest is not None:
        _copy(newest, campaign, _REMEMBERED)
    else:
        campaign.list = _only_list(organisation)
        campaign.sending_domain = _only_domain(organisation)
        campaign.from_name = organisation.name
        campaign.from_local = "news" if campaign.sending_domain else ""
    with transaction.atomic():
        campaign.save()
        _record(campaign, actor, "campaign.created")
    return campaign


def change_campaign(
    *,
    organisation: Organisation,
    campaign_id: int,
    revision: int,
    changes: Mapping[str, Any],
    actor: User | None,
    now: datetime,
) -> Campaign:
    """Save some fields if nobody has saved since `revision`. Raises CampaignConflict, CampaignLocked.

    A scheduled or failed campaign becomes a draft again: what was not reviewed is never sent.
    """
    unknown = set(changes) - EDITABLE_FIELDS
    if unknown:
        raise ValueError(f"not editable: {sorted(unknown)}")
    _refuse_foreign(organisation, changes)
    content = 1 if CONTENT_FIELDS & set(changes) else 0
    with transaction.atomic():
        saved = Campaign.objects.filter(
            organisation=organisation,
            id=campaign_id,
            revision=revision,
            state__in=EDITABLE_STATES,
        ).update(
            **changes,
            state=CampaignState.DRAFT,
            failure="",
            failure_detail="",
            revision=F("revision") + 1,
            content_revision=F("content_revision") + content,
            updated_at=now,
        )
        campaign = Campaign.objects.get(organisation=organisation, id=campaign_id)
        if not saved:
            raise _refusal(campaign)
        _record(campaign, actor, "campaign.changed", {"fields": sorted(changes)})
    return campaign


def rename_campaign(
    *, organisation: Organisation, campaign_id: int, name: str, actor: User | None, now: datetime
) -> None:
    """Change the name, which readers never see; allowed in every state."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(
            organisation=organisation, id=campaign_id
        )
        campaign.name, campaign.updated_at = name, now
        campaign.save(update_fields=["name", "updated_at"])
        _record(campaign, actor, "campaign.renamed")


def duplicate_campaign(
    *, organisation: Organisation, campaign_id: int, actor: User | None, now: datetime
) -> Campaign:
    """Make a draft with the same content and sender; its time is not decided."""
    original = Campaign.objects.get(organisation=organisation, id=campaign_id)
    name = _("%(name)s (copy)") % {"name": original.name[:100]}
    copy = Campaign(
        organisation=organisation, name=name[:120], created_by=actor, created_at=now, updated_at=now
    )
    _copy(original, copy, _COPIED)
    with transaction.atomic():
        copy.save()
        _record(copy, actor, "campaign.duplicated", {"original": original.id})
    return copy


def delete_draft(
    *, organisation: Organisation, campaign_id: int, actor: User | None, now: datetime
) -> None:
    """Delete a campaign that was never sent. Raises CampaignLocked."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(
            organisation=organisation, id=campaign_id
        )
        if campaign.state not in EDITABLE_STATES or campaign.mailing_id is not None:
            raise CampaignLocked(_("A campaign that has been started cannot be deleted."))
        _record(campaign, actor, "campaign.deleted", {"name": campaign.name})
        campaign.delete()


def _refusal(campaign: Campaign) -> Exception:
    if campaign.state not in EDITABLE_STATES:
        return CampaignLocked(
            _(
                "The campaign has been started, so it can no longer be changed. Your text is still here."
            )
        )
    return CampaignConflict(
        _(
            "Somebody else has changed this campaign since you opened it. Your text is still here:"
            " compare it with the saved version and save again."
        )
    )


def _refuse_foreign(organisation: Organisation, changes: Mapping[str, Any]) -> None:
    """Lists and domains of another organisation never get in, whatever a form let through."""
    for name in ("list", "sending_domain"):
        owned = changes.get(name)
        if owned is not None and owned.organisation_id != organisation.id:
            raise ValueError(f"{name} {owned.pk} belongs to another organisation")
    if changes.get("timing") == Timing.AT and changes.get("scheduled_at") is None:
        raise ValueError("a chosen time needs scheduled_at")


def _copy(original: Campaign, copy: Campaign, names: tuple[str, ...]) -> None:
    for name in names:
        setattr(copy, name, getattr(original, name))


def _only_list(organisation: Organisation) -> ReaderList | None:
    ensure_default_list(organisation)
    lists = list(ReaderList.objects.filter(organisation=organisation, archived_at=None)[:2])
    return lists[0] if len(lists) == 1 else None


def _only_domain(organisation: Organisation) -> SendingDomain | None:
    domains = list(
        SendingDomain.objects.filter(organisation=organisation, state=DomainState.VERIFIED)[:2]
    )
    return domains[0] if len(domains) == 1 else None


def _record(
    campaign: Campaign, actor: User | None, verb: str, data: dict[str, Any] | None = None
) -> None:
    record_act(
        organisation=campaign.organisation,
        actor=actor,
        verb=verb,
        target=f"campaign:{campaign.id}",
        data=data,
    )
