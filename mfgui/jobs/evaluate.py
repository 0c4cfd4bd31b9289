"""How good a model is on ratings that it never saw: a test file's, or those it held out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.splits import n_users_left_out
from mfgui.core.top_metrics import MOST_PLACES
from mfgui.data.options import ReadOptions
from mfgui.errors import SettingsError, TrainingError
from mfgui.inspection.known import Known
from mfgui.jobs.evaluation_words import as_dict, from_dict, lists_line, table, verdict
from mfgui.jobs.honesty import Facts, honesty_lines, run_facts
from mfgui.jobs.models import known_from, unrated
from mfgui.store.model_file import SavedModel, is_refit_card, open_model
from mfgui.training.evaluation import Evaluation
from mfgui.training.evaluation import evaluate as evaluate_part
from mfgui.training.tested import Tested, tested_file, tested_positions

if TYPE_CHECKING:
    from mfgui.store.project import Project

Path = str | os.PathLike[str]

HELD_OUT, UNSEEN = "held_out", "unseen"
ERRORS_LINE = "± is the standard error over users."
NO_RATINGS_LINE = (
    "The ratings that the model was trained on are not known here, so that there are no baselines "
    "and no lists, and ratings of the test that it was trained on could not be left out: name them "
    "with --ratings.")


@dataclass(frozen=True, eq=False)
class Subject:
    """A model to evaluate, with what is known of it.

    Parameters
    ----------
    name : str
        What to call it.
    model : FactorModel
    known : Known or None
        Its ratings, in its numbering; None where nobody knows them.
    ids : Ratings or None
        Its users and items; None: those of ``known``.
    before_refit : FactorModel or None
    summary : dict
        The run's, with "settings": untrusted where it comes from a file.
    origin : dict
        Of the run: ``{"search": ...}`` where a search picked it.
    """

    name: str
    model: FactorModel
    known: Known | None
    ids: Ratings | None = None
    before_refit: FactorModel | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)


def subject_of(saved: SavedModel, name: str, known: Known | None = None) -> Subject:
    """Return what a model file holds as something to evaluate."""
    card, summary = saved.card, saved.card.get("summary")
    own = {**summary, "settings": card.get("settings")} if isinstance(summary, Mapping) else {
        "settings": card.get("settings"), "is_refit": is_refit_card(card)}
    origin = card.get("origin")
    return Subject(name, saved.model, known or saved.known, unrated(saved), saved.before_refit, own,
                   origin if isinstance(origin, Mapping) else {})


def check_lists(n: int, threshold: float | None = None) -> None:
    """Refuse a number of places or a threshold that cannot be.

    Raises
    ------
    SettingsError
        If it is out of bounds.
    """
    if not 1 <= n <= MOST_PLACES:
        raise SettingsError(f"The number of places (n) is {n}, but must be at least 1 and at most "
                            f"{MOST_PLACES}.", "n")
    if threshold is not None and not abs(threshold) < 1e30:
        raise SettingsError(f"The threshold is {threshold}, but must be a finite number.",
                            "threshold")


def evaluate(
    control: Control, subject: Subject, test: Ratings | None = None, *, part: str = HELD_OUT,
    n: int = 10, threshold: float | None = None, n_threads: int | None = None,
    project: Project | None = None, run_id: int | None = None,
) -> Iterator[Evaluation]:
    """Yield the figures of a model on a test file, or on what its run never saw.

    Parameters
    ----------
    test : Ratings or None
        None: some of the model's own ratings, as ``part`` says.
    part : str
        "held_out": what its run held out, with the factors from before a refit; "unseen": what it
        never saw, not even in a refit, as the fold of a cross-validation that it left out.
    n_threads : int or None
        None: one a core; the figures are the same for any number.
    project, run_id : Project, int, or None
        Where the evaluation is kept.

    Raises
    ------
    TrainingError
        If there are no ratings that the model never saw.
    SettingsError
        If ``n`` or ``threshold`` is out of bounds.
    CancelledError
        If the control was stopped.
    """
    check_lists(n, threshold)
    with WorkerPool(n_threads or os.cpu_count() or 1) as pool:
        control.report("Finding the ratings to measure on")
        if test is not None:
            chosen = _test_part(subject, test, pool)
        else:
            chosen = _unseen_part(subject) if part == UNSEEN else _held_out_part(subject)
        found = evaluate_part(chosen.model, chosen.training, chosen.tested, pool, control, n=n,
                              threshold=threshold)
    lines = filter(None, (verdict(found.rows, n), *honesty_lines(_counted(chosen.facts, found)),
                          "" if chosen.training is not None else NO_RATINGS_LINE,
                          lists_line(found), ERRORS_LINE))
    found = replace(found, subject=subject.name, tested_on=chosen.name, lines=tuple(lines))
    if project is not None:
        project.add_entry("evaluation", as_dict(found), run_id)
    yield found


def evaluate_file(
    control: Control, model_path: Path, test_path: Path, *, n: int = 10,
    threshold: float | None = None, n_threads: int | None = None,
    ratings_path: Path | None = None, options: ReadOptions | None = None,
) -> Iterator[Evaluation]:
    """Yield the figures of a model file on a ratings file.

    Parameters
    ----------
    ratings_path : path or None
        The ratings that the model was trained on, where its file does not hold them.
    options : ReadOptions or None
        How the ratings files are read.

    Raises
    ------
    ModelFileError, DataError
        If a file cannot be read.
    TrainingError, SettingsError, CancelledError
        As ``evaluate`` says.
    """
    from mfgui.data.reader import open_ratings

    check_lists(n, threshold)
    control.report(f"Opening {model_path}")
    saved = open_model(model_path)
    known = None
    if saved.known is None and ratings_path is not None:
        control.report(f"Reading {ratings_path}")
        known = known_from(saved, open_ratings(ratings_path, options, control)[0])
    control.report(f"Reading {test_path}")
    test = open_ratings(test_path, options, control)[0]
    subject = subject_of(saved, os.path.basename(os.fspath(model_path)), known)
    yield from evaluate(control, subject, test, n=n, threshold=threshold, n_threads=n_threads)


def evaluation_table(body: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return heading and lines of an evaluation that a project keeps; empty where it is none."""
    try:
        found = from_dict(body)
    except ValueError:
        return [], []
    return table(found.rows, found.n)


