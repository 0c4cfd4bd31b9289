"""Errors by user, item, value, popularity and size against plain loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.error_bins import even_bins, popularity_deciles, value_bins
from mfgui.inspection.error_tables import ErrorMeter, error_tables
from mfgui.inspection.known import Known
from mfgui.inspection.residual_table import RATINGS_PER_PART, largest_residuals
from mfgui.inspection.row_errors import row_means, row_rmse


def ratings_of(users: np.ndarray, items: np.ndarray, values: np.ndarray, n: tuple[int, int]
               ) -> Ratings:
    return Ratings(users.astype(np.int32), items.astype(np.int32), values.astype(np.float32),
                   TextArray.from_strings(map(str, range(n[0]))),
                   TextArray.from_strings(map(str, range(n[1]))))


def random_known(n_users: int = 40, n_items: int = 30, share: float = 0.4, seed: int = 0) -> Known:
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((n_users, n_items)) < share)
    ratings = ratings_of(users, items, rng.integers(1, 6, users.size), (n_users, n_items))
    return Known(ratings, rng.random(users.size) < 0.2)


def random_model(n_users: int = 40, n_items: int = 30, seed: int = 1, **how: object) -> FactorModel:
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return (0.7 * rng.normal(size=shape)).astype(np.float32)

    model = FactorModel(draw(n_users, 4), draw(n_items, 4), draw(n_users), draw(n_items), 3.0,
                        (1.0, 5.0))
    return replace(model, **how)  # type: ignore[arg-type]


def plain_errors(model: FactorModel, ratings: Ratings) -> tuple[np.ndarray, np.ndarray]:
    """Return raw residuals and errors as measured, in float64."""
    users, items = ratings.user_index, ratings.item_index
    raw = (np.einsum("kf,kf->k", model.user_factors[users].astype(np.float64),
                     model.item_factors[items].astype(np.float64))
           + model.user_bias[users] + model.item_bias[items] + model.global_mean)
    shown = np.clip(raw, *model.scale) if model.clip else raw
    return ratings.value - raw, ratings.value - shown


def rmse_by(keys: np.ndarray, errors: np.ndarray, n: int) -> np.ndarray:
    return np.array([np.sqrt(np.mean(errors[keys == k] ** 2)) if (keys == k).any() else np.nan
                     for k in range(n)])


@pytest.mark.parametrize("clip", [True, False])
def test_every_table_equals_a_plain_loop(clip: bool) -> None:
    known, model = random_known(), random_model(clip=clip)
    tables = error_tables(model, known)
    assert tables.validation is not None
    for part, ratings in ((tables.training, known.training), (tables.validation, known.held_out)):
        residuals, errors = plain_errors(model, ratings)
        expected = {"users": rmse_by(ratings.user_index, errors, 40),
                    "items": rmse_by(ratings.item_index, errors, 30),
                    "values": rmse_by(ratings.value.astype(int) - 1, errors, 5),
                    "deciles": rmse_by(tables.bins.deciles.group[ratings.item_index], errors, 10)}
        for name, values in expected.items():
            # predictions are float32: seven digits of numbers up to 10
            np.testing.assert_allclose(getattr(part, name).rmse, values, atol=1e-5)
        assert part.rmse == pytest.approx(np.sqrt(np.mean(errors ** 2)), abs=1e-6)
        means = [residuals[ratings.value == k].mean() for k in range(1, 6)]
        np.testing.assert_allclose(part.value_residuals, means, atol=1e-5)
        assert part.density.sum() == part.residual_counts.sum() == ratings.n_ratings
        np.testing.assert_array_equal(part.density.sum(axis=1), part.values.counts)
        bins = tables.bins.residuals
        np.testing.assert_array_equal(
            part.residual_counts,
            [np.sum((residuals >= low) & (residuals < high))
             for low, high in map(bins.limits, range(len(bins)))])


def test_the_density_counts_values_and_raw_predictions() -> None:
    known, model = random_known(), random_model()
    tables = error_tables(model, known)
    ratings = known.training
    raw = ratings.value - plain_errors(model, ratings)[0]
    low, high = tables.bins.predicted.limits(10)
    expected = [np.sum((ratings.value == k) & (raw >= low) & (raw < high)) for k in range(1, 6)]
    np.testing.assert_array_equal(tables.training.density[:, 10], expected)


def test_the_largest_residuals_come_first_and_are_raw() -> None:
    known, model = random_known(), random_model()
    found = error_tables(model, known, n_largest=17).training.largest
    residuals, _ = plain_errors(model, known.training)
    order = np.argsort(-np.abs(residuals))[:17]
    np.testing.assert_array_equal(found.users, known.training.user_index[order])
    np.testing.assert_array_equal(found.items, known.training.item_index[order])
    np.testing.assert_allclose(found.residuals, residuals[order], atol=1e-5)
    np.testing.assert_allclose(found.predicted, found.observed - found.residuals, atol=1e-6)


def test_the_largest_within_limits_are_those_of_a_bin() -> None:
    known, model = random_known(), random_model()
    limits = np.array([[4.0, 5.0], [-np.inf, np.inf], [-1.0, 0.5]])
    found = largest_residuals(model, known.training, limits)
    residuals, _ = plain_errors(model, known.training)
    is_in = (known.training.value == 4) & (residuals >= -1) & (residuals < 0.5)
    assert len(found) == is_in.sum() > 0
    np.testing.assert_allclose(
        np.abs(found.residuals), np.sort(np.abs(residuals[is_in]))[::-1], atol=1e-5)


def test_several_parts_are_one_pass() -> None:
    rng = np.random.default_rng(3)
    n = RATINGS_PER_PART + 1000
    keys = np.sort(rng.choice(400 * 300, n, replace=False))
    ratings = ratings_of(keys // 300, keys % 300, rng.integers(1, 6, n), (400, 300))
    model = random_model(400, 300)
    tables = error_tables(model, Known(ratings))
    residuals, errors = plain_errors(model, ratings)
    np.testing.assert_allclose(
        tables.training.users.rmse, rmse_by(ratings.user_index, errors, 400), atol=1e-5)
    np.testing.assert_allclose(np.abs(tables.training.largest.residuals),
                               np.sort(np.abs(residuals))[::-1][:200], atol=1e-5)


def test_after_a_refit_validation_belongs_to_the_factors_from_before() -> None:
    known = replace(random_known(), is_trained_on_all=True)
    model, before = random_model(), random_model(seed=5)
    tables = error_tables(model, known, before)
    assert tables.is_before_refit
    assert tables.training.n_ratings == known.ratings.n_ratings
    assert tables.validation is not None
    _, errors = plain_errors(before, known.held_out)
    assert tables.validation.rmse == pytest.approx(np.sqrt(np.mean(errors ** 2)), abs=1e-6)
    assert "before the final training" in tables.note


def test_without_the_factors_from_before_a_refit_nobody_can_know_its_errors() -> None:
    known = replace(random_known(), is_trained_on_all=True)
    tables = error_tables(random_model(), known)
    assert tables.validation is None
    assert "not known" in tables.note


def test_preferences_are_measured_over_rated_pairs() -> None:
    known = random_known()
    model = random_model(target="preference", scale=(0.0, 1.0), global_mean=0.5)
    tables = error_tables(model, known)
    assert tables.bins.values.labels == ("1",)
    training = replace(known.training, value=np.ones_like(known.training.value))
    _, errors = plain_errors(model, training)
    assert tables.training.rmse == pytest.approx(np.sqrt(np.mean(errors ** 2)), abs=1e-6)
    assert "preferences" in tables.note


def test_predictions_that_are_not_finite_are_counted_and_left_out() -> None:
    known, model = random_known(), random_model()
    model.user_bias[3] = np.nan
    model.user_bias[4] = np.inf
    tables = error_tables(model, known)
    row = known.training.user_counts
    assert tables.training.n_unsound == row[3] + row[4]
    assert np.isnan(tables.training.users.rmse[[3, 4]]).all()
    assert np.isfinite(tables.training.rmse)
    assert "not finite" in tables.note


def test_no_ratings_have_no_errors() -> None:
    nothing = ratings_of(np.empty(0), np.empty(0), np.empty(0), (3, 2))
    tables = error_tables(random_model(3, 2), Known(nothing))
    assert np.isnan(tables.training.rmse)
    assert len(tables.training.largest) == 0
    assert tables.validation is None


def test_a_meter_gives_the_same_for_one_model_after_another() -> None:
    known, meter = random_known(), ErrorMeter()
    for seed in (1, 2):
        model = random_model(seed=seed)
        assert meter.tables(model, known).training.rmse == error_tables(model, known).training.rmse
    other = random_known(seed=9)
    assert (meter.tables(model, other).training.rmse
            == error_tables(model, other).training.rmse)


@pytest.mark.parametrize("side", ["users", "items"])
def test_rows_have_their_rmse_and_mean(side: str) -> None:
    known, model = random_known(), random_model()
    rows = known.ratings.user_index if side == "users" else known.ratings.item_index
    n = 40 if side == "users" else 30
    _, errors = plain_errors(model, known.ratings)
    np.testing.assert_allclose(
        row_rmse(model, known.ratings, side), rmse_by(rows, errors, n), atol=1e-5)
    np.testing.assert_allclose(
        row_means(known.ratings, side), [known.ratings.value[rows == k].mean() for k in range(n)])


def test_few_values_have_a_bin_each_and_many_are_grouped() -> None:
    few = value_bins(np.array([3, 0.5, 3, 5, 0], np.float32))
    assert few.labels == ("0", "0.5", "3", "5")
    many = np.random.default_rng(0).exponential(10, 30_000).astype(np.float32)
    grouped = value_bins(many)
    counts = [np.sum((many >= low) & (many < high))
              for low, high in map(grouped.limits, range(len(grouped)))]
    assert sum(counts) == many.size
    np.testing.assert_allclose(counts, many.size / len(grouped), rtol=0.05)  # of a sample


def test_even_bins_have_round_edges_and_reach_on_without_end() -> None:
    bins = even_bins(-0.35, 0.42, 0.1)
    np.testing.assert_array_equal(
        bins.edges, [-np.inf, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4, np.inf])
    assert bins.labels[0] == "below −0.3"
    assert bins.labels[3] == "−0.1 to 0"
    np.testing.assert_array_equal(bins.counts(np.array([-9, -0.3, 0.05, 9, np.nan])),
                                  [1, 1, 0, 0, 1, 0, 0, 0, 1])


def test_deciles_are_of_equal_size_the_least_rated_first() -> None:
    counts = np.array([5, 100, 1, 7, 30, 2, 2, 8, 9, 11, 40, 3])
    found = popularity_deciles(counts)
    assert sum(found.n_items) == 12
    assert set(found.n_items) <= {1, 2}
    assert found.group[2] == 0
    assert found.group[1] == 9
    assert (found.fewest[0], found.most[-1]) == (1, 100)
    assert (np.diff(found.fewest) >= 0).all()
    few = popularity_deciles(np.array([4, 2, 9]))
    np.testing.assert_array_equal(few.group, [1, 0, 2])
    assert len(popularity_deciles(np.empty(0, np.int64))) == 0
