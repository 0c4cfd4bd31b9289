"""A field that finds items, or users, by id or title while one types."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from mfgui.gui.asker import Asker
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.find_field import FindField, FoundList, FoundRow
from mfgui.gui.widgets.finding import Find, Found

N_LISTED = 50
MOST_WIDTH = 16_777_215  # Qt's own: as wide as there is room


class SearchField(FindField):
    """The field; its list drops down while one types, and Enter takes the current hit.

    The list lies over ``panel``, a widget around the field.

    Signals
    -------
    picked : the number of the item, or user, that a person took
    told : a sentence where nothing is found; "" where there is something again
    """

    picked = Signal(int)
    told = Signal(str)

    def __init__(self, word: str, name: str, help_text: str) -> None:
        super().__init__()
        self.setMaximumWidth(MOST_WIDTH)
        describe(self, name, help_text)
        self._word = word
        self._find: Find | None = None
        self._found = Found("")
        self._is_awaited = False  # Enter was pressed before the hits had come
        self.list: FoundList | None = None
        self._asker = Asker(self._on_found, self)
        self.textEdited.connect(self._on_edited)
        self.entered.connect(self._on_entered)
        self.left.connect(self._forget)
        self.focus_gone.connect(self._hide_list)

    def set_panel(self, panel: QWidget) -> None:
        """Let the list lie over this widget."""
        self.list = FoundList(panel)
        self.list.chosen.connect(self._take)
        self.moved.connect(self.list.step)

    def set_find(self, find: Find | None) -> None:
        """Look elsewhere from now on; None: there is nothing to look in."""
        self._find = find
        self._forget()
        self.setEnabled(find is not None)

    def shut_down(self) -> None:
        """End the thread that searches."""
        self._asker.shut_down()

    def _forget(self) -> None:
        self._found, self._is_awaited = Found(""), False
        self._hide_list()
        self.clear()
        self.told.emit("")

    def _hide_list(self) -> None:
        if self.list is not None:
            self.list.hide()

    # -- searching ----------------------------------------------------------------------------

    def _on_edited(self, text: str) -> None:
        """Search for what was typed."""
        find, wanted = self._find, text.strip()
        self._is_awaited = False
        if find is None or not wanted:
            self._hide_list()
            self.told.emit("")
            return
        self._asker.ask(lambda: find(wanted, N_LISTED))

    def _on_found(self, found: Found) -> None:
        """Show the hits, or say that there is none, unless something else was typed meanwhile."""
        if found.text != self.text().strip():
            return
        self._found = found
        if not found.rows:
            self._hide_list()
            near = f" The nearest id is “{found.nearest}”." if found.nearest else ""
            self.told.emit(f"There is no {self._word} “{found.text[:60]}”.{near}")
            return
        self.told.emit("")
        if self._is_awaited:
            self._take(found.rows[0])
        elif self.hasFocus() and self.list is not None:
            more = f"The first {len(found.rows)} of {found.n:,}: type on."
            self.list.show_rows(found.rows, more if found.n > len(found.rows) else "", self)

    def _take(self, row: FoundRow) -> None:
        self._forget()
        self.picked.emit(row.number)

    def _on_entered(self) -> None:
        """Take the current hit, or the first one as soon as it is found."""
        is_found = self._found.text == self.text().strip()
        if is_found and self.list is not None and self.list.isVisible() and self.list.current:
            self._take(self.list.current)
        elif is_found and self._found.rows:
            self._take(self._found.rows[0])
        else:
            self._is_awaited = bool(self.text().strip())

    # -- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave undo to the panel where there is none in the field, and Esc where it is empty."""
        keys = QKeySequence.StandardKey
        is_idle = (event.matches(keys.Undo) and not self.isUndoAvailable()) or (
            event.matches(keys.Redo) and not self.isRedoAvailable()) or (
            event.key() == Qt.Key.Key_Escape and not self.text())
        if is_idle:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Claim Esc while there is something to forget: outside it lets the pinned cell go."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and (
                event.key() == Qt.Key.Key_Escape and self.text()):
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select what was typed before."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()
