"""What is exported of the curve: all curves that are drawn, values from all their points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from mfgui.gui.widgets.curve_data import VIEWS, CurveData
from mfgui.gui.widgets.curve_runs import RunCurves
from mfgui.gui.widgets.curve_sheet import CurveSheet
from mfgui.gui.widgets.curve_stage import CurveStage
from mfgui.gui.widgets.curve_words import RARE_COLUMNS, columns_of
from mfgui.gui.widgets.picture import Drawing, picture_of
from mfgui.jobs.curve_rows import PLACE_COLUMNS, RUN_COLUMNS, CurveSource, curve_rows

Rows = Callable[[], Iterator[tuple[Any, ...]]]


def curve_values(
    data: CurveData, view: str, runs: RunCurves, half_life: float
) -> tuple[tuple[str, ...], Rows]:
    """Return the names of the columns, and what yields a row a record, on any thread."""
    if runs.others:
        return _values_of_runs(runs, half_life)
    records = tuple(data.records)
    columns = columns_of(records)
    if not half_life:
        return columns, lambda: (
            tuple(getattr(record, name) for name in columns) for record in records)
    smooth = tuple(name for name in VIEWS[view] if data.has(name))
    n_skipped = len(RUN_COLUMNS)
    source = CurveSource(None, "", lambda: records)
    return _names(columns, smooth)[n_skipped:], lambda: (
        row[n_skipped:] for row in curve_rows([source], columns, smooth, half_life))


def _values_of_runs(runs: RunCurves, half_life: float) -> tuple[tuple[str, ...], Rows]:
    """Return the same of all runs that are drawn."""
    sources = runs.sources()
    rare = [name for name in RARE_COLUMNS if name == "rate_limit" or runs.has(name)]
    columns = (*columns_of(()), *rare)
    smooth = (runs.measure,) if half_life else ()
    return _names(columns, smooth), partial(curve_rows, sources, columns, smooth, half_life)


def _names(columns: tuple[str, ...], smooth: tuple[str, ...]) -> tuple[str, ...]:
    return (*RUN_COLUMNS, *columns, *PLACE_COLUMNS, *(f"smoothed_{name}" for name in smooth))


def curve_picture(stage: CurveStage, path: str | Path) -> Drawing:
    """Return a picture: as it is seen, and of several runs with the whole legend."""
    with stage.plot.exact():
        if not stage.plot.is_several:
            return picture_of(stage, path)
        sheet = CurveSheet(stage.plot, stage.table.model_.rows, stage.palette())
        return picture_of(sheet, path, inside=[stage.plot])
