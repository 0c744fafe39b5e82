"""Builds a campaign's mail from its row, its organisation's fields and its sender profile."""

from dataclasses import replace

from accounts.models import Organisation
from accounts.selectors import sender_profile_of
from campaigns.content.compose import Composition, Draft, compose
from campaigns.content.law_footer import Language, SenderInfo
from campaigns.models import Campaign
from campaigns.selectors.audience import field_keys

TEST_PREFIX = {"ja": "[テスト] ", "en": "[Test] "}


def compose_campaign(campaign: Campaign, *, is_test: bool = False) -> Composition:
    """Return the finished mail of the campaign as it is saved. Raises TemplateProblem."""
    draft = draft_of(campaign)
    if is_test:
        draft = replace(draft, subject=TEST_PREFIX[draft.language] + draft.subject)
    return compose(draft)


def draft_of(campaign: Campaign) -> Draft:
    organisation = campaign.organisation
    profile = sender_profile_of(organisation)
    return Draft(
        subject=campaign.subject,
        preheader=campaign.preheader,
        html=campaign.html,
        text=campaign.text,
        language=mail_language(organisation),
        sender=SenderInfo(profile.legal_name, profile.postal_address, profile.contact),
        fields=field_keys(organisation),
    )


def mail_language(organisation: Organisation) -> Language:
    """Return the language of the footer: that of the organisation, not of the person who looks."""
    return "ja" if organisation.language.startswith("ja") else "en"
