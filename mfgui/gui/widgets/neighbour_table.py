"""Items, or users, that are near one by the direction of their factors, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from mfgui.gui.widgets.inspector_words import minus
from mfgui.gui.widgets.line_table import Column, LineTable
from mfgui.inspection.similar import Neighbour

NAME, COSINE, N_RATINGS, N_COMMON = range(4)
OVERLAP = {
    "item": ("Common", "How many users rated both items."),
    "user": ("Common", "How many items both users rated."),
}


@dataclass(frozen=True, eq=False)
class NearLine:
    """A neighbour in words."""

    near: Neighbour
    name: str


def near_lines(near: Sequence[Neighbour], name: Callable[[int], str]) -> list[NearLine]:
    """Return neighbours in words."""
    return [NearLine(each, name(each.index)) for each in near]


class NeighbourTable(LineTable):
    """The table of an item's neighbours, or of a user's."""

    def __init__(self, word: str, parent: QWidget | None = None) -> None:
        heading, tip = OVERLAP[word]
        super().__init__((
            Column(word.capitalize(), lambda line: line.name),
            Column("Cosine", lambda line: minus(f"{line.near.cosine:.3f}"), None,
                   "Of the angle between the two rows of factors: 1 is the same direction, 0 "
                   "none in common.", is_number=True),
            Column("Ratings", lambda line: _count(line.near.n_ratings), None,
                   f"How many training ratings the {word} has.", is_number=True),
            Column(heading, lambda line: _count(line.near.n_common), None, tip, is_number=True),
        ), NAME, lambda line: line.near.index, parent)
        self.setObjectName(f"similar{word.capitalize()}Table")
        self.setAccessibleName(f"Similar {word}s")

    def show_near(self, lines: Sequence[NearLine], of: object = None) -> None:
        """Show neighbours, without the columns that nobody knows."""
        self.setColumnHidden(
            N_RATINGS, bool(lines) and all(line.near.n_ratings is None for line in lines))
        self.setColumnHidden(
            N_COMMON, bool(lines) and all(line.near.n_common is None for line in lines))
        self.show_lines(lines, of)


def _count(n: int | None) -> str:
    return "" if n is None else f"{n:,}"
