"""From the table of accepted lines to `Ratings`: ids are numbered in DuckDB, only numbers leave it.

Ids never become Python strings one by one: a million of them would hold the GIL, and with it the
window, for a second.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.ratings import FloatArray, IntArray, Ratings, TextArray
from mfgui.data.database import Database

CHUNK_ROWS = 250_000


def fetch_ratings(
    database: Database, name: str, has_titles: bool, control: Control
) -> Ratings:
    """Return the ratings of the table ``parsed (n, verdict, u, i, v, title)``.

    Users and items are numbered by first appearance; of several ratings of one pair the last
    line wins.

    Raises
    ------
    CancelledError
        If the control was stopped.
    """
    _number(database, "users", "u", "NULL", (0.6, 0.65))
    # The first title that is not empty.
    title = "arg_min(title, n) FILTER (title <> '')" if has_titles else "NULL"
    _number(database, "items", "i", title, (0.65, 0.7))
    database.run(
        """CREATE TEMP TABLE numbered AS
        SELECT users.k AS u, items.k AS i, v
        FROM parsed JOIN users ON parsed.u = users.id JOIN items ON parsed.i = items.id
        WHERE verdict = 0 ORDER BY n""",
        share=(0.7, 0.9),
    )
    users, items, values = _fetch_numbers(database)
    item_ids = _fetch_texts(database, "items", "id")
    kept = last_of_each_pair(users, items, len(item_ids))
    control.checkpoint()
    return Ratings(
        users[kept], items[kept], values[kept],
        _fetch_texts(database, "users", "id"), item_ids,
        _fetch_texts(database, "items", "coalesce(title, id)") if has_titles else None,
        name,
    )


def last_of_each_pair(users: IntArray, items: IntArray, n_items: int) -> NDArray[np.int64]:
    """Return positions that sort by (user, item), only the last of equal pairs kept.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n,)
    n_items : int
    """
    key = users.astype(np.int64) * max(n_items, 1) + items
    order = np.argsort(key, kind="stable")  # stable: equal pairs stay in the file's order
    key = key[order]
    is_last = np.ones(key.size, bool)
    np.not_equal(key[1:], key[:-1], out=is_last[:-1])
    return order[is_last]


def _number(
    database: Database, table: str, column: str, title: str, share: tuple[float, float]
) -> None:
    database.run(
        f"""CREATE TEMP TABLE {table} AS
        SELECT {column} AS id, (row_number() OVER (ORDER BY min(n)) - 1)::INTEGER AS k,
            {title} AS title
        FROM parsed WHERE verdict = 0 GROUP BY {column} ORDER BY k""",
        share=share,
    )


def _fetch_numbers(database: Database) -> tuple[IntArray, IntArray, FloatArray]:
    total = int(database.arrays("SELECT count(*) AS k FROM numbered")["k"][0])
    users, items = np.empty(total, np.int32), np.empty(total, np.int32)
    values = np.empty(total, np.float32)
    for begin in range(0, total, CHUNK_ROWS):
        end = min(begin + CHUNK_ROWS, total)
        part = database.arrays(
            "SELECT u, i, v FROM numbered WHERE rowid >= ? AND rowid < ?", [begin, end]
        )
        users[begin:end], items[begin:end], values[begin:end] = part["u"], part["i"], part["v"]
    return users, items, values


def _fetch_texts(database: Database, table: str, column: str) -> TextArray:
    """Return one column of texts in the order of ``k``, joined in DuckDB and cut up here."""
    n_texts = int(database.arrays(f"SELECT count(*) AS k FROM {table}")["k"][0])
    offsets = np.zeros(n_texts + 1, np.int64)
    pieces = []
    for begin in range(0, n_texts, CHUNK_ROWS):
        end = min(begin + CHUNK_ROWS, n_texts)
        where = f"FROM {table} WHERE k >= ? AND k < ?"
        lengths = database.arrays(
            f"SELECT strlen({column}) AS n_bytes {where} ORDER BY k", [begin, end]
        )
        offsets[begin + 1 : end + 1] = lengths["n_bytes"]
        row = database.run(
            f"SELECT string_agg({column}, '' ORDER BY k) {where}", [begin, end]
        ).fetchone()
        pieces.append(np.frombuffer(row[0].encode("utf-8"), np.uint8))
    data = np.concatenate(pieces) if pieces else np.empty(0, np.uint8)
    return TextArray(data, np.cumsum(offsets))
