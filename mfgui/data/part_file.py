"""The part of an archive that has come so far, so that a download goes on where it broke off.

Beside ``ml-1m.zip.part`` lies ``ml-1m.zip.part.json`` with what names the server's state of the
file (its ETag or its date): the rest is asked for only on condition that it is still the same
(``If-Range``), and where the server does not keep to that, the checksum tells and all comes anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from mfgui.core.control import Control
from mfgui.data.fetch import BrokenOffError
from mfgui.data.public_data import PublicData, bytes_text
from mfgui.data.web import Head, host_of
from mfgui.errors import DataError, StorageError

UNKNOWN_GROWTH = 4  # an archive without a fixed checksum may have grown, but not more than this


class PartFile:
    """An archive on its way; a context manager that closes the file and leaves it there.

    Parameters
    ----------
    folder : Path
    entry : PublicData
    """

    def __init__(self, folder: Path, entry: PublicData) -> None:
        self.path = folder / f"{entry.name}.zip.part"
        self._note_path = folder / f"{entry.name}.zip.part.json"
        self._entry = entry
        self._file: BinaryIO | None = None
        self._note = self._read_note()
        self.n_bytes = self._size()
        self.n_resumed = self.n_bytes
        self.total: int | None = None

    @property
    def max_bytes(self) -> int:
        """More than this is never taken."""
        return self._entry.n_bytes * (1 if self._entry.md5 else UNKNOWN_GROWTH)

    def _size(self) -> int:
        """Return how much of it can be gone on from."""
        try:
            size = self.path.stat().st_size
        except OSError:
            return 0
        is_whole = bool(self._entry.md5) and size == self._entry.n_bytes
        is_of_use = self._note.get("validator") or (self._note and is_whole)
        return size if is_of_use and size <= self.max_bytes else 0

    def _read_note(self) -> dict[str, str]:
        """Return what is known of the part; empty where it is another address's or unreadable."""
        with contextlib.suppress(OSError, ValueError, RecursionError):
            note = json.loads(self._note_path.read_text(encoding="utf-8"))
            if (isinstance(note, dict) and note.get("url") == self._entry.url
                    and isinstance(note.get("validator"), str)):
                return {"url": note["url"], "validator": note["validator"]}
        return {}

    def request_headers(self) -> dict[str, str]:
        """Return what asks for the rest, or nothing where all is to come."""
        validator = self._note.get("validator")
        if not self.n_bytes or not validator:
            return {}
        return {"Range": f"bytes={self.n_bytes}-", "If-Range": validator}

    def begin(self, head: Head) -> None:
        """Make ready for what the server is about to send: the rest, or the whole anew.

        Raises
        ------
        DataError
            If it is not of the size that was published.
        BrokenOffError
            If it is another range than the one asked for.
        """
        if head.is_rest and head.start != self.n_bytes:
            self.forget()
            raise BrokenOffError("another part of the file came than the one asked for")
        self._check_total(head.total)
        self.total = head.total
        self.close()
        self._note = {"url": self._entry.url, "validator": head.validator}
        try:
            self._note_path.write_text(json.dumps(self._note), encoding="utf-8")
            self._file = self.path.open("ab" if head.is_rest else "wb")
        except OSError as error:
            raise self._not_written(error) from error
        self.n_bytes = self.n_bytes if head.is_rest else 0
        self.n_resumed = self.n_bytes

    def _check_total(self, total: int | None) -> None:
        entry = self._entry
        expected = entry.n_bytes if entry.md5 else self.max_bytes
        if total is not None and (total > expected or (entry.md5 and total != expected)):
            raise DataError(
                f"{host_of(entry.url)} offers {total:,} bytes where {entry.label} has "
                f"{entry.n_bytes:,}: it is not the file that was published, and nothing was kept; "
                "try again later, or from another network.")

    def write(self, chunk: bytes) -> None:
        """Add what came.

        Raises
        ------
        DataError
            If more comes than there is.
        StorageError
            If it cannot be written.
        """
        assert self._file is not None
        if self.n_bytes + len(chunk) > self.max_bytes:
            self.forget()
            raise DataError(
                f"{host_of(self._entry.url)} sends more than the {bytes_text(self.max_bytes)} that "
                f"{self._entry.label} has: nothing was kept; try again later.")
        try:
            self._file.write(chunk)
        except OSError as error:
            raise self._not_written(error) from error
        self.n_bytes += len(chunk)

    def finish(self) -> None:
        """Close; say where the whole has not come.

        Raises
        ------
        BrokenOffError
        """
        self.close()
        expected = self._entry.n_bytes if self._entry.md5 else self.total
        if expected is not None and self.n_bytes < expected:
            raise BrokenOffError("the connection ended early")

    def checksum(self, control: Control) -> str:
        """Return the MD5 of what is there."""
        digest = hashlib.md5(usedforsecurity=False)
        try:
            with self.path.open("rb") as file:
                while block := file.read(1 << 20):
                    control.checkpoint()
                    digest.update(block)
        except OSError as error:
            raise self._not_written(error) from error
        return digest.hexdigest()

    def forget(self) -> None:
        """Remove the part, so that all comes anew."""
        self.close()
        for path in (self.path, self._note_path):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        self._note, self.n_bytes, self.n_resumed = {}, 0, 0

    def close(self) -> None:
        """Close the file; what it holds stays."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                raise self._not_written(error) from error

    def _not_written(self, error: OSError) -> StorageError:
        reason = (error.strerror or str(error)).lower()
        return StorageError(
            f"{self.path} could not be written ({reason}): make room or choose another folder, "
            "and try again; what has come is kept.")

    def __enter__(self) -> PartFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(StorageError):
            self.close()
