"""The import page: how a file is read, tried live on the file itself before it is used.

Left the options, right the first rows with each column's role and what the reading gave. What a
person changes is one step of ``ReadOptions``; Undo walks back through them.
"""

from __future__ import annotations

import dataclasses
import os
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mfgui.core.memory import available_bytes
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.streams import PartNeededError
from mfgui.errors import DataError, MfguiError
from mfgui.gui.live_reader import DELAY_MS, LiveReader
from mfgui.gui.reading_history import ReadingHistory
from mfgui.gui.widgets.data_card import breakable
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.import_result import ImportResult
from mfgui.gui.widgets.import_table import ImportTable, columns_option
from mfgui.gui.widgets.read_form import ReadForm
from mfgui.gui.window_words import in_window
from mfgui.jobs.files import OpenedRatings

FORM_WIDTH = 340
LARGE_SHARE = 0.5  # of the free memory
# With another of these the columns are others: what was said of them does not hold.
_OF_ONE_LAYOUT = ("format", "part", "delimiter")


class ImportPage(QWidget):
    """One file at a time; ``show_file`` begins, "Use these ratings" or "Cancel" ends.

    Signals
    -------
    accepted : the OpenedRatings and the ReadOptions they were read with
    cancelled : back to what was open
    history_changed : there is something, or nothing, to undo or redo
    """

    title = "How the file is read"
    accepted = Signal(object, object)
    cancelled = Signal()
    history_changed = Signal()

    def __init__(self, formats: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("importPage")
        self._formats = formats
        self.path = ""
        self.history = ReadingHistory()
        self._look: Look | None = None
        self._opened: OpenedRatings | None = None
        self._error = ""
        self._last_name = ""
        self.reader = LiveReader(self)
        self.form, self.table, self.result = ReadForm(), ImportTable(), ImportResult()
        self._heading, self._certainty = QLabel(), QLabel()
        self.use, self.cancel = QPushButton("&Use these ratings"), QPushButton("&Cancel")
        self.read_now, self._is_large = QPushButton("Read no&w"), False
        self.undo_button, self._why = QPushButton("U&ndo"), QLabel()
        self._tick = QTimer(self)
        self._tick.setInterval(100)
        self._build()
        self._connect()

    # building

    def _build(self) -> None:
        self.form.set_formats(self._formats)
        self.form.setFixedWidth(FORM_WIDTH)
        for label, name in ((self._heading, "importHeading"), (self._certainty, "importCertainty"),
                            (self._why, "importWhy")):
            label.setObjectName(name)
            label.setWordWrap(True)
        self._heading.setProperty("role", "title")
        self._why.setProperty("role", "muted")
        self._why.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.use.setProperty("isPrimary", True)
        for button, name, tip in (
            (self.use, "useRatingsButton", "Open the file as it is read here."),
            (self.cancel, "cancelImportButton", "Go back to what was open (Esc)."),
            (self.undo_button, "undoImportButton", "Take back the last change (Ctrl+Z)."),
            (self.read_now, "readNowButton", "Read the whole file as it is set."),
        ):
            button.setObjectName(name)
            describe(button, button.text().replace("&", ""), tip)
        right = QVBoxLayout()
        right.setContentsMargins(4, 8, 12, 10)
        right.setSpacing(6)
        for widget in (self._heading, self._certainty):
            right.addWidget(widget)
        right.addWidget(self.table, 1)
        right.addWidget(self.result)
        right.addLayout(self._buttons())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.form)
        layout.addLayout(right, 1)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.undo_button)
        row.addWidget(self._why, 1)
        row.addWidget(self.read_now)
        row.addWidget(self.cancel)
        row.addWidget(self.use)
        return row

    def _connect(self) -> None:
        self.form.changed.connect(self._on_field_changed)
        self.table.roles_chosen.connect(
            lambda roles: self.change("columns", columns_option(roles), is_own_step=True))
        self.result.offer_chosen.connect(self.change_all)
        self.reader.began.connect(self._on_began)
        self.reader.looked.connect(self._on_looked)
        self.reader.was_read.connect(self._on_read)
        self.reader.failed.connect(self._on_failed)
        self._tick.timeout.connect(self._on_tick)
        self.use.clicked.connect(self._on_use)
        self.cancel.clicked.connect(self.cancelled)
        self.undo_button.clicked.connect(self.undo)
        self.read_now.clicked.connect(self.read_again)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.cancelled)
        chain: list[QWidget] = [*self.form.tab_widgets(), self.table.range_text,
                                self.table.range_role, self.table.table]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    # beginning and ending

    def show_file(
        self, path: str, options: ReadOptions, look: Look | None = None, group: str = ""
    ) -> None:
        """Show a file, read with these options; ``group`` is what the person came for."""
        self.path, self._look, self._opened, self._last_name = path, None, None, ""
        self.history.begin(options)
        self._is_large = _is_large(path)
        self.form.offer_parts(())
        name = os.path.basename(path)
        self._heading.setText(f"How is {breakable(name)} to be read?")
        self.table.show_look(None)
        if look is not None:
            self._on_looked(look)
        self._show_options()
        self._certainty.setVisible(look is not None)
        self.reader.ask(path, options, 0, is_whole=not self._is_large)
        if group:
            self.form.show_group(group)
        elif look is not None:
            self.table.table.setFocus()
        else:
            self.cancel.setFocus()  # until there is a table to go to

    def leave(self) -> None:
        """Read nothing any more, and let go of what was read."""
        self.reader.cancel()
        self._tick.stop()
        self._opened = None

    def shut_down(self) -> None:
        """Stop, and wait for the thread."""
        self._tick.stop()
        self.reader.shut_down()

    @property
    def options(self) -> ReadOptions:
        """What is set."""
        return self.history.options

    @property
    def opened(self) -> OpenedRatings | None:
        """What was read with the options as they are; None before, and where it failed."""
        return self._opened

    # changing

    def _on_field_changed(self, name: str, value: Any) -> None:
        self.change(name, value)

    def change(self, name: str, value: Any, *, is_own_step: bool = False) -> None:
        """Set one option; letters typed one after the other are one step."""
        values: dict[str, Any] = {name: value}
        if name in _OF_ONE_LAYOUT and self.options.columns is not None:
            values["columns"] = None
        is_more = name == self._last_name and self.reader.is_waiting and not is_own_step
        self._change(values, name, is_same_step=is_more)

    def change_all(self, values: dict[str, Any]) -> None:
        """Set several options in one step, as an offer does."""
        self._change(values, next(iter(values), ""))

    def _change(self, values: dict[str, Any], name: str, *, is_same_step: bool = False) -> None:
        try:
            options = dataclasses.replace(self.options, **values)
            options.separator()
        except DataError as error:
            self.form.show_error(name, str(error))
            self._refuse(str(error))
            return
        if options == self.options:
            self._go_on()
            return
        self._last_name = name
        self.history.add(options, is_same_step=is_same_step)
        self._go_on()

    def read_again(self) -> None:
        """Read the file once more, as it is set."""
        self.reader.ask(self.path, self.options, 0)

    def undo(self) -> None:
        """Take the last change back."""
        if self.history.undo():
            self._go_on()

    def redo(self) -> None:
        """Make the change again that was taken back."""
        if self.history.redo():
            self._go_on()

    def _go_on(self) -> None:
        """Show the options as they are now, and read with them in a moment."""
        self._show_options()
        self.reader.ask(self.path, self.options, DELAY_MS, is_whole=not self._is_large)

    def _show_options(self) -> None:
        look, found = self._look, dict[str, Any]()
        if look is not None:
            found["columns"] = columns_option(look.roles) or None
        if self._opened is not None:
            report = self._opened.report
            found.update(minimum=report.scale[0], maximum=report.scale[1])
            if look is not None and look.options.encoding is None:
                found["encoding"] = report.encoding
        self.form.show_options(self.options, look, **found)
        self.undo_button.setEnabled(self.history.can_undo)
        self.history_changed.emit()

    # following the reading

    def _on_began(self) -> None:
        self._opened = None
        self.result.show_reading()
        self.read_now.hide()
        self._refuse("The file is being read.")
        self._tick.start()

    def _on_tick(self) -> None:
        self.result.show_reading(self.reader.progress)

    def _on_looked(self, look: Look) -> None:
        is_first, self._look = self._look is None, look
        self.table.show_look(look)
        if is_first and self.cancel.hasFocus():
            self.table.table.setFocus()
        self._show_options()
        sure = certainty_text(look.certainty, bool(look.doubts))
        label = self._formats.get(look.format, look.format)
        self._certainty.setText(" ".join((f"{label}. {sure}", *look.doubts)))
        self._certainty.show()
        if self._is_large and not self.reader.is_whole:
            self._tick.stop()
            self.result.show_waiting("The file is large beside the free memory: it is read once "
                                     "you press Read now.")
            self.read_now.show()
            self._refuse("The file has not been read yet.")

    def _on_read(self, opened: OpenedRatings) -> None:
        self._tick.stop()
        self._opened = opened
        self.result.show_report(opened.report)
        self._show_options()
        self._why.setText("")
        self.use.setEnabled(True)
        self.use.setToolTip("Open the file as it is read here.")

    def _on_failed(self, error: BaseException) -> None:
        self._tick.stop()
        if not isinstance(error, MfguiError):
            raise error
        self.result.show_failure(in_window(str(error)))
        if isinstance(error, PartNeededError):
            self._look = None  # what was seen belongs to no part, or to another one
            self.form.offer_parts(error.parts)
            self._show_options()
            self._certainty.hide()
            self.table.show_look(None, "Choose at the left which part holds the ratings.")
            if self.cancel.hasFocus():
                self.form.rows["part"].field.setFocus()
        elif self._look is None:
            self.table.show_look(None, "There are no rows to show: choose another format or "
                                       "encoding at the left.")
            if self.cancel.hasFocus():
                self.form.rows["format"].field.setFocus()
        self._refuse("Nothing can be read this way.")

    def _refuse(self, reason: str) -> None:
        """Say why the ratings cannot be used now."""
        if self.use.hasFocus():
            self.table.table.setFocus()
        self.use.setEnabled(False)
        self.use.setToolTip(reason)
        self._why.setText(reason)

    def _on_use(self) -> None:
        if self._opened is not None:
            self.accepted.emit(self._opened, self.options)


def _is_large(path: str) -> bool:
    """Return whether a file is too large to be read at every change."""
    free = available_bytes()
    try:
        return free is not None and os.path.getsize(path) > free * LARGE_SHARE
    except (OSError, ValueError):
        return False


def certainty_text(certainty: float, has_doubts: bool) -> str:
    """Return how sure the detection is, in a sentence."""
    if certainty >= 0.5 and not has_doubts:
        return "This is clear from the file."
    if certainty >= 0.5:
        return "This is likely, but not certain: look at the columns."
    return "This is a guess: look at the columns."
