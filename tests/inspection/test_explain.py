"""Every explanation adds up to the prediction shown, for every solver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from mfgui.core.fold_in import fold_in, folded_predictions
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import describe
from mfgui.core.solvers import SOLVERS
from mfgui.core.splits import hold_out
from mfgui.inspection.cell_rows import NEW_USER
from mfgui.inspection.explain import explain
from mfgui.inspection.explanation import Explanation, Waterfall
from mfgui.inspection.known import Known, known_of
from mfgui.inspection.memo import Memo
from mfgui.inspection.new_user import new_user

N_USERS, N_ITEMS, N_CELLS = 64, 45, 200
STRANGE = "\u05e9\u05dc\u05d5\u05dd \U0001f469\u200d\U0001f467"  # right to left, a joined emoji
N_UNRATED = 4  # users, and items, that nobody knows anything about


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    """Return ratings from -2 to 5 in halves; the last users and items have none."""
    rng = np.random.default_rng(11)
    users, items = N_USERS - N_UNRATED, N_ITEMS - N_UNRATED
    full = 2 + rng.normal(0, 1, (users, 3)) @ rng.normal(0, 1, (items, 3)).T
    at = np.nonzero(rng.random(full.shape) < 0.4)
    values = np.clip(np.round(2 * full[at]) / 2, -2, 5)
    return Ratings(
        at[0].astype(np.int32), at[1].astype(np.int32), values.astype(np.float32),
        TextArray.from_strings(f"u{n}" for n in range(N_USERS)),
        TextArray.from_strings(f"i{m}" for m in range(N_ITEMS)),
        TextArray.from_strings(f"Film\n{m}" if m else f"\u202e{STRANGE}" for m in range(N_ITEMS)))


@pytest.fixture(scope="module")
def known(ratings: Ratings) -> Known:
    return known_of(ratings, hold_out(ratings.n_ratings, 0.2, 0)[1], is_trained_on_all=False)


@pytest.fixture(scope="module")
def models(known: Known) -> Iterator[dict[str, FactorModel]]:
    """Return a model of every solver, not trained to the end."""
    with WorkerPool(1) as pool:
        yield {name: trained(name, known.training, pool) for name in SOLVERS}


def trained(name: str, ratings: Ratings, pool: WorkerPool, **values: Any) -> FactorModel:
    names = {info.name for info in describe(SOLVERS[name].settings_type)}
    wanted = {"n_factors": 9, "n_members": 3, "kind": "svd++", "other_kind": "nmf",
              "initial_sd": 0.4, "learning_rate": None, "biases": name == "sgd", **values}
    if name in ("als", "adagrad", "svd++"):
        wanted |= {"biases": True, "learning_rate": 0.3}
    settings = SOLVERS[name].settings_type(
        **{key: value for key, value in wanted.items() if key in names})
    solver = SOLVERS[name](ratings, settings, pool, np.random.default_rng(2))
    for member in range(solver.n_members):
        if member:
            solver.begin_member()  # type: ignore[attr-defined]
        for _ in range(4):
            solver.run_epoch()
    return solver.model.copy()


def cells(ratings: Ratings) -> list[tuple[int, int]]:
    """Return half of them rated, half anywhere, and all that have nothing at all."""
    rng = np.random.default_rng(4)
    rated = rng.integers(0, ratings.n_ratings, N_CELLS // 2)
    users, items = ratings.user_index[rated].tolist(), ratings.item_index[rated].tolist()
    users += rng.integers(0, N_USERS, N_CELLS // 2 - 3).tolist()
    items += rng.integers(0, N_ITEMS, N_CELLS // 2 - 3).tolist()
    return [*zip(users, items, strict=True), (N_USERS - 1, 3), (3, N_ITEMS - 1),
            (N_USERS - 1, N_ITEMS - 1)]


def waterfalls(found: Explanation) -> list[Waterfall]:
    assert found.own_ratings is not None
    assert found.raters is not None
    return [found.parts, found.own_ratings, found.raters]


def check_sums(waterfall: Waterfall, shown: float, width: float) -> None:
    total = sum(bar.value for bar in waterfall.bars)
    assert total == pytest.approx(shown, abs=1e-5 * width)
    assert waterfall.total == pytest.approx(shown, abs=1e-5 * width)
    printed = sum((Decimal(bar.printed) for bar in waterfall.bars), Decimal(0))
    assert printed == Decimal(waterfall.printed_total)
    assert all("\n" not in bar.label for bar in waterfall.bars)


@pytest.mark.parametrize("name", SOLVERS)
def test_bars_add_up_to_the_prediction_for_rated_and_unrated_cells(
    known: Known, models: dict[str, FactorModel], name: str
) -> None:
    model, memo = models[name], Memo()
    for n_shown, scale in ((6, model.scale), (3, (1.9, 2.1))):  # the second clips nearly all
        clipping = replace(model, scale=scale if model.target == "rating" else model.scale)
        width, n_clipped = clipping.scale[1] - clipping.scale[0], 0
        for user, item in cells(known.ratings):
            found = explain(clipping, known, user, item, n_factors=n_shown, n_ratings=n_shown,
                            memo=memo)
            shown = float(clipping.predict(np.array([user]), np.array([item]))[0])
            assert found.predicted == pytest.approx(shown, abs=1e-5 * width)
            for waterfall in waterfalls(found):
                check_sums(waterfall, shown, width)
                has_bar = waterfall.bars[-1].kind == "clipped" if waterfall.bars else False
                assert has_bar == (found.raw != found.predicted)
            n_clipped += found.raw != found.predicted
            means = [member.total for member in found.members] or [found.raw]
            assert np.mean(means) == pytest.approx(found.raw, abs=1e-5 * width)
            for member in found.members:
                check_sums(member, member.total, width)
        if scale is not model.scale and model.target == "rating":
            assert n_clipped > N_CELLS / 2


@pytest.mark.parametrize("name", SOLVERS)
def test_bars_of_a_new_user_add_up_to_the_prediction_from_the_solved_row(
    known: Known, models: dict[str, FactorModel], name: str
) -> None:
    model, memo = models[name], Memo()
    width = model.scale[1] - model.scale[0]
    for items in ([], [3], [1, 4, 7, 12, 20, 33]):
        user = new_user(model, np.array(items, np.int32), np.linspace(-1, 5, len(items)), "Ann")
        predictions = folded_predictions(model, user.folded)
        for item in range(0, N_ITEMS, 6):
            found = explain(model, known, NEW_USER, item, new_user=user, memo=memo)
            assert found.raw == pytest.approx(predictions[item], abs=1e-5 * width)
            for waterfall in waterfalls(found):
                check_sums(waterfall, found.predicted, width)
            for member in found.members:
                check_sums(member, member.total, width)
            assert (found.user_name, found.user_card.name) == ("Ann", "Ann")
            assert found.user_card.n_ratings == len(items)
            # the row shown is the solved one: nothing is left
            assert found.own_ratings is not None
            assert "remainder" not in {bar.kind for bar in found.own_ratings.bars}


def kinds(waterfall: Waterfall | None) -> list[str]:
    assert waterfall is not None
    return list(dict.fromkeys(bar.kind for bar in waterfall.bars))


def test_parts_are_what_each_method_is_made_of(
    known: Known, models: dict[str, FactorModel]
) -> None:
    biases = ["mean", "user_bias", "item_bias"]
    expected = {
        "als": [*biases, "factor", "factors"], "adagrad": [*biases, "factor", "factors"],
        "svd++": [*biases, "implicit", "factor", "factors"], "nmf": ["offset", "factor", "factors"],
        "gradient-descent": ["factor", "factors"], "implicit-als": ["factor", "factors"],
        "sgd": [*biases, "factor", "factors"],
        "average": [*biases, "implicit", "factor", "factors"]}
    for name, wanted in expected.items():
        free = replace(models[name], clip=False)
        found = explain(free, known, 3, 5)
        assert kinds(found.parts) == wanted
        factors = [bar for bar in found.parts.bars if bar.kind == "factor"]
        sizes = [abs(bar.value) for bar in factors]
        assert sizes == sorted(sizes, reverse=True)
        assert len(factors) == 6
    found = explain(models["average"], known, 3, 5, n_factors=27)
    assert {"member 1, factor 1", "member 3, factor 9"} <= {bar.label for bar in found.parts.bars}
    assert [each.name for each in found.members] == ["member 1", "member 2", "member 3"]
    assert kinds(found.members[1])[0] == "offset"  # every second one is an nmf


def test_the_products_of_svdpp_are_those_of_the_users_own_factors(
    known: Known, models: dict[str, FactorModel]
) -> None:
    model = models["svd++"]
    items, _ = known.user_row(8)
    assert model.implicit_factors is not None
    z = model.implicit_factors[items].astype(np.float64).sum(axis=0) / np.sqrt(items.size)
    own = model.user_factors[8] - z
    found = explain(model, known, 8, 2, n_factors=9)
    bars = {bar.index: bar.value for bar in found.parts.bars if bar.kind == "factor"}
    for factor in range(9):
        assert bars[factor] == pytest.approx(own[factor] * model.item_factors[2, factor], abs=1e-12)
    (implicit,) = (bar.value for bar in found.parts.bars if bar.kind == "implicit")
    assert implicit == pytest.approx(float(z @ model.item_factors[2]), abs=1e-12)


def test_own_ratings_are_listed_largest_first_with_title_and_rating(
    known: Known, models: dict[str, FactorModel]
) -> None:
    found = explain(models["als"], known, 3, 5, n_ratings=200)
    assert found.own_ratings is not None
    items, values = known.user_row(3)
    bars = [bar for bar in found.own_ratings.bars if bar.kind == "rating"]
    assert {(bar.index, bar.observed) for bar in bars} == set(
        zip(items.tolist(), values.tolist(), strict=True))
    sizes = [abs(bar.value) for bar in bars]
    assert sizes == sorted(sizes, reverse=True)
    for bar in bars:
        assert bar.label == f"rated {bar.observed:g}: “Film {bar.index}”" or bar.index == 0
    assert kinds(found.own_ratings)[:2] == ["mean", "item_bias"]
    remainder = found.own_ratings.bars[-1]
    assert (remainder.kind, remainder.label) == ("remainder", "the trained row differs by")
    assert found.raters is not None
    users, values = known.item_row(5)
    bars = [bar for bar in found.raters.bars if bar.kind == "rating"]
    assert {bar.label for bar in bars} == {
        f"rated {value:g} by user u{user}" for user, value in zip(users, values, strict=True)}


def test_a_share_is_how_fast_the_prediction_moves_with_the_rating_times_its_excess(
    known: Known, models: dict[str, FactorModel]
) -> None:
    model, item = models["als"], 5
    items, values = known.user_row(3)
    found = explain(model, known, 3, item, n_ratings=200)
    assert found.own_ratings is not None
    shares = {bar.index: bar.value for bar in found.own_ratings.bars if bar.kind == "rating"}
    for k in range(0, items.size, 3):
        changed = values.astype(np.float64).copy()
        changed[k] += 1e-3
        before, after = (
            fold_in(model, items, given) for given in (values.astype(np.float64), changed))
        v = model.item_factors[item].astype(np.float64)
        slope = ((after.factors - before.factors) @ v + after.bias - before.bias) / 1e-3
        excess = float(values[k]) - model.global_mean - float(model.item_bias[items[k]])
        assert shares[int(items[k])] == pytest.approx(slope * excess, abs=1e-9)


def test_svdpp_tells_what_a_rating_gives_by_its_value_and_by_being_there(
    known: Known, models: dict[str, FactorModel]
) -> None:
    model = models["svd++"]
    items, _ = known.user_row(6)
    found = explain(model, known, 6, 2, n_ratings=200)
    assert found.own_ratings is not None
    bars = {bar.index: bar.value for bar in found.own_ratings.bars if bar.kind == "implicit_share"}
    assert set(bars) == set(items.tolist())
    assert model.implicit_factors is not None
    for item in items.tolist():
        share = model.implicit_factors[item].astype(np.float64) @ model.item_factors[2]
        assert bars[item] == pytest.approx(share / np.sqrt(items.size), abs=1e-12)


def test_notes_say_what_is_special(known: Known, models: dict[str, FactorModel]) -> None:
    found = explain(models["als"], known, N_USERS - 1, N_ITEMS - 1)
    assert found.own_ratings is not None
    assert found.raters is not None
    assert found.own_ratings.note == "This user has no training ratings."
    assert found.raters.note == "This item has no training ratings."
    short = replace(models["als"], rules=(replace(models["als"].rules[0], regularization=0.0),))
    found = explain(short, known, 3, 5)
    assert found.own_ratings is not None
    assert "it is the shortest" in found.own_ratings.note
    found = explain(replace(models["als"], rules=()), known, 3, 5)
    assert found.own_ratings is not None
    assert "is not known" in found.own_ratings.note
    found = explain(replace(models["nmf"], item_factors=models["nmf"].item_factors ** 9),
                    known, 3, 5)
    assert found.own_ratings is not None
    assert "of the 9 factors" in found.own_ratings.note


def test_without_ratings_only_the_parts_are_told(
    ratings: Ratings, models: dict[str, FactorModel]
) -> None:
    nothing = Known(ratings.take(np.empty(0, np.int64)))
    for name, model in models.items():
        found = explain(model, nothing, 3, 5)
        assert (found.own_ratings, found.raters, found.typical_error) == (None, None, None)
        assert (found.observed, found.residual, found.is_held_out) == (None, None, None)
        assert not found.knows_ratings
        check_sums(found.parts, found.predicted, model.scale[1] - model.scale[0])
        assert ("not told apart" in found.parts.note) == (name in ("svd++", "average"))
    user = new_user(models["svd++"], np.array([2, 9]), np.array([4.0, 1.0]))
    found = explain(models["svd++"], nothing, NEW_USER, 5, new_user=user)
    assert found.own_ratings is not None
    assert found.raters is None


def test_observed_residual_and_what_was_held_out(
    known: Known, models: dict[str, FactorModel]
) -> None:
    ratings, is_held_out = known.ratings, known.is_held_out
    assert is_held_out is not None
    for k in (0, 100, int(np.flatnonzero(is_held_out)[0])):
        user, item = int(ratings.user_index[k]), int(ratings.item_index[k])
        found = explain(models["als"], known, user, item)
        assert found.observed == ratings.value[k]
        assert found.is_held_out == is_held_out[k]
        assert found.residual == pytest.approx(ratings.value[k] - found.raw)
        preferred = explain(models["implicit-als"], known, user, item)
        assert preferred.unit == "preference"
        assert preferred.target == float(ratings.value[k] > 0)
        assert preferred.residual == pytest.approx(float(ratings.value[k] > 0) - preferred.raw)
    unrated = explain(models["implicit-als"], known, N_USERS - 1, 0)
    assert (unrated.observed, unrated.target) == (None, 0.0)
    assert unrated.item_title == STRANGE


def test_one_memo_serves_one_model_after_another(
    known: Known, models: dict[str, FactorModel]
) -> None:
    memo = Memo()
    for name in ("implicit-als", "als", "implicit-als"):
        assert explain(models[name], known, 3, 5, memo=memo) == explain(models[name], known, 3, 5)
    other = replace(models["implicit-als"], item_factors=2 * models["implicit-als"].item_factors)
    assert explain(other, known, 3, 5, memo=memo) == explain(other, known, 3, 5)


@pytest.mark.parametrize("wild", [np.nan, np.inf, 1e38])
def test_a_model_that_has_diverged_is_explained_as_it_is(
    known: Known, models: dict[str, FactorModel], wild: float
) -> None:
    for model in models.values():
        diverged = model.copy()
        diverged.user_factors[3], diverged.item_factors[5] = wild, -wild
        for user in (2, 3):
            found = explain(diverged, known, user, 5)
            assert found.parts.printed_total
        with np.errstate(all="ignore"):
            guest = new_user(diverged, np.array([2, 5]), np.array([4.0, 1.0]))
        assert explain(diverged, known, NEW_USER, 5, new_user=guest).own_ratings is not None


def test_a_user_who_is_not_there_is_a_bug(known: Known, models: dict[str, FactorModel]) -> None:
    with pytest.raises(ValueError, match="there is a new user"):
        explain(models["als"], known, NEW_USER, 0)


def test_a_matrix_of_one_cell_and_one_factor_is_explained() -> None:
    one = Ratings(np.zeros(1, np.int32), np.zeros(1, np.int32), np.full(1, 3, np.float32),
                  TextArray.from_strings(["a"]), TextArray.from_strings(["b"]))
    with WorkerPool(1) as pool:
        for name in SOLVERS:
            model = trained(name, one, pool, n_factors=1)
            found = explain(model, Known(one), 0, 0)
            for waterfall in waterfalls(found):
                check_sums(waterfall, found.predicted, 1.0)
