"""A rating drawn on its scale, as stars or as a bar, and where on it a person points."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from mfgui.gui.widgets.inspector_words import minus, rating
from mfgui.gui.widgets.rating_scale import RatingScale

STAR, BAR_WIDTH, BAR_HEIGHT = 16, 84, 10  # pixels
_INNER = 0.42  # of a star's inner corners, in radii


def steps_width(scale: RatingScale) -> int:
    """Return how wide the drawn scale is; 0 where there is none."""
    return 0 if scale.is_free else scale.n_stars * STAR or BAR_WIDTH


def draw_steps(
    painter: QPainter, area: QRectF, scale: RatingScale, value: float | None, *,
    is_selected: bool = False,
) -> None:
    """Draw the scale at the left of an area, filled up to the rating."""
    palette, roles = QApplication.palette(), QPalette.ColorRole
    full = palette.color(roles.HighlightedText if is_selected else roles.Accent)
    edge = palette.color(roles.HighlightedText if is_selected else roles.PlaceholderText)
    width = steps_width(scale)
    share = 0.0 if value is None else scale.share(value)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if scale.n_stars:
        _draw_stars(painter, area, scale.n_stars, share, full, edge)
    elif width:
        bar = QRectF(area.left() + 0.5, area.center().y() - BAR_HEIGHT / 2, width - 1, BAR_HEIGHT)
        painter.setPen(QPen(edge, 1))
        painter.drawRect(bar)
        painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * share, bar.height()), full)
    painter.restore()


def _draw_stars(
    painter: QPainter, area: QRectF, n_stars: int, share: float, full: QColor, edge: QColor
) -> None:
    """Draw outlines, and within a part of the width the stars filled."""
    stars = [_star(QPointF(area.left() + (k + 0.5) * STAR, area.center().y()), 0.44 * STAR)
             for k in range(n_stars)]
    painter.setPen(QPen(edge, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for star in stars:
        painter.drawPolygon(star)
    painter.setClipRect(
        QRectF(area.left(), area.top(), share * n_stars * STAR, area.height()),
        Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(full, 1))
    painter.setBrush(full)
    for star in stars:
        painter.drawPolygon(star)


def _star(centre: QPointF, radius: float) -> QPolygonF:
    corners = []
    for k in range(10):
        length = radius if k % 2 == 0 else _INNER * radius
        angle = math.pi * (k / 5 - 0.5)
        corners.append(centre + QPointF(length * math.cos(angle), length * math.sin(angle)))
    return QPolygonF(corners)


def is_claimed(event: QEvent) -> bool:
    """Return whether a key is asked about that types a digit: without a claim it is a shortcut."""
    return (event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
            and event.text().isdigit())


class RatingStrip(QWidget):
    """A scale to click on, or to step along with the keys.

    Signals
    -------
    rated : the rating that was chosen
    removed : the rating is to be taken away
    """

    rated = Signal(float)
    removed = Signal()
    accessible_role = "scale"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = RatingScale()
        self.value: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        tip = ("Click to rate the pinned item for the new user. With the keyboard: Left and Right "
               "go a step, Delete takes the rating away.")
        self.setToolTip(tip)
        self.setWhatsThis(tip)
        self.setAccessibleName("Rating of the pinned item")

    def show_value(self, scale: RatingScale, value: float | None) -> None:
        """Show a rating, None where there is none."""
        self.scale, self.value = scale, value
        self.setAccessibleDescription("not rated" if value is None else f"rated {rating(value)}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the scale and a number."""
        metrics = self.fontMetrics()
        return QSize(steps_width(self.scale) + metrics.horizontalAdvance(self.scale.longest) + 14,
                     max(STAR, metrics.height()) + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the scale and the number."""
        painter = QPainter(self)
        draw_steps(painter, QRectF(self.rect()).adjusted(2, 0, 0, 0), self.scale, self.value)
        text = "" if self.value is None else minus(rating(self.value))
        painter.setPen(QApplication.palette().color(QPalette.ColorRole.Text))
        painter.drawText(self.rect().adjusted(steps_width(self.scale) + 8, 0, 0, 0),
                         Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            painter.setPen(QPen(QApplication.palette().color(QPalette.ColorRole.Accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Rate where the scale was clicked."""
        width = steps_width(self.scale)
        if event.button() == Qt.MouseButton.LeftButton and 0 < event.position().x() <= width + 2:
            self.rated.emit(self.scale.at((event.position().x() - 2) / width))

    def event(self, event: QEvent) -> bool:
        """Claim digits, which show and hide matrices elsewhere."""
        if is_claimed(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step along the scale."""
        keys = Qt.Key
        steps = {keys.Key_Left: -1, keys.Key_Down: -1, keys.Key_Right: 1, keys.Key_Up: 1}
        if event.key() in steps:
            self.rated.emit(self.scale.stepped(self.value, steps[keys(event.key())]))
        elif event.key() in (keys.Key_Delete, keys.Key_Backspace) and self.value is not None:
            self.removed.emit()
        elif event.text().isdigit() and self.scale.parsed(event.text())[0] is not None:
            self.rated.emit(float(event.text()))
        else:
            super().keyPressEvent(event)
