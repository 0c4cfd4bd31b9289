"""The predictions that changed ratings move most, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from mfgui.gui.widgets.inspector_words import minus
from mfgui.gui.widgets.line_table import Column, LineTable
from mfgui.inspection.new_user import Move
from mfgui.inspection.rounding import number_text


@dataclass(frozen=True, eq=False)
class MoveLine:
    """A moved prediction in words: before, after and change with so many decimals."""

    move: Move
    name: str
    decimals: int

    @property
    def before(self) -> str:
        """The prediction with nothing changed."""
        return minus(number_text(self.move.before, self.decimals))

    @property
    def after(self) -> str:
        """The prediction now."""
        return minus(number_text(self.move.after, self.decimals))

    @property
    def change(self) -> str:
        """The difference, signed."""
        return minus(number_text(self.move.change, self.decimals, is_signed=True))


def move_lines(
    moves: Sequence[Move], name: Callable[[int], str], decimals: int
) -> list[MoveLine]:
    """Return moves in words."""
    return [MoveLine(move, name(move.item), decimals) for move in moves]


class MovesTable(LineTable):
    """The table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__((
            Column("Item", lambda line: line.name),
            Column("Before", lambda line: line.before, None,
                   "Predicted, unclipped, by the row that the ratings as they are give: not by "
                   "the trained one, which differs from it a little.", is_number=True),
            Column("Now", lambda line: line.after, None,
                   "Predicted, unclipped, by the row that the changed ratings give.",
                   is_number=True),
            Column("Change", lambda line: line.change, None, "Now less before.", is_number=True),
        ), 0, lambda line: line.move.item, parent)
        self.setObjectName("movesTable")
        self.setAccessibleName("Predictions that moved most")
        self.setWhatsThis("The items whose prediction the changed ratings move most, the largest "
                          "move first. A click pins the cell.")
        self.setWhatsThis("What the changed ratings move most, against the row that the ratings as "
                          "they are give. Up and Down pin the cell of an item, Enter also brings "
                          "it into view in the matrices.")
