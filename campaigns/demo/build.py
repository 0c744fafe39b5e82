"""Making the demo organisation, step by step through the services that people use.

Every step looks first whether it is done, so that a start that was interrupted is simply repeated.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import Organisation, OrganisationKind, User
from accounts.services.organisations import create_organisation, update_sender_profile
from accounts.services.people import create_system_admin
from campaigns.demo import letter, people
from campaigns.models import Campaign
from campaigns.models.campaigns import Timing
from campaigns.services.drafts import change_campaign, create_campaign
from campaigns.services.schedule import schedule_campaign
from lists.models import ConsentBasis, ReaderImport
from lists.services.default_list import ensure_default_list
from lists.services.imports.intake import create_import
from lists.services.imports.running import run_import
from mailer.models import SendingDomain
from mailer.services.domains import add_sending_domain, check_domain, publish_in_practice
from mailer.services.sources import ensure_practice_pool

EMAIL = "demo@todoku.example"
SLUG = "tsukinowa"
DOMAIN = "mail.tsukinowa-coffee.example"
READERS = 1_200
# Enough for the demo's largest provider, low enough that the limit can be seen on the IP screen.
DAILY_CAP = 5_000


@dataclass(frozen=True, slots=True)
class Demo:
    """What a first start made or found."""

    organisation: Organisation
    campaign: Campaign
    is_new: bool


def build_demo(*, password: str, node: str, now: datetime) -> Demo:
    """Make the organisation, its domain, readers and a campaign that starts now.

    Raises PracticeDnsError when the practice internet does not answer: nothing is half published.
    """
    user = _user(password)
    organisation = _organisation(user, now)
    ensure_practice_pool(node=node, daily_cap=DAILY_CAP, now=now)
    domain = _domain(organisation, user, now)
    _readers(organisation, user, now)
    campaign = organisation.campaigns.order_by("pk").first()
    if campaign is not None:
        return Demo(organisation, campaign, is_new=False)
    return Demo(organisation, _campaign(organisation, domain, user, now), is_new=True)


def _user(password: str) -> User:
    found = User.objects.filter(email=EMAIL).first()
    return found or create_system_admin(email=EMAIL, name="中村 彩", password=password, language="")


def _organisation(user: User, now: datetime) -> Organisation:
    found = Organisation.objects.filter(slug=SLUG).first()
    if found is None:
        found = create_organisation(
            name="つきのわ珈琲",
            slug=SLUG,
            kind=OrganisationKind.PRACTICE,
            owner=user,
            actor=user,
            now=now,
        )
        update_sender_profile(
            organisation=found,
            legal_name="株式会社つきのわ珈琲",
            postal_address="〒390-0000 長野県松本市中央1-2-3",
            contact="0263-00-0000",
            actor=user,
        )
    return found


def _domain(organisation: Organisation, user: User, now: datetime) -> SendingDomain:
    domain = organisation.sending_domains.filter(name=DOMAIN).first()
    if domain is None:
        domain = add_sending_domain(organisation=organisation, name=DOMAIN, actor=user, now=now)
    if not domain.is_verified:
        publish_in_practice(domain=domain)
        domain = check_domain(domain=domain, now=now)
    return domain


def _readers(organisation: Organisation, user: User, now: datetime) -> None:
    if ReaderImport.objects.filter(organisation=organisation).exists():
        return
    reader_import = create_import(
        organisation=organisation,
        reader_list=ensure_default_list(organisation),
        file=ContentFile(people.readers_csv(READERS)),
        file_name="お客様名簿.csv",
        basis=ConsentBasis.CONSENT,
        evidence="店頭とオンラインショップの申込書",
        actor=user,
        now=now,
        in_background=False,
    )
    run_import(reader_import.pk, now)


@transaction.atomic
def _campaign(
    organisation: Organisation, domain: SendingDomain, user: User, now: datetime
) -> Campaign:
    """Make the campaign and schedule it, or neither: the next start does not look at a draft."""
    draft = create_campaign(organisation=organisation, name="11月のたより", actor=user, now=now)
    changes = {
        "list": ensure_default_list(organisation),
        "sending_domain": domain,
        "from_name": "つきのわ珈琲",
        "from_local": "tayori",
        "reply_to": "shop@tsukinowa-coffee.example",
        "subject": letter.SUBJECT,
        "preheader": letter.PREHEADER,
        "html": letter.HTML,
        "timing": Timing.NOW,
    }
    ready = change_campaign(
        organisation=organisation,
        campaign_id=draft.pk,
        revision=draft.revision,
        changes=changes,
        actor=user,
        now=now,
    )
    return schedule_campaign(
        organisation=organisation,
        campaign_id=ready.pk,
        revision=ready.revision,
        actor=user,
        now=now,
        asks_number=False,
    )
