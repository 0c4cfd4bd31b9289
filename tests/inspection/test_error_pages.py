"""What is shown of errors: lines, bars, the worst rows and the cells of a bin."""

from __future__ import annotations

import numpy as np

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.error_pages import CellQuery, ErrorReader, error_pages
from mfgui.inspection.error_tables import error_tables
from mfgui.inspection.known import Known


def made(seed: int = 0) -> tuple[FactorModel, Known]:
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((50, 30)) < 0.5)
    ratings = Ratings(
        users.astype(np.int32), items.astype(np.int32),
        rng.integers(1, 6, users.size).astype(np.float32),
        TextArray.from_strings(map(str, range(50))), TextArray.from_strings(map(str, range(30))))
    factors = [(0.5 * rng.normal(size=(n, 3))).astype(np.float32) for n in (50, 30)]
    model = FactorModel(*factors, np.zeros(50, np.float32), np.zeros(30, np.float32), 3.0,
                        (1.0, 5.0))
    return model, Known(ratings, rng.random(users.size) < 0.3)


def test_every_row_is_in_one_bar_and_found_from_it() -> None:
    model, known = made()
    pages = error_pages(error_tables(model, known))
    assert pages.parts == ("training", "validation")
    for side, n in (("users", 50), ("items", 30)):
        counts = pages.row_counts[side, "training"]
        found = [pages.rows_in_bin(side, "training", k) for k in range(counts.size)]
        np.testing.assert_array_equal([rows.size for rows in found], counts)
        np.testing.assert_array_equal(np.sort(np.concatenate(found)), np.arange(n))


def test_the_worst_rows_come_first_and_have_enough_ratings() -> None:
    model, known = made()
    pages = error_pages(error_tables(model, known))
    for part, ratings in (("training", known.training), ("validation", known.held_out)):
        lines = pages.worst["users", part]
        errors = [line.rmse[part] for line in lines]
        assert errors == sorted(errors, reverse=True)
        assert pages.least["users", part] == 5
        enough = np.flatnonzero(ratings.user_counts >= 5)
        assert {line.index for line in lines} == set(enough.tolist())
        assert all(line.n_ratings[part] == ratings.user_counts[line.index] for line in lines)


def test_where_no_row_has_enough_ratings_all_count() -> None:
    model, known = made()
    few = Known(known.ratings.take(np.arange(0, known.ratings.n_ratings, 12)))
    pages = error_pages(error_tables(model, few))
    assert pages.least["users", "training"] == 1
    assert len(pages.worst["users", "training"]) == (few.ratings.user_counts > 0).sum()


def test_groups_of_items_hold_all_items_and_all_ratings() -> None:
    model, known = made()
    pages = error_pages(error_tables(model, known))
    items = np.concatenate([pages.items_of_decile(k) for k in range(len(pages.deciles))])
    np.testing.assert_array_equal(np.sort(items), np.arange(30))
    assert sum(line.n_ratings["training"] for line in pages.deciles) == known.training.n_ratings
    assert sum(line.n_ratings["validation"] for line in pages.values) == known.held_out.n_ratings


def test_a_reader_measures_a_model_once_and_lists_cells() -> None:
    model, known = made()
    reader = ErrorReader()
    pages = reader.pages(model, known)
    assert reader.pages(model, known) is pages
    assert reader.cells(CellQuery("training"), model, known) is pages.tables.training.largest
    limits = np.array([[5.0, np.inf], [-np.inf, np.inf], [1.0, np.inf]])
    cells = reader.cells(CellQuery("validation", "", limits), model, known)
    assert cells is not None
    assert (cells.observed == 5).all()
    assert (cells.residuals >= 1).all()
    nothing = Known(known.training)
    assert reader.cells(CellQuery("validation", "", limits), model, nothing) is None
