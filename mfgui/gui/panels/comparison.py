"""Two models on the same cells: which is better and how surely, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.gui.background import LatestWorker
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import LIGHT, Theme, set_role
from mfgui.gui.view_state import Places, ViewState
from mfgui.gui.widgets.comparison_body import ComparisonBody, boxed
from mfgui.gui.widgets.comparison_head import ComparisonHead, Look
from mfgui.gui.widgets.comparison_rows import ComparisonRows
from mfgui.gui.widgets.comparison_settings import ComparisonSettings
from mfgui.gui.widgets.comparison_whisker import Whisker, Whiskers
from mfgui.gui.widgets.small_parts import sentence, small_button
from mfgui.inspection.comparison import OtherModel
from mfgui.inspection.comparison_words import (
    interval_note,
    paired_sentence,
    seeds_sentences,
)
from mfgui.inspection.differences import RowDifference, furthest_cell

NOTHING = ("Tick two runs in the list to compare them on ratings that neither was trained on, or "
           "compare the shown model with one in a file.")
COMPARE_HELP = "Compare the two runs that are ticked in the list of runs."
STALE = "A has changed since it was measured: these are the figures of before. Compare again."
FILE_HELP = "Compare with a model: one of mfgui, or factors of another program, in a file."


@dataclass(frozen=True, eq=False)
class Answer:
    """Lines of a question, or a cell that is to be explained."""

    other: OtherModel
    question: tuple[str, str, str]
    lines: tuple[RowDifference, ...] = ()
    cell: tuple[int, int] | None = None


class ComparisonPanel(Panel):
    """The figures, the sentence and the tables; lines are ranked off the GUI thread.

    Signals
    -------
    file_wanted : a model in a file is to be asked for, to compare the shown one with
    """

    file_wanted = Signal()

    title: ClassVar[str] = "Comparison"
    area: ClassVar[str] = "right"
    keys: ClassVar[str] = "Ctrl+Shift+C"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("comparisonPanel")
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self._theme = LIGHT
        self._worker, self._finder = LatestWorker(self), LatestWorker(self)
        self.sentence, self.stale, self.notes = QLabel(), QLabel(STALE), QLabel()
        self.compare_ticked = small_button(
            "Compare the ticked runs", "compareTickedButton", COMPARE_HELP)
        self.compare_file = small_button(
            "Compare with a model...", "compareFileButton", FILE_HELP)
        self.head, self.whiskers = ComparisonHead(), Whiskers()
        self.settings, self.rows = ComparisonSettings(), ComparisonRows()
        self.end = small_button(
            "End comparison", "endComparisonButton", "Show the model alone again.")
        self._build()
        self._connect()

    def _build(self) -> None:
        set_role(self.sentence, "title")
        set_role(self.notes, "muted")
        set_role(self.stale, "warning")
        self.stale.setWordWrap(True)
        for label, name in ((self.sentence, "comparisonSentence"), (self.notes, "comparisonNotes")):
            label.setObjectName(name)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(self.end)
        figures, column = boxed()
        for each in (self.head, self.sentence, self.stale, self.whiskers, self.notes):
            column.addWidget(each)
        column.addLayout(last)
        column.addStretch(1)
        settings, column = boxed("Settings that differ")
        column.addWidget(self.settings)
        column.addStretch(1)
        rows, column = boxed("Where they differ most")
        column.addWidget(self.rows, 1)
        self._scroll = ComparisonBody(figures, settings, rows)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._made_nothing())
        self._pages.addWidget(self._scroll)

    def _made_nothing(self) -> QWidget:
        """Return what is shown while nothing is compared."""
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        column.addWidget(sentence(NOTHING))
        for button in (self.compare_ticked, self.compare_file):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        return page

    def _connect(self) -> None:
        self._worker.done.connect(self._on_lines)
        self._finder.done.connect(self._on_cell)
        for worker in (self._worker, self._finder):
            worker.failed.connect(self._on_failed)
        self.rows.wanted.connect(self._ask)
        self.rows.chosen.connect(self._on_row_chosen)
        self.rows.opened.connect(self._on_row_opened)
        self.end.clicked.connect(self._on_end)
        self.compare_ticked.clicked.connect(self._on_ticked_wanted)
        self.compare_file.clicked.connect(self.file_wanted)

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow what is compared, and how runs are called and drawn."""
        self._run_model, self._state = run_model, view_state
        run_model.other_changed.connect(self._show)
        run_model.project.runs_changed.connect(self._show_head)
        run_model.project.ticks_changed.connect(self._follow)
        run_model.shown_changed.connect(self._follow)
        run_model.project.look_changed.connect(self._show_head)
        self._follow()
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.whiskers.set_theme(theme)
        self._show_head()

    def shut_down(self) -> None:
        """End the threads that rank lines and look for cells."""
        self._worker.shut_down()
        self._finder.shut_down()

    # -- showing ------------------------------------------------------------------------------

    @property
    def _other(self) -> OtherModel | None:
        return self._run_model.other if self._run_model is not None else None

    def _show(self) -> None:
        """Show the comparison that there is now."""
        other = self._other
        self.rows.forget()
        if other is None:
            self._pages.setCurrentIndex(0)
            return
        figures = other.figures
        paired = figures.paired if figures is not None else None
        note = figures.note if figures is not None else ""
        self._follow()
        self._show_head()
        self.sentence.setText(note if paired is None else paired_sentence(paired))
        self.whiskers.show_whiskers(_whiskers(other))
        told = [] if paired is None else [interval_note(paired), note]
        paragraphs = [" ".join(told), *seeds_sentences(other.seeds), *other.caveats, other.text]
        self.notes.setText("\n\n".join(filter(None, paragraphs)))
        self.settings.show_settings(
            other.settings or (), is_known=other.settings is not None)
        self.rows.setVisible(paired is not None)
        self._pages.setCurrentWidget(self._scroll)
        self._ask()

    def _follow(self) -> None:
        """Offer what there is to compare."""
        assert self._run_model is not None
        self.compare_ticked.setEnabled(len(self._run_model.project.ticked) == 2)
        self.compare_file.setEnabled(self._run_model.shown is not None)
        other = self._run_model.other
        self.stale.setVisible(other is not None and other.shown_model is not None
                              and other.shown_model is not self._run_model.shown)

    def _on_ticked_wanted(self) -> None:
        assert self._run_model is not None
        project = self._run_model.project
        project.compare_wanted.emit(*project.ticked)

    def _show_head(self) -> None:
        """Show names, looks and figures."""
        other = self._other
        if other is None:
            return
        paired = other.figures.paired if other.figures is not None else None
        self.head.show_models((other.shown_name, other.name), self._looks(other), paired)

    def _looks(self, other: OtherModel) -> tuple[Look, Look]:
        """Return how the two are drawn: as runs everywhere, or as the first two curves."""
        assert self._run_model is not None
        project = self._run_model.project
        if other.run_ids is not None and all(map(project.has, other.run_ids)):
            one, two = (Look(*project.look(run_id)) for run_id in other.run_ids)
            return one, two
        return (Look(self._theme.series[0], Qt.PenStyle.SolidLine),
                Look(self._theme.series[1], Qt.PenStyle.DashLine))

    # -- lines --------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Have the lines ranked; the newest question wins."""
        other, question = self._other, self.rows.question
        if other is None or other.figures is None or not self.is_seen:
            return
        side, winner, key = question
        rows = other.figures.users if side == "users" else other.figures.items
        if rows is not None:
            self._worker.ask(lambda: Answer(
                other, question, rows.lines(key, better="ab".index(winner))))

    def _on_lines(self, answer: Answer) -> None:
        model = self._run_model
        if model is not None and model.ratings is not None and answer.other is model.other and (
                answer.question == self.rows.question):
            self.rows.show_rows(answer.question, answer.lines, model.ratings, answer.other)

    def _on_failed(self, error: BaseException) -> None:
        raise error  # a bug: the hook shows it

    # -- leading there ------------------------------------------------------------------------

    def _on_row_chosen(self, side: str, index: int) -> None:
        assert self._state is not None
        self._state.show_places(
            Places.of(users=[index]) if side == "users" else Places.of(items=[index]))

    def _on_row_opened(self, side: str, index: int) -> None:
        """Look for the cell on which the two differ most."""
        model, other = self._run_model, self._other
        if model is None or other is None or model.ratings is None or model.shown is None:
            return
        of: tuple[FactorModel, FactorModel, Ratings] = model.shown, other.model, model.ratings
        question = self.rows.question
        self._finder.ask(lambda: Answer(
            other, question, cell=furthest_cell(*of, index, is_user=side == "users")))

    def _on_cell(self, answer: Answer) -> None:
        if answer.cell is None or answer.other is not self._other or self._state is None:
            return
        self._state.show_cell(*answer.cell)
        self.inspector_wanted.emit()

    def _on_end(self) -> None:
        assert self._run_model is not None
        self._run_model.set_other(None)

    # -- the window ---------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Rank the lines that were not while nobody saw them."""
        self._ask()


def _whiskers(other: OtherModel) -> list[Whisker]:
    """Return the differences that are drawn."""
    paired = other.figures.paired if other.figures is not None else None
    found = [] if paired is None else [
        Whisker(each.name, each.difference, each.low, each.high,
                f"{each.name} of A less that of B, on the same ratings.")
        for each in (paired.rmse, paired.mae)]
    seeds = other.seeds
    if found and seeds is not None and not seeds.is_same and seeds.low is not None:
        found.append(Whisker(
            "Over seeds", seeds.difference, seeds.low, seeds.high,
            "Validation RMSE of the settings of A less that of B, over the seeds of each."))
    return found
