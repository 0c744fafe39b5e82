"""A shop with many readers and one campaign, made inside an installation through the services people use.

Runs inside the installation (`Installation.evaluate`); the journeys about stopping and dying start from here.
"""

from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Organisation
from campaigns.models import Campaign
from campaigns.models.campaigns import Timing
from campaigns.services.drafts import change_campaign, create_campaign
from campaigns.services.schedule import schedule_campaign
from lists.models import ConsentBasis
from lists.services.default_list import ensure_default_list
from lists.services.imports import create_import, run_import
from mailer.models import LaneLimit, SendingDomain, SourceIP
from mailer.selectors import state_counts
from mailer.services.domains import add_sending_domain, check_domain, publish_in_practice

HTML = """<html lang="ja"><body><p>{{ name|default("お客様") }} さま</p>
<p><a href="https://shop.example/new">新しい品を見る</a></p></body></html>"""


def furnish(slug: str, domain: str, addresses: Sequence[str]) -> None:
    """Verify the sending domain and import the readers."""
    organisation, now = Organisation.objects.get(slug=slug), timezone.now()
    sending = add_sending_domain(organisation=organisation, name=domain, actor=None, now=now)
    publish_in_practice(domain=sending)
    assert check_domain(domain=sending, now=now).is_verified
    add_readers(slug, addresses)


def add_readers(slug: str, addresses: Sequence[str]) -> None:
    organisation, now = Organisation.objects.get(slug=slug), timezone.now()
    rows = "".join(f"{address},読者 {n}\r\n" for n, address in enumerate(addresses))
    row = create_import(
        organisation=organisation,
        reader_list=ensure_default_list(organisation),
        file=ContentFile(f"メールアドレス,氏名\r\n{rows}".encode()),
        file_name="名簿.csv",
        basis=ConsentBasis.CONSENT,
        evidence="店頭の申込書",
        actor=None,
        now=now,
        in_background=False,
    )
    run_import(row.pk, now)
    row.refresh_from_db()
    assert row.created == len(addresses), (row.created, row.failure)


def limit_rate(provider: str, rate_per_s: float | None) -> None:
    """Let every lane to a provider send at this rate, or with None as usual."""
    LaneLimit.objects.filter(provider=provider).delete()
    if rate_per_s is not None:
        for source in SourceIP.objects.all():
            LaneLimit.objects.create(source=source, provider=provider, rate_per_s=rate_per_s)


def draft(slug: str, subject: str) -> int:
    """Make a complete campaign that only waits to be started."""
    organisation, now = Organisation.objects.get(slug=slug), timezone.now()
    new = create_campaign(organisation=organisation, name=subject, actor=None, now=now)
    ready = change_campaign(
        organisation=organisation,
        campaign_id=new.pk,
        revision=new.revision,
        changes={
            "list": ensure_default_list(organisation),
            "sending_domain": SendingDomain.objects.get(organisation=organisation),
            "from_name": "そらの花店",
            "from_local": "tayori",
            "subject": subject,
            "html": HTML,
            "timing": Timing.NOW,
            "scheduled_at": None,
        },
        actor=None,
        now=now,
    )
    return ready.pk


def start_at_rate(slug: str, subject: str, provider: str, rate_per_s: float) -> int:
    """Make a campaign and schedule it for now; the clockwork of the installation does the rest."""
    limit_rate(provider, rate_per_s)
    campaign = Campaign.objects.get(pk=draft(slug, subject))
    schedule_campaign(
        organisation=campaign.organisation,
        campaign_id=campaign.pk,
        revision=campaign.revision,
        actor=None,
        now=timezone.now(),
        asks_number=False,
    )
    return campaign.pk


def figures(campaign_id: int) -> dict[str, Any]:
    """Return the campaign's state, its mailing's counters and the ledger's own count by state."""
    campaign = Campaign.objects.select_related("mailing").get(pk=campaign_id)
    mailing = campaign.mailing
    if mailing is None:
        return {"state": campaign.state, "planned": 0, "ledger": {}}
    names = ("planned", "accepted", "failed", "skipped", "cancelled", "uncertain")
    counts = {name: getattr(mailing, name) for name in names}
    ledger = {state.name.lower(): n for state, n in state_counts(mailing.pk).items() if n}
    return {"state": campaign.state, "ledger": ledger, **counts}
