"""Models in files: saving one and opening one; comparing is ``comparison_flow``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout

from mfgui import jobs
from mfgui.gui.comparison_flow import ComparisonFlow
from mfgui.gui.unsaved_model import TrainedModel, UnsavedModel

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions

MODEL_FILTER = "Models (*.npz);;All files (*)"
KEEP_RATINGS = "&Keep the ratings in the model file"
KEEP_HELP = ("Explanations and top lists then work from the file alone; 8 bytes a rating. Switch "
             "it off where the ratings may not be passed on.")


class ModelActions(QObject):
    """What the File menu does with models."""

    def __init__(self, actions: Actions) -> None:
        super().__init__(actions)
        self._actions, self._window = actions, actions.window
        self.unsaved = UnsavedModel(self, self._window)
        self.comparison = ComparisonFlow(actions)
        self.choose_other, self.compare_with = (
            self.comparison.choose_other, self.comparison.compare_with)
        self.compare_runs, self.end = self.comparison.compare_runs, self.comparison.end

    # -- opening and saving -------------------------------------------------------------------

    def choose_model(self) -> None:
        """Ask for a model file and open it."""
        self._actions.ask_open("Open model", MODEL_FILTER, self._window.open_path)

    def choose_model_place(self, trained: TrainedModel | None = None) -> None:
        """Ask where to save the model, or one trained before, and save it."""
        dialog = self._actions.save_dialog("Save model", "model.npz", MODEL_FILTER)
        keep = _add_box(dialog, has_ratings=self._has_ratings(trained))
        self._actions.show_dialog(dialog, lambda path: self._save_chosen(
            path, trained, has_ratings=keep.isChecked()))

    def _has_ratings(self, trained: TrainedModel | None) -> bool:
        opened = self._window.run_model.opened_model
        return trained is not None or opened is None or opened.known is not None

    def _save_chosen(self, path: str, trained: TrainedModel | None, *, has_ratings: bool) -> None:
        if trained is None:
            self.save_model_to(path, has_ratings=has_ratings)
        else:
            self.save_trained(trained, path, has_ratings=has_ratings)

    def save_model_to(self, path: str, *, has_ratings: bool = True) -> None:
        """Save the model of the last run, or the one that was opened."""
        from mfgui.jobs.folds import fold_training

        model = self._window.run_model
        result, ratings, opened = model.result, model.ratings, model.opened_model
        if result is not None and ratings is not None:
            run_id, project = model.track.run_id, model.project
            is_kept = run_id is not None and project.has(run_id)
            origin = project.run(run_id).origin if run_id is not None and is_kept else {}
            # What it held out are places in what it was given.
            trained = TrainedModel(
                result, fold_training(ratings, origin), model.report, origin)
            self.save_trained(trained, path, has_ratings=has_ratings)
        elif opened is not None:
            self._actions.start_saving(path, lambda control: jobs.save_model_file(
                control, path, opened, has_ratings=has_ratings))

    def save_trained(self, trained: TrainedModel, path: str, *, has_ratings: bool = True) -> None:
        """Save the model of a run."""
        result, ratings, report = trained.result, trained.ratings, trained.report

        def on_saved(written: Any) -> None:
            self.unsaved.note_saved(result)
            self._actions.tell_written(written)

        self._actions.start_saving(path, lambda control: jobs.save_run(
            control, path, result, ratings, report, has_ratings=has_ratings,
            origin=trained.origin), on_saved)


def _add_box(dialog: QFileDialog, *, has_ratings: bool) -> QCheckBox:
    """Put the question about the ratings into a save dialog; a native one has no room for it."""
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    box = QCheckBox(KEEP_RATINGS)
    box.setObjectName("keepRatingsBox")
    box.setToolTip(KEEP_HELP)
    box.setWhatsThis(KEEP_HELP)
    box.setAccessibleName(KEEP_RATINGS.replace("&", ""))
    box.setChecked(has_ratings)
    box.setEnabled(has_ratings)
    layout = dialog.layout()
    if isinstance(layout, QGridLayout):
        layout.addWidget(box, layout.rowCount(), 0, 1, layout.columnCount())
    return box
