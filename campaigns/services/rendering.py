"""The mail as one reader gets it: for the preview, and as the exact octets that leave."""

from datetime import datetime
from typing import Final

from accounts.models import Organisation
from campaigns.content.campaign_content import compose_campaign
from campaigns.content.compose import Composition
from campaigns.models import Campaign
from campaigns.services.start import mailing_fields
from lists.models import Reader
from lists.selectors.merge import merge_values
from mailer.engine.content import Filled, LinkUrls, load
from mailer.models import Delivery, Mailing
from mailer.ports import MergedRecipient
from mailer.services.render import RenderedMessage, Renderer

# Rows of a mailing that does not exist: tokens made with them lead nowhere.
_NO_MAILING: Final = 0
_NO_DELIVERY: Final = 0


class NotDelivered(Exception):
    """The mailing never had this reader among its recipients."""


class SenderMissing(Exception):
    """A draft without sending domain has no signature and no address."""


def merged_for(reader: Reader | None) -> MergedRecipient:
    if reader is None:
        return MergedRecipient(to_name="", values={})
    return MergedRecipient(reader.name, merge_values(reader.name, reader.address, reader.fields))


def filled_for(*, composition: Composition, reader: Reader | None) -> Filled:
    """Return the parts with links that lead where they were written to lead, and nothing measured."""
    originals = {link.index: link.url for link in composition.content.links}
    urls = LinkUrls(click=lambda index: originals.get(index, "#"), unsubscribe="#unsubscribe")
    return load(composition.content.to_json()).fill(merged_for(reader).values, urls)


def render_campaign_message(*, campaign: Campaign, reader: Reader, now: datetime) -> RenderedMessage:
    """Return the signed message of this reader.

    Of a started campaign: the reader's own delivery of the frozen content. Of a draft: the content as it is
    saved, with tokens that belong to no delivery; nothing is written. Raises NotDelivered, SenderMissing,
    TemplateProblem, mailer.services.render.RenderError.
    """
    if campaign.mailing is None:
        return _render(draft_mailing(campaign=campaign, now=now), reader, _NO_DELIVERY, reader.address, now)
    delivery = (
        Delivery.objects.filter(mailing_id=campaign.mailing.pk, recipient_ref=reader.pk)
        .order_by("occurrence")
        .first()
    )
    if delivery is None:
        raise NotDelivered(f"{reader.address} is not among the recipients of mailing {campaign.mailing.pk}")
    return _render(campaign.mailing, reader, delivery.id, delivery.address, now)


def draft_mailing(*, campaign: Campaign, now: datetime) -> Mailing:
    """Return the mailing that starting would make now; it is never saved."""
    if campaign.sending_domain is None or not campaign.from_local:
        raise SenderMissing("the campaign has no sender yet")
    fields = mailing_fields(campaign)
    return Mailing(
        pk=_NO_MAILING,
        content=compose_campaign(campaign).content.to_json(),
        created_at=now,
        expires_at=now,
        **fields,
    )


def find_reader(*, organisation: Organisation, address: str) -> Reader | None:
    """Find a reader of the organisation by the address as stored, whatever its state."""
    return Reader.objects.filter(organisation=organisation, address__iexact=address.strip()).first()


def _render(
    mailing: Mailing, reader: Reader, delivery_id: int, address: str, now: datetime
) -> RenderedMessage:
    return Renderer.for_mailing(mailing).render(
        recipient_ref=reader.pk,
        address=address,
        delivery_id=delivery_id,
        merged=merged_for(reader),
        now=now,
    )
