"""How ratings files get into the window: opened, asked about, read otherwise, read again.

It owns the import page, the steps of how the open file was read, and the watch over that file.
Reading a file otherwise is opening it again with other ReadOptions: what belonged to the old
ratings goes, as with any other file, and a message says so.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDockWidget

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.errors import DataError
from mfgui.gui.file_watch import FileWatch
from mfgui.gui.reading_history import ReadingHistory
from mfgui.jobs.models import is_model_file
from mfgui.training.events import Notice

if TYPE_CHECKING:
    from mfgui.core.ratings import Ratings
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.widgets.import_page import ImportPage
    from mfgui.jobs.files import OpenedModel, OpenedRatings


class ReadingFlow(QObject):
    """Everything that the Data menu, the data card and the report can start.

    Signals
    -------
    changed : what can be done, or undone, changed
    """

    changed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.history = ReadingHistory()
        self.page: ImportPage | None = None
        self._is_choosing = False
        self._hidden_docks: list[QDockWidget] = []
        self.watch = FileWatch(self)
        self.watch.changed.connect(self._on_file_changed)
        self.watch.vanished.connect(self._on_file_vanished)

    # what is open

    @property
    def path(self) -> str:
        """The open ratings file, "" where the ratings come from none."""
        report = self.window.run_model.report
        return str(report.path) if report is not None and report.path else ""

    @property
    def is_choosing(self) -> bool:
        """Whether the import page asks about a file, be it below another page."""
        return self._is_choosing

    # opening

    def open(self, path: str, options: ReadOptions | None = None) -> None:
        """Open a ratings file, or a model where it is one; a doubtful file is asked about."""
        given = options or ReadOptions()
        name = os.path.basename(path)
        ratings = self.window.run_model.ratings
        self.window.start_job(
            f"Reading {name}", lambda control: _open_any(control, path, given, ratings),
            partial(self._on_opened, path, given), is_opening=True,
            remedy=partial(self._remedy, path, given),
            part="" if path.lower().endswith(".npz") else "reading")

    def _remedy(
        self, path: str, options: ReadOptions, error: DataError
    ) -> tuple[()] | tuple[str, Callable[[], None]]:
        """Return what helps where a file cannot be read: the page, if there is a file at all."""
        if not os.path.isfile(path):
            return ()
        word = "Choose the part" if getattr(error, "parts", ()) else "Choose the columns"
        return word, partial(self.show_page, path, options)

    def _on_opened(self, path: str, options: ReadOptions, event: Any) -> None:
        if isinstance(event, Look):
            self.show_page(path, options, event)
        elif hasattr(event, "saved"):
            self.window.show_model(event)
        else:
            self._take(event, options, is_step=False)

    def _take(self, opened: OpenedRatings, options: ReadOptions, *, is_step: bool) -> None:
        """Show what was read; ``is_step`` where the same file was read otherwise."""
        if is_step:
            self.history.add(options)
        else:
            self.history.begin(options)
        self.window.show_ratings(opened, options)

    def follow(self, opened: OpenedRatings) -> None:
        """Watch the file that was opened; the page has done its work."""
        self.leave_page()
        report = opened.report
        if not opened.path:
            self.history.begin(ReadOptions())
        self.watch.watch(opened.path, report.modified_at, report.n_bytes)
        self.changed.emit()

    def follow_model(self) -> None:
        """Leave the page for a model; the ratings beside it may be others than before."""
        self.leave_page()
        if not self.path:
            self.history.begin(ReadOptions())
            self.watch.watch("")
        self.changed.emit()

    # the page

    def show_page(
        self, path: str, options: ReadOptions, look: Look | None = None, group: str = ""
    ) -> None:
        """Show the import page for a file."""
        if not self.window.is_free():
            return
        self.window.complete()
        page = self._made_page()
        if not self.is_choosing:
            self._hidden_docks = [
                dock for dock in self.window.docks.values() if not dock.isHidden()]
        self._is_choosing = True
        for dock in self._hidden_docks:
            dock.hide()
        self.window.message_bar.hide()
        self.window.pages.setCurrentWidget(page)
        page.show_file(path, options, look, group)
        self.changed.emit()

    def _made_page(self) -> ImportPage:
        """Return the page; it is made when it is first needed."""
        if self.page is None:
            from mfgui.data.formats import FORMATS
            from mfgui.gui.widgets.import_page import ImportPage

            labels = {name: kind.label for name, kind in FORMATS.items()}
            self.page = ImportPage(labels, self.window)
            self.page.accepted.connect(self._on_accepted)
            self.page.cancelled.connect(self.leave_page)
            self.page.history_changed.connect(self.changed)
            self.window.pages.addWidget(self.page)
        return self.page

    def leave_page(self) -> None:
        """Go back to what was open."""
        if self.page is None or not self.is_choosing:
            return
        self._is_choosing = False
        self.page.leave()
        self.window.show_centre()
        for dock in self._hidden_docks:
            dock.show()
        self._hidden_docks = []
        self.changed.emit()

    def _on_accepted(self, opened: OpenedRatings, options: ReadOptions) -> None:
        if not self.window.is_free():
            return
        is_same = bool(self.path) and opened.path == self.path
        loss = self._loss() if is_same else ""
        self._take(opened, options, is_step=is_same)
        if is_same:
            self._tell_read(loss)

    # reading the open file otherwise

    def change(self, group: str = "") -> None:
        """Open the page on the open file, as it was read."""
        if self.path and not self.is_choosing:
            self.show_page(self.path, self.history.options, group=group)
        elif self.page is not None and self.is_choosing and group:
            self.page.form.show_group(group)

    def set_options(self, values: dict[str, Any]) -> None:
        """Read the file with some options changed: on the page, or at once."""
        if self.page is not None and self.is_choosing:
            self.page.change_all(values)
        elif self.path:
            try:
                options = dataclasses.replace(self.history.options, **values)
            except DataError as error:
                self.window.tell(str(error))
                return
            self._read(options)

    def read_again(self) -> None:
        """Read the file once more, as it was read."""
        if self.page is not None and self.is_choosing:
            self.page.read_again()
        elif self.path:
            self._read(self.history.options)

    def undo(self) -> None:
        """Take the last change of reading back."""
        before = self.history.before()
        if self.page is not None and self.is_choosing:
            self.page.undo()
        elif before is not None and self.path:
            self._read(before, "undo")

    def redo(self) -> None:
        """Make the change again that was taken back."""
        after = self.history.after()
        if self.page is not None and self.is_choosing:
            self.page.redo()
        elif after is not None and self.path:
            self._read(after, "redo")

    @property
    def can_undo(self) -> bool:
        """Whether there is a change of reading to take back."""
        if self.page is not None and self.is_choosing:
            return self.page.history.can_undo
        return bool(self.path) and self.history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a change of reading that was taken back."""
        if self.page is not None and self.is_choosing:
            return self.page.history.can_redo
        return bool(self.path) and self.history.can_redo

    def _read(self, options: ReadOptions, step: str = "add") -> None:
        if not self.window.is_free():
            return
        path = self.path
        self.window.start_job(
            f"Reading {os.path.basename(path)} again",
            lambda control: jobs.open_file(control, path, options),
            partial(self._on_read_again, options, step), is_opening=True,
            remedy=partial(self._remedy, path, options), part="reading")

    def _on_read_again(self, options: ReadOptions, step: str, opened: OpenedRatings) -> None:
        loss = self._loss()
        if step == "undo":
            self.history.undo()
        elif step == "redo":
            self.history.redo()
        self._take(opened, options, is_step=True)
        self._tell_read(loss)

    def _loss(self) -> str:
        """Return what goes with the ratings as they were read before, as a sentence."""
        model = self.window.run_model
        gone = ["the run"] if model.result or model.history or model.opened_model else []
        gone += ["the choice of the test file"] if model.test_ratings is not None else []
        gone += ["the new user"] if model.new_user is not None else []
        if not gone:
            return ""
        verb = "is" if len(gone) == 1 else "are"
        text = " and ".join(filter(None, (", ".join(gone[:-1]), gone[-1])))
        return (f"{text.capitalize()} that belonged to the ratings as they were read before {verb} "
                "closed.")

    def _tell_read(self, loss: str) -> None:
        """Say what the new reading gave, and what went."""
        report = self.window.run_model.report
        if report is None:
            return
        text = f"{report.name} was read again: {report.n_ratings:,} ratings."
        if loss:
            self.window.tell(f"{text} {loss}", "information")
            self.window.run_model.add_notice(Notice("information", f"{text} {loss}"))
        else:
            self.window.job_bar.set_hover_text(text)

    # the file itself

    def _on_file_changed(self, path: str) -> None:
        if path == self.path:
            self.window.tell(f"{os.path.basename(path)} was changed on disk after it was read.",
                             "warning", "Read it again", self.read_again)
        elif not self.path:  # the ratings that are shown come from the project
            self.window.tell(f"{os.path.basename(path)} was changed on disk after it was read; the "
                             "project keeps the ratings as they were.", "warning",
                             "Open it as it is now", partial(self.open, path, self.history.options))

    def _on_file_vanished(self, path: str) -> None:
        if path == self.path:
            self.window.tell(f"{os.path.basename(path)} is no longer where it was; its ratings "
                             "stay open.", "warning")

    def shut_down(self) -> None:
        """Stop, wait for the threads, and leave the docks as they were."""
        self.leave_page()
        if self.page is not None:
            self.page.shut_down()
        self.watch.shut_down()


def _open_any(
    control: Control, path: str, options: ReadOptions, ratings: Ratings | None
) -> Iterator[OpenedModel | OpenedRatings | Look]:
    """Open a model, or ratings; both can be in an .npz."""
    if path.lower().endswith(".npz") and is_model_file(path):
        yield from jobs.open_model_file(control, path, ratings)
    else:
        yield from jobs.open_file(control, path, options, is_asking=True)
