"""How far a fold is, as a part of the whole cross-validation."""

from __future__ import annotations

from mfgui.core.control import Control
from mfgui.training.events import EpochRecord


class FoldControl(Control):
    """Stops and pauses with the whole, and turns a fold's progress into that of the whole.

    Parameters
    ----------
    whole : Control
    position, n_folds : int
        Which fold, from 0, of how many.
    n_phases : int
        How many segments its run has.
    """

    def __init__(self, whole: Control, position: int, n_folds: int, n_phases: int) -> None:
        super().__init__()
        self._whole, self._position, self._n_folds = whole, position, n_folds
        self._n_phases = n_phases + 1  # measuring is the last
        self._segments: set[int] = set()
        self._is_measuring = False

    @property
    def is_stopped(self) -> bool:
        """Whether the whole was asked to end."""
        return self._whole.is_stopped

    @property
    def is_paused(self) -> bool:
        """Whether the whole was asked to wait."""
        return self._whole.is_paused

    def checkpoint(self) -> None:
        """Wait with the whole, and end with it."""
        self._whole.checkpoint()

    def follow(self, record: EpochRecord) -> None:
        """Note which segment is trained."""
        self._segments.add(record.segment)

    def measure(self) -> None:
        """Note that training is over."""
        self._is_measuring = True

    def report(self, text: str, fraction: float | None = None) -> None:
        """Say how far the whole is."""
        phase = self._n_phases - 1 if self._is_measuring else max(len(self._segments) - 1, 0)
        within = min((phase + (fraction or 0.0)) / self._n_phases, 1.0)
        text = f"Fold {self._position + 1} of {self._n_folds}: {text[0].lower()}{text[1:]}"
        self._whole.report(text, (self._position + within) / self._n_folds)
