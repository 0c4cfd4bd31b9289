"""What is looked at: visible range, order, levels, the cell under the pointer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

N_HISTORY = 100


@dataclass(frozen=True)
class Range:
    """A visible part of the matrix, in cells; row 0 lies at the top.

    Parameters
    ----------
    x0, x1 : float
        Columns.
    y0, y1 : float
        Rows.
    """

    x0: float
    x1: float
    y0: float
    y1: float

    def inside(self, n_users: int, n_items: int) -> Range:
        """Return the nearest range of the same size within the matrix, at least a cell wide."""
        x0, x1 = _inside(self.x0, self.x1, n_items)
        y0, y1 = _inside(self.y0, self.y1, n_users)
        return Range(x0, x1, y0, y1)


def _inside(low: float, high: float, n: int) -> tuple[float, float]:
    size = min(max(high - low, 1.0), float(n))
    low = min(max(low, 0.0), n - size)
    return low, low + size


@dataclass(frozen=True)
class Display:
    """How the matrices are drawn.

    Parameters
    ----------
    order : str
        "count" or "file".
    colour_map : str
    is_stretched : bool
        Colours span what is in view, not the scale.
    is_over_all : bool
        The predicted is a mean over all cells of a pixel, not over the rated ones.
    """

    order: str = "count"
    colour_map: str = "viridis"
    is_stretched: bool = False
    is_over_all: bool = False


class ViewState(QObject):
    """The one truth on what is looked at; the three matrices share it.

    Signals
    -------
    range_changed : ``visible`` changed
    display_changed : ``display`` changed
    hover_changed : ``hover`` changed
    size_changed : the matrix has another size
    """

    range_changed = Signal()
    display_changed = Signal()
    hover_changed = Signal()
    size_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.n_users, self.n_items = 1, 1
        self.visible = Range(0, 1, 0, 1)
        self.display = Display()
        self.hover: tuple[int, int] | None = None
        self._back: list[Range] = []
        self._forward: list[Range] = []

    @property
    def whole(self) -> Range:
        """The range that shows everything."""
        return Range(0, self.n_items, 0, self.n_users)

    def set_size(self, n_users: int, n_items: int) -> None:
        """Look at another matrix, whole."""
        self.n_users, self.n_items = max(n_users, 1), max(n_items, 1)
        self._back, self._forward = [], []
        self.visible = self.whole
        self.set_hover(None)
        self.size_changed.emit()
        self.range_changed.emit()

    def set_visible(self, visible: Range) -> None:
        """Follow a pan or a zoom, without a step of history."""
        visible = visible.inside(self.n_users, self.n_items)
        if visible != self.visible:
            self.visible = visible
            self.range_changed.emit()

    def remember(self, before: Range) -> None:
        """Note that a pan or zoom that began at ``before`` is over."""
        if before != self.visible:
            self._back = [*self._back[1 - N_HISTORY:], before]
            self._forward = []

    def zoom_to(self, visible: Range) -> None:
        """Jump to a range, as one step of history."""
        before = self.visible
        self.set_visible(visible)
        self.remember(before)

    def fit(self) -> None:
        """Show everything."""
        self.zoom_to(self.whole)

    def go_back(self) -> None:
        """Show what was seen before."""
        if self._back:
            self._forward.append(self.visible)
            self.set_visible(self._back.pop())

    def go_forward(self) -> None:
        """Undo going back."""
        if self._forward:
            self._back.append(self.visible)
            self.set_visible(self._forward.pop())

    def set_display(self, **changes: object) -> None:
        """Change how the matrices are drawn."""
        display = replace(self.display, **changes)  # type: ignore[arg-type]
        if display != self.display:
            self.display = display
            self.display_changed.emit()

    def set_hover(self, cell: tuple[int, int] | None) -> None:
        """Note the cell (row, column) under the pointer, as shown; None where there is none."""
        if cell != self.hover:
            self.hover = cell
            self.hover_changed.emit()
