"""The runs as a list for a view, newest first; searches and folds only where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from mfgui.gui.project_model import ProjectModel
from mfgui.gui.run_words import is_trial, row_text, run_figure, spoken, tip
from mfgui.jobs.run_names import names_by_difference

if TYPE_CHECKING:
    from mfgui.store.project import RunInfo

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
FIGURE, STAR, LOOK, IS_RUNNING = (Role.UserRole + k for k in range(1, 5))
_FEW = 60
_SHORT = {"validation RMSE": "", "test RMSE": "test ", "training RMSE": "train ",
          "validation NDCG": "NDCG ", "test NDCG": "test NDCG ", "loss": "loss "}


def _names(runs: Sequence[RunInfo]) -> dict[int, str]:
    """Return what runs of the same method are called beside each other."""
    names: dict[int, str] = {}
    for solver in {run.solver for run in runs}:
        names |= names_by_difference([run for run in runs if run.solver == solver])
    return names


class RunListModel(QAbstractListModel):
    """A row a run; ticks, stars and names that are set go to the project's model."""

    def __init__(self, project: ProjectModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.ids: list[int] = []
        self._names: dict[int, str] = {}
        project.runs_changed.connect(self.refresh)
        project.trials_shown_changed.connect(self.refresh)
        project.look_changed.connect(self._tell_all)
        project.run_changed.connect(self._on_run_changed)
        project.running_run_changed.connect(self.refresh)
        project.shown_run_changed.connect(self.refresh)  # one of a search is listed while shown
        self.refresh()

    def refresh(self) -> None:
        """Take the runs as they are now; rows that are the same keep their place."""
        project = self.project
        ids = [run.id for run in reversed(project.runs)
               if project.shows_trials or not is_trial(run) or run.is_ticked or run.is_starred
               or run.id in (project.shown_run, project.running_run)]
        if len(ids) <= _FEW:  # beyond, nobody tells them apart by a few words
            self._names = _names([project.run(k) for k in ids])
        if ids == self.ids:
            self._tell_all()
            return
        if ids[1:] == self.ids:  # the usual thing: a run began
            self.beginInsertRows(QModelIndex(), 0, 0)
            self.ids = ids
            self.endInsertRows()
            self._tell_all()
            return
        self.beginResetModel()
        self.ids = ids
        self.endResetModel()

    def _tell_all(self) -> None:
        if self.ids:
            self.dataChanged.emit(self.index(0), self.index(len(self.ids) - 1))

    def _on_run_changed(self, run_id: int) -> None:
        index = self.index_of(run_id)
        if index.isValid():
            self.dataChanged.emit(index, index)

    def index_of(self, run_id: int | None) -> QModelIndex:
        """Return where a run stands; an invalid index where it does not."""
        return self.index(self.ids.index(run_id)) if run_id in self.ids else QModelIndex()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of runs."""
        return 0 if parent is not None and parent.isValid() else len(self.ids)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let rows be chosen, ticked and renamed."""
        flag = Qt.ItemFlag
        return (flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable
                | flag.ItemIsEditable)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Return what a row says and shows."""
        project, run_id = self.project, self.ids[index.row()]
        if not project.has(run_id):  # it is on its way out
            return None
        run, is_running = project.run(run_id), run_id == project.running_run
        if role == Role.DisplayRole:
            return row_text(run, self._names.get(run_id, ""), is_running=is_running)
        if role == Role.EditRole:
            return run.name
        if role == Role.CheckStateRole:
            return Qt.CheckState.Checked if run.is_ticked else Qt.CheckState.Unchecked
        if role == Role.ToolTipRole:
            return tip(run, is_running=is_running, number_of=project.numbers())
        if role == Role.AccessibleTextRole:
            return spoken(run, is_running=is_running, is_shown=run_id == project.shown_run)
        if role == FIGURE:
            known = run_figure(run)
            return f"{_SHORT.get(known.name, '')}{known.text}"
        return {STAR: run.is_starred, LOOK: project.look(run_id), IS_RUNNING: is_running}.get(role)

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Take a tick or a name."""
        run_id = self.ids[index.row()]
        if role == Role.CheckStateRole:
            self.project.tick(run_id, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Role.EditRole:
            self.project.rename(run_id, str(value))
            return True
        return False
