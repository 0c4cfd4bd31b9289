"""What the tests of the project file share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mfgui.core.ratings import Ratings
from mfgui.store.project import (
    NewRun,
    Project,
    RunInfo,
    SourceInfo,
    create_project,
    ratings_checksum,
)
from mfgui.training.events import EpochRecord

Helper = Callable[..., Any]


@pytest.fixture
def record() -> Helper:
    """Return what makes the record of an epoch, the validation RMSE falling."""
    def make(epoch: int, **changes: Any) -> EpochRecord:
        values: dict[str, Any] = {
            "epoch": epoch, "segment": 0, "is_refit": False, "loss": 100.0 / (epoch + 1),
            "data_term": 50.5, "train_rmse": 0.9, "validation_rmse": 1.0 - epoch / 1e6,
            "test_rmse": None, "train_seconds": 0.1 * epoch, "learning_rate": 0.01}
        return EpochRecord(**{**values, **changes})
    return make


@pytest.fixture
def source_of() -> Helper:
    """Return what says where ratings of a test come from."""
    def make(ratings: Ratings, **changes: Any) -> SourceInfo:
        values: dict[str, Any] = {
            "id": 0, "origin": "text", "path": "", "name": "a matrix",
            "checksum": ratings_checksum(ratings), "n_users": ratings.n_users,
            "n_items": ratings.n_items, "n_ratings": ratings.n_ratings}
        return SourceInfo(**{**values, **changes})
    return make


@pytest.fixture
def names() -> Helper:
    """Return what lists the folder that a file lies in."""
    return lambda path: sorted(os.listdir(path.parent))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the project of a test lies."""
    return tmp_path / "lab notes.mfgui"


@pytest.fixture
def project(path: Path) -> Iterator[Project]:
    """Return a new project; closed in the end where the test did not."""
    project = create_project(path)
    yield project
    project.close()


@pytest.fixture
def begin(project: Project, tiny: Ratings, source_of: Helper) -> Callable[..., RunInfo]:
    """Return what begins a run of the 4 x 5 matrix."""
    source_id = project.add_source(source_of(tiny), tiny)
    return lambda **changes: project.begin_run(
        NewRun(**{"solver": "adagrad", "settings": {"n_factors": 3}, "source_id": source_id,
                  **changes}))
