"""How letters are written as bytes: found out from a file's beginning, and made UTF-8.

UTF-8 proves itself: text in another encoding hardly ever passes for it. What is not UTF-8 is
Windows-1252 where it has signs that only that defines, else Latin-1, which is the same without
them. MacRoman cannot be told from these two with certainty, so it is only suggested.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from mfgui.data.options import ENCODINGS

BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

_ASCII = bytes(range(0x80))
_C1 = bytes(range(0x80, 0xA0))
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"
"""What Windows-1252 leaves undefined."""

SAMPLE = 1 << 16


class NotThisEncoding(Exception):
    """The encoding that the beginning showed does not fit the rest.

    Parameters
    ----------
    better : str
        The one that fits all of it.
    """

    def __init__(self, better: str) -> None:
        super().__init__(better)
        self.better = better


class BadByteError(Exception):
    """A byte that the encoding does not have.

    Parameters
    ----------
    offset : int
        Of the byte, from the beginning of the file.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def find_encoding(head: bytes, is_whole: bool) -> str:
    """Return the key in `ENCODINGS` of the encoding that a file's beginning shows.

    Parameters
    ----------
    head : bytes
    is_whole : bool
        Whether it is the whole file; if not, a letter cut through at its end is no fault.
    """
    for bom, encoding in BOMS.items():
        if head.startswith(bom):
            return encoding
    if _utf_16_order(head):
        return "utf-16"
    try:
        codecs.utf_8_decode(head, "strict", is_whole)
    except UnicodeDecodeError:
        return _one_byte_encoding(head)
    return "utf-8"


def bom_of(head: bytes, encoding: str) -> bytes:
    """Return the byte order mark at the beginning, empty where there is none of this encoding."""
    return next((bom for bom, own in BOMS.items() if own == encoding and head.startswith(bom)), b"")


def codec_of(head: bytes, encoding: str) -> str:
    """Return Python's name of the codec, for UTF-16 with the byte order."""
    if encoding != "utf-16":
        return encoding
    if head.startswith(codecs.BOM_UTF16_BE) or _utf_16_order(head) == "utf-16-be":
        return "utf-16-be"
    return "utf-16-le"


def decode_head(head: bytes, encoding: str) -> str:
    """Return the beginning as text; what does not fit is replaced, here alone."""
    content = head[len(bom_of(head, encoding)):]
    return codecs.getincrementaldecoder(codec_of(head, encoding))("replace").decode(content)


def mac_roman_doubt(head: bytes) -> str:
    """Return a sentence where the beginning reads like MacRoman, else nothing.

    That is where every byte above 127 stands beside a small letter, is a capital letter or a
    sign as Windows-1252 and a small letter or a blank as MacRoman.
    """
    places = [place for place, byte in enumerate(head[:SAMPLE]) if byte >= 0x80]
    if not places or find_encoding(head[:SAMPLE], False) not in ("latin-1", "cp1252"):
        return ""
    for place in places[:200]:
        before, after = head[place - 1 : place], head[place + 1 : place + 2]
        western = head[place : place + 1].decode("cp1252", "replace")
        mac = head[place : place + 1].decode("mac-roman")
        if not (before.islower() or after.islower()) or western.islower():
            return ""
        if not (mac.islower() or mac.isspace()):
            return ""
    return (
        "The encoding may be MacRoman: as Windows-1252, capital letters or signs stand within "
        "words."
    )


def damage_doubt(head: bytes, encoding: str) -> str:
    """Return a sentence where text that is read by single bytes is mostly UTF-8, else nothing.

    One damaged byte makes UTF-8 impossible; read as Latin-1, every other letter above 127 would
    then be two wrong ones.
    """
    if encoding not in ("latin-1", "cp1252"):
        return ""
    n_high = len(head.translate(None, _ASCII))
    n_bad = codecs.utf_8_decode(head, "replace", False)[0].count("\N{REPLACEMENT CHARACTER}")
    if n_bad * 4 >= n_high:
        return ""
    return (
        f"Nearly all letters are UTF-8, but the file has bytes that are not, so it is read as "
        f"{ENCODINGS[encoding]} and letters beyond a to z are wrong: repair the file, or choose "
        "UTF-8 to be told the line.")


