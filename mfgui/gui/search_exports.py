"""The plots of a search, taken away as pictures, and its trials as values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from mfgui.core.solvers import SOLVERS
from mfgui.gui.exportable import Exportable, Table
from mfgui.gui.search_board import SearchBoard
from mfgui.gui.widgets.picture import Drawing, picture_of
from mfgui.gui.widgets.plot_menu import PlotMenu
from mfgui.gui.widgets.search_views import SearchViews

Wanted = Callable[[str, Exportable], None]


def search_exportables(
    views: SearchViews, board: Callable[[], SearchBoard], wanted: Wanted
) -> tuple[Exportable, ...]:
    """Return scatter and parallel coordinates, each with a menu of its own; they share the values.

    Parameters
    ----------
    views : SearchViews
    board : callable
        Returns what is known of the search that is shown.
    wanted : callable
        Gets what is asked for in a plot's own menu, and the plot.
    """
    def is_ready(plot: QWidget) -> bool:  # only the view that is shown is up to date
        return views.pages.currentWidget() is plot and bool(board().lines)

    def picture(plot: QWidget, path: str) -> Drawing:
        return picture_of(plot, path)

    found = []
    for name, label, plot in (("search", "Search", views.scatter),
                              ("search-parallel", "Search in parallel", views.parallel)):
        exportable = Exportable(name, label, partial(is_ready, plot), partial(picture, plot),
                                lambda: trial_values(board()))
        PlotMenu(plot, partial(_ask, wanted, exportable))
        found.append(exportable)
    return tuple(found)


def _ask(wanted: Wanted, plot: Exportable, kind: str) -> None:
    wanted(kind, plot)


def trial_values(board: SearchBoard) -> Table:
    """Return a row a trial: its settings, how it ended and what it came to."""
    lines, search = board.lines, board.search
    names = sorted({name for line in lines for name in line.values})
    is_rmse = search is None or SOLVERS[search.plan.solver].measure == "rmse"
    header = ["trial", *names, "status", "n_epochs",
              "validation_rmse" if is_rmse else "validation_ndcg"]

    def rows() -> Iterator[list[Any]]:
        for line in lines:
            yield [line.trial, *(line.values.get(name) for name in names), line.status,
                   line.n_epochs, line.figure]

    return header, rows
