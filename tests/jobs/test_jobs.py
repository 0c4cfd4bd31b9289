"""Jobs: plain iterators that end in one result, and stop when asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.data.small_matrix import parse_matrix
from mfgui.errors import CancelledError, StorageError, TrainingError
from mfgui.jobs.files import OpenedModel
from mfgui.jobs.models import sound_baselines
from mfgui.jobs.train import saved_model
from mfgui.store.model_file import save_model
from mfgui.training.events import RunResult


def last(events: Iterator[Any]) -> Any:
    *_, result = events
    return result


@pytest.fixture
def result(tiny: Ratings) -> RunResult:
    settings = SOLVERS["sgd"].settings_type(n_factors=2, n_epochs=2)
    found = last(jobs.train(Control(), "sgd", settings, tiny))
    assert isinstance(found, RunResult)
    return found


def test_a_stopped_control_cancels_reading(tmp_path: Path) -> None:
    path, control = tmp_path / "r.csv", Control()
    path.write_text("a,b,1\n")
    control.stop()
    with pytest.raises(CancelledError):
        last(jobs.open_file(control, path))


def test_a_saved_run_opens_in_the_numbering_of_the_open_ratings(
    tmp_path: Path, tiny: Ratings, result: RunResult
) -> None:
    path = tmp_path / "m.npz"
    report = parse_matrix("5 ? 3\n1 2 ?")[1]
    assert last(jobs.save_run(Control(), path, result, tiny, report)).path == str(path)
    order = np.array([2, 0, 1])
    others = Ratings(
        np.array([0], np.int32), np.array([1], np.int32), np.array([3], np.float32),
        TextArray.from_strings(["3", "1", "stranger"]), TextArray.from_strings(["5", "2"]))
    opened = last(jobs.open_model_file(Control(), path, others))
    assert isinstance(opened, OpenedModel)
    assert opened.ratings is others
    told = opened.saved.card["import_report"]
    assert (told["n_lines"], told["n_ratings"], told["losses"]) == (6, 4, {"missing": 2})
    found: FactorModel = opened.model
    np.testing.assert_array_equal(found.user_factors[:2], result.model.user_factors[order[:2]])
    assert not found.user_factors[2].any()
    np.testing.assert_array_equal(found.item_factors, result.model.item_factors[[4, 1]])


def test_a_model_of_strangers_is_shown_alone(
    tmp_path: Path, tiny: Ratings, planted: Ratings, result: RunResult
) -> None:
    path = tmp_path / "m.npz"
    for has_ratings in (False, True):
        last(jobs.save_run(Control(), path, result, tiny, has_ratings=has_ratings))
        for ratings in (None, planted):
            opened = last(jobs.open_model_file(Control(), path, ratings))
            assert opened.ratings.n_ratings == (tiny.n_ratings if has_ratings else 0)
        assert list(opened.ratings.user_ids) == list(tiny.user_ids)


def test_a_table_and_a_picture_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    written = last(jobs.export_table(
        Control(), tmp_path / "t.csv", ["a", "b"], lambda: iter([(1, None), ("x,y", 0.1)])))
    assert written.n_rows == 2
    assert (tmp_path / "t.csv").read_text() == 'a,b\n1,\n"x,y",0.1\n'
    last(jobs.export_bytes(Control(), tmp_path / "p.png", lambda: b"picture"))
    assert (tmp_path / "p.png").read_bytes() == b"picture"
    stopped = Control()
    stopped.stop()
    with pytest.raises(CancelledError):
        last(jobs.export_table(stopped, tmp_path / "u.csv", ["a"], lambda: iter([(1,)])))
    with pytest.raises(StorageError):
        last(jobs.export_bytes(Control(), tmp_path / "no" / "p.png", lambda: b""))
    assert sorted(os.listdir(tmp_path)) == ["p.png", "t.csv"]


def test_every_job_takes_a_control_first() -> None:
    for job in jobs.JOBS.values():
        assert next(iter(job.__annotations__)) == "control"


def test_an_opened_model_brings_its_curve_and_passes_over_what_is_unsound(
    tmp_path: Path, tiny: Ratings, result: RunResult
) -> None:
    saved = saved_model(result, tiny)
    saved.card["history"] += [3, {}, {**saved.card["history"][0], "loss": "x"},
                              {**saved.card["history"][0], "epoch": -1}]
    save_model(tmp_path / "m.npz", saved)
    opened = last(jobs.open_model_file(Control(), tmp_path / "m.npz"))
    assert opened.history == result.history
    assert sound_baselines(opened.saved) == result.baselines
    for unsound in (None, [], {}, {"mean_validation_rmse": "x", "bias_test_rmse": True}):
        opened.saved.card["summary"] = unsound
        assert sound_baselines(opened.saved) is None


def test_memory_that_runs_out_is_told_in_a_sentence(
    tiny: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(SOLVERS["sgd"], "run_epoch", fail)
    with pytest.raises(TrainingError, match="fewer factors"):
        last(jobs.train(Control(), "sgd", SOLVERS["sgd"].settings_type(), tiny))


def test_open_ratings_that_a_model_never_saw_are_known_beside_its_own(
    tmp_path: Path, tiny: Ratings
) -> None:
    settings = SOLVERS["sgd"].settings_type(n_factors=2, n_epochs=2, validation=0.3, seed=1)
    result = last(jobs.train(Control(), "sgd", settings, tiny))
    path, cells = tmp_path / "m.npz", [*zip(tiny.user_index, tiny.item_index, strict=True)]
    last(jobs.save_run(Control(), path, result, tiny))
    assert (0, 2) not in cells
    # All but the first rating, in another order of items, and one that the file does not have.
    order = [4, 3, 2, 1, 0]
    more = sorted([(int(n), order[m], value) for (n, m), value in zip(
        cells[1:], tiny.value[1:], strict=True)] + [(0, order[2], 5.0)])
    users, items, values = zip(*more, strict=True)
    others = Ratings(
        np.array(users, np.int32), np.array(items, np.int32), np.array(values, np.float32),
        tiny.user_ids, tiny.item_ids.take(np.array(order)), name="others.csv")
    known = last(jobs.open_model_file(Control(), path, others)).known
    assert known.ratings.n_ratings == tiny.n_ratings + 1
    place = known.place_of(0, order[2])
    assert np.flatnonzero(known.is_unseen).tolist() == [place]
    assert known.place_of(0, order[int(tiny.item_index[0])]) is not None
    assert known.unseen.value.tolist() == [5.0]
    own = last(jobs.open_model_file(Control(), path)).known
    assert known.training.n_ratings == own.training.n_ratings
    assert known.held_out.n_ratings == own.held_out.n_ratings > 0
    for user in range(tiny.n_users):
        found, expected = known.user_row(user), own.user_row(user)
        assert sorted(zip((order[m] for m in found[0]), found[1], strict=True)) == sorted(
            zip(*expected, strict=True))
    refit = replace(known, is_trained_on_all=True)
    assert refit.training.n_ratings == tiny.n_ratings
    assert refit.before_refit().training.n_ratings == own.training.n_ratings


def test_of_the_same_ratings_opened_again_none_is_unseen(
    tmp_path: Path, tiny: Ratings, result: RunResult
) -> None:
    last(jobs.save_run(Control(), tmp_path / "m.npz", result, tiny))
    opened = last(jobs.open_model_file(Control(), tmp_path / "m.npz", tiny))
    assert opened.known.is_unseen is None
    assert opened.note == ""


def test_what_a_model_does_not_know_of_the_open_ratings_is_said(
    tmp_path: Path, tiny: Ratings, planted: Ratings, result: RunResult
) -> None:
    path = tmp_path / "m.npz"
    last(jobs.save_run(Control(), path, result, tiny))
    assert last(jobs.open_model_file(Control(), path, planted)).note == (
        "m.npz has no user or no item in common with ratings: it is shown by itself, in the place "
        "of these ratings.")
    others = Ratings(
        np.array([0], np.int32), np.array([1], np.int32), np.array([3], np.float32),
        TextArray.from_strings(["3", "1", "stranger"]), TextArray.from_strings(["5", "2"]))
    assert last(jobs.open_model_file(Control(), path, others)).note == (
        "m.npz was opened. It knows 2 of 3 users and 2 of 2 items, by their ids; the others are "
        "predicted by its mean and biases alone. It has 2 users and 3 items that the ratings have "
        "not.")
