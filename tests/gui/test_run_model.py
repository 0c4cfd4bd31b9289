"""The one truth of the window: what is shown, and what is known of its ratings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.data.small_matrix import parse_matrix
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.run_track import RunTrack
from mfgui.inspection.trial import Trial
from mfgui.training.events import EpochRecord, Notice
from mfgui.training.session import TrainingSession


@pytest.fixture
def events(planted: Ratings) -> list[object]:
    settings = SOLVERS["adagrad"].settings_type(n_factors=2, n_epochs=3, refit=True)
    session = TrainingSession("adagrad", settings, planted)
    session.request_snapshot()
    return list(session.epochs())


@pytest.fixture
def model(planted: Ratings) -> RunModel:
    made = RunModel()
    made.set_ratings(planted, parse_matrix("1 2\n2 1")[1])
    return made


def test_before_a_run_all_ratings_are_known_and_nothing_is_shown(
    model: RunModel, planted: Ratings
) -> None:
    assert model.shown is None
    assert model.known is not None
    assert model.known.training is planted


def test_a_run_marks_what_it_holds_out_and_a_refit_has_seen_it_all(
    model: RunModel, events: list[object], planted: Ratings
) -> None:
    model.start_run("adagrad", SOLVERS["adagrad"].settings_type())
    model.add_events(events[:-1])
    assert model.known is not None
    n_held_out = model.known.held_out.n_ratings
    assert n_held_out == round(0.1 * planted.n_ratings)
    assert model.known.training.n_ratings == planted.n_ratings - n_held_out
    assert model.before_refit is None
    model.add_events(events[-1:])
    assert model.known.is_trained_on_all
    assert model.known.training.n_ratings == planted.n_ratings
    assert model.before_refit is not None
    assert model.shown is model.result.model  # type: ignore[union-attr]


def test_a_copy_is_shown_in_the_place_of_the_runs_model_until_it_is_left(
    model: RunModel, events: list[object]
) -> None:
    model.start_run("adagrad", SOLVERS["adagrad"].settings_type())
    model.add_events(events)
    own = model.shown
    assert own is not None
    told = []
    model.shown_changed.connect(lambda: told.append(model.shown))
    copy = replace(own, user_bias=np.zeros_like(own.user_bias))
    model.set_trial(Trial(copy, "a copy, 1 step on"))
    assert model.shown is copy
    model.set_trial(None)
    assert model.shown is own
    assert told == [copy, own]


def test_other_ratings_forget_what_belonged_to_the_old_ones(
    model: RunModel, events: list[object], tiny: Ratings
) -> None:
    model.start_run("adagrad", SOLVERS["adagrad"].settings_type())
    model.add_events(events)
    assert model.shown is not None
    model.set_trial(Trial(model.shown, "a copy"))
    model.set_ratings(tiny, parse_matrix("1 2\n2 1")[1])
    assert model.shown is None
    assert model.trial is None
    assert model.known is not None
    assert model.known.ratings is tiny


def test_the_method_of_the_form_is_told_when_it_changes(model: RunModel) -> None:
    told = []
    model.next_run_changed.connect(lambda: told.append(model.next_run))
    settings = SOLVERS["sgd"].settings_type()
    model.set_next_run("sgd", settings)
    model.set_next_run("sgd", SOLVERS["sgd"].settings_type())
    model.set_next_run("sgd", None)
    assert told == [("sgd", settings), ("sgd", None)]


def test_what_a_run_tells_while_another_is_shown_is_there_on_the_way_back(
    model: RunModel, events: list[object]
) -> None:
    settings = SOLVERS["adagrad"].settings_type()
    model.start_run("adagrad", settings)
    model.add_events(events[:4])
    live = model.track
    other = RunTrack(None, "als")
    model.show_track(other)
    drawn: list[object] = []
    all_records: list[object] = []
    model.records_added.connect(drawn.extend)
    model.live_records_added.connect(all_records.extend)
    ends: list[str] = []
    model.result_changed.connect(lambda: ends.append("shown"))
    model.live_result_changed.connect(lambda: ends.append("live"))
    model.add_events(events[4:])
    assert (model.solver, model.history, model.result) == ("als", [], None)
    assert drawn == []
    assert len(all_records) > 0
    assert ends == ["live"]
    assert model.live is live
    model.show_live()
    assert model.solver == "adagrad"
    assert [record for record in events if isinstance(record, EpochRecord)] == model.history
    assert model.result is not None
    assert model.shown is model.result.model
    model.end_run()
    assert model.status is Status.DONE


def test_a_notice_of_the_run_that_trains_is_none_of_the_one_shown(
    model: RunModel, events: list[object]
) -> None:
    model.start_run("adagrad", SOLVERS["adagrad"].settings_type())
    model.show_track(RunTrack(None, "als"))
    told: list[Notice] = []
    model.notice_added.connect(told.append)
    notice = Notice("warning", "The loss leaps.", 3)
    model.add_events([notice])
    assert told == [notice]
    assert model.notices == []
    assert model.live.notices == [notice]


def test_epochs_that_come_again_take_the_place_of_those_before(
    model: RunModel, events: list[object]
) -> None:
    records = [event for event in events if isinstance(event, EpochRecord)]
    model.start_run("adagrad", SOLVERS["adagrad"].settings_type())
    model.add_events(list(records))
    again: list[int] = []
    model.run_shown.connect(lambda: again.append(len(model.history)))
    model.add_events(list(records[2:]))
    assert model.history == records
    assert again == [2]


def test_letting_go_of_everything_leaves_nothing_open(
    model: RunModel, events: list[object]
) -> None:
    model.start_run("adagrad", SOLVERS["adagrad"].settings_type())
    model.add_events(events)
    model.end_run()
    model.close_ratings()
    assert (model.ratings, model.known, model.shown, model.history) == (None, None, None, [])
    assert model.status is Status.EMPTY
