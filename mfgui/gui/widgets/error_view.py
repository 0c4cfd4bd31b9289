"""One page of the errors: its picture and its list."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mfgui.core.ratings import Ratings
from mfgui.gui.theme import Theme
from mfgui.gui.widgets.density_plot import DensityPlot
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.gui.widgets.error_bars import Bars, ErrorBars
from mfgui.gui.widgets.error_lists import ErrorLists, number
from mfgui.gui.widgets.error_tools import DECILE, DENSITY, ITEM, LARGEST, RESIDUAL, USER, VALUE
from mfgui.gui.widgets.map_key import MapKey
from mfgui.inspection.error_bins import EvenBins
from mfgui.inspection.error_pages import CellQuery, ErrorPages
from mfgui.inspection.error_tables import PartErrors
from mfgui.inspection.residual_table import ALL, LargestResiduals

BROAD = 620  # pixels, from which on picture and list stand side by side
GROUP_HEADS = {VALUE: "observed", DECILE: "tenth: ratings"}


class ErrorView(QWidget):
    """Picture above or beside list.

    Signals
    -------
    rows_wanted : side ("users" or "items"), numbers: these are to be marked and brought into view
    cells_wanted : a CellQuery: its cells are to be listed
    cell_wanted : user, item: this cell is to be gone to
    back_requested : the list of a bin is to give way to the page's own
    """

    rows_wanted = Signal(str, object)
    cells_wanted = Signal(object)
    cell_wanted = Signal(int, int)
    back_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars, self.density, self.lists = ErrorBars(), DensityPlot(), ErrorLists()
        self.key, self.read_out, self.heading = MapKey(), ElidedLabel(), QLabel()
        self._pages: ErrorPages | None = None
        self._page, self._part, self._unit, self.colour_map = VALUE, "training", "rating", ""
        self._build()
        self._connect()

    def _build(self) -> None:
        self._picture, self._list = QWidget(), QWidget()
        column = QVBoxLayout(self._picture)
        for widget, stretch in ((self.bars, 1), (self.density, 1), (self.key, 0),
                                (self.read_out, 0)):
            column.addWidget(widget, stretch)
        self.read_out.setObjectName("errorReadOut")
        self.read_out.setAccessibleName("The bar under the pointer")
        policy = self.read_out.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.read_out.setSizePolicy(policy)
        self.heading.setProperty("role", "muted")
        self.heading.setWordWrap(True)
        self.back = QPushButton("Back")
        self.back.setObjectName("errorBackButton")
        self.back.setProperty("isSmall", True)
        describe(self.back, "Back to the whole list", "Show the page's own list again.")
        self.back.hide()
        head, beside = QHBoxLayout(), QVBoxLayout(self._list)
        head.addWidget(self.heading, 1)
        head.addWidget(self.back)
        beside.addLayout(head)
        beside.addWidget(self.lists, 1)
        for layout in (column, beside):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(3)
        self._boxes = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._boxes.setContentsMargins(0, 0, 0, 0)
        self._boxes.setSpacing(6)
        self._boxes.addWidget(self._picture, 1)
        self._boxes.addWidget(self._list, 1)

    def _connect(self) -> None:
        self.bars.pointed.connect(self._on_bar_pointed)
        self.bars.clicked.connect(self._on_bar_clicked)
        self.density.pointed.connect(self._on_bin_pointed)
        self.density.clicked.connect(self._on_bin_clicked)
        self.lists.group_chosen.connect(self._on_bar_clicked)
        self.lists.row_chosen.connect(
            lambda index: self.rows_wanted.emit(self._page, np.array([index], np.int32)))
        self.lists.cell_chosen.connect(self.cell_wanted)
        self.back.clicked.connect(self.back_requested)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        for part in (self.bars, self.density, self.key):
            part.set_theme(theme)
        if self._pages is not None:
            self._draw()

    # -- showing ------------------------------------------------------------------------------

    def forget(self) -> None:
        """Keep nothing of ratings that are no longer open."""
        self._pages = None
        self.lists.forget()

    def show_page(
        self, pages: ErrorPages, page: str, part: str, unit: str, colour_map: str, ratings: Ratings
    ) -> None:
        """Show a page of errors, with its own list."""
        self._pages, self._page, self._part, self._unit = pages, page, part, unit
        self.colour_map = colour_map
        self.bars.setVisible(page not in (DENSITY, LARGEST))
        for widget in (self.density, self.key):
            widget.setVisible(page == DENSITY)
        self._picture.setVisible(page != LARGEST)
        self._draw()
        self._show_list(ratings)

    def _draw(self) -> None:
        assert self._pages is not None
        if self._page == DENSITY:
            errors = self._errors
            self.key.show_values(*self.density.show_density(
                errors.density, self._pages.tables.bins.values, self._pages.tables.bins.predicted,
                self.colour_map, self._unit))
        elif self._page != LARGEST:
            self.bars.show_bars(self._bars())

    @property
    def _errors(self) -> PartErrors:
        assert self._pages is not None
        errors = self._pages.tables.part(self._part)
        assert errors is not None
        return errors

    def _bars(self) -> Bars:
        """Return the bars of the page."""
        assert self._pages is not None
        pages, bins = self._pages, self._pages.tables.bins
        if self._page in (VALUE, DECILE):
            lines = pages.values if self._page == VALUE else pages.deciles
            labels = ([line.label for line in lines] if self._page == VALUE
                      else [str(k + 1) for k in range(len(lines))])
            heights = {part: np.array([line.rmse[part] for line in lines]) for part in pages.parts}
            words = (f"observed {self._unit}" if self._page == VALUE
                     else "tenth of items, least rated first")
            return Bars(np.arange(len(lines) + 1.0), heights, labels, words, "RMSE",
                        (0, len(lines)))
        if self._page == RESIDUAL:
            counts = {part: errors.residual_counts for part in pages.parts
                      if (errors := pages.tables.part(part)) is not None}
            return _histogram(bins.residuals, counts, "residual (observed − predicted)", "ratings")
        counts = {part: pages.row_counts[self._page, part] for part in pages.parts}
        return _histogram(bins.row_rmse, counts, f"RMSE of {_one(self._page)}", self._page)

    def _show_list(self, ratings: Ratings) -> None:
        """Show the page's own list."""
        assert self._pages is not None
        pages = self._pages
        self.back.hide()
        if self._page in (VALUE, DECILE):
            lines = pages.values if self._page == VALUE else pages.deciles
            self.lists.show_groups(lines, GROUP_HEADS[self._page], self._part, pages.parts)
            self.heading.setText("")
        elif self._page in (USER, ITEM):
            self.lists.show_rows(pages.worst[self._page, self._part], self._page, ratings,
                                 self._part, pages.parts)
            least = pages.least[self._page, self._part]
            of = f", of those with {least} ratings or more" if least > 1 else ""
            self.heading.setText(f"The {self._page} with the largest {self._part} RMSE{of}:")
        else:
            self.show_cells(CellQuery(self._part), self._errors.largest, ratings)
        self.heading.setVisible(bool(self.heading.text()))

    def show_cells(
        self, query: CellQuery, largest: LargestResiduals | None, ratings: Ratings
    ) -> None:
        """List the cells that were asked for."""
        self.back.setVisible(bool(query.words))
        self.lists.show_cells(largest, ratings, (query.part, query.words))
        n = len(largest) if largest is not None else 0
        words = f", {query.words}" if query.words else ""
        self.heading.setText(f"The largest residuals, {query.part}{words}: {n:,}")
        self.heading.show()

    # -- reading ------------------------------------------------------------------------------

    def _on_bar_pointed(self, position: int | None) -> None:
        text = "" if position is None or self._pages is None else self._bar_words(position)
        self.read_out.show_text(text)
        self.bars.setAccessibleDescription(text)

    def _bar_words(self, position: int) -> str:
        """Return what a bar stands for."""
        assert self._pages is not None
        pages, bins = self._pages, self._pages.tables.bins
        if self._page in (VALUE, DECILE):
            line = (pages.values if self._page == VALUE else pages.deciles)[position]
            figures = [f"{part} RMSE {number(line.rmse[part])} of {line.n_ratings[part]:,}"
                       for part in pages.parts]
            head = f"observed {line.label}" if self._page == VALUE else f"tenth {line.label}"
            return f"{head}: {', '.join(figures)}"
        if self._page == RESIDUAL:
            figures = [f"{part} {errors.residual_counts[position]:,}" for part in pages.parts
                       if (errors := pages.tables.part(part)) is not None]
            return f"residual {bins.residuals.labels[position]}: {', '.join(figures)} ratings"
        figures = [f"{part} {pages.row_counts[self._page, part][position]:,}"
                   for part in pages.parts]
        return f"RMSE {bins.row_rmse.labels[position]}: {', '.join(figures)} {self._page}"

    def _on_bin_pointed(self, cell: tuple[int, int] | None) -> None:
        text = ""
        if cell is not None and self._pages is not None:
            bins, n_ratings = self._pages.tables.bins, int(self._errors.density[cell])
            text = (f"observed {bins.values.labels[cell[0]]}, predicted "
                    f"{bins.predicted.labels[cell[1]]}: {n_ratings:,} {self._part} ratings")
        self.read_out.show_text(text)
        self.density.setAccessibleDescription(text)

    # -- clicks -------------------------------------------------------------------------------

    def _on_bar_clicked(self, position: int) -> None:
        """Lead to the rows of a bar, or to the cells of its bin."""
        pages = self._pages
        if pages is None:
            return
        bins = pages.tables.bins
        if self._page in (USER, ITEM):
            self.rows_wanted.emit(
                self._page, pages.rows_in_bin(self._page, self._part, position))
        elif self._page == DECILE:
            self.rows_wanted.emit(ITEM, pages.items_of_decile(position))
        elif self._page == VALUE:
            self._ask_cells({0: bins.values.limits(position)},
                            f"observed {bins.values.labels[position]}")
        elif self._page == RESIDUAL:
            self._ask_cells({2: bins.residuals.limits(position)},
                            f"residual {bins.residuals.labels[position]}")

    def _on_bin_clicked(self, cell: tuple[int, int]) -> None:
        assert self._pages is not None
        bins = self._pages.tables.bins
        self._ask_cells(
            {0: bins.values.limits(cell[0]), 1: bins.predicted.limits(cell[1])},
            f"observed {bins.values.labels[cell[0]]}, predicted {bins.predicted.labels[cell[1]]}")

    def _ask_cells(self, limits: dict[int, tuple[float, float]], words: str) -> None:
        """Ask for the cells within limits of value (0), prediction (1) or residual (2)."""
        whole = ALL.copy()
        for place, ends in limits.items():
            whole[place] = ends
        self.cells_wanted.emit(CellQuery(self._part, words, whole))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand side by side where there is room."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        self._boxes.setDirection(
            direction.LeftToRight if self.width() >= BROAD else direction.TopToBottom)


def _histogram(
    bins: EvenBins, counts: dict[str, NDArray[np.int64]], x_words: str, of: str
) -> Bars:
    """Return bars of the shares of each bin, as far as there is something."""
    edges = bins.start + bins.width * np.arange(len(bins) + 1.0)
    heights = {part: 100 * each / max(int(each.sum()), 1) for part, each in counts.items()}
    there = np.flatnonzero(sum(counts.values()))
    occupied = (0, len(bins))
    if there.size:
        occupied = max(int(there[0]) - 1, 0), min(int(there[-1]) + 2, len(bins))
    return Bars(edges, heights, (), x_words, f"% of {of}", occupied)


def _one(side: str) -> str:
    return "a user" if side == USER else "an item"


