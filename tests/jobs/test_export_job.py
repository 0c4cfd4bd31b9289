"""Tables of a model as files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.errors import CancelledError, DataError, ModelFileError, StorageError
from mfgui.inspection.known import Known
from mfgui.inspection.recommend import Filters
from mfgui.jobs.export import (
    TableWritten,
    export_all_pairs,
    export_biases,
    export_factors,
    export_pairs,
)
from mfgui.jobs.export_plan import PairsPlan, plan_pairs, require_room, size_text
from mfgui.jobs.predict import predict_pairs
from mfgui.jobs.recommend import recommend_all
from mfgui.jobs.train import saved_model
from mfgui.store.model_file import SavedModel
from mfgui.training.session import TrainingSession

NASTY = ["=cmd()", "a,b", 'say "hi"', "two\nlines", "007", "<script>"]


@pytest.fixture(scope="module")
def saved(planted: Ratings) -> SavedModel:
    """Return a model whose first users have ids that are awkward in files."""
    users = [*NASTY, *(f"u{n}" for n in range(len(NASTY), planted.n_users))]
    titles = TextArray.from_strings(f"Film, the {m}th" for m in range(planted.n_items))
    ratings = replace(planted, user_ids=TextArray.from_strings(users), item_titles=titles)
    settings = SOLVERS["als"].settings_type(n_epochs=3, n_factors=4, seed=1)
    session = TrainingSession("als", settings, ratings)
    list(session.epochs())
    assert session.result is not None
    return saved_model(session.result, ratings)


def read(path: Path) -> list[list[str]]:
    """Return the rows of a CSV or Parquet file as text, the header first."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.reader(file))
    table = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)])
    names = [column[0] for column in table.description]
    return [names, *([cell if isinstance(cell, str) else str(np.float32(cell)) for cell in row]
                     for row in table.fetchall())]


def last(events: Iterator[Any]) -> Any:
    *_, event = events
    return event


def predictions(saved: SavedModel, pairs: list[tuple[str, str]]) -> list[str]:
    return [str(np.float32(value)) for batch in predict_pairs(Control(), saved, pairs)
            for _, _, value in batch.rows]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_all_pairs_above_a_count_are_predicted(
    ending: str, saved: SavedModel, tmp_path: Path
) -> None:
    path, known = tmp_path / f"all.{ending}", saved.known
    assert known is not None
    least = int(np.median(known.training_counts[0]))
    plan, written = export_all_pairs(Control(), saved, path, min_count=least)
    assert isinstance(plan, PairsPlan)
    user_counts, item_counts = known.training_counts
    users, items = (np.flatnonzero(counts >= least) for counts in (user_counts, item_counts))
    assert 0 < users.size < saved.model.n_users
    header, *rows = read(path)
    assert header == ["user", "item", "prediction"]
    assert [row[:2] for row in rows] == [
        [saved.user_ids[n], saved.item_ids[m]] for n in users for m in items]
    assert [np.float32(row[2]) for row in rows] == [
        np.float32(value) for value in predictions(saved, [(row[0], row[1]) for row in rows])]
    assert (written.n_rows, plan.n_rows) == (len(rows), len(rows))


def test_the_size_is_said_beforehand(saved: SavedModel, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    plan, _ = export_all_pairs(Control(), saved, path)
    assert plan.n_bytes == pytest.approx(path.stat().st_size, rel=0.03)
    n_users, n_items = saved.model.n_users, saved.model.n_items
    assert plan.text.startswith(f"{n_users:,} users x {n_items:,} items = {n_users * n_items:,} r")
    guarded = plan_pairs(saved, None, 0, path, guards_formulas=True)
    assert guarded.n_bytes >= plan.n_bytes


def test_sizes_are_told_with_three_digits_at_most() -> None:
    assert [size_text(n) for n in (0, 999, 1000, 99_949, 99_951, 999_499, 999_501, 4.2e11, 2e18)
            ] == ["0 bytes", "999 bytes", "1.0 kB", "99.9 kB", "100 kB", "999 kB", "1.0 MB",
                  "420 GB", "2,000 PB"]


def test_what_has_no_room_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"would take about 1,153 PB for 7 rows.*raise it, or"):
        require_room(tmp_path / "x.csv", 1 << 60, 7, "raise it")
    require_room(tmp_path / "x.csv", 1, 1, "raise it")


