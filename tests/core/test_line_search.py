"""The exact step along a line: the best of all roots of a cubic, or none."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.core.line_search import Quartic


def test_the_best_step_is_the_lowest_point_of_random_quartics() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        c = rng.normal(0, 1, 5) * 10.0 ** rng.integers(-6, 7, 5)
        quartic = Quartic(*c[:4], abs(c[4]))
        found = quartic.change(quartic.best_step())
        derivative = [4 * abs(c[4]), 3 * c[3], 2 * c[2], c[1]]
        stationary = [quartic.change(float(root.real)) for root in np.roots(derivative)]
        lowest = min(0.0, *stationary)
        assert found <= lowest + 1e-9 * abs(lowest)  # np.roots is good to about 1e-12 here


def test_the_best_step_may_lie_behind_a_hill_or_backwards() -> None:
    # t^4 - 2.1 t^3 + 1.1 t^2 - 0.01 t: a shallow dip near 0.005, a deeper one near 1.06
    assert Quartic(0, -0.01, 1.1, -2.1, 1).best_step() == pytest.approx(1.0568, rel=1e-3)
    # (t^2 - 1)^2 + 0.1 t is lowest near -1, though it rises from 0 that way first
    assert Quartic(1, 0.1, -2, 0, 1).best_step() == pytest.approx(-1.0123, rel=1e-3)


def test_a_double_root_and_lower_degrees_are_found() -> None:
    assert Quartic(0, -4, 6, -4, 1).best_step() == pytest.approx(1, abs=1e-4)  # a triple root
    assert Quartic(0, -2, 1, 0, 0).best_step() == pytest.approx(1)
    assert Quartic(0, 0, -1, 0, 1).best_step() in (
        pytest.approx(0.5**0.5), pytest.approx(-(0.5**0.5)))


def test_no_step_is_taken_where_none_is_lower() -> None:
    assert Quartic(3, 0, 0, 0, 0).best_step() == 0
    assert Quartic(3, 0, 2, 0, 1).best_step() == 0
    assert Quartic(3, 0, 2, -1, 1).best_step() == 0


def test_the_size_of_the_coefficients_does_not_matter() -> None:
    for size in (1e-200, 1e-30, 1e30, 1e200):
        for stretch in (1e-20, 1.0, 1e20):  # the step in other units
            c = (0, -0.01 / stretch, 1.1 / stretch**2, -2.1 / stretch**3, stretch**-4)
            found = Quartic(*(size * each for each in c)).best_step()
            assert found == pytest.approx(1.0568 * stretch, rel=1e-3)


def test_a_step_beyond_all_numbers_is_none() -> None:
    assert Quartic(0, -1e308, 1e-308, 0, 0).best_step() == 0
    assert not Quartic(0, float("nan"), 0, 0, 0).is_finite
