"""The columns of the runs table: every setting and every figure of the runs there are.

A column is a key that filters and exported files use, a heading that people read, and a function
of a run. Settings and figures in which the runs differ come first, those that are the same in all
of them last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from mfgui.core.settings import SettingInfo, describe
from mfgui.core.solvers import SOLVERS
from mfgui.gui.run_looks import solver_label
from mfgui.gui.run_words import date_text, finite, origin_text, state_text, value_of
from mfgui.gui.widgets.curve_data import figure
from mfgui.gui.widgets.number_field import number_text

if TYPE_CHECKING:
    from mfgui.store.project import RunInfo

TICK, STAR, NUMBER, NAME, NOTE = "ticked", "star", "run", "name", "note"
# Figures of the kept model, as the summary names them.
_FIGURES = (
    ("test_rmse", "Test RMSE"), ("train_rmse", "Training RMSE"),
    ("validation_ndcg", "Validation NDCG"), ("test_ndcg", "Test NDCG"),
    ("validation_precision", "Validation precision"), ("test_precision", "Test precision"),
    ("validation_recall", "Validation recall"), ("test_recall", "Test recall"),
    ("train_loss", "Training loss"), ("best_epoch", "Best epoch"), ("kept_epoch", "Kept epoch"),
    ("train_seconds", "Seconds"), ("seconds_per_epoch", "Seconds an epoch"),
    ("mean_validation_rmse", "RMSE of the mean"), ("bias_validation_rmse", "RMSE of the biases"),
    ("n_validation", "Validation ratings"), ("n_test", "Test ratings"),
)
_LEADING = (TICK, STAR, NUMBER, NAME, "solver", "validation_rmse")
_COUNTS = {"best_epoch", "kept_epoch", "n_validation", "n_test"}
_SECONDS = {"train_seconds", "seconds_per_epoch"}


@dataclass(frozen=True)
class RunColumn:
    """A column of the table.

    Parameters
    ----------
    key : str
        What filters and files call it.
    heading : str
    value : callable
        What of a run stands in it: a number, a word, a switch or None; what it is sorted by.
    text : callable
        That value as people read it.
    is_number : bool
    kind : str
        "own", "figure" or "setting".
    help : str
    """

    key: str
    heading: str
    value: Callable[[RunInfo], Any]
    text: Callable[[Any], str]
    is_number: bool = False
    kind: str = "own"
    help: str = ""


def _plain(value: Any) -> str:
    """Return any plain value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (int, float)):
        return number_text(value)
    return str(value)


def _count(value: Any) -> str:
    return f"{value:,.0f}" if finite(value) is not None else ""


def _figure(value: Any) -> str:
    return figure(value) if finite(value) is not None else ""


def _seconds(value: Any) -> str:
    if finite(value) is None:
        return ""
    return f"{value:,.1f}" if value >= 1 else f"{value:.3g}"


def _mark(value: Any) -> str:
    return "yes" if value else ""


