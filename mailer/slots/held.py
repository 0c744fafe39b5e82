"""The rows that this slot holds: everything between the lease and the committed outcome."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from mailer.ports import MergedRecipient
from mailer.selectors.work import WorkMailing
from mailer.services.lease import Lease

Key = tuple[int, int]

# A lease outlives the message's last block (3 minutes) and the reply to the final dot (10 minutes), when
# the message is begun within the first six minutes.
LEASE = timedelta(minutes=20)
BEGIN_WITHIN_S = 6 * 60.0


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

    def drop(self, rows: Iterable[Row]) -> None:
        """Forget these rows; one that was given back and leased again meanwhile is another row."""
        for row in rows:
            if self._rows.get(row.key) is row:
                del self._rows[row.key]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))
