"""Which runs are drawn beside the one that is shown, and what there is to draw of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import LIGHT
from mfgui.gui.widgets.curve_reader import CurveReader, Wanted
from mfgui.inspection.envelopes import Line
from mfgui.jobs.curve_rows import CurveSource
from mfgui.jobs.run_curves import MEASURES, RecordColumns
from mfgui.jobs.run_names import names_by_difference
from mfgui.training.events import EpochRecord

NONE = "none"
REREAD_MS = 1000  # a ticked run that trains elsewhere, as a trial of a search, is read so often


@dataclass(frozen=True, eq=False)
class RunCurve:
    """One run in the plot and in the legend.

    Parameters
    ----------
    run_id : int or None
        None for a model that no project keeps.
    name : str
        By what differs from the others.
    colour : str
    style : Qt.PenStyle
    line : Line or None
        None while it is read, or where there is none.
    key : tuple
        The same while the line has only grown.
    note, told : str
        Why there is no line, in a word and in a sentence.
    is_shown : bool
        Whether the window shows this run.
    is_live : bool
        Whether it may grow at any time.
    """

    run_id: int | None
    name: str
    colour: str
    style: Qt.PenStyle
    line: Line | None
    key: tuple[Any, ...]
    note: str = ""
    told: str = ""
    is_shown: bool = False
    is_live: bool = False

    @property
    def row(self) -> int:
        """What tells it from the others, in the plot and in the legend."""
        return -1 if self.run_id is None else self.run_id


class RunCurves(QObject):
    """Follows the ticks of the project, and has the lines of the ticked runs read.

    Signals
    -------
    changed : other runs are drawn, or there is more to draw of one of them
    grown : a run that trains has more records
    """

    changed = Signal()
    grown = Signal()

    def __init__(self, shown_columns: Callable[[], RecordColumns], parent: QObject) -> None:
        super().__init__(parent)
        self.measure, self.theme = "validation_rmse", LIGHT
        self._shown_columns = shown_columns
        self._model: RunModel | None = None
        self._live: tuple[int, RecordColumns] | None = None
        self._names: dict[int, str] | None = None
        self._reader = CurveReader(self)
        self._reader.came.connect(self.changed)
        self._reread = QTimer(self)
        self._reread.setSingleShot(True)
        self._reread.setInterval(REREAD_MS)
        self._reread.timeout.connect(self._read)

    def set_models(self, run_model: RunModel) -> None:
        """Follow the project of a run model."""
        self._model = run_model
        project = run_model.project
        project.project_changed.connect(self._on_project_changed)
        project.run_changed.connect(self._on_run_changed)
        for signal in (project.ticks_changed, project.runs_changed, project.shown_run_changed,
                       project.running_run_changed, project.look_changed):
            signal.connect(self._on_changed)
        run_model.live_records_added.connect(self._on_live_records)
        self._on_project_changed()

    def shut_down(self) -> None:
        """End the thread."""
        self._reread.stop()
        self._reader.shut_down()

    # which runs

    @property
    def others(self) -> list[int]:
        """The ticked runs that are not the one that is shown."""
        if self._model is None:
            return []
        shown = self._model.track.run_id
        return [run_id for run_id in self._model.project.ticked if run_id != shown]

    @property
    def run_ids(self) -> list[int]:
        """The runs of the project that are drawn: ticked, shown or training, by number."""
        if self._model is None:
            return []
        project = self._model.project
        wanted = {*project.ticked, self._model.track.run_id, project.running_run}
        return [run.id for run in project.runs if run.id in wanted]

    def set_measure(self, measure: str) -> None:
        """Draw another column."""
        if measure != self.measure:
            self.measure = measure
            self._on_changed()

    def measures(self) -> list[str]:
        """Return the columns that any of the drawn runs has, as far as is known."""
        shown = self._shown_columns()
        return [name for name in MEASURES if shown.has(name) or self.has(name)]

    def has(self, measure: str) -> bool:
        """Say whether a drawn run of the project has a column, as far as is known."""
        return any(self._has(run_id, measure) for run_id in self.run_ids)

    def _has(self, run_id: int, measure: str) -> bool:
        """Say whether a run has a column: by its last record, or by what was read."""
        assert self._model is not None
        run = self._model.project.run(run_id)
        if run.last_record is not None and getattr(run.last_record, measure) is not None:
            return True
        if measure == "validation_rmse" and run.best_validation_rmse is not None:
            return True  # a final training on all ratings has none
        return self._reader.has(run_id, measure)

    def sources(self) -> list[CurveSource]:
        """Return the runs that are drawn, for an export."""
        return [self._source(curve) for curve in self.curves()]

    def _source(self, curve: RunCurve) -> CurveSource:
        """Return where a run's records come from."""
        model = self._model
        assert model is not None
        project, records = model.project.project, tuple(model.history)
        number = None if curve.run_id is None else model.project.run(curve.run_id).number
        if curve.is_shown or project is None or curve.run_id is None:
            return CurveSource(number, curve.name, lambda: records)
        return CurveSource(number, curve.name, partial(project.history, curve.run_id))

    # what there is to draw of them

    def curves(self) -> list[RunCurve]:
        """Return the runs that are drawn, with what there is to draw of them."""
        model = self._model
        if model is None:
            return []
        if self._names is None:  # not anew with each record that comes
            self._names = names_by_difference(
                [model.project.run(run_id) for run_id in self.run_ids])
        result = [self._curve(run_id, name) for run_id, name in self._names.items()]
        if model.track.run_id not in self._names and self._shown_columns().size:
            result.append(self._shown_curve(None, "the model shown"))
        return result

    def _curve(self, run_id: int, name: str) -> RunCurve:
        """Return one run of the project."""
        assert self._model is not None
        if run_id == self._model.track.run_id:
            return self._shown_curve(run_id, name)
        colour, style = self._model.project.look(run_id)
        if self._live is not None and self._live[0] == run_id:
            return replace(self._grown_curve(run_id, name, (colour, style), self._live[1]),
                           is_live=True)
        wanted = self._wanted(run_id)
        found = self._reader.line(wanted)
        if found is None:
            return RunCurve(run_id, name, colour, style, None, (wanted,),
                            *self._reader.note(wanted))
        read, line = found
        if not line.size:
            return RunCurve(run_id, name, colour, style, None, (read,), NONE, self._lack(name))
        return RunCurve(run_id, name, colour, style, line, (read,))

    def _shown_curve(self, run_id: int | None, name: str) -> RunCurve:
        """Return the run that the window shows, as it is now."""
        assert self._model is not None
        look = (self._model.project.look(run_id) if run_id is not None
                else (self.theme.text, Qt.PenStyle.SolidLine))
        return replace(
            self._grown_curve(run_id, name, look, self._shown_columns()), is_shown=True,
            is_live=self._model.status.is_running and self._model.is_live_shown)

    def _grown_curve(
        self, run_id: int | None, name: str, look: tuple[str, Qt.PenStyle],
        columns: RecordColumns
    ) -> RunCurve:
        """Return a run whose records are at hand."""
        key, line = (run_id, self.measure, columns.generation), columns.line(self.measure)
        if line.size:
            return RunCurve(run_id, name, *look, line, key)
        return RunCurve(run_id, name, *look, None, key, NONE, self._lack(name))

    def _lack(self, name: str) -> str:
        return f"{name} has no {MEASURES[self.measure]}."

    # following

    def _wanted(self, run_id: int) -> Wanted:
        assert self._model is not None
        return Wanted(run_id, self.measure, self._model.project.run(run_id).n_records)

    def _read(self) -> None:
        """Have read what is ticked and not at hand."""
        live = self._live[0] if self._live is not None else None
        self._reader.want([self._wanted(run_id) for run_id in self.others if run_id != live])

    def _on_changed(self) -> None:
        self._names = None
        self._note_live()
        self._read()
        self.changed.emit()

    def _on_project_changed(self) -> None:
        """Forget the lines of another project."""
        assert self._model is not None
        self._live = None
        self._reader.set_project(self._model.project.project)
        self._on_changed()

    def _on_run_changed(self, run_id: int) -> None:
        """Read a ticked run anew in a while, where it trains and its records do not come here."""
        live = self._live[0] if self._live is not None else None
        if run_id in self.others and run_id != live and not self._reread.isActive():
            self._reread.start()

    def _note_live(self) -> None:
        """Follow the run that trains while another one is shown."""
        assert self._model is not None
        track = self._model.live
        if self._model.is_live_shown or track.run_id is None:
            self._live = None
        elif self._live is None or self._live[0] != track.run_id:
            columns = RecordColumns()
            columns.append(track.history)
            self._live = track.run_id, columns

    def _on_live_records(self, records: list[EpochRecord]) -> None:
        if self._live is not None:
            self._live[1].append(records)
            self.grown.emit()
