"""The tables of the errors: groups, the worst rows, and the cells with the largest residuals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from mfgui.core.ratings import Ratings
from mfgui.gui.widgets.line_table import Column, LineTable
from mfgui.gui.widgets.naming import item_name, user_name
from mfgui.inspection.error_pages import GroupLine, RowLine
from mfgui.inspection.residual_table import LargestResiduals

SHORT = {"training": "train", "validation": "valid."}


@dataclass(frozen=True)
class CellLine:
    """One cell with a large residual."""

    user: int
    item: int
    user_name: str
    item_name: str
    observed: float
    predicted: float
    residual: float


def number(value: float | None, digits: int = 3, *, is_signed: bool = False) -> str:
    """Return a number as it stands in a table; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:+.{digits}f}" if is_signed else f"{value:.{digits}f}"
    return text.replace("-", "−")


def _rmse(line: GroupLine | RowLine, part: str) -> str:
    return number(line.rmse.get(part))


class ErrorLists(QStackedWidget):
    """One table at a time.

    Signals
    -------
    group_chosen : position of a group
    row_chosen : number of a user or item
    cell_chosen : user, item
    """

    group_chosen = Signal(int)
    row_chosen = Signal(int)
    cell_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ratings: Ratings | None = None
        self._side = "users"
        self._part = "training"
        self.groups = LineTable((
            Column("", lambda line: line.label), *self._shared_columns(),
            Column("residual", lambda line: number(
                line.mean_residual.get(self._part), is_signed=True),
                heading_tip="Mean residual: observed minus predicted, not clipped.",
                is_number=True)), 0, lambda line: line.label)
        self.rows = LineTable((Column("", self._row_name), *self._shared_columns()), 0,
                              lambda line: line.index)
        self.cells = LineTable((
            Column("User", lambda line: line.user_name),
            Column("Item", lambda line: line.item_name),
            Column("obs.", lambda line: f"{line.observed:.4g}", heading_tip="Observed rating.",
                   is_number=True),
            Column("pred.", lambda line: number(line.predicted, 2),
                   heading_tip="Prediction, not clipped.", is_number=True),
            Column("residual", lambda line: number(line.residual, 2, is_signed=True),
                   heading_tip="Observed minus predicted.", is_number=True)), 1,
            lambda line: (line.user, line.item))
        self._build()

    def _shared_columns(self) -> tuple[Column, ...]:
        """Return the columns of a group and of a row alike: count, and RMSE by part."""
        return (
            Column("n", lambda line: f"{line.n_ratings[self._part]:,}",
                   heading_tip="Number of ratings.", is_number=True),
            *(Column(f"RMSE {short}", partial(_rmse, part=part),
                     heading_tip=f"Root of the mean squared error of the {part} ratings.",
                     is_number=True) for part, short in SHORT.items()))

    def _build(self) -> None:
        for table, name, words in (
                (self.groups, "errorGroups", "Errors by group"),
                (self.rows, "worstRows", "Rows with the largest errors"),
                (self.cells, "largestCells", "Cells with the largest residuals")):
            table.setObjectName(name)
            table.setAccessibleName(words)
            table.setWhatsThis(f"{words}. A click on a line leads there.")
            table.setMinimumHeight(100)
            self.addWidget(table)
        self.groups.chosen.connect(
            lambda line: self.group_chosen.emit(list(self.groups.lines).index(line)))
        self.rows.chosen.connect(lambda line: self.row_chosen.emit(line.index))
        self.cells.chosen.connect(lambda line: self.cell_chosen.emit(line.user, line.item))

    def _row_name(self, line: RowLine) -> str:
        if self._ratings is None:
            return str(line.index + 1)
        name = user_name if self._side == "users" else item_name
        return name(self._ratings, line.index)

    def forget(self) -> None:
        """Keep no ratings, nor lines of them."""
        for table in (self.groups, self.rows, self.cells):
            table.show_lines(())
        self._ratings = None

    def show_groups(
        self, lines: tuple[GroupLine, ...], words: str, part: str, parts: tuple[str, ...]
    ) -> None:
        """Show groups; the first column is headed by ``words``."""
        self._part = part
        self._head(self.groups, words, parts)
        self.groups.setColumnHidden(4, not any(line.mean_residual for line in lines))
        self.groups.show_lines(lines, (words, part))
        self.setCurrentWidget(self.groups)

    def show_rows(
        self, lines: tuple[RowLine, ...], side: str, ratings: Ratings, part: str,
        parts: tuple[str, ...],
    ) -> None:
        """Show the worst users or items."""
        self._side, self._ratings, self._part = side, ratings, part
        self._head(self.rows, side[:-1], parts)
        self.rows.show_lines(lines, (side, part))
        self.setCurrentWidget(self.rows)

    def show_cells(
        self, largest: LargestResiduals | None, ratings: Ratings, of: object = None
    ) -> None:
        """Show cells, which answer the question ``of``."""
        lines: list[CellLine] = []
        if largest is not None:
            lines = [
                CellLine(user, item, user_name(ratings, user), item_name(ratings, item), observed,
                         predicted, residual)
                for user, item, observed, predicted, residual in zip(
                    largest.users.tolist(), largest.items.tolist(), largest.observed.tolist(),
                    largest.predicted.tolist(), largest.residuals.tolist(), strict=True)]
        self.cells.show_lines(lines, of)
        self.setCurrentWidget(self.cells)

    @staticmethod
    def _head(table: LineTable, words: str, parts: tuple[str, ...]) -> None:
        """Name the first column, and hide what there is no part for."""
        columns = table.lines_model.columns
        if columns[0].heading != words:
            table.lines_model.columns = (Column(words, columns[0].text), *columns[1:])
        table.setColumnHidden(3, "validation" not in parts)
