"""Sparse matrices as SciPy's ``save_npz`` writes them, read without SciPy and without pickle.

An entry that is written as 0 is a rating of 0; what is not written is missing.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.data.formats import arrays
from mfgui.data.look import N_ROWS, Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import Source
from mfgui.data.streams import WatchedFile
from mfgui.errors import DataError

KINDS = {
    "csr": ("data", "indices", "indptr"), "csc": ("data", "indices", "indptr"),
    "coo": ("data", "row", "col"),
}
MOST_ARRAYS = 64


@dataclass(frozen=True)
class Npz:
    """A sparse matrix with a row a user and a column an item."""

    name: str = "npz"
    label: str = "SciPy sparse matrix"
    extensions: tuple[str, ...] = (".npz",)

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return 1 for a ZIP archive whose first file is an array."""
        return 1.0 if _is_npz(source) else 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first entries and what each option would be."""
        matrix = _read(source, Control())
        user, item = _indices(matrix, min(N_ROWS, matrix.data.size), Control())
        rows = tuple(
            (str(n), str(m), arrays.as_rating(value))
            for n, m, value in zip(user, item, matrix.data[:N_ROWS], strict=True))
        return Look(
            self.name, arrays.filled(options, format=self.name), (), rows,
            ("row", "column", "value"), ("user", "item", "rating"))

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the entries in the order in which they are written."""
        control.report(f"Reading {source.name}")
        matrix = _read(source, control)
        user, item = _indices(matrix, matrix.data.size, control)
        for index, size in ((user, matrix.shape[0]), (item, matrix.shape[1])):
            if index.size and (int(index.min()) < 0 or int(index.max()) >= size):
                raise _damaged(source)
        n, m = matrix.shape
        reading = Reading(
            f"SciPy {matrix.kind} matrix, {n:,} x {m:,}; users and items are the numbers of rows "
            "and columns from 0", ("user", "item", "rating"))
        return arrays.raw_of(
            user, item, matrix.data, reading, control, n_read=matrix.data.size, losses={},
            noun="entry")


@dataclass(frozen=True, eq=False)
class _Matrix:
    kind: str
    shape: tuple[int, int]
    data: NDArray[Any]
    first: NDArray[Any]
    second: NDArray[Any]


def _is_npz(source: Source) -> bool:
    """Return whether the name of the first file in the archive ends in .npy."""
    if not source.head.startswith(b"PK\x03\x04"):
        return False
    size = int.from_bytes(source.head[26:28], "little")
    return source.head[30 : 30 + size].endswith(b".npy")


def _read(source: Source, control: Control) -> _Matrix:
    """Return the arrays of the matrix, checked against each other.

    Raises
    ------
    DataError
        If it is damaged, no sparse matrix or one of another kind.
    """
    try:
        with WatchedFile(source.path, control) as file, zipfile.ZipFile(file) as archive:
            members = {
                info.filename.removesuffix(".npy"): info
                for info in archive.infolist()[:MOST_ARRAYS]}
            kind = _kind(archive, members, source, control)
            names = ("shape", *KINDS[kind])
            if any(name not in members for name in names):
                raise _damaged(source)
            total = sum(members[name].file_size for name in names)
            arrays.check_memory(2 * total, source)
            shape, data, first, second = (
                _array(archive, members[name], source, control) for name in names)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
            ValueError, OverflowError) as error:
        raise _damaged(source) from error
    return _checked(kind, shape, data, first, second, source)


def _kind(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], source: Source,
    control: Control,
) -> str:
    if "format" not in members or "data" not in members:
        names = ", ".join(arrays_shown(list(members)))
        raise DataError(
            f"{source.name} holds {names or 'nothing'} and is no sparse matrix as "
            "scipy.sparse.save_npz writes it: save one array of it with numpy.save.")
    content = _array(archive, members["format"], source, control)
    text = content.reshape(-1)[:1].tolist() if content.dtype.kind in "SU" else []
    kind = text[0].decode("latin-1") if text and isinstance(text[0], bytes) else "".join(text)
    if kind not in KINDS:
        shown = "".join(sign for sign in kind if sign.isalnum())[:20] or "unknown"
        raise DataError(
            f"{source.name} is a sparse matrix of the kind {shown}: save matrix.tocsr() instead.")
    return kind


