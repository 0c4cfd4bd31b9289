"""An average is one model whose prediction is the mean of its members'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mfgui.core.metrics import Pairs
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.solvers.adagrad import Adagrad
from mfgui.core.solvers.average import (
    KINDS,
    Average,
    AverageSettings,
    average_of,
    member_settings,
)
from mfgui.core.solvers.svdpp import Svdpp
from mfgui.training.events import EpochRecord, Notice, RunResult
from mfgui.training.measures import AverageSoFar
from mfgui.training.session import TrainingSession


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def make(ratings: Ratings, pool: WorkerPool, **values: Any) -> Average:
    settings = AverageSettings(**{"n_factors": 3, "n_members": 3, **values})
    return Average(ratings, settings, pool, np.random.default_rng(0))


def all_cells(ratings: Ratings) -> tuple[Any, Any]:
    return np.divmod(np.arange(ratings.n_users * ratings.n_items), ratings.n_items)


def test_the_average_predicts_the_mean_of_its_members(planted: Ratings, pool: WorkerPool) -> None:
    solver = make(planted, pool, other_kind="adagrad")
    models = []
    for member in range(3):
        if member:
            solver.begin_member()
        solver.run_epoch()
        models.append(solver.member_model.copy())
    assert [model.implicit_factors is None for model in models] == [False, True, False]
    users, items = all_cells(planted)
    each = [model.predict(users, items, is_clipped=False) for model in models]
    found = solver.model
    assert found.member_ends == (3, 6, 9)
    assert found.implicit_factors is not None
    np.testing.assert_allclose(
        found.predict(users, items, is_clipped=False), np.mean(each, axis=0), atol=1e-5)


def test_members_differ_by_their_seeds_and_kinds_take_turns(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make(planted, pool, other_kind="adagrad")
    kinds, starts = [], []
    for member in range(3):
        if member:
            solver.begin_member()
        kinds.append(type(solver.current))
        starts.append(solver.member_model.item_factors.copy())
    assert kinds == [Svdpp, Adagrad, Svdpp]
    assert (starts[0] != starts[2]).any()


@pytest.mark.parametrize("kind", ["svd++", "adagrad", "als"])
def test_a_run_resumed_in_a_later_member_has_the_same_bits(
    kind: str, planted: Ratings, pool: WorkerPool
) -> None:
    whole, states = make(planted, pool, kind=kind), []
    for member in range(3):
        if member:
            whole.begin_member()
        whole.run_epoch()
        states.append(whole.state())
        whole.run_epoch()
    for member, state in enumerate(states):
        resumed = make(planted, pool, kind=kind)
        resumed.restore(state)
        resumed.run_epoch()
        for _ in range(member + 1, 3):
            resumed.begin_member()
            resumed.run_epoch()
            resumed.run_epoch()
        np.testing.assert_array_equal(whole.model.user_factors, resumed.model.user_factors)


def test_one_model_alone_is_itself(planted: Ratings, pool: WorkerPool) -> None:
    model = make(planted, pool).member_model
    assert average_of([model]) is model


def test_the_average_so_far_is_measured_without_building_it(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make(planted, pool)
    pairs = Pairs(planted.user_index[:50], planted.item_index[:50], planted.value[:50])
    so_far = AverageSoFar(pairs)
    solver.run_epoch()
    so_far.add(solver.member_model, pool)
    solver.begin_member()
    solver.run_epoch()
    predicted = solver.model.predict(pairs.user_index, pairs.item_index)
    expected = np.sqrt(np.mean(np.square(predicted.astype(np.float64) - pairs.value)))
    assert so_far.rmse(solver.member_model, pool) == pytest.approx(expected, rel=1e-5)


def test_a_run_trains_the_members_in_turn_and_refits_each(planted: Ratings) -> None:
    settings = AverageSettings(n_factors=3, n_members=3, n_epochs=4, patience=0, validation=0.2)
    session = TrainingSession("average", settings, planted)
    events = list(session.epochs())
    result = events[-1]
    assert isinstance(result, RunResult)
    records = [event for event in events if isinstance(event, EpochRecord)]
    assert sorted({record.segment for record in records}) == list(range(6))
    assert {record.segment for record in records if record.is_refit} == {3, 4, 5}
    assert records[0].average_rmse == pytest.approx(records[0].validation_rmse)
    assert all(record.average_rmse is not None for record in records if not record.is_refit)
    assert result.is_refit
    assert result.model.member_ends == (3, 6, 9)
    last_before = [record for record in records if record.segment == 2][-1]
    assert result.validation_rmse == pytest.approx(last_before.average_rmse, rel=1e-6)
    assert any("MB of memory" in event.text for event in events if isinstance(event, Notice))


def test_stopping_in_a_later_member_keeps_those_before_it(planted: Ratings) -> None:
    settings = AverageSettings(n_factors=3, n_members=5, n_epochs=3, patience=0, validation=0.2)
    session = TrainingSession("average", settings, planted)
    for event in session.epochs():
        if isinstance(event, EpochRecord) and (event.segment, event.epoch) == (2, 1):
            session.stop()
    assert session.result is not None
    assert session.result.stopped_because == "stopped"
    # The third was cut short: half trained it would spoil the two before it.
    result = session.result
    assert len(result.model.members) == 2
    assert result.note == "Kept: the average of the 2 of 5 models that are finished."
    held_out = session._validation
    predicted = result.model.predict(held_out.user_index, held_out.item_index)
    expected = np.sqrt(np.mean(np.square(predicted.astype(np.float64) - held_out.value)))
    assert result.validation_rmse == pytest.approx(expected, rel=1e-5)
    assert not result.is_refit


def test_an_average_stopped_in_its_first_member_trains_all_of_them_on(planted: Ratings) -> None:
    settings = AverageSettings(
        n_factors=3, n_members=3, n_epochs=2, patience=0, validation=0.2, refit=False)
    session = TrainingSession("average", settings, planted)
    for event in session.epochs():
        if isinstance(event, EpochRecord) and event.epoch == 1:
            session.stop()
    assert session.result is not None
    whole = TrainingSession("average", settings, planted, start=session.result)
    told = [event for event in whole.epochs() if isinstance(event, EpochRecord)]
    assert [(record.segment, record.epoch) for record in told] == [
        (1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (3, 2)]
    assert whole.result is not None
    assert whole.result.model.member_ends == (3, 6, 9)


def test_a_member_stopped_before_its_first_epoch_is_no_part_of_the_average(
    planted: Ratings
) -> None:
    values = {"n_factors": 3, "n_epochs": 3, "patience": 0, "validation": 0.2, "refit": False}
    session = TrainingSession("average", AverageSettings(**values, n_members=5), planted)
    for event in session.epochs():
        if isinstance(event, EpochRecord) and (event.segment, event.epoch) == (2, 0):
            session.stop()
    whole = TrainingSession("average", AverageSettings(**values, n_members=2), planted)
    list(whole.epochs())
    assert session.result is not None
    assert whole.result is not None
    assert session.result.model.member_ends == (3, 6)
    np.testing.assert_array_equal(
        session.result.model.user_factors, whole.result.model.user_factors)
    assert session.result.validation_rmse == whole.result.validation_rmse


@pytest.mark.parametrize("kind", KINDS)
def test_every_explicit_kind_can_be_a_member(kind: str, planted: Ratings) -> None:
    settings = AverageSettings(
        n_factors=3, n_members=2, n_epochs=2, kind=kind, validation=0.2, refit=False)
    session = TrainingSession("average", settings, planted)
    list(session.epochs())
    assert session.result is not None
    assert session.result.model.member_ends == (3, 6)
    assert np.isfinite(session.result.model.user_factors).all()


def test_the_spread_of_an_average_is_for_normalised_members_alone() -> None:
    settings = AverageSettings(initial_sd=0.07)
    assert member_settings(KINDS["svd++"], settings).initial_sd == 0.07  # type: ignore[attr-defined]
    for kind in ("nmf", "sgd"):
        own = KINDS[kind].settings_type().initial_sd  # type: ignore[attr-defined]
        assert member_settings(KINDS[kind], settings).initial_sd == own  # type: ignore[attr-defined]
