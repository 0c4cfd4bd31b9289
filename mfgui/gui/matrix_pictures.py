"""The thread that paints the matrices, and what is told while it is at work.

The newest request wins. While its picture is computed the last one stays; after a moment it is
marked as such, and where rows and columns are being sorted a line says so.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from mfgui.core.control import Control, Progress
from mfgui.errors import CancelledError
from mfgui.gui.background import LatestWorker
from mfgui.inspection.new_user import NewUser
from mfgui.inspection.painter import Painter
from mfgui.inspection.pictures import Picture, Pictures, Request
from mfgui.inspection.strip import in_other, paint_row

MARKED_AFTER_MS = 150
LOOK_EVERY_MS = 100


@dataclass(frozen=True, eq=False)
class Strip:
    """The new user's row as it was painted: a picture of one row for each view."""

    pictures: Pictures
    new_user: NewUser
    rows: Mapping[str, Picture]


@dataclass(frozen=True, eq=False)
class Painted:
    """An answer: three pictures and the new user's row, where there is one."""

    pictures: Pictures
    strip: Strip | None
    seconds: float


class PictureMaker(QObject):
    """Paints on a thread of its own, the new user's row on another, which is never busy long.

    Signals
    -------
    made : Painted
    strip_made : Strip
    waiting_changed : words for the picture's corner, "" when it is exact
    sorting_changed : words while rows and columns are sorted, else ""
    failed : an exception: a bug
    """

    made = Signal(object)
    strip_made = Signal(object)
    waiting_changed = Signal(str)
    sorting_changed = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._painter, self._others = Painter(), OtherUser()
        self._worker = LatestWorker(self, takes_turns=False)
        self._strip_worker = LatestWorker(self, takes_turns=False)
        for worker, slot in ((self._worker, self._on_painted),
                             (self._strip_worker, self.strip_made)):
            worker.done.connect(slot)
            worker.failed.connect(self.failed)
        self._newest: Request | None = None
        self._job: tuple[Request, Control] | None = None  # under way, or the last one
        self._seen: Request | None = None  # what the picture on the screen answers
        self._words = self._sorting = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(MARKED_AFTER_MS)
        self._patience.timeout.connect(self._on_late)
        self._look = QTimer(self)
        self._look.setInterval(LOOK_EVERY_MS)
        self._look.timeout.connect(self._tell_sorting)

    def ask(self, request: Request, new_user: NewUser | None) -> None:
        """Have a request painted; an older one that has not begun is forgotten."""
        job, self._newest = self._job, request
        if job is not None and (job[0].order, job[0].ratings) != (request.order, request.ratings):
            job[1].stop()  # nobody waits for that order any more
        if not self._patience.isActive() and not self._words:
            self._patience.start()
        self._worker.ask(lambda: self._paint(request, new_user))

    def ask_strip(self, pictures: Pictures, new_user: NewUser) -> None:
        """Have the new user's row painted for pictures that there are."""
        self._strip_worker.ask(lambda: strip_of(pictures, new_user, self._others))

    def _paint(self, request: Request, new_user: NewUser | None) -> Painted | None:
        """Paint; on the worker's thread. None where it was cancelled."""
        begin, control = time.perf_counter(), Control()
        self._job = request, control
        try:
            pictures = self._painter.paint(request, control)
        except CancelledError:
            return None
        # Kept by the order once they are asked for: better here than on the GUI thread.
        _ = pictures.order.row_ranks, pictures.order.column_ranks
        strip = (strip_of(pictures, new_user, self._others)
                 if new_user is not None else None)
        return Painted(pictures, strip, time.perf_counter() - begin)

    def _on_painted(self, painted: Painted | None) -> None:
        """Hand it on; where it is not the newest, the wait begins anew."""
        if painted is None:
            return
        self._patience.stop()
        self._seen = painted.pictures.request
        if painted.pictures.request is self._newest:
            self._newest = None
            self._look.stop()
            self._say("")
            self._tell_sorting()
        else:
            self._patience.start()
        self.made.emit(painted)

    def _on_late(self) -> None:
        """Mark the picture that stays meanwhile, unless it lacks nothing but newer factors."""
        newest, seen = self._newest, self._seen
        if newest is None or (seen is not None and _place(newest) == _place(seen)):
            return
        self._say("coarse")
        self._tell_sorting()
        self._look.start()

    def _tell_sorting(self) -> None:
        """Say how far the sorting is."""
        words = ""
        is_sorted = self._seen is not None and self._newest is not None and (
            self._newest.order == self._seen.order)
        if self._newest is not None and not is_sorted:
            progress = self._job[1].progress if self._job is not None else Progress("")
            words = progress.text or "Sorting"
            words += " ..." if progress.fraction is None else f" ... {progress.fraction:.0%}"
        if words != self._sorting:
            self._sorting = words
            self.sorting_changed.emit(words)

    def _say(self, words: str) -> None:
        if words != self._words:
            self._words = words
            self.waiting_changed.emit(words)

    def shut_down(self) -> None:
        """End both threads."""
        self._patience.stop()
        self._look.stop()
        if self._job is not None:
            self._job[1].stop()
        self._worker.shut_down()
        self._strip_worker.shut_down()


def _place(request: Request) -> tuple[object, ...]:
    """Return all of a request that says where in the matrix its pictures lie."""
    return (request.ratings, request.order, request.rows, request.columns, request.height,
            request.width)


class OtherUser:
    """Keeps the new user folded into the model that is compared: not solved for with every pan."""

    def __init__(self) -> None:
        self._kept: tuple[NewUser, object, NewUser | None] | None = None

    def of(self, pictures: Pictures, new_user: NewUser) -> NewUser | None:
        """Return the new user in the other model, None without one; on a worker's thread."""
        request, kept = pictures.request, self._kept
        if request.other is None:
            self._kept = None
            return None
        if kept is None or kept[0] is not new_user or kept[1] is not request.other:
            self._kept = kept = new_user, request.other, in_other(request, new_user)
        return kept[2]


def strip_of(pictures: Pictures, new_user: NewUser, others: OtherUser) -> Strip:
    """Paint the new user's row; on a worker's thread. Of another model's row nothing is shown."""
    model, factors = pictures.request.model, new_user.folded.factors
    if model is None or factors.size != model.n_factors:
        return Strip(pictures, new_user, {})
    # Predicted over all cells, whatever the pictures go over: of a new user hardly any is rated.
    over_all = replace(pictures, request=replace(pictures.request, is_over_all=True))
    return Strip(pictures, new_user, paint_row(over_all, new_user, others.of(pictures, new_user)))
