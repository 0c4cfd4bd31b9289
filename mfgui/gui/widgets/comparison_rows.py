"""The users and items on which two models differ most, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from mfgui.core.ratings import Ratings
from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.error_lists import number
from mfgui.gui.widgets.flow_row import FlowRow
from mfgui.gui.widgets.line_table import Column, LineTable
from mfgui.gui.widgets.naming import item_name, user_name
from mfgui.gui.widgets.segments import Segments
from mfgui.inspection.differences import DAMPING, RowDifference

SIDES = {"users": ("Users", "List the users on which the errors of A and B differ most."),
         "items": ("Items", "List the items on which the errors of A and B differ most.")}
WINNERS = {"a": ("A better", "List where A is better, the most first."),
           "b": ("B better", "List where B is better, the most first.")}
KEYS = {
    "squares": ("By squared errors", "By the sum of squared errors: what makes the RMSE of all "
                "differ. Those with many ratings lead."),
    "change": ("By RMSE", f"By their own RMSE, damped: each is given {DAMPING:g} ratings at the "
               "RMSE of all beside its own, so that a single rating does not lead.")}


class ComparisonRows(QWidget):
    """Choices above, the table below.

    Signals
    -------
    wanted : other lines are to be shown
    chosen : side ("users" or "items"), number: it is to be marked and brought into view
    opened : side, number: the cell on which the two differ most is to be explained
    """

    wanted = Signal()
    chosen = Signal(str, int)
    opened = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ratings: Ratings | None = None
        self._shown = ("users", "a", "squares")
        self.sides = Segments("Users or items", SIDES)
        self.winners = Segments("Where which is better", WINNERS)
        self.keys = QuietComboBox()
        self.keys.setObjectName("comparisonKey")
        for key, (text, _) in KEYS.items():
            self.keys.addItem(text, key)
        describe(self.keys, "By what they are ranked",
                 " ".join(f"{text}: {tip[0].lower()}{tip[1:]}" for text, tip in KEYS.values()))
        self.table = LineTable((
            Column("", self._name),
            Column("n", lambda line: f"{line.n_ratings:,}", heading_tip=(
                "Number of ratings that both were measured on."), is_number=True),
            Column("RMSE A", lambda line: number(line.rmse), is_number=True,
                   heading_tip="Root of the mean squared error of A on these ratings."),
            Column("RMSE B", lambda line: number(line.other_rmse), is_number=True,
                   heading_tip="Root of the mean squared error of B on these ratings."),
            Column("A − B", self._difference, is_number=True, heading_tip=(
                "What the lines are ranked by: the sum of squared errors, or the damped RMSE, of "
                "A less that of B. Below 0 A is better.")),
        ), 0, lambda line: line.index)
        self.none = QLabel()
        self.none.setProperty("role", "muted")
        self._build()

    def _build(self) -> None:
        self.table.setObjectName("comparisonRows")
        self.table.setAccessibleName("Users or items on which A and B differ most")
        self.table.setWhatsThis(
            "Where the errors of A and B differ most. A click marks the user or item in the "
            "matrices; Enter or a double click explains the cell on which the two differ most.")
        self.table.setMinimumHeight(150)
        self.none.setObjectName("comparisonNone")
        self.none.setWordWrap(True)
        self.none.hide()
        row = FlowRow()
        for widget in (self.sides, self.winners, self.keys):
            row.add(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(row)
        column.addWidget(self.none)
        column.addWidget(self.table, 100)
        column.addStretch(1)  # for when the table is not there
        self.sides.chosen.connect(lambda _key: self.wanted.emit())
        self.winners.chosen.connect(lambda _key: self.wanted.emit())
        self.keys.activated.connect(lambda _place: self.wanted.emit())
        self.table.chosen.connect(lambda line: self.chosen.emit(self._shown[0], line.index))
        self.table.opened.connect(lambda line: self.opened.emit(self._shown[0], line.index))

    @property
    def question(self) -> tuple[str, str, str]:
        """What is to be listed: side, who is better there, and by what it is ranked."""
        return self.sides.key, self.winners.key, str(self.keys.currentData())

    def show_rows(
        self, question: tuple[str, str, str], lines: Sequence[RowDifference], ratings: Ratings,
        of: object,
    ) -> None:
        """Show the lines of a question, about the comparison ``of``."""
        self._shown, self._ratings = question, ratings
        self.table.show_lines(lines, (question, id(of)))
        side, winner, _ = question
        self.none.setText(f"There is no {side[:-1]} where {winner.upper()} is better.")
        self.none.setVisible(not lines)
        self.table.setVisible(bool(lines))

    def forget(self) -> None:
        """Keep nothing of ratings that are no longer open."""
        self.table.show_lines(())
        self._ratings = None

    def _name(self, line: RowDifference) -> str:
        if self._ratings is None:
            return ""
        name = user_name if self._shown[0] == "users" else item_name
        return name(self._ratings, line.index)

    def _difference(self, line: RowDifference) -> str:
        by_squares = self._shown[2] == "squares"
        return number(line.squares if by_squares else line.change, 2 if by_squares else 3,
                      is_signed=True)
