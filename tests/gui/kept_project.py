"""A project with runs in it that nobody had to train, for tests of what is shown of runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mfgui.core.settings import as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.data.small_matrix import parse_matrix
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.projects import keep_source
from mfgui.store.project import NewRun, Project, RunInfo, create_project
from mfgui.training.events import EpochRecord

MATRIX = "5 3 ? 1\n4 ? ? 1\n1 1 ? 5\n? 1 5 4"


class KeptProject:
    """A new project with the ratings of a small matrix."""

    def __init__(self, folder: Path) -> None:
        ratings, report = parse_matrix(MATRIX)
        self.project: Project = create_project(folder / "kept.mfgui")
        self.source_id = keep_source(self.project, OpenedRatings(ratings, report))

    def add(
        self, solver: str = "adagrad", rmse: float | None = 0.9, n_epochs: int = 2,
        status: str = "finished", origin: dict[str, Any] | None = None, **settings: Any,
    ) -> RunInfo:
        """Keep a run whose best validation RMSE is ``rmse``."""
        chosen = SOLVERS[solver].settings_type(**settings)
        run = self.project.begin_run(NewRun(
            solver, as_dict(chosen), self.source_id, origin=origin or {}))
        self.project.add_records(run.id, [record(epoch, rmse) for epoch in range(n_epochs + 1)])
        self.project.change_run(run.id, status=status, summary={"train_rmse": 0.5, "note": ""})
        self.project.flush()
        return self.project.run(run.id)

    def close(self) -> None:
        """Close the file."""
        self.project.close()


def record(epoch: int, rmse: float | None, segment: int = 0) -> EpochRecord:
    """Return the record of an epoch."""
    return EpochRecord(epoch, segment, False, 10.0 / (epoch + 1), 9.0, 0.5, rmse, None,
                       0.1 * epoch, 0.05)
