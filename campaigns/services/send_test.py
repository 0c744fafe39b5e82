"""Sends the mail as it is to up to ten people of the staff, merged with a chosen reader's fields."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.services.audit import record_act
from campaigns.content.campaign_content import compose_campaign
from campaigns.models import Campaign
from campaigns.services.start import mailing_fields
from campaigns.source import NOBODY
from lists.models import Reader
from mailer.engine.address import AddressError, CleanAddress, clean_address
from mailer.engine.content import CompiledContent
from mailer.keys import key_of
from mailer.models import Mailing, MailingKind
from mailer.scopes import INSTALLATION, organisation_scope
from mailer.services.mailings import create_mailing, plan_mailing

MAX_ADDRESSES: Final = 10
PRIORITY: Final = 10  # before every campaign
EXPIRY: Final = timedelta(hours=4)

_RECIPIENTS: Final = (
    "SELECT %s::bigint AS recipient_ref, t.address, t.address_key, t.domain,"
    " 0 AS rank, 0 AS merge_version"
    " FROM unnest(%s::text[], %s::bytea[], %s::text[]) AS t(address, address_key, domain)"
)


class TestNotSent(Exception):
    """Why no test went out, as a sentence for the person who asked."""

    __test__ = False  # not a test case, whatever pytest thinks of the name


def send_test(
    *,
    organisation: Organisation,
    campaign_id: int,
    addresses: Iterable[str],
    reader: Reader | None,
    actor: User | None,
    now: datetime,
) -> Mailing:
    """Plan a test mailing. Readers are never touched by it: no state, no activity, no report.

    Raises TestNotSent, and mailer.engine.content.TemplateProblem when the mail cannot be built.
    """
    cleaned = _cleaned(addresses)
    campaign = Campaign.objects.select_related("organisation", "sending_domain", "list").get(
        organisation=organisation, id=campaign_id
    )
    if reader is not None and reader.organisation_id != organisation.id:
        raise ValueError(f"reader {reader.pk} belongs to another organisation")
    _refuse_unready(campaign)
    content = compose_campaign(campaign, is_test=True).content
    with transaction.atomic():
        mailing = _make_mailing(campaign, content, now)
        ref = reader.pk if reader else NOBODY
        keys = [key_of(address.normalised) for address in cleaned]
        params: list[object] = [
            ref,
            [address.address for address in cleaned],
            keys,
            [address.domain for address in cleaned],
        ]
        plan_mailing(mailing=mailing, recipients_sql=_RECIPIENTS, params=params, now=now)
        Campaign.objects.filter(id=campaign.pk).update(
            tested_at=now, tested_revision=F("content_revision")
        )
        record_act(
            organisation=organisation,
            actor=actor,
            verb="campaign.test_sent",
            target=f"campaign:{campaign.pk}",
            data={"addresses": [a.address for a in cleaned], "reader": ref, "mailing": mailing.pk},
        )
    return mailing


def _cleaned(addresses: Iterable[str]) -> list[CleanAddress]:
    found: dict[str, CleanAddress] = {}
    for text in addresses:
        if not text.strip():
            continue
        try:
            address = clean_address(text)
        except AddressError as error:
            raise TestNotSent(
                _("“%(address)s” is not an e-mail address.") % {"address": text.strip()[:100]}
            ) from error
        found.setdefault(address.normalised, address)
    if not found:
        raise TestNotSent(_("Write at least one address for the test."))
    if len(found) > MAX_ADDRESSES:
        raise TestNotSent(
            _("A test goes to at most %(number)s addresses.") % {"number": MAX_ADDRESSES}
        )
    return list(found.values())


def _refuse_unready(campaign: Campaign) -> None:
    domain = campaign.sending_domain
    if domain is None or not campaign.from_local:
        raise TestNotSent(_("Choose the sender first; then a test can be sent."))
    if not domain.is_verified:
        raise TestNotSent(
            _("%(domain)s is not verified yet, so nothing can be sent from it.")
            % {"domain": domain.name}
        )
    if not campaign.subject.strip() or not (campaign.html.strip() or campaign.text.strip()):
        raise TestNotSent(_("Write the subject and the body first; then a test can be sent."))


def _make_mailing(campaign: Campaign, content: CompiledContent, now: datetime) -> Mailing:
    """Make the campaign's mailing, as a test: the same headers, but no reader is touched by what comes back."""
    fields = mailing_fields(campaign) | {
        "kind": MailingKind.TEST,
        "suppression_scopes": [INSTALLATION, organisation_scope(campaign.organisation_id)],
        "priority": PRIORITY,
        "expires_at": now + EXPIRY,
    }
    return create_mailing(content=content, now=now, **fields)
