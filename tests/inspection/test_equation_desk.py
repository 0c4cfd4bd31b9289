"""The desk behind the equations: one question, one answer, and a copy that it alone touches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.core.solvers.average import average_of
from mfgui.errors import CancelledError
from mfgui.inspection.equation_desk import TO_TRY, TYPED, EquationDesk, Question, trial_text
from mfgui.inspection.known import Known
from mfgui.inspection.methods import settings_of
from mfgui.inspection.random_start import random_start


@pytest.fixture
def question(tiny: Ratings) -> Question:
    return Question("look", Known(tiny), random_start(tiny), "sgd", None, 0.05, None, (0, 0))


def test_a_look_makes_no_copy(question: Question) -> None:
    answer = EquationDesk().answer(question)
    assert answer.equations is not None
    assert not answer.is_stepping
    assert answer.trial is None
    assert answer.own_rate == 0.05


def test_a_step_makes_one_and_leaving_ends_it(question: Question) -> None:
    desk = EquationDesk()
    answer = desk.answer(replace(question, kind="rating"))
    assert answer.trial is not None
    assert answer.trial.text == trial_text(1) == "step by step: a copy, 1 step"
    assert len(answer.losses) == 2
    looked = desk.answer(question)
    assert looked.is_stepping
    assert looked.trial is None
    left = desk.answer(replace(question, kind="leave"))
    assert not left.is_stepping
    assert left.losses == ()


def test_a_rate_that_nobody_knows_is_one_to_try(question: Question) -> None:
    answer = EquationDesk().answer(replace(question, rate=None))
    assert answer.method is not None
    assert answer.method.rate_source == TO_TRY
    typed = EquationDesk().answer(replace(question, rate=None, typed_rate=0.3))
    assert typed.method is not None
    assert (typed.method.rate, typed.method.rate_source) == (0.3, TYPED)
    assert typed.own_rate == answer.method.rate


def test_a_batch_step_needs_a_rate_that_somebody_knows(question: Question) -> None:
    blind = replace(question, solver="gradient-descent", rate=None, kind="epoch")
    answer = EquationDesk().answer(blind)
    assert "rate" in answer.message
    assert answer.n_steps == 0
    assert answer.obstacle("epoch") == "Type a rate first."
    assert EquationDesk().answer(replace(blind, typed_rate=0.01)).n_steps == 1


def test_what_a_step_refuses_is_the_answers_message(question: Question) -> None:
    desk = EquationDesk()
    answer = desk.answer(replace(question, kind="rating", cell=(0, 2)))
    assert "not among the training ratings" in answer.message
    assert answer.trial is None
    assert "not among" in answer.obstacle("rating")
    assert answer.obstacle("row") == ""


def test_a_step_that_is_stopped_says_so_and_leaves_the_copy(question: Question) -> None:
    def stop() -> None:
        raise CancelledError("Stopped.")

    desk = EquationDesk()
    desk.answer(replace(question, kind="epoch"))
    answer = desk.answer(replace(question, kind="epoch"), stop)
    assert answer.message == "Stopped."
    assert answer.n_steps == 1


def test_without_a_cell_an_epoch_can_be_stepped(question: Question) -> None:
    answer = EquationDesk().answer(replace(question, kind="epoch", cell=None, model=None))
    assert answer.equations is None
    assert answer.n_steps == 1
    assert "Pin a cell" in answer.obstacle("rating")


def test_a_model_without_ratings_has_predictions_alone(
    tiny: Ratings, question: Question
) -> None:
    model = random_start(tiny)
    bare = replace(question, known=Known(tiny.take(np.empty(0, np.int64))), model=model)
    answer = EquationDesk().answer(bare)
    assert answer.equations is not None
    assert [section.title for section in answer.equations.sections] == ["Prediction"]
    assert answer.obstacle("epoch") == "There are no ratings to learn from."


def test_preferences_of_a_model_without_ratings_are_no_trouble(
    tiny: Ratings, question: Question
) -> None:
    base = random_start(tiny)
    model: FactorModel = replace(base, target="preference", rules=(FoldInRule(
        1.0, is_per_rating=False, confidence="log", alpha=4.0),))
    bare = replace(question, known=Known(tiny.take(np.empty(0, np.int64))), model=model,
                   solver="implicit-als", rate=None)
    assert EquationDesk().answer(bare).equations is not None


def test_settings_of_a_card_are_taken_where_they_are_sound() -> None:
    found = settings_of("sgd", {"n_factors": 3, "learning_rate": 0.2, "unknown": 1})
    assert found == SOLVERS["sgd"].settings_type(n_factors=3, learning_rate=0.2)
    assert settings_of("sgd", {"n_factors": "many"}) is None
    assert settings_of("sgd", {"order": ["blocked"]}) is None
    assert settings_of("a newer one", {}) is None


def test_the_rate_follows_the_epochs_and_the_method_is_made_once(question: Question) -> None:
    desk = EquationDesk()
    first, second = (desk.answer(replace(question, rate=rate)).method for rate in (0.05, 0.02))
    assert first is not None
    assert second is not None
    assert (first.rate, second.rate) == (0.05, 0.02)
    assert second.rate_source == "is that of the last epoch"
    assert second == replace(first, rate=0.02)
    unknown = desk.answer(replace(question, rate=None)).method
    assert unknown is not None
    assert unknown.rate_source == TO_TRY


def test_a_member_of_an_average_is_copied_once_for_all_its_cells(
    question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = question.model
    assert model is not None
    average = average_of([model, replace(model, user_factors=model.user_factors * 2)])
    copied: list[int] = []
    member = FactorModel.member

    def counted(self: FactorModel, position: int) -> FactorModel:
        if self is average:
            copied.append(position)
        return member(self, position)

    monkeypatch.setattr(FactorModel, "member", counted)
    desk = EquationDesk()
    asked = replace(question, model=average, solver="average", member=1)
    predicted = []
    for cell in ((0, 0), (1, 1)):
        found = desk.answer(replace(asked, cell=cell)).equations
        assert found is not None
        predicted.append(found.pair.user_row)
    assert copied == [1]
    np.testing.assert_allclose(predicted, model.user_factors[:2] * 2, rtol=1e-6)  # float32 roots
    desk.answer(replace(asked, member=0))
    assert copied == [1, 0]
