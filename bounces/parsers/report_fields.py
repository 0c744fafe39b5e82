"""The field groups of reports: `Name: value` lines, groups parted by blank lines (RFC 3464 §2.1, RFC 5965 §3.1)."""

import re
from typing import Final

from bounces.parsers.mime import Part, is_field_line, split_headers

MAX_GROUPS: Final = 200
MAX_BLOCKS: Final = 1_000
MAX_REPORT_BYTES: Final = 128 * 1024

Fields = dict[str, str]

_BLANK_LINES: Final = re.compile(rb"\n[ \t]*\n")
_ESCAPED: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")


def field_groups(part: Part, *, leads: frozenset[str] = frozenset()) -> list[Fields]:
    """Return the groups with lower-case names; the first value of a repeated field counts.

    A field of `leads` that comes a second time begins a group: some servers leave the blank line out.
    """
    report = part.content()[:MAX_REPORT_BYTES]
    blocks = _BLANK_LINES.split(report, maxsplit=MAX_BLOCKS)[:MAX_BLOCKS]
    return [fields for block in blocks for fields in _groups(block, leads)][:MAX_GROUPS]


def _groups(block: bytes, leads: frozenset[str]) -> list[Fields]:
    """Read what stands between blank lines, passing over lines that are no field."""
    lines = [line for line in block.split(b"\n") if line.strip() and is_field_line(line)]
    headers, _ = split_headers(b"\n".join(lines).lstrip())
    groups: list[Fields] = [{}]
    for name, value in headers:
        if name in leads and name in groups[-1]:
            groups.append({})
        groups[-1].setdefault(name, value)
    return [fields for fields in groups if fields]


def typed_address(value: str) -> str:
    """Return the address of `rfc822; <a@b>` or `utf-8; a@b` (RFC 3464 §2.1.2, RFC 6533 §3)."""
    kind, separator, rest = value.partition(";")
    address = (rest if separator else value).strip()
    if kind.strip().lower() == "utf-8":
        address = _ESCAPED.sub(_unescape, address)
    if "<" in address and ">" in address:
        address = address[address.rindex("<") + 1 :].partition(">")[0]
    return bare_address(address)


def bare_address(written: str) -> str:
    """Return an address without what surrounds it; the quotes of a quoted local part stay (RFC 5321 §4.1.2)."""
    address = written.strip().strip("<>[]()`").rstrip(",;:")
    if '"@' not in address:
        address = address.strip("\"'")
    return address.removeprefix("mailto:")[:320]


def typed_text(value: str) -> str:
    """Return the text of `smtp; 550 …` or `x-unix; …`; a value without a type stays whole."""
    kind, separator, rest = value.partition(";")
    is_type = (
        separator and re.fullmatch(r"[\w-]{1,30}", kind.strip()) and not kind.strip().isdigit()
    )
    return (rest if is_type else value).strip()[:2_000]


def _unescape(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    is_character = number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF and number > 0x1F
    return chr(number) if is_character else match[0]
