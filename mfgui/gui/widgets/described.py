"""One way to tell what a widget is: to eyes, to Shift+F1 and to those who do not see it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from mfgui.gui.widgets.tips import let_clicks_through


def describe(widget: QWidget, name: str, help_text: str) -> None:
    """Give a widget its accessible name, its tooltip and its What's This."""
    widget.setAccessibleName(name)
    widget.setToolTip(help_text)
    widget.setWhatsThis(help_text)
    let_clicks_through(widget)
