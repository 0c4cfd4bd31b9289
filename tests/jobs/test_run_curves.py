"""The records of runs as columns, laid end to end."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from mfgui.jobs.run_curves import MEASURES, RecordColumns
from mfgui.training.events import EpochRecord


def record(epoch: int, segment: int = 0, *, seconds: float | None = None,
           validation: float | None = 1.0) -> EpochRecord:
    return EpochRecord(epoch, segment, False, 10.0, 9.0, 3.0 / (epoch + 1), validation, None,
                       epoch * 0.5 if seconds is None else seconds, 0.05)


def test_columns_grow_with_the_records_and_hand_out_no_copies() -> None:
    columns = RecordColumns()
    assert columns.append([record(0), record(1)]) == 0
    assert columns.append([record(2)]) == 2
    line = columns.line("train_rmse")
    assert line.epochs.tolist() == [0, 1, 2]
    assert line.seconds.tolist() == [0, 0.5, 1]
    assert line.values.tolist() == [3.0, 1.5, 1.0]
    assert np.shares_memory(line.values, columns.column("train_rmse"))
    assert set(MEASURES) >= {"loss", "validation_ndcg"}


def test_segments_are_laid_end_to_end_by_epochs_and_by_seconds() -> None:
    columns = RecordColumns()
    columns.append([record(0), record(1), record(2)])
    columns.append([record(2, 1, seconds=0.0), record(3, 1, seconds=0.4)])
    columns.append([record(0, 2, seconds=0.0), record(1, 2, seconds=0.1)])
    line = columns.line("loss")
    assert line.epochs.tolist() == [0, 1, 2, 2, 3, 3, 4]
    np.testing.assert_allclose(line.seconds, [0, 0.5, 1, 1, 1.4, 1.4, 1.5], rtol=1e-12)
    assert line.starts.tolist() == [3, 5]


def test_a_record_without_a_value_is_left_out_but_one_that_is_not_finite_has_a_place() -> None:
    columns = RecordColumns()
    columns.append([record(0), record(1, validation=None), record(2, validation=math.nan),
                    record(3, validation=-math.inf)])
    columns.append([record(0, 1, validation=None), record(1, 1, validation=2.0)])
    line = columns.line("validation_rmse")
    assert line.epochs.tolist() == [0, 2, 3, 4]
    assert np.isfinite(line.values).tolist() == [True, False, False, True]
    assert line.starts.tolist() == [3]
    assert columns.has("validation_rmse")
    assert not columns.has("test_rmse")
    assert columns.line("test_rmse").size == 0


def test_epochs_that_are_trained_anew_take_the_place_of_those_before() -> None:
    columns = RecordColumns()
    columns.append([record(k) for k in range(6)])
    before, generation = columns.line("train_rmse"), columns.generation
    again = [replace(record(k), train_rmse=7.0) for k in (4, 5, 6)]
    assert columns.append(again) == 4
    assert columns.generation is not generation
    assert before.values.tolist() == [3 / (k + 1) for k in range(6)]
    assert columns.line("train_rmse").epochs.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert columns.line("train_rmse").values[4:].tolist() == [7, 7, 7]


def test_seconds_never_fall_whatever_the_clock_said() -> None:
    columns = RecordColumns()
    columns.append([record(0, seconds=0.0), record(1, seconds=2.0), record(2, seconds=1.5)])
    columns.append([record(3, seconds=1.0)])
    assert columns.seconds.tolist() == [0, 2, 2, 2]
