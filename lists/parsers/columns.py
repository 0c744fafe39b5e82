"""Which column is what: by its heading, and where that says nothing by its values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lists.parsers.faults import NoAddressColumnError
from lists.parsers.headers import (
    EMAIL,
    MAX_KEY_CHARS,
    NAME,
    key_from_heading,
    meaning,
    plain,
)
from lists.parsers.records import Record
from mailer.engine.address import AddressError, clean_address

SAMPLE_ROWS: Final = 50
_TITLE_ROWS: Final = 10  # a heading may stand below a title, a date, a note
_LEAST_SHARE: Final = 0.5
MAX_LABEL_CHARS: Final = 60


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is imported. `key` is email, name or the key of a field."""

    index: int
    key: str
    label: str


@dataclass(frozen=True)
class ColumnPlan:
    """`skip` rows come before the first reader; `header` is empty when the file has no headings."""

    header: tuple[str, ...]
    skip: int
    columns: tuple[Column, ...]

    @property
    def width(self) -> int:
        """Cells that a row may have; 0 when the file has no headings to compare with."""
        return len(self.header)

    def mapping(self) -> dict[str, str]:
        """Return heading (or column number) → key, as the result page shows it."""
        return {column.label: column.key for column in self.columns}


def plan_columns(sample: Sequence[Record], known: Mapping[str, str]) -> ColumnPlan:
    """Decide what every column is, from the first rows of a file.

    `known` maps labels and keys of the organisation's fields to their keys: an import of the same
    file fills the same fields. Raises NoAddressColumnError.
    """
    headed = _header_row(sample)
    if headed is None:
        return _plan_without_header(sample)
    header = [cell.strip().lstrip("\ufeff") for cell in sample[headed].cells]
    while header and not header[-1]:
        header.pop()
    below = sample[headed + 1 :]
    email = _email_column(header, below)
    own = {plain(label): key for label, key in known.items()}
    columns, taken = [Column(email, EMAIL, header[email])], {EMAIL}
    for index, heading in enumerate(header):
        if index == email or not heading:
            continue
        key = _free(_key(heading, own), taken)
        if key:
            taken.add(key)
            columns.append(Column(index, key, heading[:MAX_LABEL_CHARS]))
    columns.sort(key=lambda column: column.index)
    return ColumnPlan(tuple(header), headed + 1, tuple(columns))


def is_address(text: str) -> bool:
    try:
        clean_address(text)
    except AddressError:
        return False
    return True


def _header_row(sample: Sequence[Record]) -> int | None:
    """Return the row that holds headings: the first with a heading for addresses, or the first row
    at all. None when addresses begin before any heading.
    """
    first = None
    for number, record in enumerate(sample[:_TITLE_ROWS]):
        if record.is_blank:
            continue
        if any("@" in cell and is_address(cell) for cell in record.cells):
            break
        if any(meaning(cell) == EMAIL for cell in record.cells):
            return number
        # A title stands alone in its row.
        if first is None and sum(bool(cell.strip()) for cell in record.cells) > 1:
            first = number
    if first is None and sample and len(sample[0].cells) == 1 and not _holds_address(sample[0]):
        first = 0
    return first


def _holds_address(record: Record) -> bool:
    return any(is_address(cell) for cell in record.cells)


def _email_column(header: Sequence[str], below: Sequence[Record]) -> int:
    """Choose by the values among columns headed like addresses, then among all columns."""
    headed = [index for index, heading in enumerate(header) if meaning(heading) == EMAIL]
    shares = [_address_share(below, index) for index in range(len(header))]
    if headed:
        # A longer heading says more: メールアドレス before アドレス.
        return max(headed, key=lambda index: (shares[index], len(plain(header[index])), -index))
    best = max(range(len(header)), key=lambda index: shares[index], default=None)
    if best is None or shares[best] < _LEAST_SHARE:
        raise NoAddressColumnError([heading for heading in header if heading])
    return best


def _address_share(rows: Sequence[Record], index: int) -> float:
    """Return the share of addresses among the filled cells of a column."""
    cells = [
        row.cells[index] for row in rows if len(row.cells) > index and row.cells[index].strip()
    ]
    if not cells:
        return 0.0
    return sum(is_address(cell) for cell in cells) / len(cells)


def _plan_without_header(sample: Sequence[Record]) -> ColumnPlan:
    width = max((len(record.cells) for record in sample), default=0)
    shares = [_address_share(sample, index) for index in range(width)]
    best = max(range(width), key=lambda index: shares[index], default=None)
    if best is None or not shares[best]:
        raise NoAddressColumnError([])
    columns = [Column(best, EMAIL, str(best + 1))]
    if width == 2:  # an address and its owner
        other = 1 - best
        columns.append(Column(other, NAME, str(other + 1)))
    return ColumnPlan((), 0, tuple(sorted(columns, key=lambda column: column.index)))


def _key(heading: str, own: Mapping[str, str]) -> str:
    known = own.get(plain(heading))
    if known:
        return known
    return meaning(heading) or key_from_heading(heading)


def _free(key: str, taken: set[str]) -> str:
    """Return the key, numbered when another column has it already."""
    if key == EMAIL:  # a second column of addresses
        key = "email_2"
    candidate, number = key, 2
    while candidate in taken:
        candidate = f"{key[: MAX_KEY_CHARS - 4]}_{number}"
        number += 1
    return candidate
