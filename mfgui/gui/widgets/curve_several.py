"""Several runs in the curve's plot: which column, the legend, and what is read of them."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Qt

from mfgui.gui.widgets.curve_data import LEVELS, figure
from mfgui.gui.widgets.curve_head import CurveHead
from mfgui.gui.widgets.curve_pens import STYLES
from mfgui.gui.widgets.curve_runs import RunCurve, RunCurves
from mfgui.gui.widgets.curve_stage import CurveStage
from mfgui.gui.widgets.curve_table import LegendRow
from mfgui.jobs.run_curves import MEASURES

# What is drawn first where one of these views was shown before.
_FIRST = {"loss": ("loss",), "rmse": ("validation_rmse", "train_rmse"),
          "ranking": ("validation_ndcg", "test_ndcg")}


class SeveralCurves(QObject):
    """Leads the plot and the legend while runs beside the shown one are ticked."""

    def __init__(
        self, runs: RunCurves, head: CurveHead, stage: CurveStage, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._runs, self._head, self._stage = runs, head, stage
        self._curves: list[RunCurve] = []
        self.is_on = False
        head.measure_changed.connect(self._on_measure_chosen)
        head.scale_changed.connect(self._show_rows)
        stage.plot.pointer.moved.connect(self._on_moved)
        stage.table.row_chosen.connect(stage.plot.pointer.choose)

    def _on_measure_chosen(self, measure: str) -> None:
        self._runs.set_measure(measure)

    def follow(self, *, is_growth: bool = False) -> None:
        """Draw the runs that are ticked now; with none beside the shown one, leave it its plot."""
        is_on, was_on = bool(self._runs.others), self.is_on
        self.is_on = is_on
        if not (is_on or was_on):
            return
        if is_on:
            self._choose_measure(is_first=not was_on)
        self._curves = self._runs.curves() if is_on else []
        self._stage.show_legend(is_several=is_on)
        self._stage.plot.show_runs(self._curves, self._runs.measure, is_growth=is_growth)
        self._show_rows()
        if was_on and not is_on:
            self._head.show_measures([], "")
            self._head.show_view_of(self._runs.measure)

    def _choose_measure(self, *, is_first: bool) -> None:
        """Offer what the runs have; keep to what was shown as long as one has it."""
        measures = self._runs.measures() or [self._runs.measure]
        wanted = self._runs.measure
        if is_first:
            wanted = next((name for name in _FIRST[self._head.view] if name in measures), wanted)
        if wanted not in measures:
            wanted = measures[0]
        self._head.show_measures(measures, wanted)
        self._runs.set_measure(wanted)

    # reading

    def _on_moved(self) -> None:
        """Write what is under the pointer, or the newest records."""
        if not self.is_on:
            return
        self._show_rows()
        row = self._stage.plot.pointer.row
        if row is not None:
            self._stage.table.show_row(row)

    def _show_rows(self) -> None:
        """Fill the legend, and say the curve that is read in words."""
        if not self.is_on:
            return
        scale, pointer = self._head.scale, self._stage.plot.pointer
        positions = pointer.positions()
        rows = [self._row(curve, positions.get(curve.row)) for curve in self._curves]
        word = MEASURES[self._runs.measure]
        self._stage.table.set_rows(
            [*rows, *self._levels()], "Second" if scale.is_seconds else "Epoch", "Value")
        read = next((row for row in rows if row.key == pointer.row), None)
        text = ""
        if read is not None and positions and not read.note:
            at = "second" if scale.is_seconds else "epoch"
            text = f"{read.name}   {at} {read.place}   {read.value}"
        self._head.read_out.setText(text)
        self._stage.plot.tell_record(f"{text} {word}" if text else "")

    def _row(self, curve: RunCurve, position: int | None) -> LegendRow:
        """Return a run's row: the record that is read, else the newest."""
        if curve.line is None:
            return LegendRow(curve.row, curve.name, curve.colour, curve.style, note=curve.note,
                             told=curve.told, is_bold=curve.is_shown)
        is_seconds = self._head.scale.is_seconds
        k = curve.line.size - 1 if position is None else min(position, curve.line.size - 1)
        x = float(curve.line.x(is_seconds=is_seconds)[k])
        value = float(curve.line.values[k])
        return LegendRow(
            curve.row, curve.name, curve.colour, curve.style,
            f"{x:,.4g}" if is_seconds else f"{x:,.0f}",
            figure(value) if math.isfinite(value) else "not finite", is_bold=curve.is_shown,
            told=curve.told or ("The run that the window shows." if curve.is_shown else ""))

    def _levels(self) -> list[LegendRow]:
        """Return what has to be beaten, where it is drawn."""
        theme, rows = self._runs.theme, []
        for name, level in self._stage.plot.drawn_levels().items():
            style, position = STYLES[name]
            line = style if isinstance(style, Qt.PenStyle) else Qt.PenStyle.DashLine
            rows.append(LegendRow(name, LEVELS[name], theme.series[position], line, "",
                                  figure(level), told="What a model has to beat."))
        return rows
