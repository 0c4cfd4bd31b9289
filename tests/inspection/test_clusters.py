"""k-means: planted groups are found, and nothing odd is a trap."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.inspection.clusters import ROWS_TO_FIT, k_means


def planted_groups(n_rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = np.array([[10, 0, 0], [0, 10, 0], [0, 0, 10], [-10, 0, 0]], np.float32)
    labels = rng.choice(4, n_rows, p=[0.4, 0.3, 0.2, 0.1])
    return (centres[labels] + rng.normal(0, 0.5, (n_rows, 3))).astype(np.float32), labels


@pytest.mark.parametrize("n_rows", [400, 2 * ROWS_TO_FIT + 7])
def test_planted_groups_are_found_the_largest_first(n_rows: int) -> None:
    rows, labels = planted_groups(n_rows)
    found = k_means(rows, 4)
    np.testing.assert_array_equal(found.labels, labels)  # the shares fall: so do the sizes
    assert (np.diff(found.sizes) <= 0).all()
    np.testing.assert_array_equal(found.sizes, np.bincount(labels))


def test_every_row_is_with_its_nearest_centre() -> None:
    rows = np.random.default_rng(1).normal(size=(500, 6)).astype(np.float32)
    found = k_means(rows, 7)
    distances = np.square(rows[:, None] - found.centres).sum(axis=2)
    np.testing.assert_array_equal(found.labels, distances.argmin(axis=1))


def test_groups_keep_their_numbers_when_it_goes_on_from_an_epoch_before() -> None:
    rows, _ = planted_groups(300)
    before = k_means(rows, 4)
    moved = k_means(rows[::-1] * np.float32(1.02), 4, start=before.centres[::-1].copy())
    np.testing.assert_array_equal(moved.labels, (3 - before.labels)[::-1])


def test_same_seed_same_groups() -> None:
    rows = np.random.default_rng(1).normal(size=(500, 6)).astype(np.float32)
    np.testing.assert_array_equal(k_means(rows, 5).labels, k_means(rows, 5).labels)


def test_there_are_no_more_groups_than_different_rows() -> None:
    rows = np.repeat(np.eye(3, dtype=np.float32), 5, axis=0)
    assert k_means(rows, 8).n_clusters == 3
    assert k_means(np.zeros((4, 2), np.float32), 3).n_clusters == 1
    assert k_means(np.empty((0, 2), np.float32), 3).labels.size == 0


def test_rows_that_are_not_finite_disturb_nobody() -> None:
    rows, labels = planted_groups(200)
    rows[:3] = np.nan
    rows[3] = np.inf
    found = k_means(rows, 4)
    assert np.isfinite(found.centres).all()
    np.testing.assert_array_equal(found.labels[4:], labels[4:])
