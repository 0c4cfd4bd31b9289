"""What a report tells of how good a run is: beside the simplest models, and how far to believe it.

Where the project keeps no evaluation of the run, it is measured for the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mfgui.core.control import Control
from mfgui.errors import DataError, ProjectError, TrainingError
from mfgui.inspection.seeds import is_same_but_seed
from mfgui.jobs.compare_runs import ENTRY as COMPARISON
from mfgui.jobs.compare_runs import run_name
from mfgui.jobs.cross_validate import cross_validation_table
from mfgui.jobs.evaluate import (
    HELD_OUT,
    UNSEEN,
    Subject,
    evaluate,
    evaluation_lines,
    evaluation_table,
)
from mfgui.jobs.evaluation_words import NOT_MEASURED, as_dict
from mfgui.jobs.honesty import run_honesty
from mfgui.jobs.projects import open_source
from mfgui.jobs.reached import reached_text
from mfgui.jobs.report_words import (
    ended_text,
    fixed,
    name_text,
    number_of,
    plain,
    time_text,
)
from mfgui.jobs.runs import OpenedRun
from mfgui.store.project import Project, RunInfo
from mfgui.store.report_page import Columns, Lines, Part, Section, Table, Text
from mfgui.training.evaluation import ERRORS, LABELS

PARTS = (("validation", "held-out RMSE"), ("test", "test RMSE"))
BESIDE = (("bias", "user and item bias"), ("mean", "always the mean"))
RANKINGS = tuple((f"{part}_{name}", f"{words} {name.replace('ndcg', 'NDCG')}@10")
                 for part, words in (("validation", "held-out"), ("test", "test"))
                 for name in ("ndcg", "precision", "recall"))
ERROR_LABELS = {LABELS[name] for name in ERRORS}
MOST_COMPARISONS = 10


def figure_sections(control: Control, project: Project, opened: OpenedRun) -> Iterator[Section]:
    """Yield what the run reached, its evaluations, cross-validations and comparisons."""
    run = opened.info
    yield _figures(run)
    control.checkpoint()
    if evaluations := list(_evaluations(control, project, opened)):
        yield Section("Evaluation", evaluations)
    if validated := list(_cross_validations(project, run)):
        yield Section("Cross-validation", validated)
    if compared := list(_comparisons(project, run)):
        yield Section("Comparisons", compared)


def headline(run: RunInfo) -> str:
    """Return what the run reached, in a sentence or two."""
    try:
        return reached_text(run.summary) if run.summary else ""
    except (KeyError, TypeError, ValueError):  # the file is untrusted
        return ""


def _figures(run: RunInfo) -> Section:
    """Return how the run ended and what it came to, and what has to be known of that."""
    summary = run.summary
    rows = [("ended", ended_text(run.status)), ("begun", time_text(run.created)),
            *_figure_rows(summary)]
    parts: list[Part] = [Table(("", ""), [row for row in rows if row[1]])]
    if beside := _beside(run):
        parts.insert(0, beside)
    if not summary:
        parts.append(Text("The run has no end yet: there are no figures of a kept model."))
    lines = run_honesty(summary, run.origin)
    if lines:
        parts.append(Lines(lines))
    return Section("Figures", parts)


def _beside(run: RunInfo) -> Table | None:
    """Return the RMSE of the run beside those of the simplest models; None without any."""
    summary = run.summary
    parts = [(part, words) for part, words in PARTS
             if number_of(summary, f"{part}_rmse") is not None]
    if not parts:
        return None
    rows = [("this run", *(_rmse(summary, f"{part}_rmse") for part, _ in parts))]
    rows += [(words, *(_rmse(summary, f"{kind}_{part}_rmse") for part, _ in parts))
             for kind, words in BESIDE
             if any(number_of(summary, f"{kind}_{part}_rmse") is not None for part, _ in parts)]
    return Table(("", *(words for _, words in parts)), rows, tuple(range(1, len(parts) + 1)))


def _rmse(summary: Mapping[str, Any], name: str) -> str:
    value = number_of(summary, name)
    return "–" if value is None else fixed(value, 4)


def _figure_rows(summary: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what the run took and came to."""
    for name, words, unit in (
            ("n_epochs_run", "epochs", ""), ("best_epoch", "best epoch", ""),
            ("kept_epoch", "kept epoch", ""), ("train_seconds", "training", " s"),
            ("learning_rate", "learning rate", "")):
        value = number_of(summary, name)
        if value is not None:
            yield words, f"{plain(float(f'{value:.3g}') if unit else value)}{unit}"
    for name, words in (("train_rmse", "training RMSE"), *RANKINGS):
        value = number_of(summary, name)
        if value is not None:
            yield words, fixed(value, 4)
    for name, words in (("n_validation", "held-out ratings"), ("n_test", "test ratings")):
        value = number_of(summary, name)
        if value:
            yield words, plain(value)
    if summary:
        yield "trained again on all ratings", "yes" if summary.get("is_refit") is True else "no"


def _evaluations(control: Control, project: Project, opened: OpenedRun) -> Iterator[Part]:
    """Yield the evaluations of the run that the project keeps, else those made now."""
    run = opened.info
    bodies = [entry.body for entry in project.entries("evaluation") if entry.run_id == run.id]
    told = set(run_honesty(run.summary, run.origin))  # stands among the figures
    for body in bodies or _measured(control, project, opened):
        head, rows = evaluation_table(body)
        if rows:
            yield Text(f"On {name_text(str(body.get('tested_on', '')))}:")
            yield _tables(head, rows)
            yield Lines([line for line in evaluation_lines(body)[1:] if line not in told])


