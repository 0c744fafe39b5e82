"""Bounds on what one file may ask of us. Beyond them a file is refused or a row is an error."""

from typing import Final

MAX_ROWS: Final = 5_000_000
MAX_COLUMNS: Final = 256
MAX_CELL_CHARS: Final = 32_767  # Excel's own limit
MAX_NAME_CHARS: Final = 200
MAX_LINE_CHARS: Final = 1_000_000
MAX_RECORD_LINES: Final = 200  # of a quoted cell; more is a quotation mark that was never closed
MAX_WORKBOOK_BYTES: Final = 512 * 1024 * 1024  # unpacked
MAX_WORKBOOK_CELLS: Final = 30_000_000  # of the rectangle around everything that is filled
