"""The rows that this slot holds: everything between the lease and the committed outcome."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailer.ports import MergedRecipient
from mailer.selectors.work import WorkMailing
from mailer.services.lease import Lease

Key = tuple[int, int]


@dataclass(slots=True, eq=False)
class Row:
    """One leased row on its way; `merged` is None when its source knows nobody of that reference."""

    lease: Lease
    mailing: WorkMailing
    merged: MergedRecipient | None = None
    deadline: float = 0.0  # monotonic seconds; nothing is said about this row after it
    quiet_closes: int = 0

    @property
    def key(self) -> Key:
        return self.lease.mailing_id, self.lease.id


class Held:
    """Registry of held rows by key."""

    def __init__(self) -> None:
        self._rows: dict[Key, Row] = {}

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._rows[row.key] = row

    def drop(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self._rows.pop(key, None)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))
