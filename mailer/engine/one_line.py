"""Text of readers and fields, made fit for a header field."""

import re
from typing import Final

# C0 and C1 controls, line and paragraph separators.
_BREAKS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """Turn control characters into blanks, so that nothing filled in can start a new header
    field.
    """
    if text.isprintable() or not _BREAKS.search(text):
        return text
    return _BREAKS.sub(" ", text).strip()
