"""What a report tells of a run: data, settings, curve and figures."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mfgui.core.settings import describe, does_apply
from mfgui.core.solvers import SOLVERS
from mfgui.jobs.evaluate import evaluation_lines, evaluation_table
from mfgui.jobs.honesty import run_honesty
from mfgui.jobs.reached import reached_text
from mfgui.jobs.runs import OpenedRun
from mfgui.store.line_chart import Line, line_chart
from mfgui.store.project import Project, RunInfo, SourceInfo
from mfgui.store.report_page import Drawing, Lines, Part, Section, Table, Text
from mfgui.training.events import EpochRecord, Notice

MEASURES = (
    ("train_rmse", "train RMSE"), ("validation_rmse", "held-out RMSE"), ("test_rmse", "test RMSE"),
    ("average_rmse", "RMSE of the average so far"), ("validation_ndcg", "held-out NDCG@10"),
    ("test_ndcg", "test NDCG@10"))
LOSSES = (("loss", "loss"), ("data_term", "its data term"))
N_NOTES = 20


def run_sections(project: Project, opened: OpenedRun, source: SourceInfo) -> list[Section]:
    """Return the sections on data, settings, curve and figures."""
    run = opened.info
    return [section for section in (
        _data(source, opened.note), _settings(run), _curve(opened), _figures(project, opened))
        if section]


def _data(source: SourceInfo, note: str) -> Section:
    """Return what was read, how, and what was left out; ``note`` where it is not at hand now."""
    report = source.report
    n_cells = source.n_users * source.n_items
    share = source.n_ratings / n_cells if n_cells else 0.0
    rows = [("ratings", f"{source.n_ratings:,}"), ("users", f"{source.n_users:,}"),
            ("items", f"{source.n_items:,}"), ("rated share of all cells", f"{share:.3g}"),
            ("file", source.path or source.name), ("read as", str(report.get("how") or "")),
            ("columns", ", ".join(map(str, report.get("columns") or ()))),
            ("scale", _range_text(report.get("scale"))), ("checksum", source.checksum)]
    parts: list[Part] = [Table(("", ""), [row for row in rows if row[1]])]
    if note:
        parts.append(Text(note))
    losses = report.get("losses")
    if isinstance(losses, dict) and losses:
        parts.append(Table(("what is no rating", "number"), [
            (str(name), f"{number:,}") for name, number in losses.items()], (1,)))
    told = [*report.get("doubts", ()), *report.get("notes", ())]
    if told:
        parts.append(Lines([str(each) for each in told[:N_NOTES]]))
    return Section("Ratings", parts)


def _range_text(scale: Any) -> str:
    """Return the scale's two ends."""
    if isinstance(scale, (list, tuple)) and len(scale) == 2:
        return f"{scale[0]:g} to {scale[1]:g}"
    return ""


def _settings(run: RunInfo) -> Section:
    """Return the settings by their labels, those that were changed marked."""
    solver = SOLVERS.get(run.solver)
    if solver is None:
        return Section("Settings", [Table(("setting", "value"), [
            (name, str(value)) for name, value in run.settings.items()])])
    rows = [(info.label, info.name, _value_text(run.settings.get(info.name), info.empty_text),
             "" if run.settings.get(info.name) == info.default else "changed")
            for info in describe(solver.settings_type)
            if info.name in run.settings and does_apply(info, run.settings)]
    return Section("Settings", [
        Text(f"{solver.label}: {solver.summary} It minimizes {solver.objective}"),
        Table(("setting", "name", "value", "from the default"), rows)])


def _value_text(value: Any, empty: str) -> str:
    """Return a setting's value in words."""
    if value is None:
        return empty
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _curve(opened: OpenedRun) -> Section | None:
    """Return the curves of error and loss, and what was said on the way."""
    if not opened.history:
        return None
    marks = _marks(opened.history, opened.notices)
    parts: list[Part] = [Drawing(svg) for svg in (
        _chart(opened.history, MEASURES, "error or ranking", marks),
        _chart(opened.history, LOSSES, "loss", marks)) if svg]
    if opened.notices:
        parts.append(Lines([notice.text for notice in opened.notices[:N_NOTES]]))
    return Section("Curve", parts)


def _chart(
    history: Sequence[EpochRecord], names: Sequence[tuple[str, str]], label: str,
    marks: Sequence[tuple[float, str]],
) -> str:
    """Return a chart of some figures of the records, laid end to end as they came."""
    begins = np.array([place for place, (before, record) in enumerate(
        itertools.pairwise(history), 1) if record.segment != before.segment], np.int64)
    # A gap before each part: no line leads from the end of one to the start of the next.
    x = np.insert(np.arange(len(history), dtype=np.float64), begins, begins)
    lines = []
    for name, words in names:
        values = np.array([_number(getattr(record, name)) for record in history])
        lines.append(Line(words, x, np.insert(values, begins, np.nan)))
    return line_chart(lines, x_label="epochs, one after another", y_label=label, marks=marks)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _marks(
    history: Sequence[EpochRecord], notices: Sequence[Notice]
) -> list[tuple[float, str]]:
    """Return where a refit or the next member begins, and where there was something to say."""
    begins = [(float(place), "training on all ratings" if record.is_refit else "next part")
              for place, (before, record) in enumerate(
                  itertools.pairwise(history), 1)
              if record.segment != before.segment]
    places = {record.epoch: place for place, record in enumerate(history)}
    told = [(float(places[notice.epoch]), notice.text) for notice in notices
            if notice.epoch is not None and notice.epoch in places and notice.kind != "information"]
    return begins + told


def _figures(project: Project, opened: OpenedRun) -> Section:
    """Return what the run reached, beside the simplest models, and what to know of it."""
    run, summary = opened.info, opened.info.summary
    parts: list[Part] = []
    if summary:
        parts += [Text(reached_text(summary)), Table(("", ""), list(_figure_rows(run))),
                  Lines(run_honesty(summary, run.origin))]
    else:
        parts.append(Text("The run has no end yet: there are no figures of a kept model."))
    parts += _evaluations(project, run)
    return Section("Figures", parts)


def _figure_rows(run: RunInfo) -> Iterator[tuple[str, str]]:
    """Yield how the run ended and what it took."""
    summary = run.summary
    yield "ended", str(summary.get("stopped_because", run.status)).replace("_", " ")
    yield "begun", _time_text(run.created)
    for name, words, form in (
            ("n_epochs_run", "epochs", "{:,}"), ("best_epoch", "best epoch", "{:,}"),
            ("kept_epoch", "kept epoch", "{:,}"), ("train_seconds", "training, seconds", "{:.3g}"),
            ("learning_rate", "learning rate", "{:.4g}"), ("train_rmse", "train RMSE", "{:.4f}"),
            ("validation_rmse", "held-out RMSE", "{:.4f}"), ("test_rmse", "test RMSE", "{:.4f}"),
            ("n_validation", "held-out ratings", "{:,}"), ("n_test", "test ratings", "{:,}")):
        value = summary.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield words, form.format(value)
    yield "trained again on all ratings", "yes" if summary.get("is_refit") else "no"


def _time_text(seconds: float) -> str:
    """Return a moment in UTC, to the minute."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _evaluations(project: Project, run: RunInfo) -> Iterator[Part]:
    """Yield the evaluations of the run that the project keeps."""
    for entry in project.entries("evaluation"):
        if entry.run_id == run.id:
            head, rows = evaluation_table(entry.body)
            yield Table(head, rows, tuple(range(1, len(head))), "Evaluation")
            yield Lines(evaluation_lines(entry.body))
