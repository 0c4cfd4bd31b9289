"""The import report whole: what the file held, how it was read, and what every line became."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from mfgui.data.import_report import ImportReport
from mfgui.gui.panels.base import Panel
from mfgui.gui.report_lines import adds_up, as_text, facts, filter_text
from mfgui.gui.run_model import RunModel
from mfgui.gui.widgets.breakable import breakable
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.histogram import Histogram
from mfgui.gui.widgets.offer_row import OfferRows
from mfgui.gui.widgets.rejected_tree import RejectedTree

_TREE_HEIGHT = 220
_BROAD = 700  # pixels, from which on two columns of lines fit


class ReportPanel(Panel):
    """The report on the open ratings.

    Signals
    -------
    offer_chosen : options to read the file with again, by name
    save_requested : the report is to be written as JSON
    """

    title = "Import report"
    area = "right"
    offer_chosen = Signal(dict)
    save_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reportPanel")
        self._model: RunModel | None = None
        self._body = QWidget()
        self._empty = QLabel("No ratings from a file are open.")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._is_broad = False
        self._is_stale = True
        self._row_of_charts = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._facts = QWidget()
        self.by_value = Histogram("Ratings by value")
        self.per_user = Histogram("Users by number of ratings")
        self.per_item = Histogram("Items by number of ratings")
        self._charts = [
            (_heading(chart.accessibleName()), chart)
            for chart in (self.by_value, self.per_user, self.per_item)]
        self.rejected, self.offers = RejectedTree(), OfferRows()
        self.rejected.setFixedHeight(_TREE_HEIGHT)
        self._filters, self._notes = _sentences(), _sentences()
        self._filters_heading, self._notes_heading = _heading("Filters"), _heading("Notes")
        self._copy = self._button("Copy as text", "copyReportButton",
                                  "Copy the whole report as text")
        self._save = self._button("Save...", "saveReportButton", "Save the report as a JSON file")
        self._build()
        self.offers.offer_chosen.connect(self.offer_chosen)
        self._copy.clicked.connect(self._on_copy_clicked)
        self._save.clicked.connect(self.save_requested)
        self.show_report(None)

    def _button(self, text: str, name: str, help_text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        describe(button, help_text, f"{help_text}.")
        button.setProperty("isSmall", True)
        return button

    def _build(self) -> None:
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(10, 6, 10, 8)
        self._column.setSpacing(6)
        self._column.addLayout(self._buttons())
        for widget in (self._empty, self.offers, self._facts):
            self._column.addWidget(widget)
        self._column.addLayout(self._row_of_charts)
        for heading, chart in self._charts:
            pair = QVBoxLayout()
            pair.addWidget(heading)
            pair.addWidget(chart)
            self._row_of_charts.addLayout(pair, 1)
        for widget in (self.rejected, self._filters_heading, self._filters, self._notes_heading,
                       self._notes):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(self._body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setObjectName("reportScroll")
        scroll.setAccessibleName("Import report")
        scroll.setWhatsThis("What the file held, how it was read and what became of every line; Up "
                            "and Down scroll.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self.setMinimumWidth(300)

    def _buttons(self) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self._copy)
        buttons.addWidget(self._save)
        buttons.addStretch(1)
        return buttons

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put lines and pictures beside each other where there is room."""
        super().resizeEvent(event)
        is_broad, direction = self.width() >= _BROAD, QBoxLayout.Direction
        if is_broad != self._is_broad:
            self._is_broad = is_broad
            self._row_of_charts.setDirection(
                direction.LeftToRight if is_broad else direction.TopToBottom)
            self._show_facts(self.report)

    def set_models(self, run_model: RunModel, view_state: Any) -> None:
        """Follow a run model."""
        self._model = run_model
        run_model.ratings_changed.connect(self._on_ratings_changed)
        self._on_ratings_changed()

    @property
    def report(self) -> ImportReport | None:
        """The report shown."""
        return self._model.report if self._model is not None else None

    def json(self) -> bytes:
        """Return the report as a JSON file."""
        values = self.report.as_dict() if self.report is not None else {}
        return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode("utf-8")

    def take_focus(self) -> None:
        """Take the keyboard: the first thing to do with a report is to copy it, or to scroll."""
        self._copy.setFocus()

    def show_report(self, report: ImportReport | None) -> None:
        """Write a report; None for none."""
        self._is_stale = False
        self._empty.setVisible(report is None)
        for button in (self._copy, self._save):
            button.setEnabled(report is not None)
        self._show_facts(report)
        self.offers.show_report(report)
        self.rejected.show_report(report, is_open=True)
        bins = ((report.histogram, report.per_user.bins, report.per_item.bins)
                if report is not None else ((), (), ()))
        for (heading, chart), each in zip(self._charts, bins, strict=True):
            chart.set_bins(each)
            heading.setVisible(bool(each))
            chart.setVisible(bool(each))
        steps = report.filters if report is not None else ()
        self._tell(self._filters_heading, self._filters, [
            filter_text(step.text, step.n_ratings, step.n_users, step.n_items) for step in steps])
        notes = (*report.doubts, *report.notes) if report is not None else ()
        self._tell(self._notes_heading, self._notes, list(notes))

    def _show_facts(self, report: ImportReport | None) -> None:
        """Replace the lines about file, reading and size."""
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        lines = facts(report) if report is not None else []
        n_columns = 2 if self._is_broad else 1
        n_rows = -(-len(lines) // n_columns)
        for column in range(n_columns):
            grid.setColumnStretch(2 * column + 1, 1)
        for k, (label, value) in enumerate(lines):
            line, column = k % max(n_rows, 1), 2 * (k // max(n_rows, 1))
            name, text = QLabel(label), QLabel(breakable(value))
            name.setProperty("role", "muted")
            name.setAlignment(Qt.AlignmentFlag.AlignTop)
            text.setWordWrap(True)
            text.setAlignment(Qt.AlignmentFlag.AlignTop)
            if text.text() == value:  # a copied path must not bring marks that cannot be seen
                text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            text.setAccessibleName(f"{label}: {value}")
            if label == "Account" and report is not None and not adds_up(report):
                text.setProperty("role", "error")
            grid.addWidget(name, line, column)
            grid.addWidget(text, line, column + 1)
        self._column.replaceWidget(self._facts, fresh)
        self._facts.hide()
        self._facts.deleteLater()
        self._facts = fresh

    def _tell(self, heading: QLabel, label: QLabel, sentences: list[str]) -> None:
        label.setText("\n".join(sentences))
        heading.setVisible(bool(sentences))
        label.setVisible(bool(sentences))

    def showEvent(self, event: QShowEvent) -> None:
        """Write the report that came while the panel was hidden."""
        super().showEvent(event)
        if self._is_stale:
            self.show_report(self.report)

    def _on_ratings_changed(self) -> None:
        # A hidden report costs 15 ms just when the window has most to do.
        self._is_stale = True
        if self.isVisible():
            self.show_report(self.report)

    def _on_copy_clicked(self) -> None:
        if self.report is not None:
            QApplication.clipboard().setText(as_text(self.report))


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label


def _sentences() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
