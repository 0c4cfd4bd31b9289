"""The report on a run: one HTML file that needs neither network nor this program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from mfgui import __version__
from mfgui.core.control import Control
from mfgui.core.fingerprint import fingerprint
from mfgui.core.ratings import Ratings
from mfgui.errors import ProjectError
from mfgui.jobs.files import Path, Written, check_place
from mfgui.jobs.report_findings import findings_sections
from mfgui.jobs.report_run import run_sections
from mfgui.jobs.reproduction import card_lines, command_of, script_of
from mfgui.jobs.runs import OpenedRun, open_run
from mfgui.store.files import write_beside
from mfgui.store.project import Project, RunInfo, SourceInfo
from mfgui.store.report_page import Code, Document, Part, Section, Table, Text, html_page


@dataclass(frozen=True)
class ReportWritten(Written):
    """The report that was written."""


def report(
    control: Control, path: Path, project: Project, run_id: int, ratings: Ratings | None = None
) -> Iterator[ReportWritten]:
    """Write the report on a run of a project.

    It tells the data and how it was read, the settings, the curve, the matrices, the figures with
    the simplest models and what to know of them, the worst cells, top lists, and what it takes to
    train the run again.

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
    *_, opened = open_run(control, project, run_id, ratings)
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
    title = f"Run {run.number}" + (f": {run.name}" if run.name else "")
    sections = [*run_sections(project, opened, source), *findings_sections(control, opened),
                _reproduction(project, run, source, opened)]
    return Document(title, f"{source.name}, a report of mfgui {__version__}", sections)


def _reproduction(
    project: Project, run: RunInfo, source: SourceInfo, opened: OpenedRun
) -> Section:
    """Return the card of what it takes to do the run again."""
    mark = fingerprint(opened.model) if opened.model is not None else ""
    rows = card_lines(run, source) + ([("model", mark)] if mark else [])
    parts: list[Part] = [
        Text("The same ratings, settings, versions and type of machine give the same numbers, to "
             "the bit, for any number of threads.", is_muted=True),
        Table(("", ""), rows)]
    try:
        parts.append(Code("As a command", command_of(project, run)))
    except ProjectError as error:
        parts.append(Text(str(error)))
    try:
        parts.append(Code("As a Python script", script_of(project, run, mark)))
    except ProjectError as error:
        parts.append(Text(str(error)))
    return Section("How to train it again", parts)