def test_counts_that_nobody_knows_and_counts_that_nobody_has_are_refused(
    saved: SavedModel, tmp_path: Path
) -> None:
    bare = replace(saved, known=None)
    with pytest.raises(DataError, match="--ratings FILE"):
        last(export_all_pairs(Control(), bare, tmp_path / "x.csv", min_count=1))
    with pytest.raises(DataError, match="No user has 1,000,000"):
        last(export_all_pairs(Control(), saved, tmp_path / "x.csv", min_count=1_000_000))
    assert last(export_all_pairs(Control(), bare, tmp_path / "x.csv")).n_rows == (
        saved.model.n_users * saved.model.n_items)
    known = saved.known
    assert last(export_all_pairs(Control(), bare, tmp_path / "x.csv", min_count=1, known=known)
                ).n_rows > 0


def test_held_out_ratings_do_not_count(planted: Ratings, tmp_path: Path) -> None:
    settings = SOLVERS["als"].settings_type(n_epochs=1, n_factors=2, refit=False, validation=0.3)
    session = TrainingSession("als", settings, planted)
    list(session.epochs())
    assert session.result is not None
    held = saved_model(session.result, planted)
    assert held.known is not None
    least = int(held.known.ratings.user_counts.min())
    plan = plan_pairs(held, held.known, least, "x.csv")
    assert plan.users.size < planted.n_users
    assert plan_pairs(held, Known(planted), least, "x.csv").users.size == planted.n_users


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_of_pairs_is_predicted_in_its_order_with_its_ids(
    ending: str, saved: SavedModel, tmp_path: Path
) -> None:
    pairs_path, path = tmp_path / "pairs.csv", tmp_path / f"out.{ending}"
    ids = [*NASTY, "nobody", "u9", "0", "00"]
    pairs = [(user, item) for user in ids for item in ("i3", "nothing", "i0")]
    with pairs_path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("user", "item"), *pairs])
    written = last(export_pairs(Control(), saved, path, pairs_path))
    header, *rows = read(path)
    assert header == ["user", "item", "prediction"]
    assert [tuple(row[:2]) for row in rows] == pairs
    assert [np.float32(row[2]) for row in rows] == [
        np.float32(each) for each in predictions(saved, pairs)]
    n_unknown = sum(user not in saved.user_ids.positions or item == "nothing"
                    for user, item in pairs)
    assert written.notes == (f"{n_unknown} pairs had a user or item that the model does not know: "
                             "predicted by mean and bias.",)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("side", ["user", "item"])
def test_factors_read_back_to_the_same_bits(
    ending: str, side: str, saved: SavedModel, tmp_path: Path
) -> None:
    path = tmp_path / f"factors.{ending}"
    written = last(export_factors(Control(), saved, path, side))
    header, *rows = read(path)
    names = [side] if side == "user" else ["item", "title"]
    assert header == [*names, "factor_1", "factor_2", "factor_3", "factor_4"]
    assert written == TableWritten(str(path), len(rows))
    ids = saved.user_ids if side == "user" else saved.item_ids
    assert [row[0] for row in rows] == list(ids)
    factors = saved.model.user_factors if side == "user" else saved.model.item_factors
    found = np.array([row[len(names):] for row in rows], np.float64).astype(np.float32)
    assert np.array_equal(found, factors)


def test_only_svdpp_has_implicit_factors(saved: SavedModel, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="Only a model of SVD"):
        last(export_factors(Control(), saved, tmp_path / "x.csv", "implicit"))
    some = replace(saved, model=replace(saved.model, implicit_factors=saved.model.item_factors))
    assert last(export_factors(Control(), some, tmp_path / "x.csv", "implicit")).n_rows == (
        saved.model.n_items)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_mean_and_biases_stand_in_one_table(
    ending: str, saved: SavedModel, tmp_path: Path
) -> None:
    path, model = tmp_path / f"biases.{ending}", saved.model
    written = last(export_biases(Control(), saved, path))
    header, mean, *rows = read(path)
    assert header == ["kind", "id", "title", "value"]
    assert mean == ["global_mean", "", "", str(np.float32(model.global_mean))]
    assert written.n_rows == 1 + model.n_users + model.n_items == 1 + len(rows)
    users, items = rows[: model.n_users], rows[model.n_users :]
    assert [row[:3] for row in users] == [["user_bias", each, ""] for each in saved.user_ids]
    assert [row[1:3] for row in items] == [
        [one, two] for one, two in zip(saved.item_ids, saved.item_titles or (), strict=True)]
    assert np.array_equal(np.array([row[3] for row in items], np.float32), model.item_bias)
    last(export_biases(Control(), replace(saved, item_titles=None), path))
    assert read(path)[0] == ["kind", "id", "value"]


