"""Lets undo and redo through where the text field with the focus has nothing to undo.

Qt's text fields claim these keys always, so that on the import page Ctrl+Z would take back no
change of reading while the focus happens to be in one. The fields of a run's settings keep them:
there a person means the number, and reading otherwise would cost the run.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget

from mfgui.gui.sound_filter import sound_filter


class UndoKeys(QObject):
    """Watches the one widget that has the focus: a filter for all events would cost each of them.

    ``is_meant(widget)`` says whether the keys of a field are meant for the reading.
    """

    def __init__(self, is_meant: Callable[[QWidget], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._is_meant = is_meant
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, old: QWidget | None, now: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if now is not None and _field_of(now) is not None and self._is_meant(now):
            now.installEventFilter(self)

    @sound_filter
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the field from claiming a key that it has no use for."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        field = _field_of(watched)
        if field is None:
            return False
        keys = QKeySequence.StandardKey
        is_idle = (event.matches(keys.Undo) and not field.isUndoAvailable()) or (
            event.matches(keys.Redo) and not field.isRedoAvailable())
        if is_idle:
            event.ignore()
        return bool(is_idle)


def _field_of(widget: QObject | None) -> QLineEdit | None:
    """Return the text field of a widget that takes text."""
    if isinstance(widget, QAbstractSpinBox):
        return widget.lineEdit()
    return widget if isinstance(widget, QLineEdit) else None
