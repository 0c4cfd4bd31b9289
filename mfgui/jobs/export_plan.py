"""How large an exported table will be, said before it is written, and refused where it has no room.

The lines of some pairs drawn at random are made, so that a size in CSV is right to a few per cent;
for Parquet it is reckoned from what its pages hold.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.parallel import WorkerPool
from mfgui.core.predictions import predict_many
from mfgui.core.ratings import IntArray
from mfgui.errors import DataError, StorageError
from mfgui.inspection.known import Known
from mfgui.store.columns import Block, Coded, Column
from mfgui.store.csv_table import CsvLines, header_line
from mfgui.store.model_file import SavedModel
from mfgui.store.tables import is_parquet

N_SAMPLE = 4096
MOST_IN_DICTIONARY = 122_880 // 5  # of the rows of a row group
NO_COUNTS = ("The model file holds no ratings, so how many a user or an item has is not known: "
             "give them with --ratings FILE, or leave the least count at 0.")
PREDICTION_COLUMNS = (
    Column("user", "text"), Column("item", "text"), Column("prediction", "number"))


@dataclass(frozen=True, eq=False)
class PairsPlan:
    """All pairs of some users and some items, as they are to be written.

    Parameters
    ----------
    users, items : ndarray of int32, shapes (n_users,), (n_items,)
        Rising.
    n_bytes : int
        About how large the file will be.
    """

    users: IntArray
    items: IntArray
    n_bytes: int

    @property
    def n_rows(self) -> int:
        """How many rows there will be."""
        return int(self.users.size) * int(self.items.size)

    @property
    def text(self) -> str:
        """All of it in words."""
        return (f"{self.users.size:,} users x {self.items.size:,} items = {self.n_rows:,} rows, "
                f"about {size_text(self.n_bytes)}")


def plan_pairs(
    saved: SavedModel, known: Known | None, min_count: int, path: str | os.PathLike[str],
    *, guards_formulas: bool = False,
) -> PairsPlan:
    """Return what users and items with at least ``min_count`` training ratings come to.

    Parameters
    ----------
    known : Known or None
        The ratings that are counted; not needed for a count of 0.
    path : path
        Its ending tells the format.

    Raises
    ------
    DataError
        If the ratings are needed and not known, or no user or no item has so many.
    """
    model = saved.model
    users, items = np.arange(model.n_users, dtype=np.int32), np.arange(
        model.n_items, dtype=np.int32)
    if min_count > 0:
        if known is None:
            raise DataError(NO_COUNTS)
        users, items = (np.flatnonzero(counts >= min_count).astype(np.int32)
                        for counts in known.training_counts)
    for side, chosen in (("user", users), ("item", items)):
        if not chosen.size:
            raise DataError(f"No {side} has {min_count:,} training ratings or more: lower the "
                            "least count.")
    size = (parquet_row_bytes(saved, items) if is_parquet(path)
            else _csv_row_bytes(saved, users, items, guards_formulas))
    return PairsPlan(users, items, round(
        users.size * items.size * size) + len(header_line(PREDICTION_COLUMNS)))


def _csv_row_bytes(
    saved: SavedModel, users: IntArray, items: IntArray, guards_formulas: bool
) -> float:
    """Return how long a line is on the average of some pairs."""
    rng = np.random.default_rng(0)
    user_codes, item_codes = (rng.choice(side, N_SAMPLE) for side in (users, items))
    with WorkerPool(1) as pool:
        block = pairs_block(saved, user_codes, item_codes, pool, Control())
        parts = CsvLines(pool, is_guarded=guards_formulas).of(block, Control().checkpoint)
        return sum(part.size for part in parts) / N_SAMPLE


def parquet_row_bytes(saved: SavedModel, items: IntArray) -> float:
    """Return about how long a row of all pairs is in Parquet, as DuckDB packs it.

    Predictions take four bytes. Users, who come one after the other, take next to nothing, and so
    do items while a row group has a dictionary of them, whose numbers come in the same order again
    and again; more items than that are written as texts, packed to about half.
    """
    if items.size <= MOST_IN_DICTIONARY:
        return 4.2
    mean_size = saved.item_ids.data.size / max(len(saved.item_ids), 1)
    return 4.2 + (mean_size + 4) / 2


def pairs_block(
    saved: SavedModel, users: NDArray[np.int32], items: NDArray[np.int32], pool: WorkerPool,
    control: Control,
) -> Block:
    """Return pairs that the model knows with their predictions."""
    return (Coded(users, saved.user_ids), Coded(items, saved.item_ids),
            predict_many(saved.model, users, items, pool, control.checkpoint))


def require_room(path: str | os.PathLike[str], n_bytes: int, n_rows: int, remedy: str) -> None:
    """Refuse what the disk has no room for.

    Raises
    ------
    StorageError
        The sentence names ``remedy`` as a way out.
    """
    folder = os.path.dirname(os.path.abspath(os.fspath(path)))
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise StorageError(
            f"{os.fspath(path)} would take about {size_text(n_bytes)} for {n_rows:,} rows, but "
            f"only {size_text(free)} are free there: {remedy}, or choose another place.")


def size_text(n_bytes: int) -> str:
    """Return a size for people: "900 bytes", "24.6 MB", "412 GB"."""
    if n_bytes < 1000:
        return f"{n_bytes} bytes"
    units, size = ["kB", "MB", "GB", "TB", "PB"], n_bytes / 1000
    while size >= 999.5 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{size:,.{1 if size < 99.95 else 0}f} {units[0]}"
