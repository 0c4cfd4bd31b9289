"""A file before it is read: whether it is there, what it is packed in, and how it begins.

Everything that can be said without reading the file to its end is said here, so that a format
meets plain bytes: decompressed, of one file, complete or refused in one sentence.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mfgui.core.control import Control
from mfgui.data.encodings import (
    BadByteError,
    NotThisEncoding,
    as_utf_8,
    damage_doubt,
    decode_head,
    encoding_label,
    find_encoding,
    mac_roman_doubt,
)
from mfgui.data.file_errors import check_kind, refuse_address, shown_name, told
from mfgui.data.foreign import EXPECTED, OF_FORMATS, refuse_foreign
from mfgui.data.options import ReadOptions
from mfgui.data.streams import (
    PartNeededError,
    WatchedFile,
    archive_names,
    choose_part,
    compression_of,
    unpacked,
)
from mfgui.errors import DataError

__all__ = [
    "EXPECTED", "HEAD_BYTES", "NotThisEncoding", "PartNeededError", "Source", "encoding_doubts",
    "encoding_label", "find_encoding", "head_text", "is_binary", "mac_roman_doubt",
    "open_source", "settled_encoding", "shown_name", "text_pieces", "with_encoding",
]

HEAD_BYTES = 1 << 20
"""How much of a file is looked at to find out its layout, after decompression."""

Result = TypeVar("Result")
Stamp = tuple[int, int]


@dataclass(frozen=True)
class Source:
    """A readable file.

    Parameters
    ----------
    path : Path
        Absolute.
    name : str
        The file's name as sentences show it.
    head : bytes
        How it begins, after decompression.
    is_whole : bool
        Whether ``head`` is all there is.
    compression : str
        ``none``, ``gzip``, ``zstd``, ``bzip2``, ``xz`` or ``zip``, by the file's first bytes
        whatever its name says. Workbooks and .npz files, which are ZIP archives too, are
        ``none``: their formats unpack them.
    n_bytes : int
        Size of the file as it lies there.
    part : str or None
        The file inside the archive that is read, or what the person chose for a format that has
        parts of its own.
    parts : tuple of str
        What an archive holds; empty where there is nothing to choose.
    changed_ns : int
        When the file was last changed, nanoseconds since 1970.
    """

    path: Path
    name: str
    head: bytes
    is_whole: bool
    compression: str
    n_bytes: int = 0
    part: str | None = None
    parts: tuple[str, ...] = ()
    changed_ns: int = 0

    def pieces(self, control: Control) -> Iterator[bytes]:
        """Yield the decompressed bytes from the beginning, and tell the control how far it is.

        Raises
        ------
        DataError
            If it is damaged, has changed since it was opened or changes meanwhile.
        CancelledError
            If the control was stopped.
        """
        with told(self.path, self.name, self.compression), WatchedFile(
            self.path, control
        ) as file:
            self._refuse_change(_stamp(file))
            stream = unpacked(file, self.compression, self.part)
            while piece := stream.read(HEAD_BYTES):
                control.checkpoint()
                done = file.tell()
                control.report(f"Reading {self.name}", min(done / max(self.n_bytes, 1), 1.0))
                yield piece
                if self.compression == "none" and done > self.n_bytes > 0:
                    break  # it grows, perhaps without end
            self._refuse_change(_stamp(file))

    def _refuse_change(self, stamp: Stamp) -> None:
        if stamp != (self.n_bytes, self.changed_ns):
            raise DataError(
                f"{self.name} changed while it was read: open it again when it is complete, or "
                "open a copy.")


def open_source(path: str | os.PathLike[str], part: str | None = None) -> Source:
    """Look at a file and how it begins.

    Parameters
    ----------
    path : str or path-like
    part : str, optional
        Which file of an archive to take.

    Raises
    ------
    PartNeededError
        If an archive holds several files and nobody can tell which one to read.
    DataError
        If it is no readable, regular, non-empty file of a kind that may hold ratings.
    """
    refuse_address(os.fspath(path))
    absolute = Path(os.path.abspath(os.fspath(path)))
    name = shown_name(absolute)
    parts: tuple[str, ...] = ()
    compression, n_bytes, changed_ns = "none", 0, 0
    with told(absolute, name, "none"):
        check_kind(absolute, name)
        with WatchedFile(absolute, Control()) as file:
            compression = compression_of(file.peek(8)[:8])
            n_bytes, changed_ns = _stamp(file)
    with told(absolute, name, compression), WatchedFile(absolute, Control()) as file:
        if compression == "zip":
            compression, part, parts = _look_inside(file, part, name)
            file.seek(0)
        head = _read_head(unpacked(file, compression, part))
    refuse_foreign(head, name, compression, len(head) <= HEAD_BYTES)
    return Source(absolute, name, head[:HEAD_BYTES], len(head) <= HEAD_BYTES, compression,
                  n_bytes, part, parts, changed_ns)


def text_pieces(
    source: Source, encoding: str, control: Control, is_sure: bool = False
) -> Iterator[bytes]:
    """Yield the text of a file as UTF-8 without a byte order mark, in pieces cut anywhere.

    Parameters
    ----------
    source : Source
    encoding : str
        A key of `ENCODINGS`.
    control : Control
    is_sure : bool
        Whether there is no other encoding to try, as where a person named this one.

    Raises
    ------
    NotThisEncoding
        If the encoding was only assumed and a byte below the beginning breaks it; see
        `with_encoding`.
    DataError
        If it is sure and does not fit, or the file cannot be read to its end.
    CancelledError
        If the control was stopped.
    """
    try:
        yield from as_utf_8(source.pieces(control), source.head, encoding, is_sure)
    except BadByteError as error:
        line = _line_of(source, error.offset, encoding, control)
        raise DataError(
            f"{source.name}, line {line:,} is not {encoding_label(encoding)} text: choose another "
            "encoding."
        ) from error


def with_encoding(
    source: Source, options: ReadOptions, read: Callable[[str, bool], Result]
) -> Result:
    """Read with the encoding that was named or found, and again where a later byte breaks it.

    Parameters
    ----------
    source : Source
    options : ReadOptions
    read : callable
        Takes the encoding and whether it is sure, as `text_pieces` does.
    """
    encoding = options.encoding or find_encoding(source.head, source.is_whole)
    try:
        return read(encoding, options.encoding is not None)
    except NotThisEncoding as error:
        return read(error.better, True)


def encoding_doubts(
    source: Source, options: ReadOptions, encoding: str | None = None
) -> tuple[str, ...]:
    """Return what is doubtful about an encoding that nobody named; the beginning's by default."""
    if options.encoding is not None:
        return ()
    encoding = encoding or find_encoding(source.head, source.is_whole)
    doubts = (mac_roman_doubt(source.head), damage_doubt(source.head, encoding))
    return tuple(doubt for doubt in doubts if doubt)


