"""Why a file could not be read at all. Rows that are wrong are not faults: they are counted."""

from collections.abc import Sequence


class UnreadableFileError(Exception):
    """`reason` is a stable word that is said in words above; `detail` is what was found.

    Reasons: empty, binary, encoding, old-excel, broken-workbook, workbook-too-large, no-sheet,
    row-too-long, too-many-columns, too-many-rows, no-address-column.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".rstrip())
        self.reason = reason
        self.detail = detail


class NoAddressColumnError(UnreadableFileError):
    """No column is headed like mail addresses, and none holds them."""

    def __init__(self, headers: Sequence[str]) -> None:
        super().__init__("no-address-column", ", ".join(headers)[:300])
        self.headers = tuple(headers)
