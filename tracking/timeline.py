"""Opens and clicks in a reader's timeline."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from lists.ports import MailingName, TimelineEntry, mailing_names
from mailer.models import Mailing, MailingKind
from tracking.models import DeliveryEngagement


def reader_engagement(organisation_id: int, reader_id: int, most: int) -> Sequence[TimelineEntry]:
    """Return the first open and the first click of every campaign, by people only, newest first."""
    mailings = Mailing.objects.filter(organisation_id=organisation_id, kind=MailingKind.CAMPAIGN)
    rows = list(
        DeliveryEngagement.objects.filter(
            recipient_ref=reader_id, mailing_id__in=mailings.values("pk")
        ).order_by("-mailing_id")[:most]
    )
    references = dict(
        Mailing.objects.filter(pk__in=[row.mailing_id for row in rows]).values_list(
            "pk", "reference"
        )
    )
    names = mailing_names(organisation_id, list(references.values()))
    entries = [
        entry
        for row in rows
        for entry in _entries(row, names.get(references[row.mailing_id], MailingName(_("A mail"))))
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:most]


def _entries(row: DeliveryEngagement, name: MailingName) -> Iterable[TimelineEntry]:
    title = {"title": name.title}
    if row.human_click_at:
        text = _("Clicked a link in “%(title)s”") % title
        yield TimelineEntry(row.human_click_at, "mouse-pointer-click", text, "ok", "", name.href)
    if row.human_open_at:
        text = _("Opened “%(title)s”") % title
        yield TimelineEntry(row.human_open_at, "mail-open", text, "ok", "", name.href)
