"""Tables of a model as files: predictions, factors, biases; CSV, or Parquet where the name ends so.

Ids stand in them as they came; rows in the order of the file of pairs, else of users and items as
they were numbered. Top lists of all users: ``recommend``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mfgui.core.control import Control
from mfgui.core.parallel import WorkerPool, even_blocks
from mfgui.core.predictions import predict_many
from mfgui.core.ratings import TextArray
from mfgui.data.options import ReadOptions
from mfgui.errors import ModelFileError
from mfgui.inspection.known import Known
from mfgui.jobs.export_plan import (
    PREDICTION_COLUMNS,
    PairsPlan,
    pairs_block,
    plan_pairs,
    require_room,
)
from mfgui.jobs.files import Written, check_place
from mfgui.jobs.predict import index_pairs
from mfgui.store.columns import Block, Coded, Column, rows_of
from mfgui.store.model_file import SavedModel
from mfgui.store.tables import write_table

Path = str | os.PathLike[str]
ROWS_PER_BLOCK = 1 << 18
NUMBERS_PER_BLOCK = 1 << 20
SIDES = ("user", "item", "implicit")


@dataclass(frozen=True)
class TableWritten(Written):
    """A table that was written whole, and sentences on what a person should know of it."""

    notes: tuple[str, ...] = ()


def write(
    control: Control, path: Path, columns: Sequence[Column], blocks: Iterator[Block],
    pool: WorkerPool, *, n_rows: int | None = None, is_reporting: bool = True,
    guards_formulas: bool = False,
) -> int:
    """Write blocks as they come, and return the number of rows.

    How far it is tells this, where ``is_reporting``, and otherwise whoever makes the blocks.
    """
    name, n_done = os.path.basename(os.fspath(path)), 0

    def told() -> Iterator[Block]:
        nonlocal n_done
        for block in blocks:
            n_done += rows_of(block)
            yield block
            if is_reporting:
                control.report(f"Writing {name}: {n_done:,} rows",
                               None if n_rows is None else n_done / max(n_rows, 1))

    if is_reporting:
        control.report(f"Writing {name}", None if n_rows is None else 0.0)
    return write_table(path, columns, told(), pool=pool, control=control,
                       guards_formulas=guards_formulas)


def export_all_pairs(
    control: Control, saved: SavedModel, path: Path, *, min_count: int = 0,
    known: Known | None = None, guards_formulas: bool = False, n_threads: int | None = None,
) -> Iterator[PairsPlan | TableWritten]:
    """Write the predictions for all pairs of users and items with so many training ratings.

    First comes how large the table will be. Rated pairs are among them. The columns are user, item
    and prediction, as it is shown: clipped where the model clips.

    Parameters
    ----------
    min_count : int
    known : Known or None
        The ratings to count; None: those of the model file.
    guards_formulas : bool
        As ``write_table`` says.
    n_threads : int or None
        None: as many as the machine runs at once. The file is the same for any number.

    Raises
    ------
    DataError
        If the ratings are needed and not known, or nothing is left to predict.
    StorageError
        If it cannot be written, or has no room on the disk.
    """
    check_place(path)
    control.report("Counting ratings")
    plan = plan_pairs(saved, known if known is not None else saved.known, min_count, path,
                      guards_formulas=guards_formulas)
    yield plan
    require_room(path, plan.n_bytes, plan.n_rows, "raise the least number of ratings")
    with WorkerPool(n_threads or os.cpu_count() or 1) as pool:
        n_rows = write(control, path, PREDICTION_COLUMNS, _all_pairs(control, saved, plan, pool),
                       pool, n_rows=plan.n_rows, guards_formulas=guards_formulas)
    yield TableWritten(os.fspath(path), n_rows)


def _all_pairs(
    control: Control, saved: SavedModel, plan: PairsPlan, pool: WorkerPool
) -> Iterator[Block]:
    """Yield all items of a user, then of the next one."""
    for begin in range(0, plan.n_rows, ROWS_PER_BLOCK):
        rows = np.arange(begin, min(begin + ROWS_PER_BLOCK, plan.n_rows))
        users, items = np.divmod(rows, plan.items.size)
        yield pairs_block(saved, plan.users[users], plan.items[items], pool, control)


def export_pairs(
    control: Control, saved: SavedModel, path: Path, pairs_path: Path,
    options: ReadOptions | None = None, *, guards_formulas: bool = False,
    n_threads: int | None = None,
) -> Iterator[TableWritten]:
    """Write the predictions for a file of pairs, in its order, ids as they stand in it.

    Parameters
    ----------
    pairs_path : path
        User and item in each line, further columns ignored.
    options : ReadOptions or None
        How to read it.

    Raises
    ------
    DataError
        If the pairs cannot be read.
    StorageError
        If it cannot be written.
    """
    from mfgui.data.pairs import read_pairs

    check_place(path)
    control.report(f"Reading {os.path.basename(os.fspath(pairs_path))}")
    yield from export_some(control, saved, path, read_pairs(pairs_path, options),
                           guards_formulas=guards_formulas, n_threads=n_threads)


def export_some(
    control: Control, saved: SavedModel, path: Path, pairs: Iterable[tuple[str, str]], *,
    guards_formulas: bool = False, n_threads: int | None = None,
) -> Iterator[TableWritten]:
    """Write the predictions for pairs of ids, in their order; as ``export_pairs``.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    check_place(path)
    n_unknown = 0

    def blocks(pool: WorkerPool) -> Iterator[Block]:
        nonlocal n_unknown
        for batch in index_pairs(saved, pairs):
            control.checkpoint()
            n_unknown += batch.n_unknown
            own = np.arange(batch.users.size, dtype=np.int32)
            yield (Coded(own, TextArray.from_strings(user for user, _ in batch.pairs)),
                   Coded(own, TextArray.from_strings(item for _, item in batch.pairs)),
                   predict_many(saved.model, batch.users, batch.items, pool))

    with WorkerPool(n_threads or os.cpu_count() or 1) as pool:
        n_rows = write(control, path, PREDICTION_COLUMNS, blocks(pool), pool,
                       guards_formulas=guards_formulas)
    yield TableWritten(os.fspath(path), n_rows, unknown_notes(n_unknown))


