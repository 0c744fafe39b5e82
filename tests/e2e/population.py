"""What the browser tests find in an installation: one organisation in which everything exists once.

Runs inside the installation (`Installation.evaluate`), through the services that people use.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member, Organisation, OrganisationKind, Role, User
from accounts.services.invitations import invitation_path
from accounts.services.organisations import create_organisation, update_sender_profile
from accounts.services.people import create_system_admin
from campaigns.models import Campaign
from campaigns.models.campaigns import Timing
from campaigns.services.drafts import change_campaign, create_campaign
from campaigns.services.schedule import schedule_campaign
from lists.models import ConsentBasis
from lists.services.default_list import ensure_default_list
from lists.services.imports import create_import, run_import
from mailer.models import SendingDomain, SourceIP
from mailer.services.domains import add_sending_domain, check_domain, publish_in_practice
from mailer.services.sources import ensure_practice_pool

EMAIL = "aya@todoku.example"
PASSWORD = "practice-makes-perfect"
SLUG = "tsukinowa"
DOMAIN = "mail.tsukinowa-coffee.example"
READERS = """メールアドレス,氏名,都道府県
never.sato@gmail.com,佐藤 花子,東京都
clicks.ito@outlook.jp,伊藤 健,大阪府
never.suzuki@docomo.ne.jp,鈴木 一郎,
unknown.tanaka@yahoo.co.jp,田中 久美子,岩手県
never.kato@icloud.com,,長野県
kato@@icloud,壊れた行,長野県
"""
HTML = """<html lang="ja"><body><h1>冬ブレンド</h1><p>{{ name|default("お客様") }} さま</p>
<p><a href="https://shop.example/winter">冬ブレンドを見る</a></p></body></html>"""


def populate() -> dict[str, Any]:
    """Make everything; return the values with which addresses are visited."""
    now = timezone.now()
    owner = create_system_admin(email=EMAIL, name="中村 彩", password=PASSWORD, language="")
    organisation = create_organisation(
        name="つきのわ珈琲", slug=SLUG, kind=OrganisationKind.PRACTICE, owner=owner, now=now
    )
    update_sender_profile(
        organisation=organisation,
        legal_name="株式会社つきのわ珈琲",
        postal_address="岩手県盛岡市紺屋町0-0",
        contact="hello@tsukinowa-coffee.example",
        actor=owner,
    )
    ensure_practice_pool(node=settings.NODE, daily_cap=5_000, now=now)
    domain = _domain(organisation, owner, now)
    imported = _import(organisation, owner, now)
    invited = _colleague(organisation)
    campaigns = {
        "sent": _campaign(organisation, domain, owner, "11月のたより", now),
        "scheduled": _campaign(organisation, domain, owner, "12月のたより", now, later=True),
        "draft": create_campaign(
            organisation=organisation, name="書きかけ", actor=owner, now=now
        ).pk,
    }
    source = SourceIP.objects.order_by("pk").values_list("pk", flat=True)[0]
    key, token = invitation_path(member=invited).strip("/").split("/")[-2:]
    return {
        "email": EMAIL,
        "password": PASSWORD,
        "organisation": organisation.slug,
        "campaigns": campaigns,
        "domain": domain.pk,
        "source": source,
        "reader": organisation.readers.order_by("pk").values_list("pk", flat=True)[0],
        "import": imported,
        "member": invited.pk,
        "invitation": {"key": key, "token": token},
        "progress": reverse("campaigns:progress", args=[SLUG, campaigns["sent"]]),
    }


def is_sent(campaign: int) -> bool:
    return Campaign.objects.filter(pk=campaign, state="sent").exists()


def _domain(organisation: Organisation, owner: User, now: datetime) -> SendingDomain:
    domain = add_sending_domain(organisation=organisation, name=DOMAIN, actor=owner, now=now)
    publish_in_practice(domain=domain)
    return check_domain(domain=domain, now=now)


def _import(organisation: Organisation, owner: User, now: datetime) -> int:
    row = create_import(
        organisation=organisation,
        reader_list=ensure_default_list(organisation),
        file=ContentFile(READERS.encode()),
        file_name="お客様名簿.csv",
        basis=ConsentBasis.CONSENT,
        evidence="店頭の申込書",
        actor=owner,
        now=now,
        in_background=False,
    )
    run_import(row.pk, now)
    return row.pk


def _colleague(organisation: Organisation) -> Member:
    user = User.objects.create_user("new@todoku.example", None, name="高橋 直樹")
    return Member.objects.create(organisation=organisation, user=user, role=Role.EDITOR)


def _campaign(
    organisation: Organisation,
    domain: SendingDomain,
    owner: User,
    name: str,
    now: datetime,
    *,
    later: bool = False,
) -> int:
    draft = create_campaign(organisation=organisation, name=name, actor=owner, now=now)
    changes = {
        "list": ensure_default_list(organisation),
        "sending_domain": domain,
        "from_name": "つきのわ珈琲",
        "from_local": "tayori",
        "subject": f"{name}：冬ブレンドができました",
        "preheader": "雪の季節だけの味わい。",
        "html": HTML,
        "timing": Timing.AT if later else Timing.NOW,
        "scheduled_at": now + timedelta(days=3) if later else None,
    }
    ready = change_campaign(
        organisation=organisation,
        campaign_id=draft.pk,
        revision=draft.revision,
        changes=changes,
        actor=owner,
        now=now,
    )
    schedule_campaign(
        organisation=organisation,
        campaign_id=ready.pk,
        revision=ready.revision,
        actor=owner,
        now=now,
    )
    return ready.pk
