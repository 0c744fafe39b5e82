"""Everything that happened with one reader, newest first, in words."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from lists.models import ConsentAct, ConsentRecord, Reader
from lists.ports import MailingName, TimelineEntry, mailing_names, timeline_sources
from lists.words import route_words
from mailer.models import Attempt, Delivery, DeliveryState, Mailing
from mailer.selectors import deliveries_of_recipient
from mailer.words import SKIP_WORDS, plain_class

MOST_ENTRIES: Final = 100
_MOST_MAILS: Final = 50


def reader_timeline(reader: Reader) -> list[TimelineEntry]:
    """Return mails with the receiving server's replies, consents, and what other apps know."""
    entries = [*_mails(reader), *_consents(reader), _beginning(reader)]
    for source in timeline_sources():
        entries.extend(source(reader.organisation_id, reader.pk, MOST_ENTRIES))
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return entries[:MOST_ENTRIES]


def _beginning(reader: Reader) -> TimelineEntry:
    words = route_words(reader.source)
    return TimelineEntry(
        reader.created_at, "user-plus", _("Registered: %(route)s") % {"route": words}
    )


def _consents(reader: Reader) -> Iterable[TimelineEntry]:
    records = ConsentRecord.objects.filter(
        organisation_id=reader.organisation_id, address_key=bytes(reader.address_key)
    )
    for record in records.order_by("-at", "-pk")[:_MOST_MAILS]:
        route = {"route": route_words(record.route)}
        if record.act == ConsentAct.GIVEN:
            yield TimelineEntry(
                record.at, "shield-check", _("Consent recorded: %(route)s") % route, "ok"
            )
        else:
            yield TimelineEntry(record.at, "mail-x", _("Unsubscribed: %(route)s") % route, "warn")


def _mails(reader: Reader) -> Iterable[TimelineEntry]:
    deliveries = deliveries_of_recipient(reader.organisation_id, reader.pk, _MOST_MAILS)
    mailings = Mailing.objects.only("reference", "created_at", "kind").in_bulk(
        [delivery.mailing_id for delivery in deliveries]
    )
    references = [mailing.reference for mailing in mailings.values()]
    names = mailing_names(reader.organisation_id, references)
    attempts = _attempts(deliveries)
    for delivery in deliveries:
        mailing = mailings[delivery.mailing_id]
        name = names.get(mailing.reference, MailingName(_("A mail")))
        tries = attempts[(delivery.mailing_id, delivery.id)]
        yield from _tries(delivery, name, tries)
        yield _state_of(delivery, name, tries, mailing)


def _attempts(deliveries: list[Delivery]) -> dict[tuple[int, int], list[Attempt]]:
    """Return the conversations about the deliveries, oldest first; one query."""
    found: dict[tuple[int, int], list[Attempt]] = defaultdict(list)
    rows = Attempt.objects.filter(
        mailing_id__in={delivery.mailing_id for delivery in deliveries},
        delivery_id__in=[delivery.id for delivery in deliveries],
    )
    for attempt in rows.order_by("at", "id"):
        found[(attempt.mailing_id, attempt.delivery_id)].append(attempt)
    return found


def _tries(delivery: Delivery, name: MailingName, tries: list[Attempt]) -> Iterable[TimelineEntry]:
    """Every conversation but the one that decided."""
    undecided = tries if delivery.state == DeliveryState.DEFERRED else tries[:-1]
    for attempt in undecided:
        reason = {"title": name.title, "reason": plain_class(attempt.reply_class).title}
        yield TimelineEntry(
            attempt.at,
            "clock",
            _("“%(title)s” was put on hold: %(reason)s") % reason,
            "warn",
            server_reply(attempt),
            name.href,
        )


def _state_of(
    delivery: Delivery, name: MailingName, tries: list[Attempt], mailing: Mailing
) -> TimelineEntry:
    icon, kind, text = _sentence(delivery)
    last = tries[-1] if tries else None
    at = delivery.done_at or (last.at if last else mailing.created_at)
    # What is still on hold has been told with its conversations.
    reply = server_reply(last) if last and delivery.state != DeliveryState.DEFERRED else ""
    return TimelineEntry(at, icon, text % {"title": name.title}, kind, reply, name.href)


def _sentence(delivery: Delivery) -> tuple[str, str, str]:
    """Return icon, kind and a sentence with a place for the title."""
    match delivery.state:
        case DeliveryState.ACCEPTED:
            return "send", "ok", _("“%(title)s” was accepted by the receiving server")
        case DeliveryState.FAILED:
            why = str(plain_class(delivery.reply_class).title)
            return "x", "danger", _("“%(title)s” came to nothing: ") + _verbatim(why)
        case DeliveryState.SKIPPED:
            why = str(SKIP_WORDS.get(delivery.reply_class, delivery.reply_class))
            return "circle-minus", "", _("“%(title)s” was not sent: ") + _verbatim(why)
        case DeliveryState.CANCELLED:
            return "ban", "", _("“%(title)s” was cancelled before it was sent")
        case DeliveryState.UNCERTAIN:
            return "circle-help", "warn", _("It is not certain that “%(title)s” arrived")
        case DeliveryState.DEFERRED:
            return "hourglass", "warn", _("“%(title)s” will be tried again by itself")
        case _:
            return "hourglass", "", _("“%(title)s” is waiting to be sent")


def _verbatim(words: str) -> str:
    return words.replace("%", "%%")


def server_reply(attempt: Attempt) -> str:
    """Return the reply as the server gave it: code, enhanced code, words."""
    parts = [str(attempt.reply_code or ""), attempt.enhanced_code, attempt.reply_text]
    text = attempt.reply_text
    told = [part for part in parts[:2] if part and part not in text]
    return " ".join(filter(None, [*told, text]))
