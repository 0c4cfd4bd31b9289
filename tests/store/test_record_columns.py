"""Columns of records are read as arrays, the same values as the records have."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mfgui.core.ratings import Ratings
from mfgui.store.project import NewRun, Project, ProjectError, SourceInfo, create_project
from mfgui.store.project.record_columns import record_columns
from mfgui.training.events import EpochRecord


@pytest.fixture
def project(tmp_path: Path, tiny: Ratings) -> Iterator[Project]:
    made = create_project(tmp_path / "runs.mfgui")
    made.add_source(SourceInfo(0, "sample", "", "s", "0" * 64, {}, {}, 1, 1, 1, False), tiny)
    yield made
    made.close()


def keep(project: Project, values: list[float | None]) -> int:
    run = project.begin_run(NewRun("sgd", {}, project.sources()[0].id))
    project.add_records(run.id, [
        EpochRecord(k, 0, False, 1.0, 1.0, 1.0, value, None, k * 0.5, None)
        for k, value in enumerate(values)])
    assert project.writer is not None
    project.writer.flush()
    return run.id


def test_columns_have_the_values_of_the_records(project: Project) -> None:
    run_id = keep(project, [2.0, None, math.nan, math.inf, -0.0])
    columns = record_columns(project, run_id, ("epoch", "train_seconds", "validation_rmse"))
    assert columns is not None
    np.testing.assert_array_equal(columns[0], range(5))
    np.testing.assert_array_equal(columns[1], [0, 0.5, 1, 1.5, 2])
    np.testing.assert_array_equal(columns[2], [2.0, np.nan, np.inf, np.inf, 0.0])


def test_long_runs_come_whole(project: Project) -> None:
    run_id = keep(project, [float(k) for k in range(10_000)])
    columns = record_columns(project, run_id, ("validation_rmse",))
    assert columns is not None
    np.testing.assert_array_equal(columns[0], np.arange(10_000.0))


def test_a_run_without_records_has_empty_columns(project: Project) -> None:
    columns = record_columns(project, keep(project, []), ("epoch", "loss"))
    assert columns is not None
    assert columns.shape == (2, 0)


def test_a_run_that_is_not_there_is_said_to_be(project: Project) -> None:
    with pytest.raises(ProjectError):
        record_columns(project, 99, ("epoch",))


def test_only_fields_of_a_record_are_columns(project: Project) -> None:
    with pytest.raises(ValueError, match="records have no"):
        record_columns(project, keep(project, []), ("epoch; DROP TABLE runs",))
