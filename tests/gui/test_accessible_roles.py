"""What draws itself is presented as what it is, not as a filler that screen readers pass over."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QFrame, QWidget
from pytestqt.qtbot import QtBot

from mfgui.gui.accessible_roles import _HELD, install_roles
from mfgui.gui.widgets.curve_plot import CurvePlot
from mfgui.gui.widgets.histogram import Histogram
from mfgui.gui.widgets.map_view import MapView
from mfgui.gui.widgets.matrix_view import MatrixView
from mfgui.gui.widgets.waterfall import WaterfallView

Role = QAccessible.Role


def role_of(widget: QWidget) -> QAccessible.Role:
    return QAccessible.queryAccessibleInterface(widget).role()


@pytest.fixture(autouse=True)
def _roles() -> None:
    install_roles()


@pytest.mark.parametrize(("make", "role"), [
    (lambda: MatrixView("observed", "Observed"), Role.Graphic),
    (CurvePlot, Role.Chart), (MapView, Role.Chart), (WaterfallView, Role.Chart),
    (lambda: Histogram("Ratings by value"), Role.Chart), (QFrame, Role.Border),
])
def test_each_has_its_role_and_keeps_its_words(
    qtbot: QtBot, make: Callable[[], QWidget], role: QAccessible.Role
) -> None:
    widget = make()
    qtbot.addWidget(widget)
    widget.setAccessibleName("What it is")
    assert role_of(widget) == role
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface.text(QAccessible.Text.Name) == "What it is"
    widget.setAccessibleDescription("What it shows")
    assert interface.text(QAccessible.Text.Description) == "What it shows"


def test_what_is_closed_is_let_go(qtbot: QtBot) -> None:
    for _ in range(20):
        widget = Histogram("Ratings by value")
        assert role_of(widget) == Role.Chart
        widget.deleteLater()
        del widget
        qtbot.wait(1)
        gc.collect()
    assert len(_HELD) < 20
