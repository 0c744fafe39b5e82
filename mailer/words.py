"""What replies and states mean, in words for people who never read an SMTP reply.

One row per reply class of the engine: what it is called, why it happened, what to do next and what we did with
the address. Classes that mean the same thing to a marketer share a plain class.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mailer.engine.vocabulary import ReplyClass

Words = str | Promise


@dataclass(frozen=True)
class PlainClass:
    """`key` groups reply classes; `stops_reader` says whether the address is closed because of it."""

    key: str
    title: Words
    cause: Words
    next_step: Words
    stops_reader: bool = False


NO_RECIPIENT: Final = PlainClass(
    "no-recipient",
    _("No such recipient"),
    _("The receiving server says that this address does not exist or is no longer used."),
    _("The reader was stopped. Ask for a new address if you are in touch another way."),
    stops_reader=True,
)
NO_DOMAIN: Final = PlainClass(
    "no-domain",
    _("No such domain"),
    _("The part after the @ does not exist or takes no mail. Often it is a typing mistake."),
    _("Check the spelling of the domain and correct the reader's address."),
)
FULL: Final = PlainClass(
    "full",
    _("Mailbox full"),
    _("The mailbox has no room for more messages."),
    _("Nothing to do: the next campaign is tried again. Readers who stay full are stopped later."),
)
FILTERED: Final = PlainClass(
    "filtered",
    _("Refused by the recipient's settings"),
    _("The recipient's own filter or the phone company's setting turned the message away."),
    _("Tell readers how to allow your domain on their phone. The reader is not stopped."),
)
SPAM: Final = PlainClass(
    "spam",
    _("Taken for spam"),
    _("The receiver mistrusts the sending server, the domain or a link in the message."),
    _("Check the content and the sending domain. The readers are not to blame and stay active."),
)
AUTHENTICATION: Final = PlainClass(
    "authentication",
    _("Sender not authenticated"),
    _("The receiver could not confirm that the message really comes from your domain."),
    _("Check the SPF, DKIM and DMARC records of the sending domain."),
)
SIZE: Final = PlainClass(
    "size",
    _("Message too large"),
    _("The message is larger than the receiver takes."),
    _("Make the message smaller: shorter HTML, no pictures inside the message."),
)
CONTENT: Final = PlainClass(
    "content",
    _("Refused because of the content"),
    _("The receiver refuses something in the message, often a link or an attachment."),
    _("Check the links and words of the message before sending it again."),
)
BUSY: Final = PlainClass(
    "busy",
    _("Receiver busy"),
    _("The receiving server asked us to slow down."),
    _("Nothing to do: the message is tried again by itself, more slowly."),
)
UNREACHABLE: Final = PlainClass(
    "unreachable",
    _("Server not reachable"),
    _("No connection to the receiving server, or it broke off."),
    _("Nothing to do: the message is tried again by itself."),
)
EXPIRED: Final = PlainClass(
    "expired",
    _("Given up after many tries"),
    _("The receiver kept putting us off until the time for retries was over."),
    _("Send to these readers again later. They stay active."),
)
DNS_SILENT: Final = PlainClass(
    "dns-silent",
    _("The domain's name server does not answer"),
    _("We could not find out where mail for this domain goes. Nothing has been sent to it yet."),
    _("Nothing to do: it is asked again by itself until the time for retries is over."),
)
COMPLAINT: Final = PlainClass(
    "complaint",
    _("Reported as spam"),
    _("The reader pressed the spam button."),
    _("The reader was stopped and will not be mailed again."),
    stops_reader=True,
)
OTHER: Final = PlainClass(
    "other",
    _("Other refusal"),
    _("The receiver refused the message without a reason that we know."),
    _("Read the receiver's own words below."),
)

PLAIN_CLASSES: Final[dict[str, PlainClass]] = {
    ReplyClass.INVALID_RECIPIENT: NO_RECIPIENT,
    ReplyClass.INACTIVE_MAILBOX: NO_RECIPIENT,
    ReplyClass.BAD_DOMAIN: NO_DOMAIN,
    ReplyClass.MAILBOX_FULL: FULL,
    ReplyClass.RECIPIENT_FILTER: FILTERED,
    ReplyClass.REPUTATION_BLOCK: SPAM,
    ReplyClass.POLICY: FILTERED,
    ReplyClass.AUTHENTICATION: AUTHENTICATION,
    ReplyClass.RATE_LIMITED: BUSY,
    ReplyClass.CONTENT: CONTENT,
    ReplyClass.SIZE: SIZE,
    ReplyClass.NETWORK: UNREACHABLE,
    ReplyClass.SERVER_CONFIG: UNREACHABLE,
    ReplyClass.EXPIRED: EXPIRED,
    ReplyClass.COMPLAINT: COMPLAINT,
    ReplyClass.OTHER: OTHER,
}

# Why the engine paused a mailing (Mailing.pause_reason), for the person who watches it.
PAUSE_WORDS: Final[dict[str, Words]] = {
    "staff": _("Paused by a person. Nothing leaves until somebody resumes it."),
    "authentication": _(
        "A receiver could not confirm your sending domain, so sending was paused before it could harm"
        " the domain. Check the records of the sending domain, then resume."
    ),
    "unknown-users": _(
        "Unusually many addresses were refused as unknown, so sending was paused. Check where these"
        " readers come from before you resume."
    ),
    "render": _(
        "A message could not be put together, so sending was paused. Nobody got a broken one."
    ),
}
PAUSE_OTHER: Final = _("Sending was paused by the system.")

SKIP_WORDS: Final[dict[str, Words]] = {
    "suppressed": _("Left or was stopped before the message went out"),
    "forbidden": _("The address leads outside the allowed network"),
    "gone": _("The reader was deleted before the message went out"),
}

STAGE_WORDS: Final[dict[str, Words]] = {
    "dns": _("Looking up the receiver"),
    "connect": pgettext_lazy("delivery", "Connecting"),
    "ehlo": _("Greeting"),
    "starttls": _("Switching to encryption"),
    "mail": _("Naming the sender"),
    "rcpt": _("Naming the recipient"),
    "data": _("Handing over the message"),
    "dot": _("Waiting for the receipt"),
    "report": _("Report that came later"),
}


def plain_class(reply_class: str) -> PlainClass:
    """Return the plain class of a reply class; one that this table does not know is "other"."""
    return PLAIN_CLASSES.get(reply_class, OTHER)


def reply_classes_of(key: str) -> list[str]:
    """Return the reply classes behind a plain class."""
    known = [str(name) for name, plain in PLAIN_CLASSES.items() if plain.key == key]
    return known or [key]


def pause_words(reason: str) -> Words:
    return PAUSE_WORDS.get(reason, PAUSE_OTHER)
