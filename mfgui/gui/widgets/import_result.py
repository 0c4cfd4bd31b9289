"""What a reading gave, below the rows it was tried on: figures, problems, other readings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from mfgui.core.control import Progress
from mfgui.data.import_report import ImportReport
from mfgui.gui.report_lines import filter_text, percent, short, sum_line
from mfgui.gui.theme import set_role
from mfgui.gui.widgets.histogram import Histogram
from mfgui.gui.widgets.offer_row import OfferRows
from mfgui.gui.widgets.rejected_tree import RejectedTree

HEIGHT = 218


class ImportResult(QFrame):
    """The reading's result; it keeps its size, so that nothing jumps while one reads anew.

    Signals
    -------
    offer_chosen : the options to change, by name
    """

    offer_chosen = Signal(dict)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("importResult")
        self.setProperty("role", "card")
        self.setFixedHeight(HEIGHT)
        self._headline, self._account = QLabel(), QLabel()
        self._headline.setObjectName("importHeadline")
        self._account.setObjectName("importAccount")
        self._progress = QProgressBar()
        self._progress.setAccessibleName("Progress of the reading")
        self._progress.setTextVisible(False)
        policy = self._progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(policy)
        self._chart, self.offers = Histogram("Ratings by value"), OfferRows()
        self.rejected, self._notes = RejectedTree(), QLabel()
        self._notes.setObjectName("importNotes")
        self._scroll = QScrollArea()
        self._build()
        self.offers.offer_chosen.connect(self.offer_chosen)
        self.show_reading()

    def _build(self) -> None:
        details = QWidget()
        column = QVBoxLayout(details)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.offers, self._notes):
            column.addWidget(widget)
        column.addWidget(self.rejected, 1)
        column.addStretch(0)
        self.rejected.setMinimumHeight(70)
        self._scroll.setWidget(details)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for label in (self._headline, self._account, self._notes):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._account.setProperty("role", "muted")
        self._chart.setMinimumWidth(220)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(3)
        grid.addWidget(self._headline, 0, 0, 1, 2)
        grid.addWidget(self._account, 1, 0, 1, 2)
        grid.addWidget(self._progress, 2, 0, 1, 2)
        grid.addWidget(self._chart, 3, 0)
        grid.addWidget(self._scroll, 3, 1)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        grid.setRowStretch(3, 1)

    @property
    def headline(self) -> str:
        """What stands at the top."""
        return self._headline.text()

    def show_reading(self, progress: Progress | None = None) -> None:
        """Show that the file is being read."""
        fraction = progress.fraction if progress is not None else None
        self._say("Reading...", "heading", "")
        if not self._progress.isVisibleTo(self):
            self._progress.setValue(0)
        self._progress.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self._progress.setValue(max(self._progress.value(), round(1000 * fraction)))
        self._progress.show()

    def show_waiting(self, text: str) -> None:
        """Show why nothing is being read."""
        self._say(text, "heading", "")
        self._progress.hide()
        for widget in (self.offers, self._notes, self.rejected):
            widget.hide()
        self._chart.set_bins(())

    def show_failure(self, text: str) -> None:
        """Show why there are no ratings."""
        self._say(text, "error", "Set the columns above or the options at the left, until the "
                                 "file can be read.")
        self._end(None)

    def show_report(self, report: ImportReport) -> None:
        """Show what was read."""
        low, high = (short(end) for end in report.scale)
        self._say(f"{report.n_ratings:,} ratings of {report.n_users:,} users and "
                  f"{report.n_items:,} items, {percent(report.density)} of all cells, "
                  f"scale {low} to {high}", "heading", sum_line(report))
        self._end(report)

    def _say(self, headline: str, role: str, account: str) -> None:
        self._headline.setText(headline)
        set_role(self._headline, role)
        self._account.setText(account)

    def _end(self, report: ImportReport | None) -> None:
        """Show the parts of a report, or none."""
        self._progress.hide()
        self._chart.set_bins(report.histogram if report is not None else ())
        self.offers.show_report(report)
        self.rejected.show_report(report, is_open=True)
        lines: list[str] = []
        if report is not None:
            lines += [filter_text(step.text, step.n_ratings, step.n_users, step.n_items)
                      for step in report.filters]
            lines += report.notes
            lines += [] if report.n_rejected else ["No line was rejected."]
        self._notes.setText("\n".join(lines))
        self._notes.setVisible(bool(lines))
