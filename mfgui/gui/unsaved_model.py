"""A trained model outlives the ratings it was trained on, as long as it can still be saved.

Other ratings take the place of a run without a question. Where neither a project nor a file keeps
its model, the message bar offers to save it; the model is let go with the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from mfgui.core.ratings import Ratings
from mfgui.data.import_report import ImportReport
from mfgui.training.events import RunResult

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.model_actions import ModelActions


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A run's result with what it was trained on."""

    result: RunResult
    ratings: Ratings
    report: ImportReport | None
    origin: Mapping[str, Any] | None = None


class UnsavedModel(QObject):
    """Knows the model of the last run until it is saved, replaced, or let go."""

    def __init__(self, actions: ModelActions, window: MainWindow) -> None:
        super().__init__(actions)
        self._actions, self._window = actions, window
        self._model: TrainedModel | None = None
        run_model = self._window.run_model
        run_model.run_started.connect(self._forget)
        run_model.result_changed.connect(self._on_result_changed)
        run_model.ratings_changed.connect(self._on_ratings_changed)

    def note_saved(self, result: RunResult) -> None:
        """Take a note that the model of a run is in a file now."""
        if self._model is not None and self._model.result is result:
            self._forget()

    def _forget(self) -> None:
        self._model = None

    def _on_result_changed(self) -> None:
        model = self._window.run_model
        if model.track.run_id is not None:  # the project keeps it
            self._model = None
        elif model.result is not None and model.ratings is not None:
            self._model = TrainedModel(model.result, model.ratings, model.report)

    def _on_ratings_changed(self) -> None:
        """Offer to save what other ratings took the place of."""
        lost, self._model = self._model, None
        if lost is not None:
            # Behind all that is told of the new ratings themselves.
            QTimer.singleShot(0, self, partial(self._offer, lost))

    def _offer(self, lost: TrainedModel) -> None:
        sentence = f"The model that was trained on {lost.ratings.name} is not saved."
        self._window.tell(
            f"{self._window.message_bar.text} {sentence}".strip(), "information", "Save model...",
            partial(self._actions.choose_model_place, lost))
