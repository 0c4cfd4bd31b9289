"""The panels, in the order of the View menu and of their tabs."""

from __future__ import annotations

from mfgui.gui.panels.base import Panel
from mfgui.gui.panels.card import CardPanel
from mfgui.gui.panels.comparison import ComparisonPanel
from mfgui.gui.panels.curve import CurvePanel
from mfgui.gui.panels.equations import EquationsPanel
from mfgui.gui.panels.errors import ErrorsPanel
from mfgui.gui.panels.evaluation import EvaluationPanel
from mfgui.gui.panels.factor_map import FactorMapPanel
from mfgui.gui.panels.help import HelpPanel
from mfgui.gui.panels.inspector import InspectorPanel
from mfgui.gui.panels.matrices import MatricesPanel
from mfgui.gui.panels.messages import MessagesPanel
from mfgui.gui.panels.new_user import NewUserPanel
from mfgui.gui.panels.recommendations import RecommendationsPanel
from mfgui.gui.panels.report import ReportPanel
from mfgui.gui.panels.runs import RunsPanel
from mfgui.gui.panels.search import SearchPanel
from mfgui.gui.panels.setup import SetupPanel

PANELS: dict[str, type[Panel]] = {
    "setup": SetupPanel,
    "curve": CurvePanel,
    "runs": RunsPanel,
    "matrices": MatricesPanel,
    "inspector": InspectorPanel,
    "equations": EquationsPanel,
    "recommendations": RecommendationsPanel,
    "new_user": NewUserPanel,
    "factor_map": FactorMapPanel,
    "errors": ErrorsPanel,
    "evaluation": EvaluationPanel,
    "comparison": ComparisonPanel,
    "search": SearchPanel,
    "card": CardPanel,
    "messages": MessagesPanel,
    "report": ReportPanel,
    "help": HelpPanel,
}

__all__ = [
    "PANELS", "CardPanel", "ComparisonPanel", "CurvePanel", "EquationsPanel", "ErrorsPanel",
    "EvaluationPanel", "FactorMapPanel", "HelpPanel",
    "InspectorPanel", "MatricesPanel", "MessagesPanel", "NewUserPanel", "Panel",
    "RecommendationsPanel", "ReportPanel", "RunsPanel", "SearchPanel", "SetupPanel",
]
