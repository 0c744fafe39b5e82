"""EUC-JP as Windows writes it (CP51932): ①, ㈱, 髙 and 﨑, which Python's euc_jp does not know.

CP51932 is CP932 in another arrangement of the same rows (JIS X 0208 Annex 1), so a pair of bytes
that euc_jp refuses is rearranged and read as CP932.
"""

import codecs
from typing import Final

DECODE_ERRORS: Final = "todoku-cp51932-decode"
ENCODE_ERRORS: Final = "todoku-cp51932-encode"


def _decode(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) < 2 or not all(0xA1 <= byte <= 0xFE for byte in pair):
        raise error
    try:
        return _shift_jis(pair[0], pair[1]).decode("cp932"), error.start + 2
    except UnicodeDecodeError:
        raise error from None


def _encode(error: UnicodeError) -> tuple[bytes, int]:
    """Replace what CP51932 has by its bytes and the rest by a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    written = b"".join(_euc(character) for character in error.object[error.start : error.end])
    return written, error.end


def _euc(character: str) -> bytes:
    try:
        pair = character.encode("cp932")
    except UnicodeEncodeError:
        return b"?"
    if len(pair) != 2:
        return b"?"
    high, low = pair
    row = (high - (0xC1 if high >= 0xE0 else 0x81)) * 2 + (2 if low >= 0x9F else 1)
    column = low - 0x9E if low >= 0x9F else low - (0x40 if low > 0x7F else 0x3F)
    if row > 94:  # IBM's own rows: the NEC ones, which CP51932 uses, hold the same characters
        return b"?"
    return bytes([row + 0xA0, column + 0xA0])


def _shift_jis(first: int, second: int) -> bytes:
    row, column = first - 0xA0, second - 0xA0
    high = (row - 1) // 2 + 0x81
    if high > 0x9F:
        high += 0x40
    if row % 2 == 0:
        return bytes([high, column + 0x9E])
    return bytes([high, column + (0x40 if column >= 0x40 else 0x3F)])


codecs.register_error(DECODE_ERRORS, _decode)
codecs.register_error(ENCODE_ERRORS, _encode)
