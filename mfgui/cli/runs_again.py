"""``mfgui runs --project P command|script|again RUN``: a run done again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mfgui.cli.common import last, print_line, showing
from mfgui.core.control import Control

if TYPE_CHECKING:
    from mfgui.store.project import Project, RunInfo

ACTIONS = ("command", "script", "again")
HELP = ("command and script print what trains a run again to the same bits; again does it and "
        "compares, and ends with 1 where they differ")


def reproduce(control: Control, action: str, project: Project, run: RunInfo) -> int:
    """Print a run as a command or as a script, or run it again; return the exit code."""
    from mfgui import jobs
    from mfgui.jobs.reproducibility import model_mark
    from mfgui.jobs.reproduction import command_of
    from mfgui.jobs.run_script import script_of

    if action == "command":
        print_line(command_of(project, run))
        return 0
    if action == "script":
        sys.stdout.write(script_of(project, run, model_mark(project, run)))
        return 0
    with showing(control):
        again = last(jobs.run_again(control, project, run.id))
    print_line(again.text)
    return 0 if again.is_same else 1
