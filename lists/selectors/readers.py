"""The list of readers: one keyset page at a time, with counts by state."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q, QuerySet

from accounts.models import Organisation
from lists.models import Field, Reader, ReaderState

PAGE_SIZE: Final = 50
SHOWN_FIELDS: Final = 2
ALL: Final = "all"


@dataclass(frozen=True)
class ReaderRow:
    """One line of the list; `values` are those of the shown fields."""

    reader: Reader
    values: list[str]

    @property
    def title(self) -> str:
        return self.reader.name or self.reader.address


@dataclass(frozen=True)
class ReaderPage:
    """`newer` and `older` are the ids to ask for the neighbouring pages, None at the ends."""

    rows: list[ReaderRow]
    fields: list[Field]
    newer: int | None
    older: int | None


def reader_page(
    organisation: Organisation,
    *,
    state: str = ALL,
    search: str = "",
    before: int | None = None,
    after: int | None = None,
) -> ReaderPage:
    """Return one page, newest first. `before` and `after` are ids of the rows at its edges."""
    found = _fitting(organisation, state, search).select_related("activity")
    if after is not None:
        newer_too = list(found.filter(id__gt=after).order_by("id")[: PAGE_SIZE + 1])
        readers = newer_too[:PAGE_SIZE][::-1]
        has_newer, has_older = len(newer_too) > PAGE_SIZE, True
    else:
        if before is not None:
            found = found.filter(id__lt=before)
        older_too = list(found.order_by("-id")[: PAGE_SIZE + 1])
        readers = older_too[:PAGE_SIZE]
        has_newer, has_older = before is not None, len(older_too) > PAGE_SIZE
    fields = list(Field.objects.filter(organisation=organisation)[:SHOWN_FIELDS])
    return ReaderPage(
        rows=[ReaderRow(reader, _values(reader, fields)) for reader in readers],
        fields=fields,
        newer=readers[0].pk if readers and has_newer else None,
        older=readers[-1].pk if readers and has_older else None,
    )


def reader_state_counts(organisation: Organisation) -> dict[str, int]:
    """Return state → readers, and "all" for everybody outside the trash. One index-only scan."""
    counted = (
        Reader.objects.filter(organisation=organisation)
        .values_list("state")
        .annotate(number=Count("*"))
        .order_by()
    )
    counts = dict.fromkeys(ReaderState.values, 0) | dict(counted)
    counts[ALL] = sum(counts.values()) - counts[ReaderState.TRASHED]
    return counts


def _fitting(organisation: Organisation, state: str, search: str) -> QuerySet[Reader]:
    found = Reader.objects.filter(organisation=organisation)
    is_wanted = ~Q(state=ReaderState.TRASHED) if state == ALL else Q(state=state)
    found = found.filter(is_wanted)
    words = unicodedata.normalize("NFKC", search).replace("\0", "").split()
    for word in words:
        found = found.filter(Q(address__icontains=word) | Q(name__icontains=word))
    return found


def _values(reader: Reader, fields: list[Field]) -> list[str]:
    return [str(reader.fields.get(field.key, "")) for field in fields]