def evaluation_lines(body: Mapping[str, Any]) -> list[str]:
    """Return the sentences of an evaluation that a project keeps; none where it is none."""
    try:
        found = from_dict(body)
    except ValueError:
        return []
    on = f"{found.subject} on {found.tested_on}." if found.subject else ""
    return [line for line in (on, *found.lines) if line]


@dataclass(frozen=True, eq=False)
class _Part:
    """What is measured: factors, what they were trained on, and what they never saw."""

    name: str
    model: FactorModel
    training: Ratings | None
    tested: Tested
    facts: Facts


def _held_out_part(subject: Subject) -> _Part:
    """Return the held-out ratings of a run, with the factors that never saw them."""
    known, model = subject.known, subject.model
    places = (np.empty(0, np.int64) if known is None or known.is_held_out is None
              else np.flatnonzero(known.is_held_out))
    if known is None or not places.size:
        raise TrainingError("This model held no ratings out: choose a test file, or train with a "
                            "validation share above 0.")
    if known.is_trained_on_all:
        if subject.before_refit is None:
            raise TrainingError("This model was trained on its held-out ratings too, and the "
                                "factors from before are not kept: choose a test file.")
        model = subject.before_refit
    before = known.before_refit()
    facts = run_facts(subject.summary, subject.origin) or Facts("validation", int(places.size))
    return _Part("its held-out ratings", model, before.training,
                 tested_positions(known.ratings, places),
                 replace(facts, n_ratings=int(places.size), is_refit=known.is_trained_on_all,
                         n_users_left_out=n_users_left_out(known.ratings, places)))


def _unseen_part(subject: Subject) -> _Part:
    """Return the open ratings that a model never saw."""
    known = subject.known
    places = (np.empty(0, np.int64) if known is None or known.is_unseen is None
              else np.flatnonzero(known.is_unseen))
    if known is None or not places.size:
        raise TrainingError("There are no open ratings that this model never saw: choose a test "
                            "file.")
    facts = Facts("unseen", int(places.size), is_searched="search" in subject.origin,
                  is_refit=subject.summary.get("is_refit") is True)
    return _Part("the open ratings that it never saw", subject.model, known.training,
                 tested_positions(known.ratings, places), facts)


def _test_part(subject: Subject, test: Ratings, pool: WorkerPool) -> _Part:
    """Return the ratings of a test file without those that the model was trained on."""
    training = subject.known.training if subject.known is not None else None
    ids = training if training is not None else subject.ids
    if ids is None:
        raise ValueError("a model without known ratings needs its ids")
    tested = tested_file(test, ids, pool)
    _check_matched(tested, test.name, subject.name)
    if not tested.owners.size:
        raise TrainingError(
            f"All {tested.n_duplicates:,} ratings of {test.name} are of users and items that the "
            "model was trained on, so they would tell nothing: choose a file of other ratings."
            if tested.n_duplicates else
            f"{test.name} has no ratings: choose a file that has some.")
    is_refit = subject.summary.get("is_refit") is True
    facts = Facts("test", int(tested.owners.size), is_searched="search" in subject.origin,
                  is_refit=is_refit,
                  n_duplicates=tested.n_duplicates if training is not None else None)
    return _Part(test.name, subject.model, training, tested, facts)


def _check_matched(tested: Tested, test_name: str, subject_name: str) -> None:
    """Refuse a test file of other users and items altogether."""
    pairs = tested.pairs
    for index, word in ((pairs.user_index, "users"), (pairs.item_index, "items")):
        if index.size and not tested.n_duplicates and index.max() < 0:
            raise TrainingError(f"{subject_name} knows none of the {word} of {test_name}: the ids "
                                "of both must be written alike.")


def _counted(facts: Facts, found: Evaluation) -> Facts:
    """Return the facts with what was counted while measuring."""
    counts = found.counts
    return replace(
        facts, n_unseen=counts.n_unseen, n_unseen_users=counts.n_unseen_users,
        n_unseen_items=counts.n_unseen_items, is_ranking=found.target == "preference")
