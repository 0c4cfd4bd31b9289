"""What a report tells of a run before its figures: ratings, settings and curve."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mfgui.core.settings import describe, does_apply
from mfgui.core.solvers import SOLVERS
from mfgui.jobs.report_words import plain, share_text
from mfgui.jobs.runs import OpenedRun
from mfgui.store.line_chart import Line, Mark, line_chart
from mfgui.store.project import RunInfo, SourceInfo
from mfgui.store.report_page import Drawing, Lines, Part, Section, Table, Text
from mfgui.training.events import EpochRecord, Notice

Names = tuple[tuple[str, str], ...]
ERRORS: Names = (
    ("train_rmse", "training"), ("validation_rmse", "held out"), ("test_rmse", "test"),
    ("average_rmse", "the average so far, held out"))
RANKINGS: Names = (("validation_ndcg", "held out"), ("test_ndcg", "test"))
LOSSES: Names = (("loss", "loss"), ("data_term", "its data term"))
N_NOTES = 20


def run_sections(opened: OpenedRun, source: SourceInfo) -> Iterator[Section]:
    """Yield the sections on ratings, settings and curve."""
    yield _data(source, opened.note)
    yield _settings(opened.info)
    if opened.history:
        yield _curve(opened)


def _data(source: SourceInfo, note: str) -> Section:
    """Return what was read, how, and what was left out; ``note`` where it is not at hand now."""
    report = source.report
    n_cells = source.n_users * source.n_items
    share = share_text(source.n_ratings / n_cells) if n_cells else ""
    rows = [("ratings", f"{source.n_ratings:,}"), ("users", f"{source.n_users:,}"),
            ("items", f"{source.n_items:,}"), ("rated cells", share),
            ("scale", _range_text(report.get("scale"))), ("file", source.path or source.name),
            ("read as", str(report.get("how") or "")),
            ("columns", ", ".join(map(str, _listed(report.get("columns"))))),
            ("options", ", ".join(f"{name.replace('_', ' ')} {value}"
                                  for name, value in source.options.items())),
            ("checksum", source.checksum)]
    parts: list[Part] = [Table(("", ""), [row for row in rows if row[1]])]
    if note:
        parts.append(Text(note))
    parts += _losses(report)
    told = [*_listed(report.get("doubts")), *_listed(report.get("notes"))]
    if told:
        parts.append(Lines([str(each) for each in told[:N_NOTES]]))
    return Section("Ratings", parts)


def _losses(report: dict[str, Any]) -> Iterator[Part]:
    """Yield the account of what is no rating."""
    losses = report.get("losses")
    rows = [(str(name), f"{number:,}") for name, number in losses.items()
            if type(number) is int and number] if isinstance(losses, dict) else []
    if rows:
        yield Table(("what is no rating", "number"), rows, (1,))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _range_text(scale: Any) -> str:
    """Return the scale's two ends."""
    if isinstance(scale, (list, tuple)) and len(scale) == 2 and all(
            type(end) in (int, float) for end in scale):
        return f"{plain(scale[0])} to {plain(scale[1])}"
    return ""


def _settings(run: RunInfo) -> Section:
    """Return the settings by their labels, those that were changed marked."""
    solver = SOLVERS.get(run.solver)
    if solver is None:
        return Section("Settings", [Table(("setting", "value"), [
            (name, str(value)) for name, value in run.settings.items()])])
    rows = [(info.label, info.name, value_text(run.settings.get(info.name), info.empty_text),
             "" if run.settings.get(info.name) == info.default else "changed")
            for info in describe(solver.settings_type)
            if info.name in run.settings and does_apply(info, run.settings)]
    return Section("Settings", [
        Text(f"{solver.label}: {solver.summary}\nWhat it minimizes: {solver.objective}"),
        Table(("setting", "name", "value", "from the default"), rows)])


def value_text(value: Any, empty: str = "automatic") -> str:
    """Return a setting's value in words."""
    if value is None:
        return empty
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _curve(opened: OpenedRun) -> Section:
    """Return the curves of error and loss, and what was said on the way."""
    marks = _marks(opened.history, opened.notices)
    bias = opened.baselines.bias_validation if opened.baselines is not None else None
    charts = (
        _chart(opened.history, ERRORS, "RMSE", marks,
               () if bias is None else (("user and item bias, held out", bias),)),
        _chart(opened.history, RANKINGS, "NDCG@10", marks),
        _chart(opened.history, LOSSES, "loss", marks))
    parts: list[Part] = [Drawing(svg) for svg in charts if svg]
    if opened.notices:
        parts.append(Lines([notice.text for notice in opened.notices[:N_NOTES]]))
    return Section("Curve", parts)


def _chart(
    history: Sequence[EpochRecord], names: Names, label: str, marks: Sequence[Mark],
    levels: Sequence[tuple[str, float]] = (),
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
    if any(np.isfinite(line.y).any() for line in lines):
        lines += [Line(words, x[[0, -1]], np.full(2, level)) for words, level in levels]
    across = "epoch" if not begins.size else "epochs, one part after another"
    return line_chart(lines, x_label=across, y_label=label, marks=marks)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _marks(history: Sequence[EpochRecord], notices: Sequence[Notice]) -> list[Mark]:
    """Return where a refit or the next member begins, and where there was something to say."""
    begins = [Mark(float(place), "on all ratings" if record.is_refit else "next part",
                   is_named=record.is_refit and not before.is_refit)
              for place, (before, record) in enumerate(itertools.pairwise(history), 1)
              if record.segment != before.segment]
    places = {record.epoch: place for place, record in enumerate(history)}
    told = [Mark(float(places[notice.epoch]), notice.text) for notice in notices
            if notice.epoch is not None and notice.epoch in places and notice.kind != "information"]
    return begins + told
