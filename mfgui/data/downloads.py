"""Public data sets: fetched once, checked, unpacked, and kept in the user's data folder.

A data set's folder takes its name only when everything in it has been written; what is on its way
lies beside it under names that end in ``.part``.
"""

from __future__ import annotations

import re
import secrets
import threading
from pathlib import Path

from mfgui.core.control import Control
from mfgui.data.fetch import BrokenOffError, Line
from mfgui.data.part_file import PartFile
from mfgui.data.public_data import PAGE, PUBLIC_DATA, PublicData, bytes_text
from mfgui.data.public_folder import (
    NOTE,
    CachedData,
    alone,
    cached,
    clear_up,
    data_folder,
    make_folder,
    not_writable,
    public_folder,
    require_room,
    write_note,
)
from mfgui.data.safe_unzip import unpack
from mfgui.data.web import RangeError, host_of
from mfgui.errors import DataError, StorageError

__all__ = [
    "PUBLIC_DATA", "CachedData", "PublicData", "bytes_here", "bytes_text", "cached", "data_folder",
    "download", "find_entry", "public_folder",
]

PATIENCE_S = 20.0
N_TRIES = 5  # a line that breaks off is taken up again so often
RETRY_WAIT_S = 1.0
FETCH_SHARE = 0.9  # of the progress; the rest is unpacking


def find_entry(name: str) -> PublicData:
    """Return the data set of that name.

    Raises
    ------
    DataError
        If there is none.
    """
    if name not in PUBLIC_DATA:
        raise DataError(f"There is no data set {name!r}: choose one of {', '.join(PUBLIC_DATA)}.")
    return PUBLIC_DATA[name]


def bytes_here(entry: PublicData, folder: Path) -> int:
    """Return how much of an archive has come in an earlier try."""
    return PartFile(folder, entry).n_bytes


def download(
    entry: PublicData, folder: Path, control: Control, *, patience_s: float | None = None
) -> CachedData:
    """Return the data set; fetch what is not there yet.

    Parameters
    ----------
    entry : PublicData
    folder : Path
        Where data sets are kept; made if it is not there.
    control : Control
        Carries progress out and Cancel in, which is obeyed within 0.2 s.
    patience_s : float, optional
        So long a server may be silent.

    Raises
    ------
    DataError
        If it cannot be fetched, or what came is not what was published.
    StorageError
        If it cannot be written, or there is no room.
    CancelledError
        If the control was stopped; what has come is kept, and the next try goes on from there.
    """
    found = cached(entry, folder)
    if found is not None:
        return found
    patience_s = PATIENCE_S if patience_s is None else patience_s
    make_folder(folder)
    with alone(entry, folder), PartFile(folder, entry) as part:
        found = cached(entry, folder)
        if found is not None:  # another mfgui has just brought it
            return found
        clear_up(entry, folder)
        missing = max(entry.n_bytes - part.n_bytes, 0)
        require_room(entry, folder, missing + entry.n_unpacked_bytes)
        wanted = entry.md5 or _published_md5(entry, control, patience_s)
        _fetch_checked(entry, part, wanted, control, patience_s)
        try:
            result = _unpack_beside(entry, folder, part, wanted, control)
        except DataError:
            part.forget()
            raise
        part.forget()
    return result


# -- fetching ---------------------------------------------------------------------------------


def _fetch_checked(
    entry: PublicData, part: PartFile, wanted: str, control: Control, patience_s: float
) -> None:
    """Fetch until the checksum is right; what was put together from two tries gets a third."""
    for is_last in (False, True):
        if not (entry.md5 and part.n_bytes == entry.n_bytes):
            _fetch(entry, part, control, patience_s)
        control.report(f"Checking {entry.label}", FETCH_SHARE)
        if part.checksum(control) == wanted:
            return
        was_resumed = part.n_resumed > 0
        part.forget()
        if is_last or not was_resumed:
            break
    raise DataError(
        f"What {host_of(entry.url)} sent is not {entry.label} as it was published (its checksum "
        "differs), and nothing was kept: try again later, or from another network.")


