"""A search as a project keeps it: its plan, what became of its trials, and what it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mfgui.core.settings import as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.errors import MfguiError, ProjectError
from mfgui.jobs.search_aside import LARGEST_SHARE, AsideFigure
from mfgui.store.project import Entry, Project
from mfgui.training.measures import MEASURES
from mfgui.training.search import LARGEST_SEARCH, METHODS, SearchPlan
from mfgui.training.search_space import space_from_plain, space_to_plain
from mfgui.training.search_trials import Outcome

KIND = "search"


@dataclass(frozen=True)
class KeptSearch:
    """A search of a project.

    Parameters
    ----------
    plan : SearchPlan
    source_id : int
        Of the ratings.
    holdout : float
        The share set aside before it.
    outcomes : tuple of Outcome
        Of the trials that are over.
    runs : dict of int to int
        The run of each trial that began.
    seconds : float
        What it took until now, waiting left out.
    aside : AsideFigure or None
    id : int
        Of its entry; 0 before there is one.
    """

    plan: SearchPlan
    source_id: int
    holdout: float = 0.0
    outcomes: tuple[Outcome, ...] = ()
    runs: Mapping[int, int] = field(default_factory=dict)
    seconds: float = 0.0
    aside: AsideFigure | None = None
    id: int = 0

    def as_plain(self, outcomes: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Return it as the body of an entry; ``outcomes`` as they were made plain before."""
        plan = self.plan
        return {
            "solver": plan.solver, "settings": as_dict(plan.settings),
            "space": space_to_plain(plan.space), "method": plan.method, "n_trials": plan.n_trials,
            "seconds_at_most": plan.seconds, "seed": plan.seed, "is_pruned": plan.is_pruned,
            "source_id": self.source_id, "holdout": self.holdout,
            "outcomes": [each.as_plain() for each in self.outcomes] if outcomes is None else (
                list(outcomes)),
            "runs": {str(trial): run for trial, run in self.runs.items()},
            "seconds": self.seconds,
            "aside": None if self.aside is None else self.aside.as_plain()}

    @property
    def is_complete(self) -> bool:
        """Whether all trials that were asked for are over, or the time is."""
        plan = self.plan
        if plan.n_trials is not None and len(self.outcomes) >= plan.n_trials:
            return True
        return plan.seconds is not None and self.seconds >= plan.seconds

    def on_threads(self, n_threads: int) -> KeptSearch:
        """Return the same search on so many threads, which change nothing of it but its pace."""
        return replace(self, plan=replace(self.plan, n_threads=n_threads))


def kept_search(entry: Entry) -> KeptSearch:
    """Return what an entry of a project holds; it comes from a file, and is checked.

    Raises
    ------
    ProjectError
        If it is no search, or damaged.
    """
    try:
        return _kept(entry.id, entry.body)
    except (KeyError, TypeError, ValueError, AttributeError, MfguiError) as error:
        raise ProjectError(
            f"Search {entry.id} of the project is damaged and cannot go on; its runs are there."
        ) from error


def _kept(entry_id: int, body: Mapping[str, Any]) -> KeptSearch:
    settings_type = SOLVERS[body["solver"]].settings_type
    settings = settings_type(**body["settings"])
    if body["method"] not in METHODS:
        raise ValueError("method")
    plan = SearchPlan(
        body["solver"], settings, space_from_plain(body["space"], settings_type), body["method"],
        None if body["n_trials"] is None else _count(body["n_trials"]),
        None if body["seconds_at_most"] is None else float(body["seconds_at_most"]),
        _count(body["seed"], 2**63), bool(body["is_pruned"]))
    aside, holdout = body.get("aside"), float(body["holdout"])
    if not 0 <= holdout <= LARGEST_SHARE:
        raise ValueError("holdout")
    return KeptSearch(
        plan, _count(body["source_id"], 2**63), holdout,
        tuple(_outcome(each, plan) for each in body["outcomes"]),
        {_count(int(trial)): _count(run, 2**63) for trial, run in body["runs"].items()},
        float(body["seconds"]), None if aside is None else _aside(aside), entry_id)


def _outcome(plain: Mapping[str, Any], plan: SearchPlan) -> Outcome:
    """Return what became of a trial, each part of the kind that it has to be."""
    outcome = Outcome.from_plain(plain)
    _count(outcome.trial)
    _count(outcome.n_epochs, 2**63)
    scores = [*outcome.curve, *([] if outcome.score is None else [outcome.score])]
    seconds = [outcome.train_seconds, outcome.epoch_seconds, outcome.seconds]
    if not _are(float, [*scores, *seconds]) or not _are(str, [outcome.status, outcome.note]):
        raise ValueError("a figure or a word")
    replace(plan.settings, **outcome.values)  # refuses what no setting can be
    if set(outcome.values) != set(plan.space.names):
        raise ValueError("other settings than were searched")
    return outcome


def _aside(plain: Mapping[str, Any]) -> AsideFigure:
    """Return what the best came to on the ratings set aside, checked likewise."""
    figure = AsideFigure(**plain)
    for number in (figure.trial, figure.n_ratings, figure.n_unseen, figure.n_looks):
        _count(number, 2**63)
    figures = [figure.value, *([] if figure.error is None else [figure.error])]
    if not _are(float, figures) or figure.name not in MEASURES:
        raise ValueError("a figure or its name")
    return figure


def _are(kind: type, values: Sequence[Any]) -> bool:
    """Return whether all are of a kind; a whole number is a float too."""
    kinds = (float, int) if kind is float else (kind,)
    return all(isinstance(value, kinds) and not isinstance(value, bool) for value in values)


def _count(value: Any, most: int = LARGEST_SEARCH) -> int:
    """Return a whole number of a file."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError("no such number")
    return value


def searches(project: Project) -> list[KeptSearch]:
    """Return the searches of a project, the damaged ones left out, the newest last."""
    found = []
    for entry in project.entries(KIND):
        try:
            found.append(kept_search(entry))
        except ProjectError:  # one that is named is refused in words; here the others count
            continue
    return found


def find_search(project: Project, entry_id: int | None) -> KeptSearch:
    """Return a search of a project: by the number of its entry, or the newest one.

    Raises
    ------
    ProjectError
        If there is none, or it is damaged.
    """
    entries = project.entries(KIND)
    chosen = [each for each in entries if entry_id in (None, each.id)]
    if not chosen:
        which = "no search" if entry_id is None else f"no search {entry_id}"
        there = ", ".join(str(each.id) for each in entries)
        raise ProjectError(f"{project.path.name} holds {which}"
                           + (f": it has {there}." if there else "."))
    return kept_search(chosen[-1])
