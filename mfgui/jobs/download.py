"""The job that gets a public data set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mfgui.core.control import Control


@dataclass(frozen=True)
class Downloaded:
    """A data set that lies whole on this computer.

    Parameters
    ----------
    name, folder : str
    path : str
        Of the ratings file.
    titles : str
        Of the file with the items' titles; "" where there is none.
    """

    name: str
    folder: str
    path: str
    titles: str = ""


def download_data(
    control: Control, name: str, folder: str | os.PathLike[str] | None = None
) -> Iterator[Downloaded]:
    """Get a public data set; one that is there already is not fetched again.

    Whoever starts this has shown the terms of use and had them accepted.

    Parameters
    ----------
    control : Control
    name : str
        One of `mfgui.data.downloads.PUBLIC_DATA`.
    folder : path-like, optional
        Where to keep it; default: the user's data folder.

    Raises
    ------
    DataError
        If there is no such data set, or it cannot be fetched whole.
    StorageError
        If it cannot be written.
    CancelledError
        If the control was stopped.
    """
    from mfgui.data.downloads import download, find_entry, public_folder

    entry = find_entry(name)
    place = public_folder() if folder is None else Path(folder).absolute()
    found = download(entry, place, control)
    yield Downloaded(
        name, os.fspath(found.folder), os.fspath(found.ratings), os.fspath(found.titles or ""))
