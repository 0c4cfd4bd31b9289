"""Compressed files as plain streams: gzip, zstd, bzip2, xz, and one file of a ZIP archive.

Nothing is unpacked to disk or held whole, so a file that swells without end costs time, which
Cancel ends, and no memory. Python's own libraries do the work; several frames or members in one
file are one text.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any

from mfgui.core.control import Control
from mfgui.errors import DataError

MAGIC = {
    b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"PK\x07\x08": "zip",
}
"""How compressed files begin, whatever their names say."""

LARGEST_INDEX = 32 << 20
MOST_SHOWN = 12

RATINGS_NAME = re.compile(
    r"rating|user_?rated|user_?artists|interaction|^u\.data$|\.inter$|^combined_data_", re.I)
OTHER_NAME = re.compile(
    r"read_?me|licen[cs]e|changelog|citation|copying|^(movie|item|user|title|tag|link|genre|genome"
    r"|artist|book|name|occupation|info)s?\b|^u\.(item|user|genre|info|occupation)|metadata", re.I)
TEXT_ENDINGS = frozenset({
    "", ".csv", ".tsv", ".txt", ".dat", ".data", ".inter", ".mtx", ".tab", ".json", ".jsonl",
    ".ndjson", ".base", ".train", ".tr", ".list",
})


class PartNeededError(DataError):
    """An archive of which nobody can tell the ratings file.

    Parameters
    ----------
    message : str
        One sentence.
    parts : tuple of str
        What it holds, and what the option ``part`` can be.
    """

    def __init__(self, message: str, parts: tuple[str, ...]) -> None:
        super().__init__(message)
        self.parts = parts


class DamagedError(Exception):
    """A compressed file that breaks off or does not match its checksum."""


class WatchedFile(io.BufferedReader):
    """A file that looks at Cancel each time it is read, however little comes out of it."""

    def __init__(self, path: Path, control: Control) -> None:
        super().__init__(io.FileIO(path))
        self._control = control

    def read(self, size: int | None = -1) -> bytes:
        """Return up to ``size`` bytes.

        Raises
        ------
        CancelledError
            If the control was stopped.
        """
        self._control.checkpoint()
        return super().read(size)


def compression_of(begin: bytes) -> str:
    """Return how a file that begins like this is compressed, or ``none``."""
    return next((kind for magic, kind in MAGIC.items() if begin.startswith(magic)), "none")


def unpacked(file: WatchedFile, compression: str, part: str | None) -> IO[bytes]:
    """Return the stream of what the file holds.

    Parameters
    ----------
    file : WatchedFile
        At its beginning.
    compression : str
    part : str or None
        For ``zip`` the full name of the file inside.
    """
    if compression == "gzip":
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]  # is readable
    if compression == "zstd":
        stream: IO[bytes] = _zstd().ZstdFile(file)
        return stream
    if compression == "bzip2":
        return bz2.BZ2File(file)
    if compression == "xz":
        return lzma.LZMAFile(file)
    if compression == "zip":
        return zipfile.ZipFile(file).open(part or "")
    return file


def damage_errors() -> tuple[type[BaseException], ...]:
    """Return what the libraries raise at damaged or untrue data."""
    zstd = () if "zstd" not in _LOADED else (_LOADED["zstd"].ZstdError,)
    return (
        DamagedError, EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile,
        struct.error, *zstd,
    )


_LOADED: dict[str, Any] = {}


def _zstd() -> Any:
    """Return the module for zstd: Python 3.14 has it, before that it is a package of its own."""
    if "zstd" not in _LOADED:
        try:
            from compression import zstd  # type: ignore[import-not-found]  # from 3.14 on
        except ImportError:
            from backports import zstd
        _LOADED["zstd"] = zstd
    return _LOADED["zstd"]


def archive_names(file: WatchedFile, name: str) -> list[zipfile.ZipInfo]:
    """Return what an archive holds, without folders and what macOS adds.

    Raises
    ------
    DataError
        If it holds nothing, or more than anybody can choose from.
    DamagedError
        If it cannot be read.
    """
    _check_index(file, name)
    try:
        infos = zipfile.ZipFile(file).infolist()
    except (OSError, ValueError, UnicodeDecodeError, OverflowError) as error:
        raise DamagedError from error
    infos = [
        info for info in infos
        if not info.is_dir() and not info.filename.startswith("__MACOSX/")
        and not PurePosixPath(info.filename).name.startswith(".")
    ]
    if not infos:
        raise DataError(f"{name} is an empty ZIP archive: choose the ratings file itself.")
    return infos


def _check_index(file: WatchedFile, name: str) -> None:
    """Look at the archive's end before zipfile reads its whole index into memory."""
    n_bytes = file.seek(0, io.SEEK_END)
    file.seek(max(n_bytes - 65_557, 0))
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or place + 22 > len(tail):
        raise DamagedError
    n_files, index_bytes = struct.unpack_from("<10xHI", tail, place)
    file.seek(0)
    if n_files == 0xFFFF or index_bytes > LARGEST_INDEX:
        raise DataError(
            f"{name} is a ZIP archive of too many files: unpack it and open the ratings file.")


def choose_part(infos: list[zipfile.ZipInfo], part: str | None, name: str) -> zipfile.ZipInfo:
    """Return the file of an archive that holds the ratings.

    Parameters
    ----------
    infos : list of ZipInfo
        At least one.
    part : str or None
        Its name, with or without the folder, where it was given.
    name : str
        The archive's name for sentences.

    Raises
    ------
    PartNeededError
        If it cannot be told.
    DataError
        If that file is encrypted or packed in a way that cannot be read.
    """
    info = _named(infos, part, name) if part is not None else _likeliest(infos, name)
    if info.flag_bits & 1:
        raise DataError(
            f"{name} is an encrypted ZIP archive: unpack it with its password and open the file.")
    return info


def _named(infos: list[zipfile.ZipInfo], part: str, name: str) -> zipfile.ZipInfo:
    for wanted in (
        lambda info: info.filename == part,
        lambda info: PurePosixPath(info.filename).name == part,
    ):
        found = [info for info in infos if wanted(info)]
        if len(found) == 1:
            return found[0]
    raise _part_needed(infos, name, f"has no single file {printable(part)!r}")


def _likeliest(infos: list[zipfile.ZipInfo], name: str) -> zipfile.ZipInfo:
    """Return the only file, or the only one that is named like ratings or not like others."""
    if len(infos) == 1:
        return infos[0]
    names = {id(info): PurePosixPath(info.filename).name for info in infos}
    texts = [info for info in infos if _is_text_name(names[id(info)])]
    for chosen in (
        [info for info in texts if RATINGS_NAME.search(names[id(info)])],
        [info for info in texts if not OTHER_NAME.search(names[id(info)])],
    ):
        if len(chosen) == 1:
            return chosen[0]
    raise _part_needed(infos, name, "holds several files")


def _is_text_name(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in TEXT_ENDINGS and not re.search(
        r"read_?me|licen[cs]e", name, re.I)


def _part_needed(infos: list[zipfile.ZipInfo], name: str, what: str) -> PartNeededError:
    parts = tuple(info.filename for info in infos)
    shown = ", ".join(printable(part) for part in parts[:MOST_SHOWN])
    more = f" and {len(parts) - MOST_SHOWN:,} more" if len(parts) > MOST_SHOWN else ""
    return PartNeededError(
        f"{name} {what} ({shown}{more}): choose one with --part NAME.", parts)


def printable(text: str, length: int = 80) -> str:
    """Return the text as one printable line of at most ``length`` characters."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    return shown if len(shown) <= length else shown[: length - 3] + "..."
