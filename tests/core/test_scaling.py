"""Mean and spread that solvers take off."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.scaling import Scaling, scaling_of


def ratings_of(values: list[float]) -> Ratings:
    index, texts = np.arange(len(values), dtype=np.int32), TextArray.from_strings(
        map(str, range(len(values))))
    return Ratings(index, index.copy(), np.array(values, np.float32), texts, texts)


def test_mean_and_standard_deviation_are_those_of_the_ratings() -> None:
    scaling = scaling_of(ratings_of([1, 2, 4, 9]))
    assert scaling == Scaling(4.0, pytest.approx(np.std([1, 2, 4, 9])))
    normalised = scaling.normalised(np.array([1, 9], np.float32))
    np.testing.assert_allclose(normalised, (np.array([1, 9]) - 4) / np.std([1, 2, 4, 9]), rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, 3.0, -0.1, 1e30])
def test_a_spread_of_0_counts_as_1(value: float) -> None:
    assert scaling_of(ratings_of([value] * 5)).sd == 1.0


def test_ratings_of_1e30_beside_1e_minus_30_have_a_finite_spread() -> None:
    scaling = scaling_of(ratings_of([1e30, 1e-30, -1e30]))
    assert scaling.sd == pytest.approx(1e30 * np.sqrt(2 / 3))


def test_uncentred_the_root_mean_square_takes_its_place() -> None:
    found = scaling_of(ratings_of([3, -4]), is_centred=False)
    assert found == Scaling(0.0, pytest.approx(12.5**0.5))
