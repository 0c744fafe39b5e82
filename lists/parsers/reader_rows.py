"""One row of a reader list, read by the plan of its columns."""

import re
from dataclasses import dataclass
from typing import Final

from lists.parsers.columns import ColumnPlan
from lists.parsers.headers import EMAIL, FAMILY_NAME, GIVEN_NAME, NAME
from lists.parsers.limits import MAX_NAME_CHARS
from lists.parsers.records import Record
from mailer.engine.address import AddressError, CleanAddress, clean_address

# What clean_address returns unchanged but for its letter case, found without its full examination.
_SIMPLE: Final = re.compile(
    r"(?P<local>[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24})"
)
_MAX_SIMPLE_CHARS: Final = 60
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_FOLDED_DOMAINS: Final = frozenset({"gmail.com", "googlemail.com"})


class RowError(Exception):
    """`reason` is a stable word: an address reason of the engine, a record's problem, or our own.

    Our own: too-many-cells, name-too-long, control-character.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """A reader as the file has them. `fields` holds the filled cells only."""

    line: int
    address: CleanAddress
    name: str
    fields: dict[str, str]


class RowReader:
    """Reads rows of one file."""

    def __init__(self, plan: ColumnPlan) -> None:
        self._width = plan.width
        self._email = next(c.index for c in plan.columns if c.key == EMAIL)
        self._others = tuple((c.index, c.key) for c in plan.columns if c.key != EMAIL)

    def read(self, record: Record) -> ReaderRow:
        """Return the reader in a row; raise RowError."""
        cells = record.cells
        if record.problem:
            raise RowError(record.problem)
        if self._width and len(cells) > self._width and any(map(str.strip, cells[self._width :])):
            raise RowError("too-many-cells")
        address = quick_clean_address(cells[self._email] if len(cells) > self._email else "")
        fields: dict[str, str] = {}
        for index, key in self._others:
            if index < len(cells):
                value = cells[index].strip()
                if value:
                    fields[key] = value
        if any(map(_FORBIDDEN.search, fields.values())):
            raise RowError("control-character")
        name = _name(fields) or address.name
        if len(name) > MAX_NAME_CHARS:
            raise RowError("name-too-long")
        return ReaderRow(record.line, address, name, fields)


def quick_clean_address(text: str) -> CleanAddress:
    """Return what clean_address returns, sooner for the simple addresses that most are.

    Raises RowError with the engine's reason.
    """
    bare = text.strip()
    match = _SIMPLE.fullmatch(bare) if len(bare) <= _MAX_SIMPLE_CHARS else None
    if match is not None:
        local, domain = match["local"], match["domain"].lower()
        if domain not in _FOLDED_DOMAINS and "xn--" not in domain:
            address = f"{local}@{domain}"
            return CleanAddress(address, local, domain, address.lower())
    try:
        return clean_address(text)
    except AddressError as error:
        raise RowError(error.reason) from error


def _name(fields: dict[str, str]) -> str:
    """Take the full name out of the fields; without one join 姓 and 名, which stay fields too."""
    name = " ".join(fields.pop(NAME, "").split())
    if name:
        return name
    return " ".join(filter(None, (fields.get(FAMILY_NAME, ""), fields.get(GIVEN_NAME, ""))))
