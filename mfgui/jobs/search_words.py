"""What a search says, in window and terminal alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mfgui.core.figures import Figure
from mfgui.core.settings import RunSettings, describe
from mfgui.core.solvers import SOLVERS
from mfgui.jobs.evaluation_words import figure_text
from mfgui.jobs.honesty import NEVER_TOUCHED
from mfgui.jobs.search_aside import AsideFigure
from mfgui.training.search import BATCH, SIDE_BY_SIDE, SearchPlan
from mfgui.training.search_samplers import n_combinations
from mfgui.training.search_space import value_text
from mfgui.training.search_trials import FAILED, PRUNED, Outcome

if TYPE_CHECKING:
    from mfgui.jobs.search import SearchFound

METHOD_WORDS = {
    "random": ("Random", "Draws each setting of its range, independently: hard to beat where few "
               "settings matter."),
    "grid": ("Grid", "All combinations of a few values of each setting."),
    "tpe": ("TPE (Optuna)", "Draws more where trials were good before, and cuts those short whose "
            "curve lags behind."),
}
STATUS_WORDS = {
    "finished": "finished", "early_stopping": "stopped early", "diverged": "diverged",
    PRUNED: "pruned", FAILED: "failed", "stopped": "cut off",
}


def score_name(solver: str) -> str:
    """Return what trials are judged by: "validation RMSE"."""
    return "validation RMSE" if SOLVERS[solver].measure == "rmse" else "validation NDCG@10"


def score_text(outcome: Outcome | None) -> str:
    """Return a trial's figure, "–" where there is none."""
    return "–" if outcome is None or outcome.score is None else f"{abs(outcome.score):.4f}"


def size_text(plan: SearchPlan) -> str:
    """Return how many trials a plan has, before it begins."""
    n, parts = plan.n_trials, []
    if plan.method == "grid":
        size = n_combinations(plan.space, type(plan.settings))
        n = size if n is None else min(n, size)
        parts.append(f"{size - 1:,} combination{'s' * (size != 2)} and the settings as they stand")
        if n < size:
            parts.append(f"the first {n:,} trials of them")
    elif n is not None:
        parts.append(f"{n:,} trial{'s' * (n != 1)}, the first as the settings stand")
    if plan.seconds is not None:
        parts.append(f"no trial begins after {duration_text(plan.seconds)}")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def duration_text(seconds: float) -> str:
    """Return a time in the unit that suits it: 45 s, 10 min, 1.5 h."""
    if seconds < 100:
        return f"{seconds:.3g} s"
    if seconds < 5400:
        return f"{seconds / 60:.3g} min"
    return f"{seconds / 3600:.3g} h"


def pace_text(n_ratings: int, n_threads: int) -> str:
    """Return how trials share the processors."""
    if n_threads == 1:
        return "One trial after another, on one thread."
    if n_ratings > SIDE_BY_SIDE:
        return f"One trial after another, each on {n_threads} threads: these ratings are many."
    return f"{min(n_threads, 2 * BATCH)} trials at a time, each on one thread."


def values_text(values: dict[str, Any], settings_type: type[RunSettings]) -> str:
    """Return the searched settings with their labels: "Factors 37, Learning rate 0.021"."""
    labels = {info.name: info.label for info in describe(settings_type)}
    return ", ".join(f"{labels.get(name, name)} {value_text(value)}"
                     for name, value in values.items())


def found_lines(found: SearchFound) -> list[str]:
    """Return what was found, and what its figures are worth, a sentence each."""
    plan, outcomes, best = found.search.plan, found.search.outcomes, found.best
    n_pruned = sum(each.is_pruned for each in outcomes)
    n_failed = sum(each.score is None for each in outcomes)
    head = f"{len(outcomes):,} trial{'s' * (len(outcomes) != 1)} in "
    head += duration_text(found.search.seconds)
    for n, word in ((n_pruned, "pruned"), (n_failed, "failed")):
        head += f", {n:,} {word}" if n else ""
    if not found.is_complete:
        head += f" of {plan.n_trials:,}: stopped" if plan.n_trials else ": stopped"
    lines = [f"{head}."]
    if best is None:
        return [*lines, "No trial came to a figure."]
    lines.append(_best_line(plan, best, outcomes))
    lines.append(_honest_line(found))
    if found.aside is not None:
        lines.append(aside_line(found.aside))
    return lines


def _best_line(plan: SearchPlan, best: Outcome, outcomes: tuple[Outcome, ...]) -> str:
    """Return the best trial beside trial 0."""
    name = score_name(plan.solver)
    if best.trial == 0:
        others = len(outcomes) - 1
        return (f"Best are the settings as they stand (trial 0): {name} {score_text(best)}"
                + (f"; none of {others:,} others came below." if others and "RMSE" in name else
                   f"; none of {others:,} others came above." if others else "."))
    text = (f"Best is trial {best.trial}: {name} {score_text(best)} with "
            f"{values_text(best.values, type(plan.settings))}")
    first = outcomes[0] if outcomes and outcomes[0].trial == 0 else None
    return f"{text}; the settings as they stand came to {score_text(first)}." if first else text


def _honest_line(found: SearchFound) -> str:
    """Say that held-out ratings which choose do not judge."""
    n = len([each for each in found.search.outcomes if each.score is not None])
    if n < 2:
        return ""
    text = f"The held-out ratings chose the best of {n:,}, so its figure looks better than it is."
    if found.aside is not None:
        return text
    if found.search.holdout:
        return f"{text} The ratings set aside are measured on when the search is over."
    return f"{text} {NEVER_TOUCHED[:-1]}, or let the next search set some ratings aside."


def aside_line(aside: AsideFigure) -> str:
    """Return what the best came to on ratings that no trial saw."""
    name = "RMSE" if aside.name == "rmse" else "NDCG@10"
    text = (f"On {aside.n_ratings:,} ratings set aside, which no trial saw, its model has {name} "
            f"{figure_text(Figure(aside.value, aside.error))}")
    if aside.n_unseen:
        text += f" ({aside.n_unseen:,} of them have a user or item without a training rating)"
    if aside.n_looks > 1:
        text += (f"; they were measured on {aside.n_looks} times, for the search went on, which "
                 "makes the figure a little too good")
    return f"{text}."


def as_plain(found: SearchFound) -> dict[str, Any]:
    """Return what was found as one JSON object."""
    search = found.search
    name = "validation_rmse" if SOLVERS[search.plan.solver].measure == "rmse" else "validation_ndcg"

    def trial(outcome: Outcome) -> dict[str, Any]:
        return {
            "trial": outcome.trial, "run": search.runs.get(outcome.trial),
            "settings": dict(outcome.values),
            name: None if outcome.score is None else abs(outcome.score),
            "status": outcome.status, "n_epochs": outcome.n_epochs,
            "pruned_at": outcome.n_epochs if outcome.is_pruned else None, "note": outcome.note,
            "train_seconds": outcome.train_seconds, "epoch_seconds": outcome.epoch_seconds,
            "seconds": outcome.seconds}

    return {
        "search": search.id or None, "solver": search.plan.solver, "method": search.plan.method,
        "seed": search.plan.seed, "space": search.plan.space.text(),
        "is_complete": found.is_complete, "seconds": search.seconds,
        "trials": [trial(each) for each in search.outcomes],
        "best": None if found.best is None else trial(found.best),
        "aside": None if found.aside is None else found.aside.as_plain(),
        "lines": [line for line in found_lines(found) if line]}
