"""Files of other programs, known by how they begin, each with what to do about it."""

from __future__ import annotations

from mfgui.data.encodings import decode_head, find_encoding
from mfgui.errors import DataError

EXPECTED = "a ratings file has a user, an item and a rating in each line"

OF_FORMATS = (b"SQLite format 3\0", b"PAR1", b"\x93NUMPY", b"PK\x03\x04", b"PK\x05\x06")
"""How the binary files begin that are of a format of their own, which looks at them itself."""

PICKLE = "is a Python pickle, which can run programs and is never opened: save it as CSV"
PICTURE = "is a picture: choose a file of ratings"
WEB_PAGE = "is a web page: download the file that it links to"

FOREIGN = (
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it and open the ratings file inside"),
    (b"Rar!", "is a RAR archive: unpack it and open the ratings file inside"),
    (b"\x89HDF", "is an HDF5 file: export the ratings as CSV"),
    (b"MATLAB 5.0", "is a MATLAB file: export the ratings as CSV"),
    (b"ARROW1", "is an Arrow file: export the ratings as Parquet or CSV"),
    (b"FEA1", "is a Feather file: export the ratings as Parquet or CSV"),
    (b"RDX", "is an R workspace: write the ratings with write.csv"),
    (b"X\n\0\0\0", "is an R object: write the ratings with write.csv"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook: save it as .xlsx or CSV"),
    (b"\x80\x04\x95", PICKLE),
    (b"\x80\x05\x95", PICKLE),
    (b"%PDF", "is a PDF document: export its table as CSV"),
    (b"\x89PNG", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"GIF8", PICTURE),
    (b"<!DOCTYPE html", WEB_PAGE),
    (b"<!doctype html", WEB_PAGE),
    (b"<html", WEB_PAGE),
    (b"version https://git-lfs", "only points to the file: fetch that with git lfs pull"),
)
"""What stands first in a file, and what to say of it."""

PACKED_INSIDE = {
    b"SQLite format 3\0": "an SQLite database", b"PAR1": "a Parquet file",
    b"\x93NUMPY": "a NumPy file", b"PK": "a ZIP archive or workbook", b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file", b"\xfd7zXZ": "an xz file", b"\x28\xb5\x2f\xfd": "a zstd file",
}


def refuse_foreign(head: bytes, name: str, compression: str, is_whole: bool) -> None:
    """Refuse what is empty, another program's, packed twice or no text.

    Parameters
    ----------
    head : bytes
        How the file begins, decompressed.
    name : str
    compression : str
    is_whole : bool
        Whether ``head`` is all there is.

    Raises
    ------
    DataError
        In one sentence.
    """
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise DataError(f"{name} is empty: {EXPECTED}.")
    for magic, sentence in FOREIGN:
        if head.startswith(magic):
            raise DataError(f"{name} {sentence}.")
    if head[257:262] == b"ustar":
        raise DataError(f"{name} is a tar archive: unpack it and open the ratings file inside.")
    if compression != "none":
        for magic, kind in PACKED_INSIDE.items():
            if head.startswith(magic):
                raise DataError(f"{name} has {kind} packed inside: unpack it and open that.")
    if not head.startswith(OF_FORMATS):
        _check_text(head, name, is_whole)


def _check_text(head: bytes, name: str, is_whole: bool) -> None:
    text = decode_head(head[:65536], find_encoding(head, is_whole))
    if not text.strip():
        raise DataError(f"{name} is empty: {EXPECTED}.")
    if sum(map(text.count, _CONTROL_SIGNS)) * 100 > len(text):
        raise DataError(f"{name} is not text: {EXPECTED}.")


_CONTROL_SIGNS = [chr(code) for code in range(32) if chr(code) not in "\t\n\r\x0b\x0c"]