def _fetch(entry: PublicData, part: PartFile, control: Control, patience_s: float) -> None:
    """Fetch what is missing; take a broken line up again a few times."""
    began_with = part.n_bytes
    for n_try in range(1, N_TRIES + 1):
        try:
            with Line(entry.url, part.request_headers(), control, patience_s) as line:
                part.begin(line.head())
                for chunk in line.chunks():
                    part.write(chunk)
                    _report(entry, part, began_with, control)
            part.finish()
            return
        except RangeError:
            part.forget()
        except BrokenOffError as error:
            if n_try == N_TRIES:
                raise DataError(
                    f"The connection to {host_of(entry.url)} fails ({error}): try again later; "
                    "what has come is kept, and the download goes on from there.") from error
            _wait(control, RETRY_WAIT_S)
    raise DataError(f"{host_of(entry.url)} does not send {entry.label}: try again later.")


def _report(entry: PublicData, part: PartFile, began_with: int, control: Control) -> None:
    """Say how far it is; the share is that of this try, so that the time left is right."""
    whole = part.total or entry.n_bytes
    began_with = min(began_with, part.n_resumed)
    share = (part.n_bytes - began_with) / max(whole - began_with, 1)
    control.report(
        f"Downloading {entry.label}, {bytes_text(part.n_bytes)} of {bytes_text(whole)}",
        FETCH_SHARE * min(share, 1.0))


def _published_md5(entry: PublicData, control: Control, patience_s: float) -> str:
    """Fetch the checksum that lies beside an archive."""
    control.report(f"Asking for the checksum of {entry.label}")
    try:
        with Line(f"{entry.url}.md5", {}, control, patience_s) as line:
            line.head()
            text = b""
            for chunk in line.chunks():
                text += chunk
                if len(text) > 4096:
                    break
    except (BrokenOffError, RangeError) as error:
        raise DataError(
            f"The connection to {host_of(entry.url)} fails ({error}): try again later.") from error
    found = re.findall(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", text.decode("latin-1").lower())
    if len(found) != 1:
        raise DataError(
            f"{host_of(entry.url)} does not tell the checksum of {entry.label}, so that it could "
            f"not be checked: try again later, or get it by hand from {PAGE}.")
    return str(found[0])


def _wait(control: Control, seconds: float) -> None:
    """Wait a little, unless cancelled."""
    stopped = threading.Event()
    control.when_stopped(stopped.set)
    stopped.wait(seconds)
    control.checkpoint()


def _unpack_beside(
    entry: PublicData, folder: Path, part: PartFile, md5: str, control: Control
) -> CachedData:
    """Unpack into a folder that takes its name at the end."""
    beside = folder / f".{entry.name}.{secrets.token_hex(4)}.part"
    target = folder / entry.name
    try:
        beside.mkdir()
        files = unpack(
            part.path, beside, entry.top, 3 * entry.n_unpacked_bytes,
            lambda n_bytes: require_room(entry, folder, n_bytes),
            lambda share: _report_unpacking(entry, share, control))
        if entry.ratings not in files:
            raise DataError(
                f"The archive of {entry.label} lacks {entry.top}/{entry.ratings}: nothing was "
                f"kept; see {PAGE}.")
        write_note(entry, beside / NOTE, md5, files)
        control.checkpoint()
        if target.exists():  # a folder that somebody has changed: it was not taken for whole
            target.rename(folder / f".{entry.name}.{secrets.token_hex(4)}.part")
        beside.rename(target)
    except OSError as error:
        raise not_writable(folder, error) from error
    finally:
        clear_up(entry, folder)
    result = cached(entry, folder)
    if result is None:
        raise StorageError(f"{target} was changed while it was written: try again.")
    return result


def _report_unpacking(entry: PublicData, share: float, control: Control) -> None:
    control.checkpoint()
    control.report(f"Unpacking {entry.label}", FETCH_SHARE + (1 - FETCH_SHARE) * share)
