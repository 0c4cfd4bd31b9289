"""The report on a run: one HTML file that needs neither network nor this program."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from mfgui import __version__
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.jobs.files import Path, Written, check_place
from mfgui.jobs.part_control import PartControl
from mfgui.jobs.report_figures import figure_sections, headline
from mfgui.jobs.report_findings import findings_sections
from mfgui.jobs.report_run import run_sections
from mfgui.jobs.report_search import search_section
from mfgui.jobs.report_words import name_text, time_text
from mfgui.jobs.reproducibility import SAME, reproducibility
from mfgui.jobs.run_again import fingerprint_of
from mfgui.jobs.runs import OpenedRun, open_run
from mfgui.store.files import write_beside
from mfgui.store.project import Project
from mfgui.store.report_page import (
    Code,
    Document,
    Lines,
    Part,
    Section,
    Table,
    Text,
    html_page,
)


@dataclass(frozen=True)
class ReportWritten(Written):
    """The report that was written."""


def report(
    control: Control, path: Path, project: Project, run_id: int, ratings: Ratings | None = None
) -> Iterator[ReportWritten]:
    """Write the report on a run of a project.

    It tells the data and how it was read, the settings, the curve, the figures with the simplest
    models and what to know of them, cross-validations, comparisons and the search that go with it,
    the matrices, the worst cells, top lists, and what it takes to train the run again.

    Parameters
    ----------
    ratings : Ratings or None
        Those of the run; None where they are not at hand: then matrices, worst cells and top lists
        show what the project knows.

    Raises
    ------
    ProjectError
        If the run is not in the project.
    StorageError
        If the file cannot be written; no half file is left.
    """
    check_place(path)
    control.report("Opening the run", 0.0)
    *_, opened = open_run(PartControl(control, 0.0, 0.2), project, run_id, ratings)
    control.checkpoint()
    page = html_page(document_of(control, project, opened))
    control.report(f"Writing {os.fspath(path)}", 0.95)
    control.checkpoint()
    with write_beside(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    yield ReportWritten(os.fspath(path))


def document_of(control: Control, project: Project, opened: OpenedRun) -> Document:
    """Return the report as a document of plain parts."""
    run, source = opened.info, project.source(opened.info.source_id)
    title = f"Run {run.number}" + (f": {name_text(run.name)}" if run.name else "")
    solver = SOLVERS[run.solver].label if run.solver in SOLVERS else run.solver
    searched = search_section(project, run)
    sections = [
        *run_sections(opened, source),
        *figure_sections(PartControl(control, 0.2, 0.6), project, opened),
        *([searched] if searched is not None else []),
        *findings_sections(PartControl(control, 0.6, 0.95), opened),
        _reproduction(project, opened)]
    intro: list[Part] = [Text(text) for text in (headline(run), run.note) if text]
    subtitle = (f"{solver} on {name_text(source.name)}. A report of mfgui {__version__}, "
                f"{time_text(time.time())}.")
    return Document(title, subtitle, sections, intro)


def _reproduction(project: Project, opened: OpenedRun) -> Section:
    """Return the card of what it takes to do the run again."""
    mark = fingerprint_of(opened.info, opened.model if opened.result is not None else None)
    card = reproducibility(project, opened.info.id, mark)
    parts: list[Part] = [Text(SAME, is_muted=True), Table(("", ""), card.lines)]
    if card.again:
        parts += [Text("Run again, and its bits compared:"), Lines(card.again)]
    for title, text, why_not in (("As a command", card.command, card.why_no_command),
                                 ("As a Python script", card.script, card.why_no_script)):
        parts.append(Code(title, text) if text else Text(why_not))
    return Section("How to train it again", parts)
