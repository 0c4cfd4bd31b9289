"""Dense matrices of NumPy: a row a user, a column an item.

NaN is missing; 0 is a rating unless ``zeros`` says otherwise, and the choice stands on the import
page, since so many dense matrices write 0 for none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.data.formats import arrays
from mfgui.data.look import N_ROWS, Look
from mfgui.data.options import ReadOptions, ranges
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import Source
from mfgui.errors import DataError

BLOCK_CELLS = 1 << 18
WIDEST_SHOWN = 1000
ZEROS_LOSS = "zeros taken as missing"


def look_at_dense(array: NDArray[Any], options: ReadOptions) -> Look:
    """Return the first cells and what each option would be."""
    shown = array[:N_ROWS, :WIDEST_SHOWN]
    rows = tuple(tuple(arrays.text_of(field) for field in row) for row in shown.tolist())
    names = tuple(str(number) for number in range(shown.shape[1]))
    doubts = _doubts(shown, options)
    return Look(
        "npy", arrays.filled(options, format="npy"), ("zeros",), rows, names,
        ("items",) * len(names), certainty=0.7 if doubts else 1.0, doubts=doubts)


def _doubts(array: NDArray[Any], options: ReadOptions) -> tuple[str, ...]:
    if options.zeros == "missing" or not (array == 0).mean() > 0.5:
        return ()
    return ("More than half of the matrix is 0, which is read as a rating of 0: read zeros as "
            "missing if they stand for none.",)


def read_dense(
    array: NDArray[Any], source: Source, options: ReadOptions, control: Control
) -> RawRatings:
    """Return the ratings of the matrix, row by row.

    Raises
    ------
    DataError
        If columns were chosen that are not there.
    CancelledError
        If the control was stopped.
    """
    n_users, n_items = array.shape
    shown = _item_columns(n_items, source, options)
    if max(n_users, n_items) > arrays.MOST_RATINGS:
        raise arrays.damaged(source.name)
    skips_zeros = options.zeros == "missing"
    missing = [float(text) for text in options.missing_texts() if arrays.is_number(text)]
    step = max(1, BLOCK_CELLS // n_items)
    found: list[tuple[Any, Any, Any]] = []
    n_kept = n_zeros = 0
    for begin in range(0, n_users, step):
        control.checkpoint()
        control.report(f"Reading {source.name}", begin / n_users)
        cells = np.asarray(array[begin : begin + step])
        if shown is not None:
            cells = cells[:, shown]
        is_rated = ~np.isnan(cells) if cells.dtype.kind == "f" else np.ones(cells.shape, bool)
        for number in missing:
            is_rated &= cells != number
        if skips_zeros:  # here, since there may be many more of them than there is memory for
            n_zeros += int((is_rated & (cells == 0)).sum())
            is_rated &= cells != 0
        users, items = np.nonzero(is_rated)
        n_kept += users.size
        arrays.check_memory(40 * users.size, source)
        found.append((
            (users + begin).astype(np.int32),
            (items if shown is None else shown[items]).astype(np.int32), cells[is_rated]))
    user, item, value = (np.concatenate(column) for column in zip(*found, strict=True))
    reading = Reading(
        f"dense matrix, {n_users:,} x {n_items:,}; users and items are the numbers of rows and "
        "columns from 0", ("items",), doubts=_doubts(array[:N_ROWS, :WIDEST_SHOWN], options))
    n_read = n_users * (n_items if shown is None else shown.size)
    counts = {"missing": n_read - n_kept - n_zeros, ZEROS_LOSS: n_zeros}
    losses = {kind: number for kind, number in counts.items() if number}
    return arrays.raw_of(
        user, item, value, reading, control, n_read=n_read, losses=losses, noun="cell")


def _item_columns(
    n_items: int, source: Source, options: ReadOptions
) -> NDArray[np.int64] | None:
    """Return the columns that were chosen, from 0; None for all of them."""
    choice = options.column_choice() or {}
    numbers = ranges(choice["items"]) if "items" in choice else None
    if not choice:
        return None
    if numbers is None or set(choice) != {"items"} or max(numbers) > n_items or min(numbers) < 1:
        raise DataError(
            f"{source.name} is a matrix of {n_items:,} items: choose columns as items=1-{n_items}.")
    return np.array(numbers, np.int64) - 1
