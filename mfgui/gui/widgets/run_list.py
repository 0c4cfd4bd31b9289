"""The runs below the form: a row a run, with its tick, line, name, figure and star."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from mfgui.gui.project_model import ProjectModel
from mfgui.gui.run_looks import SWATCH, paint_swatch
from mfgui.gui.widgets.run_list_model import FIGURE, LOOK, STAR, RunListModel
from mfgui.gui.widgets.run_menu import is_claimed, run_menu, take_key

HELP = ("The runs of this project, newest first. A click shows a run's model and curve; the box "
        "draws it on the curve beside the others. Space ticks, F2 renames, Delete deletes, Ctrl+Z "
        "brings back; the menu key shows all that can be done.")
MOST_ROWS = 5  # seen at once: the form above needs the room
AFTER_KEYS_MS = 250  # walking through by arrow keys opens only where one stops
_PAD, _BOX, _STAR_WIDTH = 4, 14, 18
_Align = Qt.AlignmentFlag


class RunList(QListView):
    """The list; what a person does with it goes to the project's model."""

    def __init__(self, project: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self.runs = RunListModel(project, self)
        self.delegate = RunDelegate(self)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(AFTER_KEYS_MS)
        self._later.timeout.connect(self._show_current)
        self._is_following, self._most_rows = False, MOST_ROWS
        self._build()
        self.setModel(self.runs)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        for signal in (self.runs.modelReset, self.runs.rowsInserted):
            signal.connect(self._on_rows_changed)
        project.shown_run_changed.connect(self._follow_shown)
        self._follow_shown()

    def _build(self) -> None:
        self.setObjectName("runList")
        self.setAccessibleName("List of runs")
        self.setAccessibleDescription(HELP)
        self.setWhatsThis(HELP)
        self.setItemDelegate(self.delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        """Return room for a few rows; the list scrolls."""
        n_rows = min(max(self.runs.rowCount(), 1), self._most_rows)
        return QSize(200, n_rows * row_height(self) + 2 * self.frameWidth() + 2)

    def minimumSizeHint(self) -> QSize:
        """Return room for two rows."""
        n_rows = min(max(self.runs.rowCount(), 1), 2)
        return QSize(120, n_rows * row_height(self) + 2 * self.frameWidth() + 2)

    def set_most_rows(self, n_rows: int) -> None:
        """See so many rows at once at most."""
        if n_rows != self._most_rows:
            self._most_rows = n_rows
            self.updateGeometry()

    def current_ids(self) -> list[int]:
        """Return the run that keys and the menu are meant for."""
        index = self.currentIndex()
        return [self.runs.ids[index.row()]] if index.isValid() else []

    # -- what is shown ------------------------------------------------------------------------

    def _on_rows_changed(self) -> None:
        self.updateGeometry()
        self._follow_shown()

    def _follow_shown(self) -> None:
        """Let the chosen row be the run whose model the window shows."""
        index = self.runs.index_of(self._project.shown_run)
        self._is_following = True
        if index.isValid():
            self.setCurrentIndex(index)
        else:
            self.selectionModel().clear()
        self._is_following = False

    def _on_current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        if not self._is_following and now.isValid():
            self._later.start()

    def _show_current(self) -> None:
        ids = self.current_ids()
        if ids and ids[0] != self._project.shown_run:
            self._project.show_wanted.emit(ids[0])

    # -- mouse and keys -----------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tick and star without showing the run; a click elsewhere shows it at once."""
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            super().mousePressEvent(event)
            return
        run = self._project.run(self.runs.ids[index.row()])
        part = self.delegate.part_at(self.visualRect(index), event.position().toPoint())
        if part == "tick":
            self._project.tick(run.id, not run.is_ticked)
        elif part == "star":
            self._project.star(run.id, not run.is_starred)
        else:
            super().mousePressEvent(event)
            self._later.stop()
            self._show_current()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the second press of a double click as one more press."""
        self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show what can be done with the run under the pointer, or the current one."""
        index = (self.currentIndex() if event.reason() == QContextMenuEvent.Reason.Keyboard
                 else self.indexAt(event.pos()))
        if not index.isValid():
            return
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
        self.menu_of(self.runs.ids[index.row()]).popup(place)

    def menu_of(self, run_id: int) -> QMenu:
        """Return the menu of a run; it goes when it closes."""
        menu = run_menu(self, self._project, [run_id],
                        lambda: self.edit(self.runs.index_of(run_id)))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def event(self, event: QEvent) -> bool:
        """Claim keys that mean the runs."""
        if is_claimed(event, self._project):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, bring back and show by keyboard."""
        is_editing = self.state() == QListView.State.EditingState
        if is_editing or not take_key(event, self._project, self.current_ids()):
            super().keyPressEvent(event)


def row_height(view: QWidget) -> int:
    """Return the height of a row."""
    return view.fontMetrics().height() + 9


class RunDelegate(QStyledItemDelegate):
    """Draws a row: box, line, name; figure and star at the right."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the height of a row; it is as wide as the list."""
        return QSize(100, row_height(option.widget))

    def boxes(self, row: QRect) -> dict[str, QRect]:
        """Return where the parts of a row stand."""
        top, height = row.top(), row.height()
        x = row.left() + _PAD
        tick = QRect(x, top + (height - _BOX) // 2, _BOX, _BOX)
        line = QRect(tick.right() + 1 + _PAD + 2, top + (height - SWATCH[1]) // 2, *SWATCH)
        star = QRect(row.right() + 1 - _STAR_WIDTH - _PAD, top, _STAR_WIDTH, height)
        left = line.right() + 1 + _PAD + 2
        return {"tick": tick, "line": line, "star": star,
                "text": QRect(left, top, star.left() - left, height)}

    def part_at(self, row: QRect, place: QPoint) -> str:
        """Return which part lies under the pointer: "tick", "star" or "" for the run itself."""
        boxes = self.boxes(row)
        if place.x() < boxes["line"].left() - _PAD:
            return "tick"
        return "star" if place.x() >= boxes["star"].left() else ""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the row; the style draws the ground and the box."""
        view = option.widget
        plain = QStyleOptionViewItem(option)
        style = view.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, plain, painter, view)
        boxes = self.boxes(option.rect)
        colour, line = index.data(LOOK)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        roles, palette = QPalette.ColorRole, QApplication.palette()
        text = palette.color(roles.HighlightedText if is_selected else roles.Text)
        painter.save()
        if is_selected:  # box and line may be of a colour near that of the selection
            for part in ("tick", "line"):
                painter.fillRect(boxes[part].adjusted(-2, -2, 2, 2), palette.color(roles.Base))
        self._draw_tick(painter, option, boxes["tick"], index)
        paint_swatch(painter, boxes["line"].toRectF(), colour, line)
        painter.setPen(text)
        self._draw_texts(painter, option, boxes["text"], index)
        is_near = bool(option.state & QStyle.StateFlag.State_MouseOver) or is_selected
        if index.data(STAR) or is_near:
            if not index.data(STAR) and not is_selected:
                painter.setPen(palette.color(roles.PlaceholderText))
            star = "★" if index.data(STAR) else "☆"
            painter.drawText(boxes["star"], int(_Align.AlignCenter), star)
        painter.restore()

    def _draw_tick(
        self, painter: QPainter, option: QStyleOptionViewItem, box: QRect,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        tick = QStyleOptionViewItem(option)
        tick.rect = box
        flags = QStyle.StateFlag
        is_on = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) == Qt.CheckState.Checked
        tick.state = flags.State_Enabled | (flags.State_On if is_on else flags.State_Off)
        option.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, tick, painter, option.widget)

    def _draw_texts(
        self, painter: QPainter, option: QStyleOptionViewItem, box: QRect,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the figure at the right, and of the name what there is room for."""
        known = str(index.data(FIGURE) or "")
        metrics = option.fontMetrics
        painter.setFont(option.font)
        middle = _Align.AlignVCenter
        painter.drawText(box, int(_Align.AlignRight | middle), known)
        room = box.width() - (metrics.horizontalAdvance(known) + 8 if known else 0)
        name = metrics.elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, max(room, 0))
        painter.drawText(box, int(_Align.AlignLeft | middle), name)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Put the field over the name."""
        box = self.boxes(option.rect)["text"]
        editor.setGeometry(box.adjusted(-4, 0, _STAR_WIDTH, 0))
