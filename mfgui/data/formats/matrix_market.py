"""MatrixMarket coordinate files: a banner, comments, the size, and ``row column value`` lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from mfgui.core.control import Control
from mfgui.core.ratings import TextArray
from mfgui.data.formats.columns import find_columns
from mfgui.data.formats.delimited import read_text
from mfgui.data.formats.layout import Table
from mfgui.data.import_report import counted
from mfgui.data.look import N_ROWS, Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import NOT_REJECTED, RawRatings, Reading
from mfgui.data.source import Source, head_text
from mfgui.data.streams import printable
from mfgui.errors import DataError

BANNER = re.compile(r"%%MatrixMarket", re.I)
CHECK_EVERY = 20_000


@dataclass(frozen=True)
class _Matrix:
    """What the lines above the entries say."""

    field: str
    is_symmetric: bool
    n_rows: int
    n_columns: int
    n_entries: int
    first_line: int
    rows: tuple[tuple[str, ...], ...]

    @property
    def positions(self) -> dict[str, int]:
        """Where user, item and, but for patterns, the rating stand."""
        roles = ("user", "item") if self.field == "pattern" else ("user", "item", "rating")
        return {role: number for number, role in enumerate(roles, 1)}

    @property
    def how(self) -> str:
        """The matrix in words."""
        kind = "symmetric " if self.is_symmetric else ""
        ones = ", each entry is a rating of 1" if self.field == "pattern" else ""
        return f"{kind}sparse matrix of {self.n_rows:,} x {self.n_columns:,}{ones}"


@dataclass(frozen=True)
class MatrixMarket:
    """Sparse matrices; rows are users, columns items, ids their numbers from 1."""

    name: str = "matrix-market"
    label: str = "MatrixMarket"
    extensions: tuple[str, ...] = (".mtx", ".mm")

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return whether the file begins with the banner."""
        return 1.0 if BANNER.match(source.head[:14].decode("latin-1")) else 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first entries.

        Raises
        ------
        DataError
            If it is of a kind that holds no ratings.
        """
        matrix = _find(source, options)
        roles = _roles(matrix, source, options)
        return Look(
            self.name, replace(options, format=self.name, part=source.part), ("columns",),
            matrix.rows, ("row", "column", "value")[: len(matrix.positions)], roles,
            source.parts, 1.0)

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the entries of the matrix.

        Raises
        ------
        DataError
            If it is of a kind that holds no ratings, or incomplete.
        CancelledError
            If the control was stopped.
        """
        matrix = _find(source, options)
        roles = _roles(matrix, source, options)
        positions = {role: number for number, role in enumerate(roles, 1) if role}
        reading = Reading(matrix.how, tuple(role for role in roles if role), "blank")
        raw = read_text(
            source, options, reading, control, separator=" ", positions=positions,
            first_line=matrix.first_line, comment="%", missing=options.missing_texts(),
            is_quoted=False)
        raw = _checked(raw, matrix, source.name)
        return _mirrored(raw, control) if matrix.is_symmetric else raw


def _find(source: Source, options: ReadOptions) -> _Matrix:
    lines = re.split(r"\r\n|\n|\r", head_text(source, options))
    words = lines[0].lower().split()
    _check_kind(words, source.name)
    first = next(
        (place for place, line in enumerate(lines[1:], 1)
         if line.strip() and not line.startswith("%")), 0)
    size = lines[first].split() if first else []
    if len(size) != 3 or not all(re.fullmatch(r"\d{1,18}", word) for word in size):
        raise DataError(f"{source.name} has no line with the numbers of rows, columns and entries "
                        "below its banner: write it again.")
    rows = [tuple(line.split()[:3]) for line in lines[first + 1 :][: 2 * N_ROWS]
            if line.strip() and not line.startswith("%")]
    width = 2 if words[3] == "pattern" else 3
    shown = tuple((*row[:width], *[""] * (width - len(row))) for row in rows[:N_ROWS])
    return _Matrix(
        words[3], words[4] == "symmetric", int(size[0]), int(size[1]), int(size[2]), first + 2,
        shown)