def unknown_notes(n_unknown: int) -> tuple[str, ...]:
    """Return a sentence on pairs that the model does not know, where there are any."""
    if not n_unknown:
        return ()
    return (f"{n_unknown:,} pair{'s' * (n_unknown != 1)} had a user or item that the model does "
            "not know: predicted by mean and bias.",)


def export_factors(
    control: Control, saved: SavedModel, path: Path, side: str, *, guards_formulas: bool = False,
    n_threads: int | None = None,
) -> Iterator[TableWritten]:
    """Write the factors of all users or items, a row each: id, title, factor_1, factor_2 and so on.

    They are in the units in which ``user_factors`` times ``item_factors`` are ratings, whatever
    the solver normalised by.

    Parameters
    ----------
    side : str
        "user", "item", or of a model of SVD++ "implicit": the items' y.

    Raises
    ------
    ModelFileError
        If the model has no such factors.
    StorageError
        If it cannot be written.
    """
    check_place(path)
    factors = {"user": saved.model.user_factors, "item": saved.model.item_factors,
               "implicit": saved.model.implicit_factors}[side]
    if factors is None:
        raise ModelFileError("Only a model of SVD++ has implicit factors: export those of its "
                             "users or items.")
    ids = saved.user_ids if side == "user" else saved.item_ids
    titles = None if side == "user" else saved.item_titles
    columns = [Column("user" if side == "user" else "item", "text")]
    columns += [] if titles is None else [Column("title", "text")]
    columns += [Column(f"factor_{k + 1}", "number") for k in range(factors.shape[1])]

    def blocks() -> Iterator[Block]:
        for begin, end in even_blocks(
                factors.shape[0], max(NUMBERS_PER_BLOCK // factors.shape[1], 1)):
            codes = np.arange(begin, end, dtype=np.int32)
            texts = [Coded(codes, each) for each in (ids, titles) if each is not None]
            yield (*texts, factors[begin:end])

    with WorkerPool(n_threads or os.cpu_count() or 1) as pool:
        n_rows = write(control, path, columns, blocks(), pool, n_rows=factors.shape[0],
                       guards_formulas=guards_formulas)
    yield TableWritten(os.fspath(path), n_rows)


def export_biases(
    control: Control, saved: SavedModel, path: Path, *, guards_formulas: bool = False,
    n_threads: int | None = None,
) -> Iterator[TableWritten]:
    """Write the mean and all biases: kind (global_mean, user_bias, item_bias), id, title, value.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    check_place(path)
    model, titles = saved.model, saved.item_titles
    nothing = TextArray.from_strings([""])
    columns = [Column("kind", "text"), Column("id", "text"), Column("value", "number")]
    if titles is not None:
        columns.insert(2, Column("title", "text"))

    def blocks() -> Iterator[Block]:
        mean = np.full(1, model.global_mean, np.float32)
        for kind, ids, values, names in (
                ("global_mean", nothing, mean, nothing),
                ("user_bias", saved.user_ids, model.user_bias, nothing),
                ("item_bias", saved.item_ids, model.item_bias, titles)):
            kinds = TextArray.from_strings([kind])
            for begin, end in even_blocks(values.size, ROWS_PER_BLOCK):
                zeros = np.zeros(end - begin, np.int32)
                codes = np.arange(begin, end, dtype=np.int32)
                shown = [] if titles is None or names is None else [
                    Coded(zeros if names is nothing else codes, names)]
                yield (Coded(zeros, kinds), Coded(codes, ids), *shown, values[begin:end])

    with WorkerPool(n_threads or os.cpu_count() or 1) as pool:
        n_rows = write(control, path, columns, blocks(), pool,
                       n_rows=1 + model.n_users + model.n_items, guards_formulas=guards_formulas)
    yield TableWritten(os.fspath(path), n_rows)
