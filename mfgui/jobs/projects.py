"""The ratings of a project: kept with where they came from, and found again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.data.import_report import ImportReport
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions, describe_options
from mfgui.errors import DataError, ProjectError
from mfgui.jobs.files import OpenedRatings, Path, open_file, open_sample, open_textbook
from mfgui.store.project import Project, SourceInfo, create_project, open_project, ratings_checksum

LOCATE = 'use "Locate..." or --locate FILE to say where it is now'
MAKERS = {"sample": open_sample, "textbook": open_textbook}
MOST_KEPT_BYTES = 50_000_000  # of ratings that a project keeps where it is asked to
BYTES_A_RATING = 12
NAMES = {"sample": "sample", "textbook example": "textbook"}
"""The origins of ratings that come from no file, by the names of their reports."""


def open_or_create(path: Path) -> Project:
    """Return the project at a path, a new one where there is none.

    Raises
    ------
    ProjectError
        If it cannot be opened or made.
    """
    return open_project(path) if os.path.exists(os.fspath(path)) else create_project(path)


def source_info(
    opened: OpenedRatings, options: ReadOptions | None = None, *, origin: str = "",
    is_test: bool = False,
) -> SourceInfo:
    """Return where ratings came from, as a project keeps it.

    Parameters
    ----------
    opened : OpenedRatings
    options : ReadOptions or None
        How the file was asked to be read.
    origin : str
        "file", "sample", "textbook" or "text"; "" finds it out.
    is_test : bool
    """
    ratings, report = opened.ratings, opened.report
    origin = origin or _origin(opened)
    checksum = report.checksum if origin == "file" else ""
    return SourceInfo(
        0, origin, opened.path if origin == "file" else "", ratings.name,
        checksum or ratings_checksum(ratings), _plain_options(options), report.as_dict(),
        ratings.n_users, ratings.n_items, ratings.n_ratings, is_test=is_test)


def _origin(opened: OpenedRatings) -> str:
    """Return the word for where ratings came from."""
    if opened.path:
        return "file"
    return NAMES.get(opened.report.name, "text")


def _plain_options(options: ReadOptions | None) -> dict[str, Any]:
    """Return the options that were set; files named among them by their whole path."""
    values = options.as_dict() if options is not None else {}
    for info in describe_options():
        if info.kind == "file" and values.get(info.name):
            values[info.name] = os.path.abspath(values[info.name])
    return values


def kept_refusal(n_ratings: int) -> str:
    """Return why a project does not keep that many ratings, in a sentence; "" where it does."""
    n_bytes = n_ratings * BYTES_A_RATING
    if n_bytes <= MOST_KEPT_BYTES:
        return ""
    return (f"The ratings take {n_bytes / 1e6:,.0f} MB, and a project keeps up to "
            f"{MOST_KEPT_BYTES / 1e6:.0f}: they are read from their file again.")


def keep_source(
    project: Project, opened: OpenedRatings, options: ReadOptions | None = None, *,
    origin: str = "", is_test: bool = False, keep_ratings: bool | None = None,
) -> int:
    """Keep where ratings came from and return its id; the same ratings again have the same one.

    ``keep_ratings`` None keeps the ratings themselves where there is no file to read them from
    again, as of a pasted matrix.
    """
    info = source_info(opened, options, origin=origin, is_test=is_test)
    if keep_ratings is None:
        keep_ratings = info.origin == "text"
    return project.add_source(info, opened.ratings, keep_ratings=keep_ratings)


def open_source(
    control: Control, project: Project, source_id: int
) -> Iterator[OpenedRatings]:
    """Open the ratings of a project: those kept in it, or the file, read as it was read then.

    Raises
    ------
    ProjectError
        If the file has moved or changed; the sentence names the way out.
    DataError
        If it cannot be read.
    """
    info = project.source(source_id)
    control.report(f"Opening {info.name}")
    if info.has_ratings:
        kept = project.source_ratings(source_id)
        if kept is not None:
            yield _kept(info, kept)
            return
    if info.origin in MAKERS:
        *_, opened = MAKERS[info.origin](control)
        if ratings_checksum(opened.ratings) != info.checksum:
            raise ProjectError(
                f"This version of mfgui makes the {info.name} ratings otherwise than the one that "
                "trained on them: runs can be looked at, but not continued.")
        yield opened
        return
    if info.origin != "file":
        raise ProjectError(f"The ratings of {info.name} were not kept and come from no file: runs "
                           "can be looked at, but not continued.")
    yield _read(control, info, info.path)


def locate_source(
    control: Control, project: Project, source_id: int, path: Path
) -> Iterator[OpenedRatings]:
    """Read a file that has moved from where it is now, and remember the place.

    Raises
    ------
    ProjectError
        If it is another file than the one that was read then.
    DataError
        If it cannot be read.
    """
    info = project.source(source_id)
    opened = _read(control, info, os.path.abspath(os.fspath(path)))
    if not project.is_read_only:
        project.change_source(source_id, path=opened.path)
    yield opened


@dataclass(frozen=True)
class Located:
    """A ratings file of a project that was found again, and what the project calls it."""

    path: str
    names: tuple[str, ...]


def locate_file(control: Control, project: Project, path: Path) -> Iterator[Located]:
    """Remember where a ratings file of the project is now; it is known by its content.

    Raises
    ------
    ProjectError
        If it is none of the project's, or cannot be read.
    """
    from mfgui.data.reader import file_checksum

    place = os.path.abspath(os.fspath(path))
    control.report(f"Reading {place}")
    try:
        checksum = file_checksum(FilePath(place), lambda: control.is_stopped)
    except OSError as error:
        raise ProjectError(f"{place} cannot be read ({(error.strerror or str(error)).lower()}): "
                           "name the ratings file.") from error
    control.checkpoint()
    found = [info for info in project.sources()
             if info.origin == "file" and info.checksum == checksum]
    if not found:
        raise ProjectError(f"{os.path.basename(place)} is none of the ratings files of this "
                           "project, or has changed since: name the file as it was.")
    for info in found:
        project.change_source(info.id, path=place)
    yield Located(place, tuple(dict.fromkeys(info.name for info in found)))


def _read(control: Control, info: SourceInfo, path: str) -> OpenedRatings:
    """Return the ratings of a file, which must be the one that was read then."""
    name = os.path.basename(path)
    if not os.path.isfile(path):
        raise ProjectError(f"{name} is no longer at {path}: put it back, or {LOCATE}.")
    opened = None
    for event in open_file(control, path, options_of(info)):
        if not isinstance(event, Look):
            opened = event
    assert opened is not None
    if opened.report.checksum != info.checksum:
        raise ProjectError(
            f"{name} has changed since the project's runs were trained on it, so they can be "
            f"looked at but not continued: put the file back as it was, or {LOCATE}.")
    found = opened.ratings
    if (found.n_users, found.n_items, found.n_ratings) != (
            info.n_users, info.n_items, info.n_ratings):
        raise ProjectError(
            f"This version of mfgui reads {name} otherwise than the one that trained on it "
            f"({found.n_ratings:,} ratings now, {info.n_ratings:,} then): runs can be looked at, "
            "but not continued.")
    return opened


def options_of(info: SourceInfo) -> ReadOptions:
    """Return the options that a file was read with; they are untrusted."""
    names = {option.name for option in describe_options()}
    try:
        return ReadOptions(**{name: value for name, value in info.options.items()
                              if name in names})
    except (DataError, TypeError, ValueError, AttributeError) as error:
        raise ProjectError(f"How {info.name} was read is not kept soundly: open the file anew."
                           ) from error


def _file_then(info: SourceInfo) -> dict[str, Any]:
    """Return size and date of the file when it was read, where it still is in its place.

    Whoever watches it then notices that it is another one by now.
    """
    then, size = info.report.get("modified_at"), info.report.get("n_bytes")
    if not isinstance(then, float) or type(size) is not int or not os.path.isfile(info.path):
        return {}
    return {"modified_at": then, "n_bytes": size}


def _kept(info: SourceInfo, ratings: Ratings) -> OpenedRatings:
    """Return ratings that a project keeps, with a report on what they are."""
    from mfgui.data.statistics import described

    how = info.report.get("how")
    report = ImportReport(
        path=None, name=info.name, n_lines=ratings.n_ratings, n_ratings=ratings.n_ratings,
        n_users=ratings.n_users, n_items=ratings.n_items, separator="", has_header=False,
        columns=(), scale=ratings.scale, how=how if isinstance(how, str) else "",
        checksum=info.checksum, **_file_then(info))
    return OpenedRatings(ratings, described(report, ratings), info.path)
