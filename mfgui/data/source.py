"""A file before it is read: whether it is there, is a file and is text, and how it begins.

Everything that can be said without reading the file to its end is said here, so that a format
meets only plain or gzip text.
"""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path

from mfgui.errors import DataError

HEAD_BYTES = 1 << 20
"""How much of a file is looked at to find out its layout, after decompression."""

EXPECTED = "a ratings file has a user, an item and a rating in each line"

# What other programs' files begin with, and what to do with them.
FOREIGN = (
    (b"PK\x03\x04", "is a ZIP archive (or a spreadsheet): unpack it, or save the sheet as CSV"),
    (b"PK\x05\x06", "is an empty ZIP archive: choose the ratings file itself"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it and open the ratings file inside"),
    (b"Rar!", "is a RAR archive: unpack it and open the ratings file inside"),
    (b"BZh", "is compressed with bzip2: unpack it, or compress it with gzip"),
    (b"\xfd7zXZ\x00", "is compressed with xz: unpack it, or compress it with gzip"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd: unpack it, or compress it with gzip"),
    (b"SQLite format 3\x00", "is an SQLite database: export the ratings as CSV"),
    (b"PAR1", "is a Parquet file: export the ratings as CSV"),
    (b"\x89HDF", "is an HDF5 file: export the ratings as CSV"),
    (b"\x93NUMPY", "is a NumPy file: export the ratings as CSV"),
    (b"\xff\xfe", "is UTF-16 text: save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text: save it as UTF-8"),
    (b"%%MatrixMarket", "is a MatrixMarket file: export it as lines of user, item and rating"),
)


@dataclass(frozen=True)
class Source:
    """A readable file of text.

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
        ``none`` or ``gzip``, by the file's first bytes whatever its name says.
    """

    path: Path
    name: str
    head: bytes
    is_whole: bool
    compression: str


def open_source(path: str | os.PathLike[str]) -> Source:
    """Look at a file and how it begins.

    Raises
    ------
    DataError
        If it is no readable, regular, non-empty file of text.
    """
    absolute = Path(os.path.abspath(os.fspath(path)))
    name = shown_name(absolute)
    try:
        _check_kind(absolute, name)
        with open(absolute, "rb") as file:
            compression = "gzip" if file.read(2) == b"\x1f\x8b" else "none"
        head = _read_head(absolute, compression)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(name) from error
    except PermissionError as error:
        raise DataError(
            f"{name} may not be read by this user: change its permissions or copy it."
        ) from error
    except FileNotFoundError as error:
        raise DataError(f"{name} is not there: check the name and the folder.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not a file name"
        raise DataError(f"{name} cannot be opened ({reason}): choose another file.") from error
    _check_text(head, name)
    return Source(absolute, name, head[:HEAD_BYTES], len(head) <= HEAD_BYTES, compression)


def shown_name(path: Path) -> str:
    """Return the file's name as one printable line."""
    name = path.name or str(path)
    text = "".join(sign if sign.isprintable() else "?" for sign in name)
    return text if len(text) <= 80 else text[:77] + "..."


def damaged(name: str) -> DataError:
    """Return the failure of a gzip file that breaks off or does not match its checksum."""
    return DataError(f"{name} is a damaged or incomplete gzip file: copy or download it again.")


def _check_kind(path: Path, name: str) -> None:
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise DataError(f"{name} is a folder: choose the ratings file inside.")
    if not stat.S_ISREG(mode):
        raise DataError(f"{name} is a device or a pipe: save the ratings to a file first.")


def _read_head(path: Path, compression: str) -> bytes:
    """Return up to one byte more than the head, so that its end can be told."""
    if compression == "none":
        with open(path, "rb") as file:
            return file.read(HEAD_BYTES + 1)
    with gzip.open(path, "rb") as file:
        return file.read(HEAD_BYTES + 1)


def _check_text(head: bytes, name: str) -> None:
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise DataError(f"{name} is empty: {EXPECTED}.")
    for magic, sentence in FOREIGN:
        if head.startswith(magic):
            raise DataError(f"{name} {sentence}.")
    sample = head[:65536]
    control_signs = len(sample) - len(sample.translate(None, _CONTROL_SIGNS))
    if b"\0" in head or control_signs * 100 > len(sample):
        raise DataError(f"{name} is not text: {EXPECTED}.")


_CONTROL_SIGNS = bytes(code for code in range(32) if code not in b"\t\n\r\x0b\x0c")
