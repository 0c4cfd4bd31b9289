"""The table of runs: sorted by its headings, columns chosen by their menu, edited in place."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from mfgui.gui.project_model import ProjectModel
from mfgui.gui.run_columns import NAME, NOTE, NUMBER, STAR, TICK
from mfgui.gui.run_looks import SWATCH
from mfgui.gui.widgets.run_menu import is_claimed, run_menu, take_key
from mfgui.gui.widgets.runs_table_model import RunsTableModel

HELP = ("Every run with all its settings and figures; what the runs differ in stands first. Click "
        "a heading to sort, right-click it to choose columns. Choosing a row shows its run; F2 or "
        "a double click writes in name and note, Space ticks, Delete deletes, Ctrl+Z brings back.")
AFTER_KEYS_MS = 250
_WIDEST, _NARROWEST = 220, 44
_SAMPLE = 30  # rows that a column's width is measured by
SWITCHED = (TICK, STAR)  # always there: no heading to find them by


class RunsTable(QTableView):
    """The table; what a person does with it goes to the project's model.

    Signals
    -------
    columns_changed : a person has shown or hidden a column
    """

    columns_changed = Signal()

    def __init__(self, project: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self.runs = RunsTableModel(project, self)
        self._choice: dict[str, bool] = {}  # columns that a person showed or hid
        self._keys: list[str] = []
        self._is_following = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(AFTER_KEYS_MS)
        self._later.timeout.connect(self._show_current)
        self._build()
        self.setModel(self.runs)
        self.runs.modelReset.connect(self._on_reset)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        project.shown_run_changed.connect(self.follow_shown)

    def _build(self) -> None:
        self.setObjectName("runsTable")
        self.setAccessibleName("Table of runs")
        self.setAccessibleDescription(HELP)
        self.setWhatsThis(HELP)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setMinimumSectionSize(24)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_header_menu)
        header.sectionClicked.connect(self._on_heading)
        header.setAccessibleName("Headings of the runs")
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.EditKeyPressed | triggers.DoubleClicked)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setIconSize(QSize(*SWATCH))
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)

    def refresh(self) -> None:
        """Take the runs as they are now."""
        n_rows = self.runs.rowCount()
        self.runs.refresh()
        if not n_rows and self.runs.rowCount():
            self.fit_columns()
        self.follow_shown()

    # -- columns ------------------------------------------------------------------------------

    def _on_reset(self) -> None:
        """Show other columns; where they are the same, they keep their widths too."""
        keys = [column.key for column in self.runs.columns]
        if keys == self._keys and self._keys:
            return
        self._keys = keys
        for position, column in enumerate(self.runs.columns):
            self.setColumnHidden(position, not self._is_column_shown(column.key))
        self.fit_columns()

    def _is_column_shown(self, key: str) -> bool:
        return self._choice.get(key, not self.runs.is_hidden_at_first(key))

    def show_column(self, key: str, is_shown: bool) -> None:
        """Show or hide a column."""
        self._choice[key] = is_shown
        self.setColumnHidden(self.runs.column_of(key), not is_shown)
        self.fit_columns()
        self.columns_changed.emit()

    def take_columns(self, choice: dict[str, bool]) -> None:
        """Take which columns a person showed or hid before."""
        self._choice, self._keys = dict(choice), []
        self._on_reset()

    def _forget_choice(self) -> None:
        self.take_columns({})
        self.columns_changed.emit()

    @property
    def column_choice(self) -> dict[str, bool]:
        """Which columns a person showed or hid."""
        return dict(self._choice)

    def shown_keys(self) -> list[str]:
        """Return the keys of the columns that are seen, from left to right."""
        header = self.horizontalHeader()
        order = (header.logicalIndex(place) for place in range(header.count()))
        return [self.runs.columns[k].key for k in order if not self.isColumnHidden(k)]

    def fit_columns(self) -> None:
        """Make columns as wide as their texts, within limits."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        for position, column in enumerate(self.runs.columns):
            if self.isColumnHidden(position):
                continue
            if column.key == TICK:
                width = SWATCH[0] + 40
            else:
                texts = [str(self.runs.index(row, position).data() or "")
                         for row in range(min(self.runs.rowCount(), _SAMPLE))]
                widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
                heading = header.sectionSizeFromContents(position).width()
                width = min(max(widest + 18, heading + 18, _NARROWEST), _WIDEST)
                if column.key == STAR:
                    width = 30
            header.resizeSection(position, width)

    def _on_heading(self, position: int) -> None:
        """Sort by a heading; once more: the other way round."""
        key = self.runs.columns[position].key
        is_again = key == self.runs.sorted_by
        is_down = not self.runs.is_descending if is_again else key in (TICK, STAR, NUMBER)
        self.runs.sort(position, Qt.SortOrder.DescendingOrder if is_down
                       else Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().viewport().update()

    def _on_header_menu(self, place: QPoint) -> None:
        self.columns_menu(self).popup(self.horizontalHeader().mapToGlobal(place))

    def columns_menu(self, parent: QWidget) -> QMenu:
        """Return a menu that shows and hides columns; it goes when it closes."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        kinds = {"own": "Run", "setting": "Settings", "figure": "Figures"}
        for kind, title in kinds.items():
            part = menu.addMenu(title)
            for column in self.runs.columns:
                if column.kind == kind and column.key not in SWITCHED:
                    action = part.addAction(column.heading.replace("&", "&&"))
                    action.setCheckable(True)
                    action.setChecked(self._is_column_shown(column.key))
                    action.setToolTip(column.help)
                    action.toggled.connect(partial(self.show_column, column.key))
        menu.addSeparator()
        menu.addAction("&As at first").triggered.connect(self._forget_choice)
        return menu

    # -- rows ---------------------------------------------------------------------------------

    def chosen_ids(self) -> list[int]:
        """Return the chosen runs, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.runs.ids[row] for row in rows]

    def follow_shown(self) -> None:
        """Let the chosen row be the run whose model the window shows."""
        row = self.runs.row_of(self._project.shown_run)
        if row < 0 or self._project.shown_run in self.chosen_ids():
            return
        self._is_following = True
        column = max(self.currentIndex().column(), self.runs.column_of(NUMBER), 0)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(
            self.runs.index(row, column), flags.ClearAndSelect | flags.Rows)
        self._is_following = False

    def _on_current_changed(self) -> None:
        if not self._is_following:
            self._later.start()

    def _show_current(self) -> None:
        """Show the run that alone is chosen."""
        ids = self.chosen_ids()
        if len(ids) == 1 and ids[0] != self._project.shown_run:
            self._project.show_wanted.emit(ids[0])

    def select_ids(self, ids: Iterable[int]) -> None:
        """Choose rows, as if nobody had."""
        flags = QItemSelectionModel.SelectionFlag
        self._is_following = True
        self.clearSelection()
        for run_id in ids:
            row = self.runs.row_of(run_id)
            if row >= 0:
                self.selectionModel().select(self.runs.index(row, 0), flags.Select | flags.Rows)
        self._is_following = False

    def rename(self, run_id: int) -> None:
        """Open the field of a run's name."""
        if self.isColumnHidden(self.runs.column_of(NAME)):
            self.show_column(NAME, True)
        self.edit(self.runs.index(self.runs.row_of(run_id), self.runs.column_of(NAME)))

    # -- mouse and keys -----------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tick and star without showing the run."""
        index = self.indexAt(event.position().toPoint())
        is_left = event.button() == Qt.MouseButton.LeftButton
        key = self.runs.columns[index.column()].key if index.isValid() and is_left else ""
        if key not in SWITCHED or event.modifiers():
            super().mousePressEvent(event)
            return
        run = self._project.run(self.runs.ids[index.row()])
        if key == TICK:
            self._project.tick(run.id, not run.is_ticked)
        else:
            self._project.star(run.id, not run.is_starred)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take the second press of a double click on a switch as one more press."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self.runs.columns[index.column()].key in SWITCHED:
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show what can be done with the chosen runs."""
        ids = self.chosen_ids()
        if not ids:
            return
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        self.menu_of(ids).popup(place)

    def menu_of(self, ids: list[int]) -> QMenu:
        """Return the menu of runs; it goes when it closes."""
        menu = run_menu(self, self._project, ids, partial(self.rename, ids[0]))
        column = self.currentIndex().column()
        if column >= 0 and self.runs.columns[column].key not in SWITCHED:  # the way of the keys
            menu.addSeparator()
            heading = self.runs.columns[column].heading.replace("&", "&&")
            menu.addAction(f"Sort &by {heading}").triggered.connect(
                lambda: self._on_heading(column))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def event(self, event: QEvent) -> bool:
        """Claim keys that mean the runs."""
        if is_claimed(event, self._project):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick, rename, delete, bring back and show by keyboard."""
        ids = self.chosen_ids()
        keys = Qt.Key
        if self.state() == QTableView.State.EditingState:
            super().keyPressEvent(event)
        elif event.key() == keys.Key_Space and ids and not event.modifiers():
            is_on = not all(self._project.run(k).is_ticked for k in ids)
            for run_id in ids:
                self._project.tick(run_id, is_on)
        elif event.key() == keys.Key_F2 and len(ids) == 1:
            index = self.currentIndex()
            if index.isValid() and self.runs.columns[index.column()].key == NOTE:
                self.edit(index)
            else:
                self.rename(ids[0])
        elif not take_key(event, self._project, ids):
            super().keyPressEvent(event)
