"""Whether anybody can see a widget: what nobody sees works nothing out."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget


def is_seen(widget: QWidget) -> bool:
    """Return whether a widget is shown at a place inside its window.

    ``isVisible`` alone does not tell: a dock behind another one's tab stays visible to Qt, which
    moves it out of the window instead of hiding it (6.10).
    """
    window = widget.window()
    place = QRect(widget.mapTo(window, QPoint()), widget.size())
    return widget.isVisible() and place.intersects(window.rect())
