"""Run > evaluate, cross-validate, find settings, compare: the ways to what is done with runs.

All but the comparison only lead there: what they would train or measure stands in their panels,
and begins by a button.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from mfgui.gui.panel_keys import PanelKeys
from mfgui.gui.panels import EvaluationPanel, SearchPanel

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions


class RunActions:
    """The entries of the Run menu below those of the run itself."""

    def __init__(self, actions: Actions, menu: QMenu) -> None:
        self._window, add = actions.window, actions._add
        go_to, panels = PanelKeys(actions.window).go_to, actions.window.panels
        evaluation, search = panels["evaluation"], panels["search"]
        assert isinstance(evaluation, EvaluationPanel)
        assert isinstance(search, SearchPanel)
        folds = evaluation.tools.fields["n_folds"]
        menu.addSeparator()
        # What follows the tab is only shown: View > Go to has those keys.
        self._of_ratings = (
            add(menu, f"&Evaluate...\t{evaluation.keys}",
                partial(go_to, "evaluation", evaluation.tools.evaluate), None,
                "Go to where the shown model is measured on ratings that it never saw."),
            add(menu, "C&ross-validate...", partial(go_to, "evaluation", folds), "Ctrl+Shift+K",
                "Go to where the settings of the form are trained and measured on every fold."),
            add(menu, f"&Find settings...\t{search.keys}",
                partial(go_to, "search", search.controls.start), None,
                "Go to where settings are searched: ranges, trials, and the best of them."))
        self._compare = add(
            menu, "&Compare ticked runs", self._compare_ticked, "Ctrl+D",
            "Show the two runs that are ticked in the list beside each other: curves, matrices A, "
            "B and A − B, and which is better on ratings that neither was trained on.")
        menu.addSeparator()
        self._cancel = add(menu, "Cancel &job", self._window.job_bar.cancel_requested.emit,
                           "Ctrl+Shift+X", "Give up the job that the line at the bottom shows; "
                           "what is done of a search or a cross-validation stays.")
        menu.aboutToShow.connect(lambda: self._cancel.setEnabled(
            self._window.job_runner.is_running))
        menu.aboutToHide.connect(lambda: self._cancel.setEnabled(True))  # its key works any time
        project = self._window.run_model.project
        for signal in (self._window.run_model.ratings_changed, project.ticks_changed,
                       project.runs_changed):
            signal.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Switch on what can be done now."""
        model = self._window.run_model
        for action in self._of_ratings:
            action.setEnabled(model.ratings is not None)
        self._compare.setEnabled(len(model.project.ticked) == 2)

    def _compare_ticked(self) -> None:
        project = self._window.run_model.project
        project.compare_wanted.emit(*project.ticked)
