"""Breaks lines of plain text for mail: full-width characters count two, Japanese rules about line ends hold."""

import unicodedata
from typing import Final

WIDTH: Final = 72  # half-width columns: 36 full-width characters

# 行頭禁則: may not begin a line. 行末禁則: may not end one (JIS X 4051).
_NOT_FIRST: Final = frozenset(
    "、。，．・：；？！）］｝」』】〕〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…‥,.:;?!)]}%"
)
_NOT_LAST: Final = frozenset("（［｛「『【〔〈《([{")


def wrap(line: str, width: int = WIDTH) -> list[str]:
    """Return the line in pieces no wider than `width`, but never cut a word, a URL or an expression."""
    pieces: list[str] = []
    current = ""
    used = 0
    for word in _words(line):
        size = columns(word)
        if current.strip() and used + size > width:
            pieces.append(current.rstrip())
            current, used = "", 0
            word = word.lstrip(" ")
            size = columns(word)
        current += word
        used += size
    pieces.append(current.rstrip())
    return pieces


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _words(line: str) -> list[str]:
    """Split where a line may be broken: after blanks and between full-width characters."""
    words: list[str] = []
    for char in line:
        if words and not _may_break(words[-1], char):
            words[-1] += char
        else:
            words.append(char)
    return words


def _may_break(word: str, char: str) -> bool:
    last = word[-1]
    if char in _NOT_FIRST or last in _NOT_LAST or char == " ":
        return False
    return last == " " or _is_wide(last) or _is_wide(char)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
