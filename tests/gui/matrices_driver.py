"""A matrices panel with models of its own, as the tests drive it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF
from pytestqt.qtbot import QtBot

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.data.small_matrix import parse_matrix
from mfgui.gui.panels.matrices import MatricesPanel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import LIGHT
from mfgui.gui.view_state import ViewState
from mfgui.inspection.order import OrderChoice, OrderKey
from mfgui.training.events import Snapshot
from mfgui.training.session import TrainingSession

SEED_MATRIX = "5 3 ? 1 ?\n4 ? ? 1 1\n1 1 ? 5 ?\n? 1 5 4 4"


class DrivenPanel(MatricesPanel):
    """A panel with a run and something looked at, shown."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        self.qtbot = qtbot
        qtbot.addWidget(self)
        self.run_model, self.state = RunModel(self), ViewState(self)
        self.set_models(self.run_model, self.state)
        self.set_theme(LIGHT)
        self.resize(1100, 460)
        self.show()

    def open(self, ratings: Ratings | None = None) -> ViewState:
        """Open ratings and wait for their first picture."""
        found = parse_matrix(SEED_MATRIX)
        self.run_model.set_ratings(ratings or found[0], found[1])
        self.qtbot.waitUntil(lambda: self._pictures is not None)
        self.settle()
        return self.state

    def train(self, n_factors: int = 2) -> FactorModel:
        """Show a trained model's snapshot and wait for its pictures."""
        settings = SOLVERS["sgd"].settings_type(n_factors=n_factors, n_epochs=5)
        assert self.run_model.ratings is not None
        session = TrainingSession("sgd", settings, self.run_model.ratings)
        list(session.epochs())
        assert session.result is not None
        self.run_model.snapshot = Snapshot(5, session.result.model)
        self.run_model.snapshot_changed.emit()
        self.qtbot.waitUntil(
            lambda: self._pictures is not None and len(self._pictures.views) == 3)
        self.settle()
        return session.result.model

    def settle(self) -> None:
        """Wait until what is in view is painted."""
        self.qtbot.waitUntil(
            lambda: self._pictures is not None and self.flow._maker._newest is None
            and not self.flow._timer.isActive())

    def sort(self, rows: str, columns: str, **numbers: int) -> None:
        """Choose an order and wait until it is on the screen."""
        choice = OrderChoice(OrderKey(rows, **numbers), OrderKey(columns, **numbers))
        self.tools.order.order_chosen.emit(choice)
        self.qtbot.waitUntil(
            lambda: self.state.order is not None and self.state.order.choice == choice)
        self.settle()

    def centre_of(self, name: str, row: int, column: int) -> QPoint:
        """Return where a cell lies in a view."""
        box = self.views[name].getPlotItem().vb
        point: QPointF = box.mapViewToScene(QPointF(column + 0.5, row + 0.5))
        return point.toPoint()
