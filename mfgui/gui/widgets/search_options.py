"""How a search goes: method, number of trials, minutes, what is set aside, how many at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from mfgui.core.settings import SettingInfo, setting
from mfgui.core.settings import describe as describe_settings
from mfgui.errors import SettingsError
from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.number_field import NumberField
from mfgui.jobs.search_words import METHOD_WORDS
from mfgui.training.search import LARGEST_SEARCH
from mfgui.training.search_tpe import has_optuna

NO_OPTUNA = "Needs Optuna: pip install 'mfgui[search]'."
PRUNE_HELP = ("Cut trials short whose best validation figure so far is worse than the median of "
              "the trials before at that epoch.")


@dataclass(frozen=True)
class SearchFields:
    """The numbers of the options, declared as settings are."""

    n_trials: int | None = setting(
        40, "Trials", "How many are run at most, the settings as they stand among them; empty: as "
        "many as the minutes allow, or all of a grid.", minimum=1, maximum=LARGEST_SEARCH,
        empty_text="no limit")
    minutes: float | None = setting(
        None, "Minutes", "After so many no trial begins any more; empty: no limit.",
        minimum=0, is_open=True, maximum=100_000, empty_text="no limit")
    holdout: float = setting(
        0.0, "Set aside", "The share of the ratings that no trial sees; the best is measured on it "
        "once, at the end: a figure that nothing was chosen by. 0 sets none aside.",
        minimum=0, maximum=0.5, step=0.05)
    n_threads: int = setting(
        1, "Threads", "How many work at once; the search comes to the same for any number.",
        minimum=1, maximum=256)


def field_infos() -> dict[str, SettingInfo]:
    """Return what is known of each number."""
    infos = describe_settings(SearchFields)  # type: ignore[arg-type]  # declared as they are
    return {info.name: info for info in infos}


class SearchOptions(QWidget):
    """The fields.

    Signals
    -------
    changed : something else was chosen or typed
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.method = QuietComboBox()
        self.method.setObjectName("searchMethod")
        for key, (text, tip) in METHOD_WORDS.items():
            self.method.addItem(text, key)
            self.method.setItemData(self.method.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        describe(self.method, "Method", "How the next trials are chosen: "
                 + " ".join(f"{text}: {tip}" for text, tip in METHOD_WORDS.values()))
        self.is_pruned = QCheckBox("Cut hopeless trials short")
        self.is_pruned.setObjectName("searchPruned")
        describe(self.is_pruned, "Cut hopeless trials short", PRUNE_HELP)
        self.fields = {name: self._field(info) for name, info in field_infos().items()}
        self.fields["n_threads"].set_value(os.cpu_count() or 1)
        self._refuse_tpe()
        self._build()
        self.method.currentIndexChanged.connect(self._on_method)
        self.is_pruned.toggled.connect(lambda _is_on: self.changed.emit())

    def _field(self, info: SettingInfo) -> NumberField:
        field = NumberField(info)
        field.setObjectName(f"search_{info.name}")
        describe(field, info.label, info.help)
        field.value_changed.connect(self.changed)
        return field

    def _refuse_tpe(self) -> None:
        """Say what the method needs that is not there."""
        model: Any = self.method.model()
        if not has_optuna():
            item = model.item(self.method.findData("tpe"))
            item.setEnabled(False)
            item.setToolTip(NO_OPTUNA)

    def _build(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        method = QLabel("Method")
        method.setBuddy(self.method)
        grid.addWidget(method, 0, 0)
        grid.addWidget(self.method, 0, 1)
        grid.addWidget(self.is_pruned, 0, 2, 1, 2)
        places = {"n_trials": (1, 0), "minutes": (1, 2), "holdout": (2, 0), "n_threads": (2, 2)}
        for name, (row, column) in places.items():
            label = QLabel(self.fields[name].info.label)
            label.setBuddy(self.fields[name])
            label.setToolTip(self.fields[name].info.help)
            grid.addWidget(label, row, column)
            grid.addWidget(self.fields[name], row, column + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)

    def _on_method(self) -> None:
        """Prune where the method is made for it; a person may choose otherwise."""
        self.is_pruned.setChecked(self.method_name == "tpe")
        self.changed.emit()

    @property
    def method_name(self) -> str:
        """The chosen method."""
        return str(self.method.currentData())

    def value(self, name: str) -> Any:
        """Return a number.

        Raises
        ------
        SettingsError
            If what was typed is none.
        """
        return self.fields[name].value()

    def number(self, name: str) -> Any:
        """Return a number, its default where what was typed is none."""
        try:
            return self.value(name)
        except SettingsError:
            return self.fields[name].info.default

    def show_plan(self, plan: Any, holdout: float) -> None:
        """Show the options of a search."""
        self.method.setCurrentIndex(max(self.method.findData(plan.method), 0))
        self.is_pruned.setChecked(plan.is_pruned)
        self.fields["n_trials"].set_value(plan.n_trials)
        self.fields["minutes"].set_value(None if plan.seconds is None else plan.seconds / 60)
        self.fields["holdout"].set_value(holdout)

    def set_locked(self, *, is_running: bool) -> None:
        """Let nothing be changed while a search is under way."""
        for widget in (self.method, self.is_pruned, *self.fields.values()):
            widget.setEnabled(not is_running)