def _check_kind(words: list[str], name: str) -> None:
    words = [printable(word, 40) for word in words]
    if len(words) < 5:
        raise DataError(f"{name} has an incomplete MatrixMarket banner: write it again.")
    if words[1] != "matrix" or words[2] != "coordinate":
        raise DataError(
            f"{name} is a MatrixMarket file of the kind '{' '.join(words[1:3])}': write it "
            "as a coordinate matrix.")
    if words[3] not in ("real", "integer", "pattern", "double"):
        raise DataError(f"{name} holds {words[3]} numbers, which are no ratings: write real "
                        "ones.")
    if words[4] not in ("general", "symmetric"):
        raise DataError(f"{name} is a {words[4]} matrix, which holds no ratings: write it as "
                        "a general one.")


def _roles(matrix: _Matrix, source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the role of each column, by the person's choice or the usual ones."""
    positions = matrix.positions
    if options.columns is not None:
        width = len(positions)
        table = Table(" ", 0, 1, ("row", "column", "value")[:width], matrix.rows, width, True)
        positions = find_columns(table, source.name, options).positions
    role_at = {number: role for role, number in positions.items()}
    return tuple(role_at.get(number, "") for number in range(1, len(matrix.positions) + 1))


def _checked(raw: RawRatings, matrix: _Matrix, name: str) -> RawRatings:
    """Hold the entries against the declared numbers."""
    n_others = sum(n for loss, n in raw.losses.items() if loss in NOT_REJECTED - {"missing"})
    n_entries = raw.n_read - n_others
    if n_entries < matrix.n_entries:
        raise DataError(
            f"{name} is incomplete: it declares {counted(matrix.n_entries, 'entry')} but holds "
            f"{n_entries:,}, so copy or download it again.")
    notes = list(raw.notes)
    if n_entries > matrix.n_entries:
        notes.append(f"The file declares {counted(matrix.n_entries, 'entry')} but holds "
                     f"{n_entries:,}; all are read.")
    return replace(raw, notes=tuple(notes))


def _mirrored(raw: RawRatings, control: Control) -> RawRatings:
    """Return the entries of a symmetric matrix with those that the file leaves out."""
    ids: dict[str, int] = {}
    of_user = _numbered(raw.user_ids, ids, control)
    of_item = _numbered(raw.item_ids, ids, control)
    row, column = of_user[raw.user], of_item[raw.item]
    is_off = row != column
    users = np.concatenate((row, column[is_off]))
    items = np.concatenate((column, row[is_off]))
    texts = TextArray.from_strings(ids)
    time = None if raw.time is None else np.concatenate((raw.time, raw.time[is_off]))
    n_mirrored = int(is_off.sum())
    head = {loss: n for loss, n in raw.losses.items() if loss in NOT_REJECTED - {"missing"}}
    losses = {loss: n for loss, n in raw.losses.items() if loss not in head}
    notes = (*raw.notes, f"The matrix is symmetric: {counted(n_mirrored, 'entry')} off its "
             "diagonal count twice, once mirrored.",
             f"{counted(sum(head.values()), 'line')} above and between the entries hold none.")
    return replace(
        raw, user=users, item=items, value=np.concatenate((raw.value, raw.value[is_off])),
        time=time, item_titles=None, user_ids=texts, item_ids=texts, losses=losses, noun="entry",
        notes=notes,
        n_read=raw.n_read - sum(head.values()) + n_mirrored)


def _numbered(texts: TextArray, ids: dict[str, int], control: Control) -> np.ndarray:
    """Return the number of each text in one table for rows and columns."""
    codes = np.empty(len(texts), np.int32)
    for place, text in enumerate(texts):
        codes[place] = ids.setdefault(text, len(ids))
        if place % CHECK_EVERY == 0:
            control.checkpoint()
    return codes
