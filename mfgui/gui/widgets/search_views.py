"""What a search came to so far: a scatter, parallel coordinates, the list of trials, the result."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS
from mfgui.gui.search_board import SearchBoard
from mfgui.gui.theme import Theme
from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.scrolling import Content, Scrolling
from mfgui.gui.widgets.search_axis import ValueAxis
from mfgui.gui.widgets.search_parallel import SearchParallel
from mfgui.gui.widgets.search_scatter import SearchScatter
from mfgui.gui.widgets.search_trials import TrialsTable
from mfgui.gui.widgets.segments import Segments
from mfgui.gui.widgets.small_parts import sentence
from mfgui.jobs.search_words import found_lines, score_name
from mfgui.training.search_space import Space, info_of

VIEWS = {
    "scatter": ("Scatter", "One setting against what each trial came to."),
    "parallel": ("Parallel", "All searched settings and the figure, a line a trial."),
    "trials": ("Trials", "The list of trials."),
    "result": ("Result", "What was found, and what its figures are worth."),
}
NOTHING = ("Start trains one run after another with settings from the ranges at the left. The "
           "trials show here as they come, and stay in the project as runs.")
FIRST = "A trial shows here as soon as an epoch of it has been measured."


class SearchViews(QWidget):
    """The views of one search, and the trial that is chosen in all of them.

    Signals
    -------
    trial_chosen : number of the trial that a person chose
    """

    trial_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.segments = Segments("View of the trials", VIEWS)
        self.setting = QuietComboBox()
        self.setting.setObjectName("searchAxis")
        describe(self.setting, "Setting along the axis",
                 "Which searched setting the trials are laid out along.")
        self.earlier = QuietComboBox()
        self.earlier.setObjectName("searchEarlier")
        describe(self.earlier, "Searches of the project",
                 "The searches that the project holds; one that is chosen is shown and can go on.")
        self.earlier.hide()
        self.scatter, self.parallel, self.trials = SearchScatter(), SearchParallel(), TrialsTable()
        self.result, self._nothing = QLabel(), sentence(NOTHING)
        self.chosen: int | None = None
        self._axes: list[ValueAxis] = []
        self._name = "validation RMSE"
        self._board: SearchBoard | None = None
        self._build()
        self.segments.chosen.connect(self._on_view)
        self.setting.currentIndexChanged.connect(lambda _place: self.draw())
        for view in (self.scatter, self.parallel, self.trials):
            view.trial_chosen.connect(self._on_chosen)

    def _build(self) -> None:
        self.result.setWordWrap(True)
        self.result.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.result.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.result.setContentsMargins(4, 4, 4, 4)
        self.result.setObjectName("searchResult")
        page = Content()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.result)
        column.addStretch(1)
        self.pages = QStackedWidget()
        for widget in (self.scatter, self.parallel, self.trials, Scrolling(page)):
            self.pages.addWidget(widget)
        self.pages.addWidget(self._nothing)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self.segments)
        head.addWidget(self.setting)
        head.addStretch(1)
        head.addWidget(self.earlier)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.pages, 1)
        self._choose_page()

    def set_theme(self, theme: Theme) -> None:
        """Hand the theme to what draws itself."""
        self.scatter.set_theme(theme)
        self.parallel.set_theme(theme)
        self.trials.trials.set_theme(theme)

    def show_space(self, space: Space, settings_type: type[RunSettings], solver: str) -> None:
        """Show a search of these settings."""
        axes = [ValueAxis(info_of(each.name, settings_type), each) for each in space.ranges]
        name = score_name(solver)
        if axes == self._axes and name == self._name:
            return
        self._axes, self._name, self.chosen = axes, name, None
        self.setting.blockSignals(True)
        before = self.setting.currentData()
        self.setting.clear()
        for axis in axes:
            self.setting.addItem(axis.info.label, axis.info.name)
        self.setting.setCurrentIndex(max(self.setting.findData(before), 0))
        self.setting.blockSignals(False)
        heading = "Val. RMSE" if SOLVERS[solver].measure == "rmse" else "Val. NDCG"
        self.trials.show_columns([axis.info for axis in axes], heading)

    def show_board(self, board: SearchBoard) -> None:
        """Show how a search stands."""
        self._board = board
        search = board.search
        if search is not None:
            self.show_space(search.plan.space, type(search.plan.settings), search.plan.solver)
        self.draw()

    def _on_view(self, key: str) -> None:
        self._choose_page()
        self.draw()

    def _choose_page(self) -> None:
        """Show the chosen view, or a sentence where it would be empty axes."""
        lines, key = self._board.lines if self._board is not None else (), self.segments.key
        is_drawn = any(line.figure is not None for line in lines) or (
            bool(lines) and key in ("trials", "result"))
        self._nothing.setText(FIRST if lines else NOTHING)
        self.pages.setCurrentIndex(list(VIEWS).index(key) if is_drawn else len(VIEWS))
        self.segments.setVisible(bool(lines))
        self.setting.setVisible(bool(lines) and key == "scatter")

    def choose_view(self, key: str) -> None:
        """Show a view, as if a person had chosen it."""
        self.segments.choose(key)
        self._on_view(key)

    def draw(self) -> None:
        """Bring the view that is shown up to date."""
        board = self._board
        self._choose_page()
        if board is None:
            return
        lines, best = board.lines, board.best.trial if board.best is not None else None
        key = self.segments.key
        if key == "scatter":
            axis = next((axis for axis in self._axes
                         if axis.info.name == self.setting.currentData()), None)
            self.scatter.show_trials(lines, best, axis, self._name)
        elif key == "parallel":
            self.parallel.show_trials(lines, best, self._axes, self._name)
        elif key == "trials":
            self.trials.show_trials(lines, best, self.chosen)
        else:
            self.result.setText(result_text(board))

    def _on_chosen(self, trial: int) -> None:
        self.chosen = trial
        self.scatter.point_at(trial)
        self.parallel.point_at(trial)
        self.trial_chosen.emit(trial)


def result_text(board: SearchBoard) -> str:
    """Return what was found in sentences, one below the other."""
    if board.found is not None:
        return "\n\n".join(line for line in found_lines(board.found) if line)
    if board.best is None:
        return "No trial is over yet."
    return f"So far trial {board.best.trial} is best: {board.best.figure_text}."
