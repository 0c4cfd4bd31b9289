"""What the factor map shows, chosen in a row above it."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QWidget,
)

from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.flow_row import FlowRow
from mfgui.gui.widgets.segments import Segments
from mfgui.inspection.factor_map import COMPONENTS, FACTORS, MapAxes
from mfgui.inspection.map_colours import (
    CLUSTER,
    COLOURINGS,
    COUNT,
    MOST_CLUSTERS,
    NEED_RATINGS,
)

PAN, LASSO, BOX = "pan", "lasso", "box"
SIDES = {"users": ("Users", "Each point is a user."), "items": ("Items", "Each point is an item.")}
MODES = {
    PAN: ("Pan", "Drag to move the map; Shift and drag selects."),
    LASSO: ("Lasso", "Drag round points to select them; a click beside all lets them go."),
    BOX: ("Box", "Drag a box over points to select them; a click beside all lets them go."),
}
KINDS = {COMPONENTS: "Components", FACTORS: "Factors"}


@dataclass(frozen=True)
class MapChoice:
    """What is chosen.

    Parameters
    ----------
    side : str
        "users" or "items".
    axes : MapAxes
    colouring : str
        A key of ``COLOURINGS``.
    n_clusters : int
    mode : str
        What a drag does: "pan", "lasso" or "box".
    has_titles : bool
    """

    side: str = "items"
    axes: MapAxes = field(default_factory=MapAxes)
    colouring: str = COUNT
    n_clusters: int = 8
    mode: str = PAN
    has_titles: bool = True


class MapTools(FlowRow):
    """The row of choices.

    Signals
    -------
    changed : something else is to be drawn
    mode_changed : a drag does something else
    fit_requested
    """

    changed = Signal()
    mode_changed = Signal(str)
    fit_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side = Segments("Points", SIDES)
        self.side.choose("items")
        self.kind = self._combo("mapAxes", "Axes of the map", "What the axes are: the directions "
                                "in which factors differ most, or factors as they are.", KINDS)
        self.numbers = tuple(self._number(axis, place) for place, axis in enumerate("xy", 1))
        self.colouring = self._combo("mapColour", "Colour of the points",
                                     "What the colour of a point stands for.", COLOURINGS)
        self.n_clusters = QSpinBox()
        self.mode = Segments("A drag", MODES)
        self.titles = QCheckBox("Titles")
        self.fit = QPushButton("Fit")
        self._build()

    def _combo(self, name: str, words: str, help_text: str, choices: dict[str, str]
               ) -> QuietComboBox:
        box = QuietComboBox()
        box.setObjectName(name)
        describe(box, words, help_text)
        for key, text in choices.items():
            box.addItem(text, key)
        box.activated.connect(self._on_changed)
        return box

    def _number(self, axis: str, place: int) -> QSpinBox:
        field = QSpinBox()
        field.setObjectName(f"map{axis.upper()}")
        field.setRange(1, 2)
        field.setValue(place)
        field.setPrefix(f"{axis}: ")
        describe(field, f"Number of the {axis} axis",
                 f"Which component or factor the {axis} axis shows.")
        field.valueChanged.connect(self._on_changed)
        return field

    def _build(self) -> None:
        self.n_clusters.setObjectName("mapClusters")
        self.n_clusters.setRange(2, MOST_CLUSTERS)
        self.n_clusters.setValue(8)
        self.n_clusters.setPrefix("k: ")
        describe(self.n_clusters, "Number of clusters",
                 "How many groups k-means makes of all factors, not only of those drawn.")
        self.n_clusters.valueChanged.connect(self._on_changed)
        self.n_clusters.hide()
        self.titles.setObjectName("mapTitles")
        self.titles.setChecked(True)
        describe(self.titles, "Titles beside the points",
                 "Name the points with most ratings, as many as fit without overlap.")
        self.titles.toggled.connect(self._on_changed)
        self.fit.setObjectName("mapFitButton")
        self.fit.setProperty("isSmall", True)
        describe(self.fit, "Show all points",
                 "Show all points and follow them again (double click on the map, or key 0).")
        self.fit.clicked.connect(self.fit_requested)
        self.side.chosen.connect(lambda _key: self._on_changed())
        self.mode.chosen.connect(self.mode_changed)
        label = QLabel("Colour")
        label.setBuddy(self.colouring)
        for group in ((self.side,), (self.kind,), self.numbers, (label, self.colouring,
                      self.n_clusters), (self.mode,), (self.titles, self.fit)):
            self.add(_together(*group))

    def _on_changed(self) -> None:
        self.n_clusters.setVisible(self.colouring.currentData() == CLUSTER)
        self.changed.emit()

    @property
    def choice(self) -> MapChoice:
        """What is chosen."""
        x, y = (field.value() - 1 for field in self.numbers)
        return MapChoice(
            self.side.key, MapAxes(self.kind.currentData(), x, y), self.colouring.currentData(),
            self.n_clusters.value(), self.mode.key, self.titles.isChecked())

    def offer(self, n_factors: int, *, has_ratings: bool) -> None:
        """Offer the factors and colours that there are."""
        for place, number in enumerate(self.numbers):
            if number.maximum() != max(n_factors, 1):
                number.blockSignals(True)
                was_narrow = number.maximum() == 1
                number.setRange(1, max(n_factors, 1))
                if was_narrow and place == 1 and n_factors > 1:
                    number.setValue(2)
                number.blockSignals(False)
            number.setEnabled(n_factors > 1)
        model = self.colouring.model()
        for place in range(self.colouring.count()):
            is_there = has_ratings or self.colouring.itemData(place) not in NEED_RATINGS
            model.item(place).setEnabled(is_there)  # type: ignore[attr-defined]


def _together(*widgets: QWidget) -> QWidget:
    """Return widgets that stay in one line."""
    if len(widgets) == 1:
        return widgets[0]
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    return box
