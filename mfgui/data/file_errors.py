"""What can be wrong with a file as such, each in one sentence."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from mfgui.data.streams import damage_errors, printable
from mfgui.errors import DataError


def shown_name(path: Path) -> str:
    """Return the file's name as one printable line."""
    return printable(path.name or str(path))


class told:
    """Turns what goes wrong with a file into one sentence.

    Written out rather than made with ``contextmanager``, since generators are left through it.
    """

    def __init__(self, path: Path, name: str, compression: str) -> None:
        self._path, self._name, self._compression = path, name, compression

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (DataError, GeneratorExit)) or error is None:
            return
        sentence = self._sentence(error)
        if sentence:
            raise DataError(f"{self._name} {sentence}.") from error

    def _sentence(self, error: BaseException) -> str:
        packed = self._compression != "none"
        if packed and isinstance(error, NotImplementedError):
            return "is packed in a way that cannot be read: unpack it and open the file inside"
        if packed and isinstance(error, (*damage_errors(), MemoryError, RuntimeError)):
            kind = {"zip": "ZIP archive"}.get(self._compression, f"{self._compression} file")
            return f"is a damaged or incomplete {kind}: copy or download it again"
        if isinstance(error, PermissionError):
            return "may not be read by this user: change its permissions or copy it"
        if isinstance(error, FileNotFoundError):
            return "is not there: check the name and the folder"
        if packed and isinstance(error, OSError) and error.errno is None:
            return f"is a damaged or incomplete {self._compression} file: copy or download it again"
        if isinstance(error, (OSError, ValueError)):
            reason = getattr(error, "strerror", None) or "its name is not a file name"
            return f"cannot be opened ({reason}): choose another file"
        return ""


def refuse_address(path: str | bytes) -> None:
    """Refuse a web address, which is no file."""
    text = os.fsdecode(path)
    if re.match(r"(https?|ftp|s3|gs|hf)://", text, re.I):
        raise DataError(
            f"{printable(text)} is a web address: download the file and open that.")


def check_kind(path: Path, name: str) -> None:
    """Refuse folders, devices, pipes and sockets before they are opened."""
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise DataError(f"{name} is a folder: choose the ratings file inside.")
    if not stat.S_ISREG(mode):
        raise DataError(f"{name} is a device or a pipe: save the ratings to a file first.")
