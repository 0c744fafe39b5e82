"""One place makes the exact octets of a delivery: for the slots, for previews, for `render_message`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings

from mailer.engine import dkim
from mailer.engine.address import smtp_path
from mailer.engine.content import CompiledContent, Filler, LinkUrls, load
from mailer.engine.links import MessageLinks
from mailer.engine.mime import MessageParts, build_message
from mailer.engine.tokens import TokenKind
from mailer.keys import token_codec
from mailer.models import Mailing
from mailer.ports import MergedRecipient
from mailer.services.domains import signing_keys

# Receivers that aggregate by Feedback-ID want one stable sender name of 5 to 15 characters.
_FEEDBACK_SENDER = "todoku"


class RenderError(Exception):
    """The mailing cannot be rendered at all: a setting of its sender is missing."""


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """`raw` is the signed RFC 5322 message; paths are as written in MAIL and RCPT."""

    raw: bytes
    mail_from: str
    rcpt_to: str
    message_id: str


@dataclass(frozen=True, slots=True)
class _Sender:
    """The parts that all messages of a mailing share."""

    mailing_id: int
    organisation_id: int
    kind: str
    domain: str
    return_path_host: str
    from_name: str
    from_address: str
    reply_to: str
    list_id: str
    can_unsubscribe: bool
    tracks_opens: bool
    tracks_clicks: bool


class Renderer:
    """Renders any delivery of one mailing. Holds the filler and the opened keys; share it between messages."""

    def __init__(
        self,
        *,
        sender: _Sender,
        filler: Filler,
        originals: dict[int, str],
        links: MessageLinks,
        keys: Sequence[dkim.SigningKey],
    ) -> None:
        self._sender = sender
        self._filler = filler
        self._originals = originals
        self._links = links
        self._keys = keys
        self._zone = ZoneInfo(settings.TIME_ZONE)

    @classmethod
    def for_mailing(cls, mailing: Mailing) -> Self:
        """Read everything a mailing's messages need. Raises RenderError when nothing can sign for it."""
        domain = mailing.sending_domain
        keys = signing_keys(domain)
        if not keys:
            raise RenderError(
                f"{domain.name} has no active DKIM key: check the domain's DNS records"
            )
        content = CompiledContent.from_json(mailing.content)
        return cls(
            sender=_Sender(
                mailing_id=mailing.pk,
                organisation_id=mailing.organisation_id,
                kind=mailing.kind,
                domain=domain.name,
                return_path_host=domain.return_path_host,
                from_name=mailing.from_name,
                from_address=mailing.from_address,
                reply_to=mailing.reply_to,
                list_id=mailing.list_id,
                can_unsubscribe=bool(mailing.unsubscribe_scope),
                tracks_opens=mailing.tracks_opens,
                tracks_clicks=mailing.tracks_clicks,
            ),
            filler=load(mailing.content),
            originals={link.index: link.url for link in content.links},
            links=MessageLinks(token_codec(), settings.TRACKER_URL),
            keys=keys,
        )

    def render(
        self,
        *,
        recipient_ref: int,
        address: str,
        delivery_id: int,
        merged: MergedRecipient,
        now: datetime,
    ) -> RenderedMessage:
        """Return the signed message. Raises OutputTooLarge, MimeError or DkimError."""
        sender = self._sender
        urls = self._links.urls(
            sender.mailing_id,
            delivery_id,
            originals=self._originals,
            tracks_opens=sender.tracks_opens,
            tracks_clicks=sender.tracks_clicks,
        )
        token = self._links.header_token(sender.mailing_id, delivery_id)
        message_id = f"{token}@{sender.domain}"
        parts = self._parts(address, delivery_id, merged, urls, token, message_id, now)
        raw = dkim.sign(build_message(parts), self._keys, int(now.timestamp()))
        return RenderedMessage(
            raw=raw,
            mail_from=self._return_path(TokenKind.RETURN_PATH, delivery_id),
            rcpt_to=smtp_path(address),
            message_id=message_id,
        )

    def _parts(
        self,
        address: str,
        delivery_id: int,
        merged: MergedRecipient,
        urls: LinkUrls,
        token: str,
        message_id: str,
        now: datetime,
    ) -> MessageParts:
        sender = self._sender
        filled = self._filler.fill(merged.values, urls)
        mailto = self._return_path(TokenKind.UNSUBSCRIBE_MAIL, delivery_id)
        return MessageParts(
            from_address=sender.from_address,
            from_name=sender.from_name,
            to_address=address,
            to_name=merged.to_name,
            reply_to=sender.reply_to,
            subject=filled.subject,
            date=now.astimezone(self._zone),
            message_id=message_id,
            text=filled.text,
            html=filled.html,
            list_unsubscribe_https=urls.unsubscribe if sender.can_unsubscribe else "",
            list_unsubscribe_mailto=f"mailto:{mailto}" if sender.can_unsubscribe else "",
            list_id=sender.list_id,
            feedback_id=(
                f"m{sender.mailing_id}:o{sender.organisation_id}:{sender.kind}:{_FEEDBACK_SENDER}"
            ),
            token=token,
        )

    def _return_path(self, kind: TokenKind, delivery_id: int) -> str:
        local = self._links.mail_local_part(kind, self._sender.mailing_id, delivery_id)
        return f"{local}@{self._sender.return_path_host}"
