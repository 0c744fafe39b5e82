"""What the home page says about readers: how many there are, who came and who went in 30 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.home_panels import Attention, Panel
from accounts.models import Member, Organisation
from lists.models import Reader, ReaderImport, ReaderState
from lists.models.imports import ImportState
from lists.selectors.readers import reader_state_counts

DAYS: Final = 30
# Counted over all readers of the organisation, for people who look at the page every few minutes.
KEPT_S: Final = 120
IMPORTS_SINCE: Final = timedelta(days=3)
STOPPED: Final = (ReaderState.UNSUBSCRIBED, ReaderState.BOUNCED, ReaderState.COMPLAINED)


@dataclass(frozen=True)
class Growth:
    """Readers by day of the organisation's zone, the oldest first."""

    active: int
    days: list[date]
    joined: list[int]
    stopped: list[int]

    @property
    def joined_total(self) -> int:
        return sum(self.joined)

    @property
    def stopped_total(self) -> int:
        return sum(self.stopped)

    @property
    def by_day(self) -> Sequence[tuple[date, int, int]]:
        return list(zip(self.days, self.joined, self.stopped, strict=True))[::-1]


def growth_panel(member: Member, now: datetime) -> Panel | None:
    today = timezone.localdate(now)
    key = f"home-growth:{member.organisation_id}:{today.isoformat()}"
    growth = cache.get_or_set(key, lambda: reader_growth(member.organisation, today), KEPT_S)
    return Panel("lists/home_growth.html", {"organisation": member.organisation, "growth": growth})


def reader_growth(organisation: Organisation, today: date) -> Growth:
    """Count in the active time zone. Somebody who joined and left again counts on both sides."""
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    readers = Reader.objects.filter(organisation=organisation)
    joined = _by_day(readers.exclude(state=ReaderState.TRASHED), "created_at", days)
    stopped = _by_day(readers.filter(state__in=STOPPED), "state_changed_at", days)
    return Growth(reader_state_counts(organisation)[ReaderState.ACTIVE], days, joined, stopped)


def import_attention(member: Member, now: datetime) -> list[Attention]:
    """Recent imports that failed, or left rows out."""
    if not member.may_edit:
        return []
    rows = ReaderImport.objects.filter(
        organisation=member.organisation,
        state__in=[ImportState.DONE, ImportState.FAILED],
        finished_at__gte=now - IMPORTS_SINCE,
    ).order_by("-pk")[:10]
    found = [_attention(row, member.organisation) for row in rows]
    return [each for each in found if each is not None]


def _attention(row: ReaderImport, organisation: Organisation) -> Attention | None:
    href = reverse("lists:import_result", args=[organisation.slug, row.pk])
    if row.state == ImportState.FAILED:
        title = _("“%s” could not be imported") % row.file_name
        return Attention(title, _("No reader was changed by it."), href, _("See why"), "danger")
    if not row.errors:
        return None
    title = ngettext(
        "%(number)s row of “%(file)s” could not be imported",
        "%(number)s rows of “%(file)s” could not be imported",
        row.errors,
    ) % {"number": f"{row.errors:,}", "file": row.file_name}
    text = _("The other rows are in. You can correct these in the error file and import it again.")
    return Attention(title, text, href, _("Look at the rows"), "")


def _by_day(readers: QuerySet[Reader], column: str, days: Sequence[date]) -> list[int]:
    start = timezone.make_aware(datetime.combine(days[0], datetime.min.time()))
    counted = dict(
        readers.filter(**{f"{column}__gte": start})
        .annotate(day=TruncDate(column))
        .values_list("day")
        .annotate(number=Count("*"))
        .order_by()
    )
    return [int(counted.get(day, 0)) for day in days]
