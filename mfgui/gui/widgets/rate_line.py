"""One line below the curve: the rate in use beside the largest that would be stable."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from mfgui.gui.theme import set_role
from mfgui.gui.widgets.curve_figures import rate_text
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.number_field import number_text
from mfgui.training.events import EpochRecord

HELP = ("Two over the largest curvature of the loss at these factors: above it, steps along that "
        "direction grow instead of shrinking. It is an upper bound, measured from above, and it "
        "shrinks as training goes: that a rate was stable at the start promises nothing for later.")


class RateLine(QWidget):
    """Shows the limit where a solver measures it, with a remedy where the rate is above it.

    Signals
    -------
    rate_wanted : a learning rate, for the next run
    """

    rate_wanted = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rate = 0.0
        self.text, self.remedy = QLabel(), QPushButton("Use half the present rate")
        self.text.setObjectName("rateLimitText")
        describe(self.text, "Largest stable rate", HELP)
        self.remedy.setObjectName("halfRateButton")
        describe(self.remedy, "Use half the present rate",
                 "Put half the rate in use into the form, for the next run: the present one is "
                 "above the largest that would be stable.")
        self.remedy.setProperty("isSmall", True)
        self.remedy.clicked.connect(lambda: self.rate_wanted.emit(float(f"{self._rate / 2:.2g}")))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 0, 0)
        row.addWidget(self.text)
        row.addWidget(self.remedy)
        row.addStretch(1)
        self.hide()

    def show_rates(self, newest: EpochRecord | None, limit: EpochRecord | None) -> None:
        """Show the newest record's rate and the newest limit that is known."""
        self.setVisible(limit is not None)
        if newest is None or limit is None or limit.rate_limit is None:
            return
        rate = newest.learning_rate
        parts = [] if rate is None else [f"rate {rate_text(rate)}"]
        parts.append(f"largest stable rate, epoch {limit.epoch:,}: at most "
                     f"{number_text(float(f'{limit.rate_limit:.2g}'))}")
        is_above = rate is not None and rate > limit.rate_limit
        self._rate = rate or 0.0
        set_role(self.text, "warning" if is_above else "muted")
        self.text.setText("     ".join(parts))
        self.remedy.setVisible(is_above)
