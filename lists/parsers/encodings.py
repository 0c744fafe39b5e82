"""Which encoding a text file is in: UTF-8, UTF-16, CP932 or EUC-JP, each with strict decoding.

The whole file is read through every candidate, so that a file is never begun in an encoding that
breaks further down. Nothing is guessed for a file that is plausible in none of them.
"""

import codecs
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from lists.parsers.euc_windows import DECODE_ERRORS, ENCODE_ERRORS
from lists.parsers.faults import UnreadableFileError
from lists.parsers.plausibility import plausibility

CHUNK_BYTES: Final = 1024 * 1024
_SAMPLE_BYTES: Final = 256 * 1024
_LEAST_PLAUSIBLE: Final = 0.4


class Encoding(NamedTuple):
    """`name` is what people and files are told; `codec` and the error handlers are Python's."""

    name: str
    codec: str
    bom: bytes = b""
    decode_errors: str = "strict"
    encode_errors: str = "replace"


UTF_8: Final = Encoding("utf-8", "utf-8")
UTF_8_BOM: Final = Encoding("utf-8-sig", "utf-8", codecs.BOM_UTF8)
UTF_16_LE: Final = Encoding("utf-16-le", "utf-16-le")
UTF_16_BE: Final = Encoding("utf-16-be", "utf-16-be")
CP932: Final = Encoding("cp932", "cp932")
EUC_JP: Final = Encoding("euc-jp", "euc_jp", b"", DECODE_ERRORS, ENCODE_ERRORS)

_BY_BOM: Final = (
    UTF_8_BOM,
    UTF_16_LE._replace(bom=codecs.BOM_UTF16_LE),
    UTF_16_BE._replace(bom=codecs.BOM_UTF16_BE),
)
_BY_NAME: Final = {e.name: e for e in (UTF_8, UTF_8_BOM, UTF_16_LE, UTF_16_BE, CP932, EUC_JP)}
_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1a\x1b"))
_JIS_ESCAPES: Final = (b"\x1b$B", b"\x1b$@")


def encoding_named(name: str) -> Encoding:
    """Return the encoding for writing a file back; UTF-8 with BOM for workbooks."""
    return _BY_NAME.get(name, UTF_8_BOM)


def detect_encoding(file: BinaryIO) -> Encoding:
    """Return the encoding of the file, which is left at its first byte after the BOM.

    Raises UnreadableFileError: empty, binary, encoding.
    """
    file.seek(0)
    head = file.read(_SAMPLE_BYTES)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xfe\xff"):
        raise UnreadableFileError("empty")
    found = _by_bom(head) or _utf_16_without_bom(head)
    if found is None:
        found = _by_content(file, head)
    elif not _valid_ones(file, [found]):
        raise UnreadableFileError("encoding", found.name)
    file.seek(len(found.bom))
    return found


def _by_bom(head: bytes) -> Encoding | None:
    return next((encoding for encoding in _BY_BOM if head.startswith(encoding.bom)), None)


def _utf_16_without_bom(head: bytes) -> Encoding | None:
    """Recognise UTF-16 by the zero halves of its ASCII: every address has many of them."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    least = len(head) // 20 + 2
    if odd > least and odd > 20 * even:
        return UTF_16_LE
    if even > least and even > 20 * odd:
        return UTF_16_BE
    return None


def _by_content(file: BinaryIO, head: bytes) -> Encoding:
    if len(head.translate(None, _CONTROLS)) < len(head):
        raise UnreadableFileError("binary")
    if any(escape in head for escape in _JIS_ESCAPES):
        raise UnreadableFileError("encoding", "ISO-2022-JP")
    # A text of several bytes beyond ASCII is valid UTF-8 by accident only if it is very short.
    valid = _valid_ones(file, [UTF_8, CP932, EUC_JP])
    if UTF_8 in valid:
        return UTF_8
    scored = [(_score(file, encoding), encoding) for encoding in valid]
    score, best = max(scored, default=(0.0, UTF_8), key=lambda pair: pair[0])
    if score < _LEAST_PLAUSIBLE:
        raise UnreadableFileError("encoding")
    return best


def _valid_ones(file: BinaryIO, candidates: list[Encoding]) -> list[Encoding]:
    """Return the candidates that decode the whole file. A NUL anywhere in 8-bit text is binary."""
    decoders = {
        encoding: codecs.getincrementaldecoder(encoding.codec)(encoding.decode_errors)
        for encoding in candidates
    }
    is_wide = any(encoding.codec.startswith("utf-16") for encoding in candidates)
    for chunk, is_last in _chunks(file):
        if not is_wide and b"\0" in chunk:
            raise UnreadableFileError("binary")
        for encoding, decoder in list(decoders.items()):
            try:
                decoder.decode(chunk, is_last)
            except UnicodeError:
                del decoders[encoding]
        if not decoders:
            break
    return list(decoders)


def _score(file: BinaryIO, encoding: Encoding) -> float:
    """Return the plausibility of the lines that hold more than ASCII, up to a sample's size."""
    lines: list[bytes] = []
    size = 0
    file.seek(0)
    for line in iter(lambda: file.readline(_SAMPLE_BYTES), b""):
        if line.isascii():
            continue
        lines.append(line)
        size += len(line)
        if size > _SAMPLE_BYTES:
            break
    # A very long line may be cut inside a character; nothing else of it is lost.
    decoder = codecs.getincrementaldecoder(encoding.codec)(encoding.decode_errors)
    return plausibility(decoder.decode(b"".join(lines), False))


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    file.seek(0)
    chunk = file.read(CHUNK_BYTES)
    while chunk:
        following = file.read(CHUNK_BYTES)
        yield chunk, not following
        chunk = following
