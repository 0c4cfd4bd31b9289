"""``mfgui runs``: what a project holds."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mfgui.cli import runs_again
from mfgui.cli.common import Parser, last, print_line, say, showing, stopping_on_interrupt
from mfgui.cli.projects import add_locate, locate, project_to_read, project_to_write
from mfgui.cli.table import Column, counted, fitting, table_lines
from mfgui.core.control import Control
from mfgui.jobs.reached import short

if TYPE_CHECKING:
    from mfgui.store.project import Project, RunInfo

ACTIONS = ("show", "delete", "export", *runs_again.ACTIONS)
TOLD = ("solver", "settings", "seed", "split", "threads")  # among settings, or above
STATUS_WORDS = {"early_stopping": "stopped early"}


def runs(words: list[str]) -> int:
    """``mfgui runs``."""
    parser = Parser(prog="mfgui runs", allow_abbrev=False, usage=(
        "mfgui runs --project P.mfgui [--json] [show RUN | delete RUN | export RUN [OUT.npz] | "
        "command RUN | script RUN | again RUN]"),
        description="List the runs of a project with the settings in which they differ, show one "
        "of them, delete it, write its model to a file, or do it again.")
    parser.add_argument("--project", metavar="P.mfgui", required=True, help="a project file")
    parser.add_argument("action", nargs="?", choices=ACTIONS, metavar="|".join(ACTIONS),
                        help=runs_again.HELP)
    parser.add_argument("run", nargs="?", metavar="RUN", help="a run's number or name")
    parser.add_argument("output", nargs="?", metavar="OUT.npz", help="the model file that export "
                        "writes; left out: run-N.npz here")
    parser.add_argument("--no-ratings", action="store_true",
                        help="leave the ratings out of the model file")
    add_locate(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(words)
    if options.action and not options.run:
        parser.error(f"{options.action} needs a RUN: its number or name")
    if options.output and options.action != "export":
        parser.error("OUT.npz goes with export")
    is_writing = options.action in ("delete", "again") or options.locate
    control = Control()
    with (project_to_write if is_writing else project_to_read)(options.project) as project, (
            stopping_on_interrupt(control)):
        locate(control, project, options.locate)
        if not options.action:
            _list(project, is_json=options.json)
            return 0
        run = project.find_run(options.run)
        if options.action == "show":
            _show(project, run, is_json=options.json)
        elif options.action == "delete":
            project.delete_run(run.id)
            print_line(f"{_title(run)} was deleted")
        elif options.action == "export":
            _export(control, project, run, options)
        else:
            return runs_again.reproduce(control, options.action, project, run)
    return 0


def _export(control: Control, project: Project, run: RunInfo, options: Any) -> None:
    """Write the model of a run."""
    from mfgui import jobs

    path = options.output or f"run-{run.number}.npz"
    with showing(control):
        written = last(jobs.export_run(
            control, project, run.id, path, has_ratings=not options.no_ratings))
    if written.note:
        say(written.note)
    print_line(f"The model of run {run.number} was written to {written.path}")


def _list(project: Project, *, is_json: bool) -> None:
    """Print all runs."""
    found = project.runs()
    if is_json:
        print_line(json.dumps([_values(run) for run in found], allow_nan=False))
        return
    if not found:
        print_line(f"{project.path.name} has no runs yet")
        return
    print_line(f"{project.path.name}: {counted(len(found), 'run')}")
    for line in table_lines(_columns(found), found):
        print_line(line)


def _columns(found: Sequence[RunInfo]) -> list[Column]:
    """Return the columns of the list: what differs stands in the middle."""
    from mfgui.jobs.run_names import differing_settings

    return [
        Column("run", lambda run: str(run.number), is_number=True),
        Column("", lambda run: "*" if run.is_starred else ""),
        Column("name", lambda run: fitting(run.name, 24)),
        Column("solver", lambda run: fitting(run.solver, 20)),
        *(_setting_column(name) for name in differing_settings(found)),
        Column("status", lambda run: _status(run)),
        Column("epochs", lambda run: f"{run.last_epoch:,}" if run.n_records else "", True),
        Column("validation RMSE", lambda run: _figure(run, "validation_rmse"), True),
        Column("test RMSE", lambda run: _figure(run, "test_rmse"), True),
        Column("NDCG@10", lambda run: _figure(run, "validation_ndcg"), True),
        Column("seconds", lambda run: _seconds(run), True),
        Column("begun", lambda run: time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created))),
    ]


def _setting_column(name: str) -> Column:
    def text(run: RunInfo) -> str:
        value = run.settings.get(name)
        if value is None:
            return "auto" if name in run.settings else ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return f"{value:g}" if isinstance(value, float) else fitting(str(value), 20)

    return Column(fitting(name, 20), text, is_number=True)


def _status(run: RunInfo) -> str:
    return STATUS_WORDS.get(run.status, run.status)


def _figure(run: RunInfo, name: str) -> str:
    """Return a figure of the result, or of the last record of a run that has none yet."""
    value = run.summary.get(name, getattr(run.last_record, name, None))
    return f"{value:.4f}" if isinstance(value, (int, float)) else ""


def _seconds(run: RunInfo) -> str:
    value = run.summary.get("train_seconds", getattr(run.last_record, "train_seconds", None))
    return short(value) if isinstance(value, (int, float)) else ""


def _title(run: RunInfo) -> str:
    return f"Run {run.number} ({fitting(run.name, 60)})" if run.name else f"Run {run.number}"


def _show(project: Project, run: RunInfo, *, is_json: bool) -> None:
    """Print what is known of a run."""
    from mfgui.jobs.reproducibility import model_mark

    mark = model_mark(project, run)
    if is_json:
        values = {**_values(run), "fingerprint": mark or None,
                  "history": [_finite(asdict(record)) for record in project.history(run.id)],
                  "notices": [_finite(asdict(notice)) for notice in project.notices(run.id)],
                  "source": asdict(project.source(run.source_id))}
        print_line(json.dumps(values, allow_nan=False))
        return
    for line in _lines(project, run, mark):
        print_line(line)


def _lines(project: Project, run: RunInfo, mark: str) -> list[str]:
    """Return a run in lines for people."""
    from mfgui.cli.train import card_text
    from mfgui.jobs.reproducibility import card_lines
    from mfgui.store.project import ProjectError

    status = f"{_status(run)}, {counted(run.n_records, 'record')}"
    if run.continued_from is not None:
        status += f", trained on from run {run.continued_from}"
    lines = [f"{_title(run)}: {run.solver}, {status}"]
    if run.note:
        lines.append(fitting(run.note, 1000))
    try:
        lines += card_text(run.summary, run.origin).splitlines() if run.summary else []
    except (KeyError, TypeError, ValueError) as error:  # the file is untrusted
        raise ProjectError(f"The figures of run {run.number} are damaged ({error}).") from error
    rows = [*((name, _plain(value)) for name, value in run.settings.items()),
            *((name, text) for name, text in card_lines(
                run, project.source(run.source_id), mark)
              if name not in TOLD)]
    width = max(len(name) for name, _ in rows)
    lines += ["", *(f"{name:<{width}}  {fitting(text, 200)}" for name, text in rows)]
    notices = [fitting(notice.text, 1000) for notice in project.notices(run.id)]
    return [*lines, *(["", *notices] if notices else [])]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "automatic"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _values(run: RunInfo) -> dict[str, Any]:
    """Return a run as plain values for JSON."""
    values: dict[str, Any] = _finite(asdict(run))
    values["roles"] = list(run.roles)
    return values


def _finite(value: Any) -> Any:
    """Return None instead of numbers that are not finite, in nested values."""
    from mfgui.jobs.train import finite

    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return finite(value)
