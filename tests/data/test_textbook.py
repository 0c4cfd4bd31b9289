"""The textbook's example: small, with gaps, and learnt in a hundred epochs."""

from __future__ import annotations

import numpy as np

from mfgui.data.textbook import NAME, SOLVER, textbook_ratings, textbook_settings
from mfgui.training.events import EpochRecord
from mfgui.training.session import TrainingSession


def test_it_is_a_four_by_five_matrix_with_gaps() -> None:
    ratings, report = textbook_ratings()
    assert (ratings.n_users, ratings.n_items, ratings.n_ratings) == (4, 5, 13)
    assert ratings.name == report.name == NAME
    assert report.n_missing == 7


def test_its_settings_learn_it_in_the_plain_form() -> None:
    ratings, _ = textbook_ratings()
    session = TrainingSession(SOLVER, textbook_settings(), ratings)
    records = [event for event in session.epochs() if isinstance(event, EpochRecord)]
    assert records[0].train_rmse is not None
    assert records[-1].train_rmse is not None
    assert records[0].train_rmse > 2.0
    assert records[-1].train_rmse < 0.6
    assert session.result is not None
    assert not session.result.model.has_biases
    assert np.unique(ratings.value).size == 4
