"""What is said of a run of the project: its figure, its state, and all of it in a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mfgui.gui.run_looks import run_label, solver_label
from mfgui.gui.widgets.curve_data import figure

if TYPE_CHECKING:
    from mfgui.store.project import RunInfo

STATES = {
    "running": "training", "finished": "finished", "early_stopping": "stopped early",
    "stopped": "stopped", "diverged": "diverged", "failed": "failed",
    "interrupted": "interrupted",
}
CAN_CONTINUE = ("finished", "early_stopping", "stopped", "interrupted")
_FIGURES = (
    ("test_rmse", "test RMSE"), ("validation_ndcg", "validation NDCG"),
    ("test_ndcg", "test NDCG"), ("train_rmse", "training RMSE"), ("loss", "loss"),
)
# What a search or a cross-validation wrote into the origin of a run that is one of many.
_PARTS = (("trial", "trial {} of a search"), ("fold", "fold {} of a cross-validation"))


@dataclass(frozen=True)
class RunFigure:
    """The one number that a run is known by, as text, and what it is."""

    text: str
    name: str
    value: float | None = None


def run_figure(run: RunInfo) -> RunFigure:
    """Return a run's validation RMSE, or where it has none the next best figure."""
    value = finite(run.best_validation_rmse)
    if value is not None:
        return RunFigure(figure(value), "validation RMSE", value)
    for key, name in _FIGURES:
        value = value_of(run, key)
        if value is not None:
            return RunFigure(figure(value), name, value)
    return RunFigure("", "")


def value_of(run: RunInfo, key: str) -> float | None:
    """Return a figure of the kept model, while it trains of the newest epoch; None for none."""
    value = finite(run.summary.get(key))
    return value if value is not None else finite(getattr(run.last_record, key, None))


def finite(value: Any) -> float | None:
    """Return a number that can be compared with others, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def is_trial(run: RunInfo) -> bool:
    """Say whether a run is one of many that a search or a cross-validation made."""
    return any(key in run.origin for key, _ in _PARTS)


def state_text(run: RunInfo, *, is_running: bool = False) -> str:
    """Return how a run stands: "training", "finished", "interrupted"."""
    return STATES["running"] if is_running else STATES.get(run.status, run.status)


def row_text(run: RunInfo, differing: str = "", *, is_running: bool = False) -> str:
    """Return a run's label, what tells it from others, and how it stands where that matters.

    ``differing`` is what it is called beside the others, "als, F=64".
    """
    label = run_label(run.number, run.name, run.solver)
    words = differing.removesuffix(f", run {run.number}")
    if not run.name.strip() and words.startswith(f"{run.solver}, "):
        label += words[len(run.solver):]
    if not is_running and run.status in ("finished", "early_stopping", "stopped"):
        return label
    return f"{label}, {state_text(run, is_running=is_running)}"


def origin_text(run: RunInfo, number_of: dict[int, int] | None = None) -> str:
    """Return where a run comes from, "" where a person simply trained it."""
    for key, words in _PARTS:
        if key in run.origin:
            return words.format(run.origin[key])
    numbers = number_of or {}
    if "again" in run.origin and run.origin["again"] in numbers:
        return f"run {numbers[run.origin['again']]} once more"
    if run.continued_from in numbers:
        return f"continues run {numbers[run.continued_from]}"
    return ""


def date_text(seconds: float | None) -> str:
    """Return a point in time as "2025-03-14 15:09", "" for none."""
    if seconds is None:
        return ""
    try:
        return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):  # a project may hold any number
        return ""


def spoken(run: RunInfo, *, is_running: bool = False, is_shown: bool = False) -> str:
    """Return what a screen reader says of a run's row."""
    parts = [f"Run {run.number}", run.name.strip() or solver_label(run.solver)]
    known = run_figure(run)
    parts += [f"{known.name} {known.text}"] if known.text else []
    parts += [state_text(run, is_running=is_running)]
    parts += ["shown"] if is_shown else []
    parts += ["starred"] if run.is_starred else []
    parts += ["drawn on the curve"] if run.is_ticked else []
    return ", ".join(parts)


def tip(run: RunInfo, *, is_running: bool = False, number_of: dict[int, int] | None = None) -> str:
    """Return what a row leaves out, one fact a line."""
    known = run_figure(run)
    lines = [f"{run.number} {run.name.strip() or solver_label(run.solver)}"]
    lines += [solver_label(run.solver)] if run.name.strip() else []
    lines += [f"{known.name} {known.text}"] if known.text else []
    lines += [f"{state_text(run, is_running=is_running)} at epoch {run.last_epoch:,}"]
    lines += [origin_text(run, number_of), date_text(run.created), run.note]
    return "\n".join(line for line in lines if line)
