"""How often something may be worked out anew while a run goes on: the dearer, the seldomer."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

AT_MOST_EVERY_S = 0.25
COST_FACTOR = 20  # working it out may take a twentieth of the time
FIRST_REST_S = 5.0  # at most: a first time compiles and fills memos, which says little


class Pace(QObject):
    """Lets what is wanted again and again through when it is due.

    Signals
    -------
    due : it may be worked out now
    """

    due = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_wanted = self._is_under_way = False
        self._is_first = True
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._look)

    def want(self) -> None:
        """Ask for ``due`` as soon as the cost of the last time allows."""
        self._is_wanted = True
        self._look()

    def begin(self) -> None:
        """Note that it is being worked out, asked for or not."""
        self._is_wanted, self._is_under_way = False, True

    def end(self, seconds: float) -> None:
        """Note what it cost."""
        self._is_under_way = False
        rest_s = max(AT_MOST_EVERY_S, COST_FACTOR * seconds)
        if self._is_first:
            rest_s = min(rest_s, FIRST_REST_S)
        self._is_first = False
        self._rest.start(round(1000 * rest_s))

    def stop(self) -> None:
        """Let nothing through any more."""
        self._is_wanted = False
        self._rest.stop()

    def _look(self) -> None:
        if self._is_wanted and not self._is_under_way and not self._rest.isActive():
            self._is_wanted = False
            self.due.emit()
