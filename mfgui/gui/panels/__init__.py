"""The panels, in the order of the View menu."""

from __future__ import annotations

from mfgui.gui.panels.curve import CurvePanel
from mfgui.gui.panels.matrices import MatricesPanel
from mfgui.gui.panels.messages import MessagesPanel
from mfgui.gui.panels.report import ReportPanel
from mfgui.gui.panels.setup import SetupPanel

PANELS = {
    "setup": SetupPanel,
    "curve": CurvePanel,
    "matrices": MatricesPanel,
    "messages": MessagesPanel,
    "report": ReportPanel,
}

__all__ = [
    "PANELS", "CurvePanel", "MatricesPanel", "MessagesPanel", "ReportPanel", "SetupPanel",
]
