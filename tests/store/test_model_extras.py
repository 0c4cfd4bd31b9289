"""What a model file carries beside factors: rules, ratings, factors from before a refit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.errors import ModelFileError
from mfgui.jobs.train import saved_model
from mfgui.store.model_file import SavedModel, open_model, save_model
from mfgui.training.session import TrainingSession


def run(solver: str, ratings: Ratings, **settings: Any) -> SavedModel:
    session = TrainingSession(
        solver, SOLVERS[solver].settings_type(n_epochs=3, n_factors=3, **settings), ratings)
    list(session.epochs())
    assert session.result is not None
    return saved_model(session.result, ratings)


def rewritten(path: Path, **changes: Any) -> None:
    """Write the model again with other arrays; None leaves one out."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    arrays.update(changes)
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})


def with_card(path: Path, **changes: Any) -> None:
    """Write the model again with other entries in its card."""
    with np.load(path, allow_pickle=False) as file:
        card = json.loads(file["card"].tobytes())
    card.update(changes)
    rewritten(path, card=np.frombuffer(json.dumps(card).encode(), np.uint8))


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_rules_and_known_ratings_come_back(
    tmp_path: Path, planted: Ratings, solver: str
) -> None:
    saved = run(solver, planted, **({"n_members": 2} if solver == "average" else {}))
    save_model(tmp_path / "m.npz", saved)
    found = open_model(tmp_path / "m.npz")
    assert found.model.rules == saved.model.rules
    assert len(found.model.rules) == len(found.model.members)
    assert found.known is not None
    assert saved.known is not None
    np.testing.assert_array_equal(found.known.ratings.user_index, planted.user_index)
    np.testing.assert_array_equal(found.known.ratings.item_index, planted.item_index)
    np.testing.assert_array_equal(found.known.ratings.value, planted.value)
    np.testing.assert_array_equal(found.known.is_held_out, saved.known.is_held_out)
    assert found.known.ratings.scale == planted.scale
    assert found.known.is_trained_on_all == saved.known.is_trained_on_all


def test_the_factors_from_before_a_refit_come_back(tmp_path: Path, planted: Ratings) -> None:
    saved = run("svd++", planted, refit=True)
    assert saved.before_refit is not None
    save_model(tmp_path / "m.npz", saved)
    found = open_model(tmp_path / "m.npz")
    assert found.is_refit
    assert found.before_refit is not None
    for name in ("user_factors", "item_factors", "user_bias", "item_bias", "implicit_factors"):
        np.testing.assert_array_equal(
            getattr(found.before_refit, name), getattr(saved.before_refit, name))
    assert found.before_refit.global_mean == saved.before_refit.global_mean
    assert found.known is not None
    assert found.known.training.n_ratings == planted.n_ratings
    assert found.known.before_refit().training.n_ratings < planted.n_ratings


def test_members_of_an_average_come_back_with_their_biases(
    tmp_path: Path, planted: Ratings
) -> None:
    saved = run("average", planted, n_members=3)
    save_model(tmp_path / "m.npz", saved)
    found = open_model(tmp_path / "m.npz").model
    pairs = planted.user_index[:50], planted.item_index[:50]
    members = [found.member(k).predict(*pairs, is_clipped=False) for k in range(3)]
    assert not np.allclose(members[0], members[1])
    # float32 sums of 9 products in another order
    np.testing.assert_allclose(
        np.mean(members, axis=0), found.predict(*pairs, is_clipped=False), atol=1e-5)


def test_ratings_can_be_left_out(tmp_path: Path, planted: Ratings) -> None:
    save_model(tmp_path / "m.npz", replace(run("sgd", planted), known=None))
    with np.load(tmp_path / "m.npz", allow_pickle=False) as file:
        assert not any(name.startswith("rated") for name in file.files)
    assert open_model(tmp_path / "m.npz").known is None


def test_ratings_that_the_model_never_saw_are_not_saved_as_its_own(
    tmp_path: Path, planted: Ratings
) -> None:
    saved = run("sgd", planted)
    assert saved.known is not None
    is_unseen = np.zeros(planted.n_ratings, bool)
    is_unseen[3] = True
    save_model(tmp_path / "m.npz", replace(saved, known=replace(saved.known, is_unseen=is_unseen)))
    found = open_model(tmp_path / "m.npz").known
    assert found is not None
    assert found.is_unseen is None
    np.testing.assert_array_equal(found.ratings.value, np.delete(planted.value, 3))
    assert saved.known.is_held_out is not None
    np.testing.assert_array_equal(found.is_held_out, np.delete(saved.known.is_held_out, 3))


def test_a_rating_takes_eight_bytes_and_a_bit(tmp_path: Path, planted: Ratings) -> None:
    save_model(tmp_path / "m.npz", run("sgd", planted))
    with np.load(tmp_path / "m.npz", allow_pickle=False) as file:
        n_bytes = sum(file[name].nbytes for name in (
            "rated_items", "rated_values", "rated_held_out"))
    assert n_bytes == 8 * planted.n_ratings + (planted.n_ratings + 7) // 8


def test_an_older_file_opens_without_what_it_never_had(tmp_path: Path, planted: Ratings) -> None:
    path = tmp_path / "m.npz"
    save_model(path, run("sgd", planted))
    rewritten(path, rated_pointers=None, rated_items=None, rated_values=None, rated_held_out=None)
    with_card(path, format_version=1, rules=[])
    found = open_model(path)
    assert found.known is None
    assert found.model.rules == ()


@pytest.mark.parametrize("changes", [
    {"rated_items": np.zeros(3, np.int32)},
    {"rated_pointers": np.zeros(3, np.int64)},
    {"rated_held_out": np.zeros(1, np.uint8)},
    {"rated_values": None},
])
def test_unsound_ratings_are_refused_in_one_sentence(
    tmp_path: Path, planted: Ratings, changes: dict[str, Any]
) -> None:
    path = tmp_path / "m.npz"
    save_model(path, run("sgd", planted))
    rewritten(path, **changes)
    with pytest.raises(ModelFileError, match=r"m\.npz"):
        open_model(path)


@pytest.mark.parametrize("changes", [
    {"rules": [{"regularization": -1.0}]},
    {"rules": [{"regularization": "much"}]},
    {"rules": [{}, {}]},
    {"rules": [{"confidence": "great"}]},
    {"rules": {"regularization": 1.0}},
    {"before_refit": {"global_mean": 0.0}},
    {"member_means": [1.0, 2.0]},
])
def test_an_unsound_card_is_refused_in_one_sentence(
    tmp_path: Path, planted: Ratings, changes: dict[str, Any]
) -> None:
    path = tmp_path / "m.npz"
    save_model(path, run("sgd", planted))
    with_card(path, **changes)
    with pytest.raises(ModelFileError, match=r"m\.npz"):
        open_model(path)


def test_a_newer_model_says_what_cannot_be_read(tmp_path: Path, planted: Ratings) -> None:
    path = tmp_path / "m.npz"
    save_model(path, run("sgd", planted))
    rewritten(path, dreams=np.zeros(2))
    with_card(path, format_version=9)
    with pytest.raises(ModelFileError, match=r"format 9.*dreams.*update"):
        open_model(path)