def test_top_lists_are_the_same_in_both_formats(saved: SavedModel, tmp_path: Path) -> None:
    for ending in ("csv", "parquet"):
        last(recommend_all(Control(), saved, tmp_path / f"top.{ending}", 5,
                           filters=Filters(is_unrated_only=False)))
    one, two = ([[row[0], row[1].removesuffix(".0"), *row[2:4], np.float32(row[4])]
                 for row in read(tmp_path / f"top.{ending}")[1:]] for ending in ("csv", "parquet"))
    assert one == two
    assert len(one) == 5 * saved.model.n_users
    rows = [(row[0], row[2]) for row in one[:50]]
    assert [row[4] for row in one[:50]] == [np.float32(x) for x in predictions(saved, rows)]


def test_formulas_are_guarded_in_every_table(saved: SavedModel, tmp_path: Path) -> None:
    path, control = tmp_path / "t.csv", Control()
    for job in (export_all_pairs(control, saved, path, guards_formulas=True),
                export_factors(control, saved, path, "user", guards_formulas=True),
                recommend_all(control, saved, path, 1, guards_formulas=True)):
        last(job)
        assert read(path)[1][0] == "'=cmd()"
    last(export_biases(control, saved, path, guards_formulas=True))
    assert read(path)[2][1] == "'=cmd()"


@pytest.mark.parametrize("n_threads", [1, 2, 4])
def test_files_are_the_same_for_any_number_of_threads(
    n_threads: int, saved: SavedModel, tmp_path: Path
) -> None:
    for ending in ("csv", "parquet"):
        one, other = (tmp_path / f"{name}.{ending}" for name in ("one", "other"))
        last(export_all_pairs(Control(), saved, one, n_threads=1))
        last(export_all_pairs(Control(), saved, other, n_threads=n_threads))
        assert one.read_bytes() == other.read_bytes()


def test_stopped_jobs_leave_no_file(saved: SavedModel, tmp_path: Path) -> None:
    control = Control()
    control.stop()
    for job in (export_all_pairs(control, saved, tmp_path / "a.csv"),
                export_all_pairs(control, saved, tmp_path / "a.parquet"),
                export_factors(control, saved, tmp_path / "b.csv", "user"),
                export_biases(control, saved, tmp_path / "c.parquet")):
        with pytest.raises(CancelledError):
            last(job)
    assert not list(tmp_path.iterdir())


def test_progress_rises_to_the_end(saved: SavedModel, tmp_path: Path) -> None:
    class Watched(Control):
        """Keeps all that was told."""

        def report(self, text: str, fraction: float | None = None) -> None:
            told.append((text, fraction))

    told: list[tuple[str, float | None]] = []
    last(export_all_pairs(Watched(), saved, tmp_path / "a.csv"))
    fractions = [fraction for _, fraction in told if fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert told[-1][0].startswith("Writing a.csv")


def test_a_table_is_text_for_the_clipboard() -> None:
    rows: list[tuple[object, ...]] = [("=cmd()", 1.5, None), ('two\nlines, "quoted"', -1, "a\tb")]
    text = jobs.table_text(Control(), ("id", "x", "y"), lambda: rows, 100)
    assert text == 'id\tx\ty\n=cmd()\t1.5\t\n"two lines, ""quoted"""\t-1\ta b\n'
    guarded = jobs.table_text(Control(), ("id", "x", "y"), lambda: rows, 100, guards_formulas=True)
    assert guarded.splitlines()[1] == "'=cmd()\t1.5\t"
    with pytest.raises(DataError, match="too many to be copied"):
        jobs.table_text(Control(), ("id",), lambda: rows, 5)


def test_a_stream_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    last(jobs.export_stream(Control(), path, lambda file, control: file.write(b"all")))
    assert path.read_bytes() == b"all"

    def failing(file: Any, control: Control) -> None:
        file.write(b"half")
        control.stop()
        control.checkpoint()

    with pytest.raises(CancelledError):
        last(jobs.export_stream(Control(), path, failing))
    assert path.read_bytes() == b"all"
    with pytest.raises(StorageError):
        last(jobs.export_stream(Control(), tmp_path / "no" / "x", failing))
    assert [each.name for each in tmp_path.iterdir()] == ["x.bin"]
