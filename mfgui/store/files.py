"""Writing files of people: beside, then renamed, so that no half file is ever left."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from mfgui.errors import StorageError


@contextlib.contextmanager
def write_beside(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give the name of a new file beside ``path``; it takes ``path``'s place at the end.

    Raises
    ------
    StorageError
        If it cannot be written: no permission, no folder, a full disk. What stood at ``path``
        before is untouched, and nothing half-written is left.
    """
    target = Path(path)
    if not target.name or os.path.isdir(target):
        raise StorageError(f"{target} is a folder: name a file in it.")
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        with temporary.open("r+b") as written:  # Windows syncs only what may be written
            os.fsync(written.fileno())
        temporary.replace(target)
        with contextlib.suppress(OSError):  # it is there; some network drives sync no folders
            sync_folder(target.parent)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "the system did not say why"
        raise StorageError(
            f"{target} could not be written ({reason[0].lower() + reason[1:]}): choose another "
            "place, or make room and try again.") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Have the system write a folder's names to the disk: else a new one is lost with the power.

    Windows does that by itself.
    """
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
