"""The practice mailbox: what the practice receivers got from one organisation, and nobody else's.

The practice internet is shared by all practice organisations, and two of them may use the same domain.
So the domain only narrows; what decides is the return path's token, which we signed and which names
the mailing.
"""

from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final

from django.conf import settings

from accounts.models import Organisation
from mailer.engine.letter import Letter, plain_header, read_letter
from mailer.engine.tokens import TokenError, TokenKind
from mailer.keys import token_codec
from mailer.models import Mailing
from mailer.net.practice_control import PracticeControl, PracticeNotFoundError
from mailer.net.practice_mailboxes import (
    ReceivedMessage,
    Receiver,
    raw_message,
    received_message,
    received_messages,
    receivers,
)

PAGE_SIZE: Final = 50
# Others' messages under the same domain are left out after they were fetched; then it asks again.
_MAX_QUESTIONS: Final = 5


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """One message as the list shows it."""

    message: ReceivedMessage
    receiver: str
    subject: str
    sender: str

    @property
    def recipient(self) -> str:
        return ", ".join(self.message.recipients)

    @property
    def sender_name(self) -> str:
        """The name before the address, as lists of mail programs show it."""
        return parseaddr(self.sender)[0] or self.sender

    @property
    def is_judged(self) -> bool:
        return self.message.signatures is not None

    @property
    def is_genuine(self) -> bool:
        """A signature and the policy of the From domain pass, so a real provider would trust it."""
        signatures = self.message.signatures or ()
        return self.message.dmarc == "pass" and any(s.is_valid for s in signatures)


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """`newer` and `older` are the ids to ask for the neighbouring pages, None at the ends."""

    rows: list[MailboxRow]
    receivers: list[Receiver]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    row: MailboxRow
    letter: Letter
    raw: bytes


def mailbox_page(
    organisation: Organisation,
    *,
    receiver: str = "",
    search: str = "",
    before: int | None = None,
    after: int | None = None,
) -> MailboxPage:
    """Return one page, newest first. Raises PracticeInternetError."""
    control = _control()
    titles = receivers(control)
    known = {each.name for each in titles}
    found = _own_messages(
        control,
        organisation,
        receiver=receiver if receiver in known else "",
        search=search,
        before=before,
        after=after,
    )
    shown = found[:PAGE_SIZE] if after is None else found[:PAGE_SIZE][::-1]
    has_more = len(found) > PAGE_SIZE
    has_newer, has_older = (before is not None, has_more) if after is None else (has_more, True)
    return MailboxPage(
        rows=[_row(message, titles) for message in shown],
        receivers=titles,
        newer=shown[0].id if shown and has_newer else None,
        older=shown[-1].id if shown and has_older else None,
    )


def opened_message(organisation: Organisation, number: int) -> OpenedMessage:
    """Return a message with its content.

    Raises PracticeNotFoundError for one that is gone or another organisation's, PracticeInternetError.
    """
    control = _control()
    message = received_message(control, number)
    if message.id not in _own_ids(organisation, [message]):
        raise PracticeNotFoundError(
            f"message {number} is not one of organisation {organisation.pk}"
        )
    raw = raw_message(control, number)
    return OpenedMessage(_row(message, receivers(control)), read_letter(raw), raw)


def _control() -> PracticeControl:
    return PracticeControl(settings.SANDBOX_HTTP_PORT, settings.SANDBOX_TOKEN)


def _own_messages(
    control: PracticeControl,
    organisation: Organisation,
    *,
    receiver: str,
    search: str,
    before: int | None,
    after: int | None,
) -> list[ReceivedMessage]:
    """Return up to one more than a page, in the direction asked for."""
    hosts = list(organisation.sending_domains.values_list("return_path_host", flat=True))
    limit = PAGE_SIZE + 1
    own: list[ReceivedMessage] = []
    for _question in range(_MAX_QUESTIONS):
        batch = received_messages(
            control,
            return_hosts=hosts,
            receiver=receiver,
            recipient_part=search,
            before=before,
            after=after,
            limit=limit,
        )
        ids = _own_ids(organisation, batch)
        own += [message for message in batch if message.id in ids]
        if len(own) >= limit or len(batch) < limit:
            break
        before, after = (batch[-1].id, None) if after is None else (None, batch[-1].id)
    return own[:limit]


def _own_ids(organisation: Organisation, messages: list[ReceivedMessage]) -> set[int]:
    mailing_of = {message.id: _mailing_id(message.mail_from) for message in messages}
    own = set(
        Mailing.objects.filter(
            organisation=organisation, pk__in={each for each in mailing_of.values() if each}
        ).values_list("pk", flat=True)
    )
    return {number for number, mailing in mailing_of.items() if mailing in own}


def _mailing_id(mail_from: str) -> int | None:
    try:
        return token_codec().decode(mail_from.partition("@")[0], TokenKind.RETURN_PATH).mailing_id
    except TokenError:
        return None


def _row(message: ReceivedMessage, titles: list[Receiver]) -> MailboxRow:
    names = {each.name: each.title for each in titles}
    return MailboxRow(
        message=message,
        receiver=names.get(message.receiver, message.receiver),
        subject=plain_header(message.subject),
        sender=plain_header(message.header_from),
    )
