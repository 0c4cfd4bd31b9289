"""The project that runs are recorded into, and where in it the open ratings stand.

Made when it is first needed, on whichever thread that is: a window in which nothing is opened
leaves no file, and the GUI thread waits for no disk. A run that begins before the ratings are in
the project puts them there itself.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QStandardPaths

from mfgui.errors import MfguiError, StorageError
from mfgui.training.events import Notice

if TYPE_CHECKING:
    from mfgui.core.ratings import Ratings
    from mfgui.data.import_report import ImportReport
    from mfgui.data.options import ReadOptions
    from mfgui.jobs.files import OpenedRatings
    from mfgui.jobs.recording import RunRecord
    from mfgui.store.project import Project

SUFFIX = ".mfgui"
_TRIES = 20


@dataclass(eq=False)
class Source:
    """Ratings that are open; ``kept`` is the project that has them, and their number there."""

    opened: OpenedRatings
    options: ReadOptions | None = None
    is_test: bool = False
    kept: tuple[Project, int] | None = None

    @property
    def ratings(self) -> Ratings:
        """The ratings."""
        return self.opened.ratings

    def id_in(self, project: Project | None) -> int | None:
        """Return their number in a project, None where it does not have them."""
        kept = self.kept
        return kept[1] if kept is not None and kept[0] is project else None


@dataclass(frozen=True, eq=False)
class ProjectReady:
    """A job's first event where it records: the project that it records into."""

    project: Project


def projects_folder() -> Path:
    """Return the folder of projects that nobody has named."""
    place = QStandardPaths.StandardLocation.AppLocalDataLocation
    return Path(QStandardPaths.writableLocation(place)) / "projects"


def is_unnamed(path: str | os.PathLike[str], folder: Path | None = None) -> bool:
    """Say whether a project lies where nobody has put it by name."""
    return Path(path).parent == (folder or projects_folder())


def opened_of(ratings: Ratings, report: ImportReport | None) -> OpenedRatings:
    """Return ratings that came with a model as if they had been read: what is known of them."""
    from mfgui.data.import_report import ImportReport
    from mfgui.jobs.files import OpenedRatings

    if report is None:
        report = ImportReport(
            path=None, name=ratings.name, n_lines=ratings.n_ratings, n_ratings=ratings.n_ratings,
            n_users=ratings.n_users, n_items=ratings.n_items, separator="", has_header=False,
            columns=(), scale=ratings.scale)
    return OpenedRatings(ratings, report)


class ProjectKeeper:
    """Holds the open project; all of it may be called from any thread.

    Attributes
    ----------
    folder : Path
        Where a project without a name is made.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or projects_folder()
        self._writing = threading.Lock()  # held while the disk works; never on the GUI thread
        self._lock = threading.Lock()
        self._project: Project | None = None
        self._source: Source | None = None
        self._test: Source | None = None
        self._keeps_ratings = False
        self._is_closed = False

    @property
    def project(self) -> Project | None:
        """The open project; None where none was needed yet."""
        return self._project

    @property
    def source(self) -> Source | None:
        """The open ratings."""
        return self._source

    @property
    def source_id(self) -> int | None:
        """The number of the open ratings in the project; None while they have none."""
        source = self._source
        return source.id_in(self._project) if source is not None else None

    def set_project(self, project: Project | None) -> None:
        """Take another project; the open ratings are put into it when they are needed."""
        with self._lock:
            self._project = project

    def set_source(self, source: Source | None) -> None:
        """Take other ratings; with them there are no test ratings."""
        with self._lock:
            self._source, self._test = source, None

    def set_test(self, source: Source | None) -> None:
        """Take other test ratings."""
        with self._lock:
            self._test = source

    def set_keeps_ratings(self, is_on: bool) -> None:
        """Keep the ratings themselves too, where they are not too many."""
        with self._lock:
            self._keeps_ratings = is_on
            if is_on:  # also those that stand in the project already
                for source in (self._source, self._test):
                    if source is not None:
                        source.kept = None

    def keep(self) -> Project | None:
        """Put the open ratings into the project, one that is made where there is none.

        None where nothing is open, the project is read-only, or the window closes.

        Raises
        ------
        MfguiError
            If the project cannot be made or written.
        """
        with self._writing:
            with self._lock:
                source, test = self._source, self._test
                if source is None or self._is_closed:
                    return None
            project = self._needed()
            if project is None or project.is_read_only:
                return None
            for each in (source, test):
                if each is not None and each.id_in(project) is None:
                    self._put(each, project)
            return project

    def _needed(self) -> Project | None:
        """Return the open project, a new one where there is none."""
        if self._project is not None:
            return self._project
        made = self._made()
        with self._lock:
            if self._project is None and not self._is_closed:
                self._project = made
                return made
        made.close()  # another was opened meanwhile, or the window closes
        made.path.unlink(missing_ok=True)
        return self._project

    def _put(self, source: Source, project: Project) -> None:
        """Put ratings into the project."""
        from mfgui.jobs.projects import keep_source

        source_id = keep_source(
            project, source.opened, source.options, is_test=source.is_test,
            keep_ratings=self._does_keep(source) or None)
        source.kept = project, source_id

    def ids(self, project: Project) -> tuple[int, int | None]:
        """Return the numbers of the open ratings and of the test ratings; after ``keep``."""
        with self._lock:
            source, test = self._source, self._test
        assert source is not None
        source_id = source.id_in(project)
        assert source_id is not None
        return source_id, test.id_in(project) if test is not None else None

    def _does_keep(self, source: Source) -> bool:
        from mfgui.jobs.projects import kept_refusal

        return self._keeps_ratings and not kept_refusal(source.ratings.n_ratings)

    def _made(self) -> Project:
        """Return a new project without a name."""
        from mfgui.store.project import create_project

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"{self.folder} cannot be made ({(error.strerror or str(error)).lower()}), so runs "
                "are not kept: choose a place by File > Save project as.") from error
        stamp = time.strftime("%Y-%m-%d %H.%M.%S")
        names = [stamp, *(f"{stamp} {k}" for k in range(2, _TRIES))]
        for name in names:
            path = self.folder / f"{name}{SUFFIX}"
            if not path.exists():
                return create_project(path)
        raise StorageError(f"{self.folder} holds too many projects of this very second.")

    def close(self) -> Project | None:
        """Make no project any more; return the one that is open, for it to be closed."""
        with self._lock:
            self._is_closed = True
            return self._project


def begin_record(
    keeper: ProjectKeeper, ratings: Ratings, continued_from: int | None = None
) -> Generator[Any, None, RunRecord | None]:
    """Yield the project that a run is recorded into, or why it is not; return the record.

    A run trains all the same where nothing can be written: its curve and model are worth having.
    """
    from mfgui.jobs.recording import RunRecord

    try:
        project = keeper.keep()
    except MfguiError as error:
        yield Notice("warning", f"This run is not kept: {error}")
        return None
    source = keeper.source
    if project is None or source is None or source.ratings is not ratings:
        return None
    yield ProjectReady(project)
    source_id, test_id = keeper.ids(project)
    return RunRecord(project, source_id, test_id, continued_from=continued_from)