def _tables(head: list[str], rows: list[list[str]]) -> Columns:
    """Return a table of errors, a row a model, and one of lists, a column a model: both narrow."""
    is_error = [word in ERROR_LABELS for word in head[1:]]
    parts = []
    for wanted in (True, False):
        places = [place for place, each in enumerate(is_error, 1) if each is wanted]
        kept = [row for row in rows if any(row[place] != NOT_MEASURED for place in places)]
        if not kept:
            continue
        lines = [["", *(head[place] for place in places)],
                 *([row[0], *(row[place] for place in places)] for row in kept)]
        if not wanted:
            lines = [list(line) for line in zip(*lines, strict=True)]
        parts.append(Table(lines[0], lines[1:], tuple(range(1, len(lines[0])))))
    return Columns(parts)


def _measured(
    control: Control, project: Project, opened: OpenedRun
) -> Iterator[Mapping[str, Any]]:
    """Yield evaluations on the test file and on what was held out, as far as there are any."""
    run, model = opened.info, opened.model
    if opened.result is None or model is None or not opened.ratings.n_ratings:
        return
    subject = Subject(run_name(run), model, opened.known, opened.ratings, opened.before_refit,
                      run.summary, run.origin)
    control.report("Measuring the model on what it never saw")
    for how in (*_test_file(control, project, run),
                {"part": UNSEEN if "fold" in run.origin else HELD_OUT}):
        try:
            *_, found = evaluate(control, subject, **how)
        except TrainingError:  # nothing was held out, or the file holds nothing new
            continue
        yield as_dict(found)


def _test_file(control: Control, project: Project, run: RunInfo) -> Iterator[dict[str, Any]]:
    """Yield the run's test ratings, where there are any that can be read."""
    if run.test_source_id is None:
        return
    try:
        *_, opened = open_source(control, project, run.test_source_id)
    except (ProjectError, DataError):
        return
    yield {"test": opened.ratings}


def _cross_validations(project: Project, run: RunInfo) -> Iterator[Part]:
    """Yield the cross-validations of the run's settings, and the one that it is a fold of."""
    for entry in project.entries("cross_validation"):
        body = entry.body
        settings, solver = body.get("settings"), body.get("solver")
        is_own = run.origin.get("cross_validation") == entry.id
        if not is_own and not (
                isinstance(settings, dict) and isinstance(solver, str)
                and is_same_but_seed(solver, settings, run.solver, run.settings)
                and _source_of(project, body) in (None, run.source_id)):
            continue
        head, rows = cross_validation_table(body)
        if rows:
            lines = body.get("lines")
            yield Text(f"{_count_of(body.get('n_folds'))} folds, {time_text(entry.created)}:")
            yield _tables(head, rows)
            yield Lines([str(line) for line in lines] if isinstance(lines, list) else [])


def _count_of(value: Any) -> str:
    return f"{value:,}" if type(value) is int else ""


def _source_of(project: Project, body: Mapping[str, Any]) -> int | None:
    """Return the ratings of a cross-validation, where one of its folds is still there."""
    folds = body.get("folds")
    for fold in folds if isinstance(folds, list) else ():
        run_id = fold.get("run_id") if isinstance(fold, dict) else None
        if type(run_id) is int:
            try:
                return project.run(run_id).source_id
            except (KeyError, ProjectError):
                continue
    return None


def _comparisons(project: Project, run: RunInfo) -> Iterator[Part]:
    """Yield what the run was compared with, the newest first."""
    found = [entry for entry in project.entries(COMPARISON)
             if run.id in (entry.body.get("run"), entry.body.get("other_run"))]
    for entry in sorted(found, key=lambda each: each.id, reverse=True)[:MOST_COMPARISONS]:
        body = entry.body
        names = [str(body.get(side, ""))[:200] for side in "ab"]
        rows = [(name.upper(), *(_rmse(figures, side) for side in "ab"),
                 _interval(figures)) for name in ("rmse", "mae")
                if isinstance(figures := body.get(name), dict)]
        title = f"A: {names[0]}; B: {names[1]}"
        if rows:
            yield Table(("", "A", "B", "A − B"), rows, (1, 2, 3), title)
        else:
            yield Text(title)
        sentences = body.get("sentences")
        yield Lines([str(line) for line in sentences] if isinstance(sentences, list) else [])
        yield from _setting_differences(body)


def _interval(figures: Mapping[str, Any]) -> str:
    """Return a difference with its interval: "−0.0123 (−0.0140 to −0.0106)"."""
    values = [number_of(figures, name) for name in ("difference", "low", "high")]
    if values[0] is None:
        return "–"
    text = fixed(values[0], 4, is_signed=True)
    if values[1] is None or values[2] is None:
        return text
    ends = " to ".join(fixed(end, 4, is_signed=True) for end in values[1:] if end is not None)
    return f"{text} ({ends})"


def _setting_differences(body: Mapping[str, Any]) -> Iterator[Part]:
    """Yield in which settings the two differ."""
    settings = body.get("settings")
    rows = [tuple(str(each.get(name, ""))[:200] for name in ("label", "a", "b"))
            for each in settings if isinstance(each, dict)] if isinstance(settings, list) else []
    if rows:
        yield Table(("setting", "A", "B"), rows)