def as_utf_8(
    pieces: Iterable[bytes], head: bytes, encoding: str, is_sure: bool
) -> Iterator[bytes]:
    """Yield the text of the pieces as UTF-8, without a byte order mark.

    Parameters
    ----------
    pieces : iterable of bytes
    head : bytes
        How the file begins.
    encoding : str
        A key of `ENCODINGS`.
    is_sure : bool
        Whether there is no other to try.

    Raises
    ------
    NotThisEncoding
        If it does not fit and ``is_sure`` is false; the rest was looked at to name a better one.
    BadByteError
        If it does not fit and ``is_sure`` is true.
    """
    mark = bom_of(head, encoding)
    content = _without(pieces, len(mark))
    if encoding == "utf-8":
        yield from _checked_utf_8(content, len(mark), is_sure)
    elif encoding in ("latin-1", "cp1252") and not is_sure:
        yield from _checked_one_byte(content, encoding, head)
    else:
        yield from _transcoded(content, codec_of(head, encoding), len(mark))


def encoding_label(encoding: str) -> str:
    """Return the encoding's name for people."""
    return ENCODINGS[encoding]


def _utf_16_order(head: bytes) -> str:
    """Return the codec where every second byte is NUL, as in UTF-16 text of plain letters."""
    sample = head[:4096]
    half = len(sample) // 2
    if half < 2:
        return ""
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.6 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 and odd < 0.05 else ""


def _one_byte_encoding(content: bytes) -> str:
    if _holds(content, _C1) and not _holds(content, _UNDEFINED):
        return "cp1252"
    return "latin-1"


def _holds(content: bytes, signs: bytes) -> bool:
    return len(content.translate(None, signs)) != len(content)


def _without(pieces: Iterable[bytes], n_bytes: int) -> Iterator[bytes]:
    """Yield the pieces without the first ``n_bytes``."""
    for piece in pieces:
        yield piece[n_bytes:]
        n_bytes = max(n_bytes - len(piece), 0)


def _checked_utf_8(pieces: Iterator[bytes], offset: int, is_sure: bool) -> Iterator[bytes]:
    """Pass on what is UTF-8; plain ASCII is told at the speed of memory."""
    carried = b""
    for piece in pieces:
        if carried or not piece.isascii():
            chunk = carried + piece
            try:
                consumed = codecs.utf_8_decode(chunk, "strict", False)[1]
            except UnicodeDecodeError as error:
                raise _misfit(chunk, pieces, offset - len(carried) + error.start,
                              is_sure) from error
            carried = chunk[consumed:]
        offset += len(piece)
        yield piece
    if carried:
        raise _misfit(carried, pieces, offset - len(carried), is_sure)


def _misfit(chunk: bytes, rest: Iterator[bytes], offset: int, is_sure: bool) -> Exception:
    """Return what to raise where UTF-8 breaks; reads the rest to name what fits."""
    if is_sure:
        return BadByteError(offset)
    has_c1, has_undefined = _holds(chunk, _C1), _holds(chunk, _UNDEFINED)
    for piece in rest:
        has_c1 = has_c1 or _holds(piece, _C1)
        has_undefined = has_undefined or _holds(piece, _UNDEFINED)
    return NotThisEncoding("cp1252" if has_c1 and not has_undefined else "latin-1")


def _checked_one_byte(pieces: Iterator[bytes], encoding: str, head: bytes) -> Iterator[bytes]:
    """Pass on Latin-1 or Windows-1252 as long as the pieces fit what the beginning showed."""
    unexpected = _UNDEFINED if encoding == "cp1252" else b"" if _holds(head, _C1) else _C1
    for piece in pieces:
        if piece.isascii():
            yield piece
            continue
        if unexpected and _holds(piece, unexpected):
            if encoding == "cp1252" or _holds(piece, _UNDEFINED):
                raise NotThisEncoding("latin-1")
            has_undefined = any(_holds(rest, _UNDEFINED) for rest in pieces)
            raise NotThisEncoding("latin-1" if has_undefined else "cp1252")
        yield piece.decode(encoding).encode()


def _transcoded(pieces: Iterator[bytes], codec: str, offset: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)()
    for piece in pieces:
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(piece)
        except UnicodeDecodeError as error:
            raise BadByteError(offset - pending + error.start) from error
        offset += len(piece)
        yield text.encode("utf-8", "surrogatepass")
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        raise BadByteError(max(offset - 1, 0)) from error
