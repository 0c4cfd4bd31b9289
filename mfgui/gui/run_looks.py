"""How a run is drawn, the same everywhere: its colour and its line style, by its number.

Six colours and five styles have no common divisor: thirty runs in a row differ from one another,
and two that follow each other differ in both.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from mfgui.core.solvers import SOLVERS
from mfgui.gui.theme import Theme

SWATCH = 26, 12  # pixels: wide enough for a dash and a gap of every style
_SHORT, _LETTERS = 14, 4  # signs of a label that needs no shorter one, and of an abbreviation
LINES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine,
         Qt.PenStyle.DashDotLine, Qt.PenStyle.DashDotDotLine)


def run_look(number: int, theme: Theme) -> tuple[str, Qt.PenStyle]:
    """Return colour (``#rrggbb``) and line style of the run with this number."""
    position = max(number - 1, 0)
    return theme.series[position % len(theme.series)], LINES[position % len(LINES)]


def paint_swatch(
    painter: QPainter, box: QRectF, colour: QColor | str, style: Qt.PenStyle
) -> None:
    """Draw a piece of the run's line in the middle of a box."""
    painter.save()
    pen = QPen(QColor(colour), 2, style)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    middle = box.center().y()
    painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
    painter.restore()


@lru_cache(maxsize=200)
def swatch(
    colour: str, style: Qt.PenStyle, ratio: float = 2.0, ground: str = "#00000000"
) -> QIcon:
    """Return a piece of the run's line as an icon; in a chosen row it stands on its own ground."""
    width, height = SWATCH
    icon = QIcon()
    for mode, fill in ((QIcon.Mode.Normal, QColor(Qt.GlobalColor.transparent)),
                       (QIcon.Mode.Selected, QColor(ground))):
        pixmap = QPixmap(round(width * ratio), round(height * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(fill)
        painter = QPainter(pixmap)
        paint_swatch(painter, QRectF(2, 0, width - 4, height), colour, style)
        painter.end()
        icon.addPixmap(pixmap, mode)
    return icon


def solver_label(solver: str) -> str:
    """Return what people call a solver; a project may name one that this version does not know."""
    kind = SOLVERS.get(solver)
    return kind.label if kind is not None else solver


def short_label(solver: str) -> str:
    """Return what a solver is called where there is little room: "ALS", "AdaGrad"."""
    label = solver_label(solver)
    if len(label) <= _SHORT:
        return label
    return solver.upper() if len(solver) <= _LETTERS else solver.replace("-", " ").capitalize()


def run_label(number: int, name: str, solver: str) -> str:
    """Return what a run is called on one line: its number, and its name or its solver."""
    return f"{number} {name.strip() or short_label(solver)}"
