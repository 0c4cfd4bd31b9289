"""By what rows and columns are sorted: each side by its own key."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.inspection.order import (
    CLUSTER,
    FACTOR,
    NEED_MODEL,
    ORDER_KEYS,
    TITLE,
    OrderChoice,
    OrderKey,
)

MOST_CLUSTERS = 100
SIDES = {"rows": "Rows (users)", "columns": "Columns (items)"}


class KeyFields:
    """The fields of one side: what it is sorted by, and which factor or how many clusters."""

    def __init__(self, side: str) -> None:
        words = SIDES[side]
        self.label = QLabel(f"&{words}")
        self.key = QuietComboBox()
        self.key.setObjectName(f"{side}Order")
        describe(self.key, f"{words}: sorted by",
                  "What is sorted by it comes first where it is largest; ids and titles rise.")
        for name, text in ORDER_KEYS.items():
            self.key.addItem(text, name)
        self.factor, self.clusters = QSpinBox(), QSpinBox()
        self.factor.setObjectName(f"{side}Factor")
        self.factor.setPrefix("no. ")
        describe(self.factor, f"{words}: which factor",
                  "Which latent factor to sort by. Its sign means nothing by itself.")
        self.clusters.setObjectName(f"{side}Clusters")
        self.clusters.setPrefix("k = ")
        self.clusters.setRange(2, MOST_CLUSTERS)
        describe(self.clusters, f"{words}: number of clusters",
                  "How many groups of similar factors to find (k-means). A line is drawn where "
                  "each begins.")
        for box in (self.factor, self.clusters):
            box.setKeyboardTracking(False)
            policy = box.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            box.setSizePolicy(policy)
            box.setMinimumWidth(88)
        self.label.setBuddy(self.key)

    def value(self) -> OrderKey:
        """Return what is chosen; a number counts only where it is asked for."""
        name, usual = self.key.currentData(), OrderKey()
        return OrderKey(
            name, self.factor.value() - 1 if name == FACTOR else usual.factor,
            self.clusters.value() if name == CLUSTER else usual.n_clusters)

    def show_value(self, key: OrderKey) -> None:
        """Show a choice without telling of it."""
        for box, value in ((self.factor, key.factor + 1), (self.clusters, key.n_clusters)):
            if value != box.value() and (box is self.factor) == (key.name == FACTOR):
                box.blockSignals(True)
                box.setValue(value)
                box.blockSignals(False)
        self.key.setCurrentIndex(self.key.findData(key.name))
        self.show_numbers()

    def show_numbers(self) -> None:
        """Show the number that the key needs."""
        name = self.key.currentData()
        self.factor.setVisible(name == FACTOR)
        self.clusters.setVisible(name == CLUSTER)

    def allow(self, name: str, is_allowed: bool) -> None:
        """Let a key be chosen or not."""
        model = self.key.model()
        assert isinstance(model, QStandardItemModel)
        model.item(self.key.findData(name)).setEnabled(is_allowed)


class OrderBox(QWidget):
    """A combo box a side, a number where one is needed, and Sort again.

    Signals
    -------
    order_chosen : the OrderChoice that is wanted now
    """

    order_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("orderBox")
        self._shown = OrderChoice()
        self.rows, self.columns = KeyFields("rows"), KeyFields("columns")
        self.again = QPushButton("&Sort again")
        self.again.setObjectName("sortAgainButton")
        describe(self.again, "Sort again by the same keys",
                  "An order stays as it is while training changes the factors. This renews it.")
        self.note = QLabel()
        self.note.setObjectName("orderNote")
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        self._build()
        for side in (self.rows, self.columns):
            side.key.activated.connect(self._on_key_chosen)
            side.factor.valueChanged.connect(lambda _value: self._tell(self._shown.serial))
            side.clusters.valueChanged.connect(lambda _value: self._tell(self._shown.serial))
        self.again.clicked.connect(lambda: self._tell(self._shown.serial + 1))
        self.set_model(0)
        self.show_choice(OrderChoice())

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.addWidget(QLabel("Sort by"), 0, 1)
        for line, side in enumerate((self.rows, self.columns), 1):
            grid.addWidget(side.label, line, 0)
            grid.addWidget(side.key, line, 1)
            for box in (side.factor, side.clusters):  # one of the two is seen
                grid.addWidget(box, line, 2)
        grid.addWidget(self.again, 3, 1)
        self.again.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(grid)
        layout.addWidget(self.note)
        self.note.setMinimumWidth(330)

    def set_model(self, n_factors: int, *, has_titles: bool = True, has_names: bool = True) -> None:
        """Offer what there is: without a model, of 0 factors, nothing that needs one."""
        for side, has_text in ((self.rows, has_names), (self.columns, has_titles)):
            for name in NEED_MODEL:
                side.allow(name, n_factors > 0)
            side.allow(TITLE, has_text)
            side.factor.blockSignals(True)
            side.factor.setRange(1, max(n_factors, 1))
            side.factor.blockSignals(False)

    def show_choice(self, choice: OrderChoice, note: str = "") -> None:
        """Show what rows and columns are sorted by, and what there is to say of it."""
        self._shown = choice
        self.rows.show_value(choice.rows)
        self.columns.show_value(choice.columns)
        self.note.setText(note or "Alt+Left brings the order before this one back.")

    def _on_key_chosen(self) -> None:
        for side in (self.rows, self.columns):
            side.show_numbers()
        self._tell(self._shown.serial)

    def _tell(self, serial: int) -> None:
        self.order_chosen.emit(OrderChoice(self.rows.value(), self.columns.value(), serial))

