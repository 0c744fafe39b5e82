"""One row of a table, whatever kind of file it came from."""

from typing import NamedTuple


class Record(NamedTuple):
    """`line` is the line (or sheet row) on which the row begins, from 1.

    `problem` is a stable word when the row could not be split into cells.
    """

    line: int
    cells: list[str]
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)
