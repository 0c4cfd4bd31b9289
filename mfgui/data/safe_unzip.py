"""Unpacking an archive that may be hostile.

Everything is looked at before the first byte is written: no path outside the folder, no link,
nothing encrypted, no two files of one name, no more files or bytes than a data set has, no
suspicious ratio. What is written goes into a folder that is not yet in its place.
"""

from __future__ import annotations

import contextlib
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO

from mfgui.errors import DataError, StorageError

MAX_FILES = 1000
MAX_RATIO = 200  # ratings are packed 3 to 10 times; a bomb a thousand times
BLOCK = 1 << 20
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DEVICES = {"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt")
                                          for n in range(1, 10))}


def unpack(
    archive: Path, folder: Path, top: str, max_bytes: int, require_room: Callable[[int], None],
    report: Callable[[float], None],
) -> dict[str, int]:
    """Unpack what lies in the archive's folder ``top`` into ``folder``.

    Parameters
    ----------
    archive, folder : Path
        The folder must be there and empty; at an error it is the caller's to remove.
    top : str
    max_bytes : int
        More than this in all is refused.
    require_room : callable
        Told the unpacked size before anything is written; raises if there is no room.
    report : callable
        Told the share that is done after each block; may raise to end it.

    Returns
    -------
    dict of str to int
        Each file's path below ``folder``, with "/", and its size.

    Raises
    ------
    DataError
        If the archive is damaged or not what a data set's archive is.
    StorageError
        If it cannot be written.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            wanted = _checked(opened, top, max_bytes)
            total = sum(info.file_size for info in wanted.values())
            require_room(total)
            n_done = 0
            for name, info in wanted.items():
                with (opened.open(info) as source,
                      contextlib.closing(_write(source, folder / name, info.file_size)) as sizes):
                    for size in sizes:
                        n_done += size
                        report(n_done / max(total, 1))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
            UnicodeError, ValueError, OSError) as error:  # what writing meets is a StorageError
        raise DataError(
            f"The archive {_shown(archive)} is damaged ({str(error)[:100]}): nothing was "
            "unpacked; download it again.") from error
    return {name: info.file_size for name, info in wanted.items()}


def _checked(
    opened: zipfile.ZipFile, top: str, max_bytes: int
) -> dict[str, zipfile.ZipInfo]:
    """Return the files to unpack by their path below ``top``, after a look at all of them."""
    infos = opened.infolist()
    if len(infos) > MAX_FILES:
        raise _refused(f"it holds {len(infos):,} files")
    wanted: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        parts = _safe_parts(info)
        if not info.is_dir() and parts[0] == top and len(parts) > 1:
            wanted["/".join(parts[1:])] = info
    if len({name.casefold() for name in wanted}) < len(wanted) or len(wanted) < sum(
        not info.is_dir() and info.filename.startswith(f"{top}/") for info in infos
    ):
        raise _refused("it holds two files of one name")
    total = sum(info.file_size for info in infos)
    if total > max_bytes:
        raise _refused(f"it would take {total / 1e6:,.0f} MB unpacked")
    return wanted


def _safe_parts(info: zipfile.ZipInfo) -> list[str]:
    """Return a path's parts; refuse whatever could leave the folder or be more than a file."""
    name = info.orig_filename
    parts = name.rstrip("/").split("/")
    if any(sign in name for sign in "\\\0:") or any(
        part in ("", ".", "..") or part.split(".")[0].lower() in _DEVICES for part in parts
    ) or not name.isprintable() or len(name) > 200:
        raise _refused(f"it holds a file outside its folder ({name[:100]!r})")
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(f"it holds a link or a device ({name[:100]!r})")
    if info.flag_bits & 1 or info.compress_type not in _KINDS:
        raise _refused(f"{name[:100]!r} is encrypted or packed in an unusual way")
    if info.file_size > BLOCK and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise _refused(f"{name[:100]!r} would grow more than {MAX_RATIO} times")
    return parts


def _write(source: IO[bytes], path: Path, size: int) -> Generator[int]:
    """Write one file; yield the size of each block."""
    n_here = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as target:
            while block := _read(source):
                n_here += len(block)
                if n_here > size:
                    raise zipfile.BadZipFile(f"{path.name} is longer than it says")
                target.write(block)
                yield len(block)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        raise StorageError(
            f"{path} could not be written ({(error.strerror or str(error)).lower()}): make room "
            "or choose another folder, and try again.") from error
    if n_here != size:
        raise zipfile.BadZipFile(f"{path.name} is shorter than it says")


def _read(source: IO[bytes]) -> bytes:
    """Read a block; an error in reading is the archive's, not the disk's."""
    try:
        return source.read(BLOCK)
    except OSError as error:
        raise zipfile.BadZipFile(str(error)) from error


def _refused(reason: str) -> DataError:
    return DataError(
        f"The archive is not what was expected, {reason}: nothing was unpacked; try again later, "
        "or from another network.")


def _shown(archive: Path) -> str:
    return archive.name.removesuffix(".part")
