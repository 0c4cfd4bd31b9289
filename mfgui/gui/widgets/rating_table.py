"""The ratings of a new user as a table: typed, clicked on their scale, stepped, taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QHeaderView, QTableView, QWidget

from mfgui.gui.widgets.rating_cells import (
    RATING,
    TITLE,
    TYPE_FIRST,
    RatingDelegate,
    RatingsModel,
    Row,
)
from mfgui.gui.widgets.rating_scale import RatingScale
from mfgui.gui.widgets.rating_steps import is_claimed


class RatingTable(QTableView):
    """The table.

    Signals
    -------
    rated : item, and its new rating
    removed : the item whose rating is to be taken away
    refused : why what was typed is no rating, in a sentence
    chosen : the item that a person made the current one
    done : a rating was typed and Enter pressed
    """

    rated = Signal(int, float)
    removed = Signal(int)
    refused = Signal(str)
    chosen = Signal(int)
    done = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ratings_model, self.delegate = RatingsModel(self), RatingDelegate(self)
        self._is_showing = False
        self.setModel(self.ratings_model)
        self.setItemDelegateForColumn(RATING, self.delegate)
        self._build()
        self.delegate.clicked.connect(self._on_clicked)
        self.delegate.typed.connect(self._on_typed)
        self.selectionModel().currentRowChanged.connect(lambda now, _: self._on_current(now))

    def _build(self) -> None:
        self.setObjectName("newUserRatings")
        self.setAccessibleName("Ratings of the new user")
        tip = ("The new user's ratings. Click on the scale or type a number; with the keyboard "
               "Left and Right go a step, Enter edits, Delete takes the rating away.")
        self.setWhatsThis(tip)
        self.setAccessibleDescription(tip)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 11)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(RATING, QHeaderView.ResizeMode.Fixed)
        triggers = QTableView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.AnyKeyPressed)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # -- what is shown ------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[Row]:
        """Items and their ratings, as shown."""
        return self.ratings_model.rows

    def set_scale(self, scale: RatingScale, name: Callable[[int], str]) -> None:
        """Take another scale, and how an item is called."""
        self.delegate.scale, self.ratings_model.name = scale, name
        self._fit()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other ratings; the current item stays the current one, where it is still there."""
        item, place = self.current_item(), self.currentIndex().row()
        self._is_showing = True
        self.ratings_model.show_rows(rows)
        if item is not None and self.current_item() != item:
            places = {other: k for k, (other, _) in enumerate(rows)}
            place = places.get(item, min(place, len(rows) - 1))
            if place >= 0:
                self.setCurrentIndex(self.ratings_model.index(place, RATING))
        self._is_showing = False
        self._fit()

    def current_item(self) -> int | None:
        """Return the item of the current row."""
        place = self.currentIndex().row()
        return self.rows[place][0] if 0 <= place < len(self.rows) else None

    def go_to(self, item: int) -> None:
        """Make an item the current one, ready to be rated."""
        for place, (other, _) in enumerate(self.rows):
            if other == item:
                self.setCurrentIndex(self.ratings_model.index(place, RATING))
                self.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        longest = TYPE_FIRST if self.delegate.scale.is_free else self.delegate.scale.longest
        self.setColumnWidth(RATING, max(
            self.delegate.width(metrics.horizontalAdvance(longest)),
            self.horizontalHeader().sectionSizeFromContents(RATING).width()))

    # -- what a person does -------------------------------------------------------------------

    def _on_current(self, now: QModelIndex) -> None:
        if now.isValid() and not self._is_showing:
            self.chosen.emit(self.rows[now.row()][0])

    def _on_clicked(self, place: int, value: float) -> None:
        self.rated.emit(self.rows[place][0], value)

    def _on_typed(self, place: int, text: str) -> None:
        if not text.strip():
            return
        value, wrong = self.delegate.scale.parsed(text)
        if value is None:
            self.refused.emit(wrong)
        else:
            self.rated.emit(self.rows[place][0], value)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Tell where Enter ended the typing."""
        super().closeEditor(editor, hint)
        if hint == QAbstractItemDelegate.EndEditHint.SubmitModelCache:
            self.done.emit()

    def event(self, event: QEvent) -> bool:
        """Claim digits, which show and hide matrices elsewhere."""
        if is_claimed(event) and self.current_item() is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Rate, step and take away with the keyboard."""
        item, keys = self.current_item(), Qt.Key
        if item is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        place = self.currentIndex().row()
        index = self.ratings_model.index(place, RATING)
        if event.key() in (keys.Key_Left, keys.Key_Right):
            n_steps = 1 if event.key() == keys.Key_Right else -1
            self.rated.emit(item, self.delegate.scale.stepped(self.rows[place][1], n_steps))
        elif event.key() in (keys.Key_Delete, keys.Key_Backspace):
            self.removed.emit(item)
        elif event.key() in (keys.Key_Return, keys.Key_Enter, keys.Key_F2):
            # A field that is open hands its own Enter on to here before it closes.
            if self.state() != QTableView.State.EditingState:
                self.edit(index)
        elif event.text() and event.text() in "0123456789+-.,\N{MINUS SIGN}":
            self.setCurrentIndex(index)
            super().keyPressEvent(event)  # which opens a field with what was typed
        elif event.key() in (keys.Key_Up, keys.Key_Down, keys.Key_PageUp, keys.Key_PageDown,
                             keys.Key_Home, keys.Key_End):
            super().keyPressEvent(event)
        else:
            event.ignore()
