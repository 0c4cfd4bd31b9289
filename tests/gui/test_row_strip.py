"""The new user's row: its name is never cut."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from mfgui.gui.widgets import row_strip
from mfgui.gui.widgets.row_strip import RowStrip


@pytest.mark.parametrize(("room", "expected"), [(38, "new"), (120, "new user")])
def test_where_the_name_does_not_fit_a_shorter_word_stands(
    qtbot: QtBot, room: float, expected: str
) -> None:
    strip = RowStrip()
    strip.show("new user")
    image = QImage(300, 40, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setFont(row_strip._font(painter, 11))
    assert strip.name_in(painter, room) == expected
    image.fill(Qt.GlobalColor.white)
    strip.paint(painter, QRectF(0, 0, 200, 24), float, room, None)
    painter.end()
