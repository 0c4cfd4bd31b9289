"""For whom a top list is, how long it is, and which items it may hold."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.item_search import SearchField
from mfgui.inspection.recommend import Filters

PINNED, NEW, TYPED = "pinned", "new", "typed"
WHOM = {PINNED: "Pinned user", NEW: "New user", TYPED: "User by id or name"}
PREDICTION, LOWER_BOUND = "prediction", "lower bound"
MOST_PLACES, MOST_RATINGS, SPIN_PX = 1000, 999_999, 78
TWO_LINES_PX, ONE_LINE_PX, USER_PX = 560, 940, 140
_TIPS = {
    "whom": "Whose top list this is: that of the pinned cell's user, of the new user, or of a user "
            "you look for.",
    "n": "How many places the list has.",
    "unrated": "Leave out what the user is known to have rated, held-out ratings included.",
    "count": "Leave out items with fewer training ratings than this.",
    "title": "Leave out items whose title does not contain this, or whose id where there are no "
             "titles.",
    "by": "What the list is ordered by: the prediction before it is clipped, or a lower bound, the "
          "prediction less the held-out RMSE over the root of the item's number of ratings.",
    "user": "Find a user by id or name. The list drops down while you type; Up and Down choose, "
            "Enter takes it.",
}


class QuietSpinBox(QSpinBox):
    """A spin box that the wheel changes only while it has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what is around."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class TopFilters(QWidget):
    """The fields, in one to four lines.

    Signals
    -------
    changed : another list is wanted
    user_picked : the user that was looked for
    """

    changed = Signal()
    user_picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.whom, self.by = QuietComboBox(), QuietComboBox()
        self.n, self.count = QuietSpinBox(), QuietSpinBox()
        self.unrated, self.title = QCheckBox("Not rated yet"), QLineEdit()
        self.user = SearchField("user", "User by id or name", _TIPS["user"])
        self._lines: list[QBoxLayout] = []
        self._room = 0
        self._fill()
        self._describe()
        self._build()
        self._connect()

    def _fill(self) -> None:
        for key, text in WHOM.items():
            self.whom.addItem(text, key)
        for text in (PREDICTION, LOWER_BOUND):
            self.by.addItem(text, text)
        self.n.setRange(1, MOST_PLACES)
        self.n.setValue(10)
        self.n.setFixedWidth(SPIN_PX)
        self.count.setRange(0, MOST_RATINGS)
        self.count.setFixedWidth(SPIN_PX)
        self.title.setMinimumWidth(130)
        self.user.setMinimumWidth(130)
        self.unrated.setChecked(True)
        self.title.setPlaceholderText("Title contains")
        self.title.setClearButtonEnabled(True)
        self.user.setPlaceholderText("User: id or name")

    def _describe(self) -> None:
        named = {
            "whom": (self.whom, "whomChoice", "For whom"), "n": (self.n, "topLength", "Places"),
            "unrated": (self.unrated, "unratedBox", "Only what is not rated yet"),
            "count": (self.count, "minCount", "Least number of ratings of an item"),
            "title": (self.title, "titleFilter", "Title contains"),
            "by": (self.by, "rankedBy", "Ordered by"),
        }
        for key, (widget, object_name, name) in named.items():
            widget.setObjectName(object_name)
            describe(widget, name, _TIPS[key])
        self.user.setObjectName("userSearch")

    def _build(self) -> None:
        groups = (
            _group(("For", self.whom), ("Top", self.n), stretched=self.whom),
            _group(self.user, stretched=self.user),
            _group(self.unrated, ("At least", self.count), "ratings", stretched=None),
            _group(self.title, ("by", self.by), stretched=self.title),
        )
        self._outer = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(6)
        for first, second in ((0, 1), (2, 3)):
            line = QBoxLayout(QBoxLayout.Direction.TopToBottom)
            line.setSpacing(6)
            line.addWidget(groups[first], int(first == 0))
            line.addWidget(groups[second], 1)
            self._lines.append(line)
            self._outer.addLayout(line, 2 - first // 2)
        self._user_group = groups[1]
        self._user_group.hide()

    def _connect(self) -> None:
        self.whom.currentIndexChanged.connect(self._on_whom_changed)
        self.n.valueChanged.connect(lambda _: self.changed.emit())
        self.count.valueChanged.connect(lambda _: self.changed.emit())
        self.unrated.toggled.connect(lambda _: self.changed.emit())
        self.title.textChanged.connect(lambda _: self.changed.emit())
        self.by.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.user.picked.connect(self.user_picked)

    def _on_whom_changed(self) -> None:
        self._user_group.setVisible(self.whom_key == TYPED)
        self.set_room(self._room)
        if self.whom_key == TYPED and self.whom.hasFocus():
            self.user.setFocus()
        self.changed.emit()

    @property
    def whom_key(self) -> str:
        """``PINNED``, ``NEW`` or ``TYPED``."""
        return str(self.whom.currentData())

    def set_whom(self, key: str) -> None:
        """Choose for whom the list is."""
        self.whom.setCurrentIndex(self.whom.findData(key))

    @property
    def filters(self) -> Filters:
        """What is chosen."""
        return Filters(self.unrated.isChecked(), self.count.value(), self.title.text().strip(),
                       self.by.currentData() == LOWER_BOUND)

    def set_room(self, width: int) -> None:
        """Stand in as few lines as the width allows."""
        self._room, direction = width, QBoxLayout.Direction
        for line in self._lines:
            line.setDirection(direction.LeftToRight if width >= TWO_LINES_PX
                              else direction.TopToBottom)
        needed = ONE_LINE_PX + (USER_PX if self.whom_key == TYPED else 0)
        self._outer.setDirection(
            direction.LeftToRight if width >= needed else direction.TopToBottom)


def _group(
    *parts: QWidget | str | tuple[str, QWidget], stretched: QWidget | None
) -> QWidget:
    """Return fields in a row, some with a word before them."""
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for part in parts:
        if isinstance(part, str):
            row.addWidget(QLabel(part))
            continue
        widget = part[1] if isinstance(part, tuple) else part
        if isinstance(part, tuple):
            label = QLabel(part[0])
            label.setBuddy(widget)
            row.addWidget(label)
        row.addWidget(widget, int(widget is stretched))
    if stretched is None:
        row.addStretch(1)
    return group
