"""``mfgui report``."""

from __future__ import annotations

from mfgui.cli.common import Parser, last, print_line, say, showing, stopping_on_interrupt
from mfgui.core.control import Control


def report(words: list[str]) -> int:
    """``mfgui report``."""
    from mfgui import jobs
    from mfgui.errors import MfguiError
    from mfgui.store.project import open_project

    parser = Parser(prog="mfgui report", description="Write a report on a run as one HTML file "
                    "that needs no network: data, settings, curve, matrices, figures, worst "
                    "cells, top lists, and how to train it again.")
    parser.add_argument("--project", metavar="P.mfgui", required=True, help="a project file")
    parser.add_argument("--run", metavar="RUN", required=True, help="a run's number or name")
    parser.add_argument("output", metavar="OUT.html")
    options = parser.parse_args(words)
    control = Control()
    project = open_project(options.project, mode="read")
    try:
        run = project.find_run(options.run)
        with stopping_on_interrupt(control), showing(control):
            ratings = None
            try:
                ratings = last(jobs.open_source(control, project, run.source_id)).ratings
            except MfguiError as error:  # the report is written with what the project holds
                say(str(error))
            written = last(jobs.report(control, options.output, project, run.id, ratings))
    finally:
        project.close()
    print_line(f"The report on run {run.number} was written to {written.path}")
    return 0
