"""Lays a run's records out for drawing: few at once, many by a worker."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from mfgui.gui.background import LatestWorker
from mfgui.gui.widgets.curve_data import CurveData
from mfgui.training.events import EpochRecord

MOST_AT_ONCE = 2000  # records, 7 ms; 100,000 took the GUI thread 0.3 s


class CurveHistory(QObject):
    """Makes the CurveData of another run.

    Signals
    -------
    made : the CurveData, with all that came meanwhile
    """

    made = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._later: list[EpochRecord] = []
        self._serial, self._awaited = 0, 0
        self._worker = LatestWorker(self, takes_turns=False)
        self._worker.done.connect(self._on_done)
        self._worker.failed.connect(self._on_failed)

    @property
    def is_making(self) -> bool:
        """Whether a worker lays records out."""
        return self._awaited > 0

    def make(self, records: Sequence[EpochRecord], n_members: int) -> None:
        """Lay these records out; what was being laid out is forgotten."""
        self._serial += 1
        serial, self._awaited, self._later = self._serial, 0, []
        if len(records) <= MOST_AT_ONCE:
            self.made.emit(_laid_out(records, n_members))
            return
        kept = list(records)
        self._awaited = serial
        self._worker.ask(lambda: (serial, _laid_out(kept, n_members)))

    def add(self, records: Sequence[EpochRecord]) -> None:
        """Note what comes meanwhile."""
        self._later.extend(records)

    def _on_done(self, answer: tuple[int, CurveData]) -> None:
        serial, data = answer
        if serial != self._awaited:
            return
        self._awaited = 0
        data.append(self._later)
        self._later = []
        self.made.emit(data)

    def _on_failed(self, error: Exception) -> None:
        raise error  # a bug: the hook shows it

    def shut_down(self) -> None:
        """End the thread."""
        self._worker.shut_down()


def _laid_out(records: Sequence[EpochRecord], n_members: int) -> CurveData:
    data = CurveData(n_members)
    data.append(list(records))
    return data
