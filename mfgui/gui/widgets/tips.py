"""Tooltips that are seen through by the mouse: a click below one reaches what lies there."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from mfgui.gui.sound_filter import sound_filter

LONGEST_LINE = 60  # letters


class _Tips(QObject):
    """Shows the tooltips of the widgets it is given to.

    Qt's own lie over what is below the pointer, the next button too, and eat its clicks.
    """

    @sound_filter
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show a tooltip, and let the mouse through it."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent) or (
                not isinstance(watched, QWidget) or not watched.toolTip()):
            return False
        text = watched.toolTip()
        if len(text) > LONGEST_LINE and not text.startswith("<") and "\n" not in text:
            text = f"<span>{escape(text)}</span>"  # which Qt breaks into lines
        QToolTip.showText(event.globalPos(), text, watched)
        for window in QApplication.topLevelWidgets():
            handle = window.windowHandle() if window.inherits("QTipLabel") else None
            if handle is not None:
                handle.setFlag(Qt.WindowType.WindowTransparentForInput)
        return True


_TIPS = _Tips()


def let_clicks_through(widget: QWidget) -> None:
    """Have a widget's tooltip lie over others without catching their clicks."""
    widget.installEventFilter(_TIPS)
