"""Principal components against a singular value decomposition."""

from __future__ import annotations

import numpy as np

from mfgui.inspection.components import principal_components


def test_components_are_the_right_singular_vectors_of_the_centred_rows() -> None:
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(300, 5)) * [5, 3, 2, 1, 0.1] + 4).astype(np.float32)
    found = principal_components(rows)
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    _, values, vectors = np.linalg.svd(centred, full_matrices=False)
    for k in range(5):
        vector = vectors[k] * np.sign(vectors[k][np.abs(vectors[k]).argmax()])
        np.testing.assert_allclose(found.vectors[:, k], vector, atol=1e-9)
        # a projection is float32: seven digits of numbers up to 20
        np.testing.assert_allclose(found.project(rows, k), centred @ vector, atol=2e-5)
    np.testing.assert_allclose(found.shares, values ** 2 / (values ** 2).sum(), atol=1e-12)


def test_rows_of_zero_and_rows_that_are_not_finite_take_no_part() -> None:
    rows = np.random.default_rng(0).normal(2, 1, size=(50, 3)).astype(np.float32)
    odd = np.vstack([rows, np.zeros((30, 3)), np.full((2, 3), np.nan)]).astype(np.float32)
    plain, found = principal_components(rows), principal_components(odd)
    np.testing.assert_allclose(found.vectors, plain.vectors, atol=1e-12)
    np.testing.assert_allclose(found.centre, plain.centre, atol=1e-12)


def test_equal_rows_and_no_rows_have_no_variance() -> None:
    for rows in (np.ones((4, 3), np.float32), np.empty((0, 3), np.float32)):
        np.testing.assert_allclose(principal_components(rows).shares, 0, atol=1e-12)