def settled_encoding(source: Source, options: ReadOptions) -> str | None:
    """Return the encoding if it was named, or if nothing below the beginning can change it."""
    found = find_encoding(source.head, source.is_whole)
    if options.encoding or source.is_whole or found == "utf-16":
        return options.encoding or found
    return None


def head_text(source: Source, options: ReadOptions) -> str:
    """Return how a text file begins, up to its last line end; a line end is LF, CRLF or CR.

    Raises
    ------
    DataError
        If its first line is longer than the beginning that is looked at.
    """
    encoding = options.encoding or find_encoding(source.head, source.is_whole)
    text = decode_head(source.head, encoding)
    if source.is_whole:
        return text
    end = max(text.rfind("\n"), text.rfind("\r"))
    if end < 0:
        raise DataError(f"{source.name} has a line of over a million bytes: {EXPECTED}.")
    return text[: end + 1]


def is_binary(source: Source) -> bool:
    """Return whether the file is of a kind that is not text."""
    return source.head.startswith(OF_FORMATS)


def _stamp(file: WatchedFile) -> Stamp:
    """Return what changes when somebody writes to the file."""
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def _look_inside(
    file: WatchedFile, part: str | None, name: str
) -> tuple[str, str | None, tuple[str, ...]]:
    """Return compression, part and parts of a ZIP archive or a file that only looks like one."""
    infos = archive_names(file, name)
    names = tuple(info.filename for info in infos)
    if "mimetype" in names and "content.xml" in names:
        raise DataError(f"{name} is an OpenDocument file: save it as .xlsx or CSV.")
    if "[Content_Types].xml" in names or all(each.endswith(".npy") for each in names):
        return "none", part, ()
    chosen = choose_part(infos, part, name).filename
    return "zip", chosen, names if len(names) > 1 else ()


def _read_head(stream: object) -> bytes:
    """Return up to one byte more than the head, so that its end can be told."""
    pieces, missing = [], HEAD_BYTES + 1
    while missing and (piece := stream.read(missing)):  # type: ignore[attr-defined]
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _line_of(source: Source, offset: int, encoding: str, control: Control) -> int:
    """Return the line, from 1, of a byte; reads the file again, since nobody counts till then."""
    n_ends, last = 0, b""
    for piece in source.pieces(control):
        part = piece[:offset] if encoding != "utf-16" else piece[:offset].replace(b"\0", b"")
        n_ends += part.count(b"\n") + part.count(b"\r") - part.count(b"\r\n")
        n_ends -= last == b"\r" and part.startswith(b"\n")
        last, offset = part[-1:], offset - len(piece)
        if offset <= 0:
            break
    return n_ends + 1
