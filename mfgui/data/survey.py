"""One quick pass over a file before DuckDB reads it: its lines, their ends, its encoding.

DuckDB 2.0 ends silently at a damaged gzip block, and where line ends are mixed it counts some
lines twice and loses others. So the lines are counted here first (0.1 s for the 12 MB of ML-1M,
most of it without the GIL), a file with mixed ends is read from a copy with plain ones, and the
two counts must agree.
"""

from __future__ import annotations

import codecs
import gzip
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mfgui.core.control import Control
from mfgui.data.source import HEAD_BYTES, Source, damaged
from mfgui.errors import DataError


@dataclass(frozen=True)
class Survey:
    """What is true of the whole file.

    Parameters
    ----------
    n_lines : int
        As an editor counts; what follows the last line end is a line if it is not empty.
    encoding : str
        ``utf-8`` if all of it is, else ``latin-1``, which everything is.
    has_mixed_ends : bool
        Whether there is more than one kind of line end.
    """

    n_lines: int
    encoding: str
    has_mixed_ends: bool


def survey(source: Source, control: Control) -> Survey:
    """Read the file once to its end.

    Raises
    ------
    DataError
        If it cannot be read, or a gzip file does not match its checksum.
    CancelledError
        If the control was stopped.
    """
    n_crlf = n_cr = n_lf = 0
    last = b""
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8"
    for piece in _pieces(source, control):
        n_crlf += piece.count(b"\r\n")
        n_cr += piece.count(b"\r")
        n_lf += piece.count(b"\n")
        last = piece[-1:]
        if encoding == "utf-8" and not _decodes(decoder, piece, False):
            encoding = "latin-1"
    if encoding == "utf-8" and not _decodes(decoder, b"", True):
        encoding = "latin-1"
    n_ends = n_cr + n_lf - n_crlf
    kinds = (n_crlf > 0) + (n_cr > n_crlf) + (n_lf > n_crlf)
    return Survey(n_ends + (last not in b"\r\n"), encoding, kinds > 1)


@contextmanager
def readable_path(source: Source, found: Survey, control: Control) -> Iterator[tuple[Path, str]]:
    """Yield where DuckDB can read the file, and how that is compressed.

    That is the file itself, or a copy for the time being: with plain line ends where they are
    mixed, or where the file's name is none that DuckDB can be told (it is no text, or it has a
    backslash beside a ``[``, ``*`` or ``?``).

    Raises
    ------
    DataError
        If there is no room for a copy.
    """
    if not found.has_mixed_ends and _can_be_named(str(source.path)):
        yield source.path, source.compression
        return
    folder = tempfile.mkdtemp(prefix="mfgui-")
    try:
        copy = Path(folder) / "copy.txt"
        try:
            _write_copy(source, copy, control)
        except OSError as error:
            raise DataError(
                f"{source.name} needs a temporary copy, which cannot be written "
                f"({error.strerror}): make room, or save it with plain line ends."
            ) from error
        yield copy, "none"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_copy(source: Source, copy: Path, control: Control) -> None:
    with open(copy, "wb") as file:
        for piece in _pieces(source, control):
            file.write(piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))


def _pieces(source: Source, control: Control) -> Iterator[bytes]:
    """Yield the decompressed bytes, never a CR parted from its LF."""
    opened = gzip.open if source.compression == "gzip" else open
    carried = b""
    try:
        with opened(source.path, "rb") as file:
            while piece := file.read(HEAD_BYTES):
                control.checkpoint()
                piece = carried + piece
                carried = b"\r" if piece.endswith(b"\r") else b""
                yield piece[:-1] if carried else piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(source.name) from error
    except OSError as error:
        raise DataError(
            f"{source.name} cannot be read to its end ({error.strerror}): copy it again."
        ) from error
    if carried:
        yield carried


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, is_end: bool) -> bool:
    try:
        decoder.decode(piece, is_end)
    except UnicodeDecodeError:
        return False
    return True


def _can_be_named(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return os.sep == "\\" or "\\" not in path or not any(sign in path for sign in "[*?")
