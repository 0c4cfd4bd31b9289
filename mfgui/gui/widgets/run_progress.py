"""How far a run is, as a share that never falls, and in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mfgui.core.settings import RunSettings
from mfgui.training.events import EpochRecord, RunResult, StopReason
from mfgui.training.measures import watched

if TYPE_CHECKING:
    from mfgui.gui.run_model import RunModel


class RunProgress:
    """The share of a run that is done.

    A run has as many parts as it trains models, and with a refit as many again. What is left when
    a part begins is shared evenly among it and those to come, so that the share never falls where
    a part ended early.

    Attributes
    ----------
    fraction : float
    text : str
    """

    def __init__(self) -> None:
        self.begin("")

    def begin(
        self, text: str, settings: RunSettings | None = None, *, n_members: int = 1,
        is_continued: bool = False,
    ) -> None:
        """Begin anew; a run that goes on from another has no refit."""
        self.fraction, self.text = 0.0, text
        self._settings, self._n_members = settings, n_members
        has_refit = settings is not None and settings.refit and settings.validation > 0
        self._n_parts = n_members * (2 if has_refit and not is_continued else 1)
        self._part, self._segment = -1, -1
        self._floor, self._first = 0.0, 0
        self._best: list[EpochRecord] = []  # of each part

    def go_on(self, run_model: RunModel) -> None:
        """Count the epochs that a run has which goes on itself; one that begins has none."""
        project, track = run_model.project, run_model.live
        if project.running_run is None or not project.run(project.running_run).n_records:
            return
        self.begin(self.text, track.settings, n_members=track.n_members)
        self.add(track.history)

    def add(self, records: Iterable[EpochRecord]) -> None:
        """Take the newest records."""
        for record in records:
            if record.segment != self._segment:
                self._begin_part(record)
            if watched(record) < watched(self._best[-1]):
                self._best[-1] = record
            self._note(record)

    def _begin_part(self, record: EpochRecord) -> None:
        self._part, self._segment = self._part + 1, record.segment
        self._floor, self._first = self.fraction, record.epoch
        self._best.append(record)

    def _note(self, record: EpochRecord) -> None:
        """Bring share and words up to a record."""
        n_epochs = self._n_epochs(record)
        share = min((record.epoch - self._first) / n_epochs, 1.0)
        n_left = max(self._n_parts - self._part, 1)
        self.fraction = max(
            self.fraction, self._floor + (1.0 - self._floor) / n_left * share)
        last = max(self._first + n_epochs, record.epoch)
        text = f"{'refit epoch' if record.is_refit else 'epoch'} {record.epoch:,} of {last:,}"
        if self._n_members > 1:
            member = self._part % self._n_members + 1
            text = f"model {member} of {self._n_members}, {text}"
        self.text = text

    def _n_epochs(self, record: EpochRecord) -> int:
        """Return how many epochs the part has: a refit as many as were best for its model."""
        if self._settings is None:
            return max(record.epoch - self._first, 1)
        if self._part >= self._n_members:
            return max(self._best[self._part - self._n_members].epoch, 1)
        return self._settings.n_epochs

    def end(self, result: RunResult) -> None:
        """Be full where the run came to its end; one that was cut short keeps its share."""
        n_epochs = result.n_epochs_run
        word = {StopReason.STOPPED: "stopped after", StopReason.DIVERGED: "diverged after"}.get(
            result.stopped_because, "done,")
        self.text = f"{word} {n_epochs:,} epoch{'' if n_epochs == 1 else 's'}"
        if result.stopped_because in (StopReason.FINISHED, StopReason.EARLY_STOPPING):
            self.fraction = 1.0
