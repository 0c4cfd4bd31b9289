"""Models in files: saving one, opening one, comparing with one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout

from mfgui import jobs
from mfgui.gui.unsaved_model import TrainedModel, UnsavedModel
from mfgui.inspection.comparison import OtherModel

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions

MODEL_FILTER = "Models (*.npz);;All files (*)"
OTHER_FILTER = ("Models and factors (*.npz *.npy *.txt *.model);;Models of mfgui (*.npz);;"
                "Two NumPy arrays (*.npy);;Text models of LIBMF (*.txt *.model);;All files (*)")
KEEP_RATINGS = "&Keep the ratings in the model file"
KEEP_HELP = ("Explanations and top lists then work from the file alone; 8 bytes a rating. Switch "
             "it off where the ratings may not be passed on.")


class ModelActions(QObject):
    """What the File menu does with models."""

    def __init__(self, actions: Actions) -> None:
        super().__init__(actions)
        self._actions, self._window = actions, actions.window
        self.unsaved = UnsavedModel(self, self._window)
        self._window.run_model.other_changed.connect(self._on_other_changed)

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
        model = self._window.run_model
        result, ratings, opened = model.result, model.ratings, model.opened_model
        if result is not None and ratings is not None:
            trained = TrainedModel(result, ratings, model.report)
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
            control, path, result, ratings, report, has_ratings=has_ratings), on_saved)

    # -- comparing ----------------------------------------------------------------------------

    def choose_other(self) -> None:
        """Ask for another model, or two arrays of factors, and compare with it."""
        dialog = QFileDialog(self._window, "Compare with model", self._actions.folder(),
                             OTHER_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._actions.show_dialog(dialog, then_all=self.compare_with)

    def compare_with(self, paths: list[str]) -> None:
        """Read another model and show it beside the one that is shown."""
        model = self._window.run_model
        shown, ratings, known, before = model.shown, model.ratings, model.known, model.before_refit
        if shown is None or ratings is None:
            self._window.tell("There is no model to compare with yet: train one, or open one.",
                              "warning")
            return
        self._window.start_job(
            "Comparing", lambda control: jobs.compare(
                control, paths[:2], ratings, shown, known, before),
            partial(self._on_compared, ratings, known))

    def _on_compared(self, ratings: Any, known: Any, other: OtherModel) -> None:
        model = self._window.run_model
        if model.ratings is not ratings:
            return  # other ratings were opened meanwhile
        if model.known is not known:  # the figures are of a model that is no longer shown
            self._window.tell(f"Another model took the place of the one that {other.name} was "
                              "compared with: compare again.", "warning")
            return
        model.set_other(other)
        self._window.tell(comparison_text(other), "information", "End the comparison", self.end)

    def end(self) -> None:
        """Show the model alone again."""
        self._window.run_model.set_other(None)

    def _on_other_changed(self) -> None:
        self._actions.follow(self._window.run_model)
        if self._window.run_model.other is None:
            self._window.message_bar.hide()


def comparison_text(other: OtherModel) -> str:
    """Return what was matched and how both models do on ratings that neither saw."""
    figures = other.figures
    if figures is None:
        return other.text
    if figures.rmse is None or figures.other_rmse is None:
        return f"{other.text} {figures.note}"
    return (f"{other.text} RMSE: A (this model) {figures.rmse:.4f}, B ({other.name}) "
            f"{figures.other_rmse:.4f}. {figures.note}")


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
