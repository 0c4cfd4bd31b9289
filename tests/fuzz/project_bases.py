"""Sound projects and model files that are then damaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.data.import_report import ImportReport
from mfgui.jobs.card import run_card
from mfgui.jobs.compare_runs import compare_runs
from mfgui.jobs.cross_validate import cross_validate
from mfgui.jobs.evaluate import Subject, evaluate
from mfgui.jobs.files import OpenedRatings, open_file
from mfgui.jobs.projects import keep_source
from mfgui.jobs.recording import RunRecord
from mfgui.jobs.runs import open_run
from mfgui.jobs.search import SearchPlan, SearchRecord, find_settings
from mfgui.jobs.train import saved_model, train
from mfgui.store.model_file import save_model
from mfgui.store.project import NewRun, Project, create_project
from mfgui.training.events import EpochRecord, Notice
from mfgui.training.run_state import RunState
from mfgui.training.search_words import space_from
from mfgui.training.session import TrainingSession

N_USERS, N_ITEMS = 30, 24
SETTINGS: dict[str, Any] = {"n_factors": 3, "n_epochs": 6, "patience": 0, "refit": True}


def small_ratings() -> Ratings:
    """Return planted factors of rank 2; half of the cells are observed."""
    rng = np.random.default_rng(5)
    users, items = np.nonzero(rng.random((N_USERS, N_ITEMS)) < 0.5)
    full = 3 + rng.normal(size=(N_USERS, 2)) @ rng.normal(size=(N_ITEMS, 2)).T
    values = np.clip(np.rint(full[users, items]), 1, 5).astype(np.float32)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32), values,
        TextArray.from_strings(f"u{n}" for n in range(N_USERS)),
        TextArray.from_strings(f"i{m}" for m in range(N_ITEMS)),
        TextArray.from_strings(f"Title, {m}" for m in range(N_ITEMS)))


def settings_of(solver: str, **changes: Any) -> Any:
    """Return the settings of a short run."""
    return SOLVERS[solver].settings_type(**{**SETTINGS, **changes})


def make_project(path: Path) -> None:
    """Make a project with something of everything that there may be in one."""
    ratings = small_ratings()
    (beside := path.with_name("ratings.csv")).write_text(
        "user,item,rating\n" + "".join(f"{user},{item},{value:g}\n" for user, item, value in zip(
            ratings.user_index, ratings.item_index, ratings.value, strict=True)))
    report = ImportReport(
        None, "typed matrix", ratings.n_ratings, ratings.n_ratings, ratings.n_users,
        ratings.n_items, "", False, (), ratings.scale)
    with create_project(path) as project:
        kept = keep_source(project, OpenedRatings(ratings, report))
        from_file = keep_source(project, list(open_file(Control(), beside))[-1])
        for solver, source_id in (("sgd", kept), ("adagrad", kept), ("als", from_file)):
            record = RunRecord(project, source_id, name=f"my {solver}")
            for _ in train(Control(), solver, settings_of(solver), ratings, record=record):
                pass
        _interrupted(project, ratings, kept)
        project.add_notice(1, Notice("warning", "Look.", 3, "Halve", (("learning_rate", 0.1),)))
        plan = SearchPlan("adagrad", settings_of("adagrad", refit=False), space_from(
            "learning_rate=0.01:0.5:log", type(settings_of("adagrad"))), n_trials=3)
        for _ in find_settings(Control(), plan, ratings, record=SearchRecord(project, kept)):
            pass
        for _ in compare_runs(Control(), project, 1, 2, ratings):
            pass
        *_, opened = open_run(Control(), project, 1)
        for _ in evaluate(Control(), subject_of_run(opened), project=project, run_id=1):
            pass
        for _ in cross_validate(Control(), "als", settings_of("als"), ratings, n_folds=2,
                                project=project, source_id=kept):
            pass
        project.set_value("view", {"source": kept, "run": 1})
        project.set_value("layout", [1, 2.5, "x"])


def subject_of_run(opened: Any) -> Subject:
    """Return an opened run as something to evaluate."""
    return Subject(f"run {opened.info.number}", opened.model, opened.known, opened.ratings,
                   opened.before_refit, opened.info.summary, opened.info.origin)


def _interrupted(project: Project, ratings: Ratings, source_id: int) -> None:
    """Keep a run as a kill leaves it: with its state, not its result."""
    control, settings = Control(), settings_of("sgd")
    control.request_state()
    session = TrainingSession("sgd", settings, ratings, control=control)
    info = project.begin_run(NewRun(
        "sgd", as_dict(settings), source_id, held_out=session.held_out,
        card=run_card(project.source(source_id), settings, ratings)))
    n_notices = 0
    for event in session.epochs():
        if isinstance(event, EpochRecord):
            if event.epoch > 4 or event.segment:
                break
            project.add_records(info.id, [event])
            control.request_state()
        elif isinstance(event, RunState) and event.members.last.epoch <= 3:
            project.keep_tree(info.id, "state", {"run": event.to_tree(), "n_notices": n_notices})
    project.change_run(info.id, status="interrupted")


def make_models(folder: Path) -> Iterator[Path]:
    """Make model files of several kinds."""
    ratings = small_ratings()
    for solver, changes in (("sgd", {}), ("svd++", {}), ("average", {"refit": False}),
                            ("implicit-als", {})):
        names = set(SOLVERS[solver].settings_type.__dataclass_fields__)
        given = {name: value for name, value in {**SETTINGS, **changes}.items() if name in names}
        settings = SOLVERS[solver].settings_type(**given)
        *_, result = train(Control(), solver, settings, ratings)
        path = folder / f"{solver}.npz"
        save_model(path, replace(saved_model(result, ratings)))
        yield path
