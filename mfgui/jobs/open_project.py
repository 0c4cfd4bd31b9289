"""A project opened with what was looked at last: its ratings and a run of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mfgui.core.control import Control
from mfgui.data.options import ReadOptions
from mfgui.errors import DataError, HeldError, ProjectError, StorageError
from mfgui.jobs.files import OpenedRatings, Path, Written, check_place
from mfgui.jobs.projects import locate_source, open_source, options_of
from mfgui.jobs.runs import OpenedRun, open_run
from mfgui.store.project import (
    Project,
    RunInfo,
    SourceInfo,
    copy_project,
    create_project,
    open_project,
)

VIEW = "view"
"""The name by which a project keeps what was looked at: {"source": id, "run": id, ...}."""


@dataclass(frozen=True, eq=False)
class ProjectOpened:
    """A project with its runs."""

    project: Project
    runs: tuple[RunInfo, ...]
    view: dict[str, Any]


@dataclass(frozen=True)
class ProjectHeld:
    """Another process has the project; nothing was opened."""

    path: str
    sentence: str


@dataclass(frozen=True, eq=False)
class SourceOpened:
    """The ratings of a project, and how they were asked to be read."""

    source: SourceInfo
    opened: OpenedRatings
    options: ReadOptions


@dataclass(frozen=True)
class SourceMissing:
    """Ratings of a project that are not to be had; ``is_moved`` where a person may find them.

    ``is_there``: a file is in their place, which is another one by now.
    """

    source: SourceInfo
    sentence: str
    is_moved: bool
    is_there: bool = False


Event = ProjectOpened | ProjectHeld | SourceOpened | SourceMissing | OpenedRun


def open_whole_project(
    control: Control, path: Path, mode: str = "write",
    note_open: Callable[[Project], None] | None = None,
) -> Iterator[Event]:
    """Open a project, its ratings, and the run that was looked at.

    Parameters
    ----------
    control : Control
    path : path
    mode : str
        "write" or "read".
    note_open : callable or None
        Is told of the project before anything else happens: whoever starts the job closes it.

    Raises
    ------
    ProjectError
        If it cannot be opened.
    """
    control.report(f"Opening {path}")
    try:
        project = open_project(path, mode)
    except HeldError as error:
        yield ProjectHeld(str(path), str(error))
        return
    if note_open is not None:
        note_open(project)
    runs, view = tuple(project.runs()), project.value(VIEW)
    view = view if isinstance(view, dict) else {}
    yield ProjectOpened(project, runs, view)
    run, source = _looked_at(project, runs, view)
    if source is None:
        return
    opened: SourceOpened | None = None
    for event in _open_source(control, project, source):
        yield event
        opened = event if isinstance(event, SourceOpened) else None
    if run is not None:
        yield from open_run(
            control, project, run.id, opened.opened.ratings if opened is not None else None)


def find_source(
    control: Control, project: Project, source_id: int, path: Path
) -> Iterator[SourceOpened]:
    """Open ratings from where they are now.

    Raises
    ------
    ProjectError
        If they are others.
    DataError
        If they cannot be read.
    """
    for opened in locate_source(control, project, source_id, path):
        source = project.source(source_id)
        yield SourceOpened(source, opened, options_of(source))


def open_run_with_source(
    control: Control, project: Project, run_id: int
) -> Iterator[SourceOpened | SourceMissing | OpenedRun]:
    """Open a run of ratings that are not open, and those with it.

    Raises
    ------
    ProjectError
        If what is kept of the run is damaged.
    """
    opened: SourceOpened | None = None
    for event in _open_source(control, project, project.source(project.run(run_id).source_id)):
        yield event
        opened = event if isinstance(event, SourceOpened) else None
    yield from open_run(
        control, project, run_id, opened.opened.ratings if opened is not None else None)


def _open_source(
    control: Control, project: Project, source: SourceInfo
) -> Iterator[SourceOpened | SourceMissing]:
    """Open ratings, or say why they are not to be had."""
    try:
        for opened in open_source(control, project, source.id):
            yield SourceOpened(source, opened, options_of(source))
    except (ProjectError, DataError) as error:
        is_file = source.origin == "file"
        yield SourceMissing(source, str(error), is_file, is_file and os.path.isfile(source.path))


def _looked_at(
    project: Project, runs: tuple[RunInfo, ...], view: dict[str, Any]
) -> tuple[RunInfo | None, SourceInfo | None]:
    """Return run and ratings that were looked at last; the view is untrusted."""
    by_id = {run.id: run for run in runs}
    sources = {source.id: source for source in project.sources()}
    number = view.get("run")
    run = by_id.get(number) if isinstance(number, int) else None
    if run is None and "source" not in view and runs:
        run = runs[-1]
    if run is not None and run.source_id in sources:
        return run, sources[run.source_id]
    wanted = view.get("source")
    if isinstance(wanted, int) and wanted in sources:
        return None, sources[wanted]
    last = [source for source in sources.values() if not source.is_test]
    return None, last[-1] if last else None


def save_project_as(
    control: Control, keep: Callable[[], Project | None], current: Project | None, to: Path,
    note_open: Callable[[Project], None] | None = None,
) -> Iterator[Project]:
    """Write a project to another place and open it there; a new one where there is none.

    Parameters
    ----------
    control : Control
    keep : callable
        Puts what is open into the project first, and returns it.
    current : Project or None
    to : path
        A file that is there is replaced.
    note_open : callable or None
        Is told of the project as soon as it is open.

    Raises
    ------
    ProjectError, StorageError
        If it cannot be written there.
    """
    control.report(f"Saving {to}")
    project = current
    if current is None or not current.is_read_only:
        try:
            project = keep()
        except StorageError:
            if current is not None:
                raise  # its disk is full, or gone: the copy would lack what is not written yet
    check_place(to)
    if project is not None and os.path.realpath(project.path) == os.path.realpath(to):
        raise ProjectError(f"{project.path.name} is open from there already: choose another name.")
    if os.path.exists(to):  # a person has agreed to replace it; only a project is
        open_project(to, "read").close()
    if project is not None:
        project.copy_to(to)
        made = open_project(to)
    else:
        if os.path.exists(to):
            open_project(to).close()  # which nobody has open
            os.unlink(to)
        made = create_project(to)
    if note_open is not None:
        note_open(made)
    yield made


def copy_project_file(control: Control, path: Path, to: Path) -> Iterator[Written]:
    """Copy a project, be it open elsewhere.

    Raises
    ------
    ProjectError, StorageError
        If it cannot be read, or written there.
    """
    control.report(f"Copying {path}")
    check_place(to)
    copy_project(path, to)
    yield Written(os.fspath(to))


def compact_project(control: Control, project: Project) -> Iterator[int]:
    """Have a project give back the room that it does not need; yields the bytes.

    Raises
    ------
    StorageError
        If the disk has no room to do it.
    """
    text = f"Compacting {project.path.name}"

    def progress(share: float) -> None:
        control.report(text, share)
        control.checkpoint()

    progress(0.0)
    yield project.compact(progress)