class _Figures:
    """The figures of each run, worked out once: a table asks for them thousands of times."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[RunInfo, dict[str, float | None]]] = {}

    def of(self, key: str) -> Callable[[RunInfo], float | None]:
        """Return what gives one figure of a run."""
        def value(run: RunInfo) -> float | None:
            kept = self._kept.get(run.id)
            if kept is None or kept[0] is not run:
                kept = run, {name: value_of(run, name) for name, _ in _FIGURES}
                self._kept[run.id] = kept
            return kept[1][key]

        return value


def _of_settings(key: str) -> Callable[[RunInfo], Any]:
    return lambda run: run.settings.get(key)


def own_columns(number_of: dict[int, int], running: Callable[[], int | None]) -> list[RunColumn]:
    """Return what every run has; ``running()`` is the id of the one that trains."""
    return [
        RunColumn(TICK, "", lambda run: run.is_ticked, _mark, help="Drawn on the curve."),
        RunColumn(STAR, "★", lambda run: run.is_starred, _mark, help="Worth keeping in mind."),
        RunColumn(NUMBER, "Run", lambda run: run.number, _count, is_number=True,
                  help="The run's number in this project, never given twice."),
        RunColumn(NAME, "Name", lambda run: run.name, str,
                  help="What you call the run; a double click or F2 writes in it."),
        RunColumn("solver", "Method", lambda run: solver_label(run.solver), str,
                  help="The method that trained it."),
        RunColumn("validation_rmse", "Validation RMSE",
                  lambda run: finite(run.best_validation_rmse), _figure, is_number=True,
                  help="The lowest on the held-out ratings, before any refit."),
        RunColumn("status", "State",
                  lambda run: state_text(run, is_running=run.id == running()), str,
                  help="How the run stands or ended."),
        RunColumn("epochs", "Epochs run", lambda run: run.last_epoch, _count, is_number=True,
                  help="The last epoch that was recorded."),
        RunColumn("created", "Begun", lambda run: run.created, date_text, is_number=True,
                  help="When it began."),
        RunColumn("origin", "Origin", lambda run: origin_text(run, number_of), str,
                  help="The run it goes on from, or the search or cross-validation it is part of."),
        RunColumn("megabytes", "MB kept", lambda run: run.n_bytes / 1e6, _seconds, is_number=True,
                  help="The room that its factors take in the project."),
        RunColumn(NOTE, "Note", lambda run: run.note, str,
                  help="What you wrote down about it; a double click or F2 writes in it."),
    ]


def figure_columns() -> list[RunColumn]:
    """Return the figures of the kept model."""
    result, figures = [], _Figures()
    for key, heading in _FIGURES:
        text = _count if key in _COUNTS else _seconds if key in _SECONDS else _figure
        result.append(RunColumn(key, heading, figures.of(key), text, is_number=True,
                                kind="figure", help=f"{heading} of the kept model."))
    return result


@cache
def _infos() -> dict[str, SettingInfo]:
    """Return what is known of each setting, whichever method has it."""
    infos: dict[str, SettingInfo] = {}
    for solver in SOLVERS.values():
        for info in describe(solver.settings_type):
            infos.setdefault(info.name, info)
    return infos


def setting_columns(runs: Iterable[RunInfo]) -> list[RunColumn]:
    """Return a column for each setting that any of the runs has."""
    names: dict[str, None] = {}
    for run in runs:
        names.update(dict.fromkeys(run.settings))
    result = []
    for name in names:
        info = _infos().get(name)
        is_number = info is not None and info.kind in (int, float)
        result.append(RunColumn(
            name, info.label if info is not None else name, _of_settings(name),
            _setting_text(info), is_number=is_number, kind="setting",
            help=f"{info.help} In filters: {name}." if info is not None else name))
    return result


def _setting_text(info: SettingInfo | None) -> Callable[[Any], str]:
    """Return how a setting's value is written; one that a method does not have stays empty."""
    if info is None or not info.choices:
        return _plain
    return lambda value: info.choices.get(value, _plain(value))


def differing(columns: Sequence[RunColumn], runs: Sequence[RunInfo]) -> list[bool]:
    """Return of each column whether the runs differ in it."""
    return [_differ(column.value, runs) for column in columns]


def _differ(value: Callable[[RunInfo], Any], runs: Sequence[RunInfo]) -> bool:
    """Say whether a value differs; mostly it does within the first few."""
    first = value(runs[0]) if runs else None
    return any(value(run) != first for run in runs)


def ordered(
    columns: Sequence[RunColumn], runs: Sequence[RunInfo]
) -> tuple[list[RunColumn], set[str]]:
    """Return what leads, then what the runs differ in, then the rest; and which say the same."""
    differ = dict(zip((column.key for column in columns), differing(columns, runs), strict=True))
    first = [column for column in columns if column.key in _LEADING]
    for kind in ("setting", "figure", "own"):
        first += [column for column in columns if differ[column.key] and column.kind == kind
                  and column.key not in _LEADING]
    same = [column for column in columns if column not in first]
    return [*first, *same], {column.key for column in columns if not differ[column.key]}


def sort_key(value: Any) -> tuple[int, Any]:
    """Return what values of all kinds can be sorted by; what is missing comes last."""
    if value is None or value == "":
        return 2, ""
    if isinstance(value, (bool, int, float)):
        return 0, value
    return 1, str(value).casefold()
