"""What a report tells of the search that a run is of, or has its settings from."""

from __future__ import annotations

from collections.abc import Iterator

from mfgui.core.solvers import SOLVERS
from mfgui.errors import ProjectError
from mfgui.jobs.search_entry import KIND, KeptSearch, kept_search
from mfgui.jobs.search_words import (
    METHOD_WORDS,
    STATUS_WORDS,
    aside_line,
    duration_text,
    score_name,
    score_text,
    values_text,
)
from mfgui.store.project import Project, RunInfo
from mfgui.store.report_page import Lines, Part, Section, Table
from mfgui.training.search_trials import Outcome

MOST_TRIALS = 15


def search_section(project: Project, run: RunInfo) -> Section | None:
    """Return the search that a run comes from; None where it comes from none that is kept."""
    kept = _search_of(project, run)
    if kept is None:
        return None
    ranked = sorted((each for each in kept.outcomes if each.score is not None),
                    key=lambda each: (each.is_pruned, each.score, each.trial))
    parts: list[Part] = [Lines(list(_lines(kept, run, ranked)))]
    if ranked:
        name, kind = score_name(kept.plan.solver), SOLVERS[kept.plan.solver].settings_type
        parts.append(Table(
            ("place", "trial", name, "settings", "ended"),
            [(str(place), f"{each.trial}{' (this run)' * (each.trial == _trial_of(run))}",
              score_text(each), values_text(each.values, kind) or "as they stood",
              STATUS_WORDS.get(each.status, each.status))
             for place, each in enumerate(ranked[:MOST_TRIALS], 1)], (0, 2),
            "The best trials"))
    return Section("Search", parts)


def _search_of(project: Project, run: RunInfo) -> KeptSearch | None:
    """Return the search of a run's origin."""
    for entry in project.entries(KIND):
        if entry.id == run.origin.get("search"):
            try:
                return kept_search(entry)
            except ProjectError:
                return None
    return None


def _trial_of(run: RunInfo) -> int | None:
    trial = run.origin.get("trial", run.origin.get("best_trial"))
    return trial if type(trial) is int else None


def _lines(kept: KeptSearch, run: RunInfo, ranked: list[Outcome]) -> Iterator[str]:
    """Yield what the search did, what this run is of it, and what its figure is worth."""
    method = METHOD_WORDS.get(kept.plan.method, (kept.plan.method, ""))[0]
    yield (f"{method}, {len(kept.outcomes):,} trial{'s' * (len(kept.outcomes) != 1)} in "
           f"{duration_text(kept.seconds)} over {kept.plan.space.text()}.")
    trial = _trial_of(run)
    if "best_trial" in run.origin:
        yield f"This run has the settings of trial {trial}, and was trained by itself."
    elif trial is not None:
        place = next((k for k, each in enumerate(ranked, 1) if each.trial == trial), None)
        yield f"This run is trial {trial}" + (
            f", in place {place} of {len(ranked)}." if place is not None else ".")
    if len(ranked) > 1:
        yield (f"The held-out ratings chose the best of {len(ranked):,}, so its figure looks "
               "better than it is.")
    if kept.aside is not None and kept.aside.trial == trial:
        yield aside_line(kept.aside)
    elif kept.aside is not None:
        yield (f"A share of {kept.holdout:.3g} of the ratings was set aside; the best trial, "
               f"{kept.aside.trial}, was measured on it, and this run was not.")
    elif kept.holdout:
        yield (f"A share of {kept.holdout:.3g} of the ratings was set aside, which no trial saw; "
               "nothing was measured on it yet.")