def arrays_shown(names: list[str]) -> list[str]:
    """Return the first names of arrays as they can stand in a sentence."""
    return ["".join(sign if sign.isprintable() else "?" for sign in name[:40])
            for name in names[:8]]


def _array(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: Source, control: Control
) -> NDArray[Any]:
    """Return one array; no more is read than its header and the archive both declare."""
    with archive.open(info) as file:
        shape, is_fortran, dtype = arrays.read_header(file, source.name)
        count = 1
        for length in shape:
            count *= length
        n_bytes = count * dtype.itemsize
        if n_bytes > info.file_size or len(shape) > 2:
            raise _damaged(source)
        content = _bytes(file, n_bytes, control)
        if content.size != n_bytes or file.read(1):
            raise _damaged(source)
    array = content.view(dtype) if dtype.itemsize else np.zeros(count, dtype)
    return array.reshape(shape, order="F" if is_fortran else "C")


def _bytes(file: IO[bytes], n_bytes: int, control: Control) -> NDArray[np.uint8]:
    """Return up to ``n_bytes``, which are believed only as they come."""
    pieces, missing = [np.empty(0, np.uint8)], n_bytes
    while missing and (piece := file.read(min(missing, 1 << 20))):
        control.checkpoint()
        pieces.append(np.frombuffer(piece, np.uint8))
        missing -= len(piece)
    return np.concatenate(pieces)


def _checked(
    kind: str, shape: NDArray[Any], data: NDArray[Any], first: NDArray[Any],
    second: NDArray[Any], source: Source,
) -> _Matrix:
    whole = all(array.ndim == 1 and array.dtype.kind in "iu" for array in (shape, first, second))
    if not whole or shape.size != 2 or data.ndim != 1 or data.size != first.size:
        raise _damaged(source)
    if data.dtype.kind not in arrays.READABLE:
        raise DataError(f"{source.name} holds {data.dtype} numbers: save real ones.")
    if data.size > arrays.MOST_RATINGS:
        raise DataError(f"{source.name} has more than 2,147,483,647 entries: save a part of it.")
    rows, columns = (int(length) for length in shape)
    if not 0 <= rows < 2**62 or not 0 <= columns < 2**62:
        raise _damaged(source)
    if kind == "coo":
        if second.size != data.size:
            raise _damaged(source)
    elif not _are_pointers(second, rows if kind == "csr" else columns, data.size):
        raise _damaged(source)
    return _Matrix(kind, (rows, columns), data, first, second)


def _are_pointers(pointers: NDArray[Any], n_lines: int, n: int) -> bool:
    if pointers.size != n_lines + 1 or int(pointers[0]) != 0 or int(pointers[-1]) != n:
        return False
    return bool((pointers[1:] >= pointers[:-1]).all())


def _indices(
    matrix: _Matrix, n: int, control: Control
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return row and column of the first ``n`` entries."""
    if matrix.kind == "coo":
        return matrix.first[:n], matrix.second[:n]
    lines = np.empty(n, np.int64)
    for part in arrays.blocks(n, control):
        # The line of an entry is the last one that begins at or before it.
        places = np.arange(part.start, part.stop)
        lines[part] = np.searchsorted(matrix.second, places, "right") - 1
    first = matrix.first[:n]
    return (lines, first) if matrix.kind == "csr" else (first, lines)


def _damaged(source: Source) -> DataError:
    return DataError(
        f"{source.name} is a damaged or incomplete .npz file: copy it or save it again.")
