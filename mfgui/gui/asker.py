"""A worker whose failures are bugs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from mfgui.gui.background import LatestWorker


class Asker(LatestWorker):
    """Answers the newest request on a thread of its own; ``then(answer)`` gets the answer."""

    def __init__(self, then: Callable[[Any], None], parent: QObject) -> None:
        super().__init__(parent)
        self.done.connect(then)
        self.failed.connect(self._on_failed)

    def _on_failed(self, error: BaseException) -> None:
        raise error  # a bug: the hook shows it
