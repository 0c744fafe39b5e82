"""Rows of comma, semicolon or tab separated text (RFC 4180, read with forgiveness).

A quotation mark that is never closed would make one cell of the rest of the file. Here it costs one
row: a record that does not end within bounds is given up, and reading goes on at the next line.
"""

import csv
import itertools
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import Final, TextIO

from lists.parsers.faults import UnreadableFileError
from lists.parsers.limits import MAX_CELL_CHARS, MAX_COLUMNS, MAX_LINE_CHARS, MAX_RECORD_LINES
from lists.parsers.records import Record

DELIMITERS: Final = (",", "\t", ";")
_LINES_TO_LOOK_AT: Final = 50
_QUOTED: Final = re.compile(r'"[^"]*"')
_UNCLOSED: Final = "unexpected end of data"  # the csv module's words
_END_OF_FILE: Final = "\x1a"  # DOS


def read_records(text: TextIO, delimiter: str) -> Iterator[Record]:
    """Yield every row with the line on which it begins. `text` must be opened with newline=""."""
    lines = _Lines(text)
    for number, line in lines:
        if '"' not in line:
            yield _bounded(number, line.rstrip("\r\n").split(delimiter))
        else:
            yield _quoted_record(lines, number, line, delimiter)


def detect_delimiter(lines: Iterable[str]) -> str:
    """Return the delimiter that splits the most of these lines into the same number of cells."""
    sample = [_QUOTED.sub("", line) for line in lines if line.strip()]
    best, best_score = DELIMITERS[0], 0
    for delimiter in DELIMITERS:
        counts = Counter(line.count(delimiter) for line in sample)
        counts.pop(0, None)
        score = max(counts.values(), default=0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def first_lines(text: TextIO) -> list[str]:
    """Return the lines that the delimiter is found by."""
    return [line for _, line in itertools.islice(_Lines(text), _LINES_TO_LOOK_AT)]


class _Lines:
    """Numbered lines with their ends, each of bounded length, which can be put back."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._number = 0
        self._again: deque[tuple[int, str]] = deque()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> tuple[int, str]:
        if self._again:
            return self._again.popleft()
        line = self._text.readline(MAX_LINE_CHARS)
        self._number += 1
        if not line or line == _END_OF_FILE:
            raise StopIteration
        if len(line) >= MAX_LINE_CHARS:
            raise UnreadableFileError("row-too-long", str(self._number))
        return self._number, line

    def put_back(self, lines: list[tuple[int, str]]) -> None:
        self._again.extendleft(reversed(lines))


def _quoted_record(lines: _Lines, number: int, line: str, delimiter: str) -> Record:
    """Read on until the quotation marks close, or give the first line up."""
    taken: list[tuple[int, str]] = []
    record = line
    problem = _split(record, delimiter)
    while isinstance(problem, str) and problem == _UNCLOSED:
        following = next(lines, None) if len(taken) < MAX_RECORD_LINES else None
        if following is None:
            break
        taken.append(following)
        record += following[1]
        if '"' in following[1]:
            problem = _split(record, delimiter)
        if len(record) > MAX_LINE_CHARS:
            break
    if isinstance(problem, list):
        return _bounded(number, problem)
    lines.put_back(taken)
    return Record(number, line.rstrip("\r\n").split(delimiter)[:MAX_COLUMNS], "broken-quotes")


def _split(record: str, delimiter: str) -> list[str] | str:
    """Return the cells, or the csv module's complaint."""
    try:
        rows = list(csv.reader([record], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return str(error)
    return rows[0] if len(rows) == 1 else "several rows"


def _bounded(number: int, cells: list[str]) -> Record:
    if len(cells) > MAX_COLUMNS:
        return Record(number, cells[:MAX_COLUMNS], "too-many-cells")
    if any(len(cell) > MAX_CELL_CHARS for cell in cells):
        return Record(number, [cell[:200] for cell in cells], "cell-too-long")
    return Record(number, cells)
