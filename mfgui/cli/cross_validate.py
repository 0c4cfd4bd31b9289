"""``mfgui cross-validate``."""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from mfgui.cli.common import (
    Parser,
    add_ratings,
    open_ratings,
    print_line,
    reading_from,
    say,
    showing,
    stopping_on_interrupt,
)
from mfgui.cli.evaluate import add_lists, figure_lines
from mfgui.core.control import Control

if TYPE_CHECKING:
    from mfgui.jobs.cross_validate import CrossValidation, FoldDone


def cross_validate(words: list[str]) -> int:
    """``mfgui cross-validate``."""
    from mfgui import jobs
    from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
    from mfgui.jobs.cross_validate import as_plain
    from mfgui.jobs.options import AUTO, auto_name, idle_options, settings_from

    first = Parser(prog="mfgui cross-validate", add_help=False, allow_abbrev=False)
    first.add_argument("--solver", choices=list(SOLVERS), default=DEFAULT_SOLVER)
    solver = first.parse_known_args(words)[0].solver
    parser = _parser(solver)
    options = parser.parse_args(words)
    if auto_name(options):
        parser.error(f"the rate cannot be {AUTO} here: find it with mfgui train, then name it")
    settings = settings_from(options, SOLVERS[solver].settings_type)
    for sentence in idle_options(options, settings):
        say(sentence)
    control, found = Control(), None
    with stopping_on_interrupt(control), ExitStack() as stack:
        opened = open_ratings(parser, options, control)
        kept = _project(options, opened, stack)
        with showing(control):
            for found in jobs.cross_validate(
                    control, solver, settings, opened.ratings, n_folds=options.folds,
                    per_user=options.per_user, n=options.n, threshold=options.threshold, **kept):
                if not options.json:
                    _tell(found)
    if options.json:
        print_line(json.dumps(as_plain(found), allow_nan=False))  # type: ignore[arg-type]
    return 0


def _parser(solver: str) -> Parser:
    """Return what reads the options, with the settings of a solver."""
    from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
    from mfgui.jobs.options import add_settings

    solver_type = SOLVERS[solver]
    parser = Parser(prog="mfgui cross-validate", allow_abbrev=False, description=(
        "Train on all folds but one and measure on that one, for each fold in turn. The settings "
        f"below are those of {solver}: {solver_type.summary}"))
    add_ratings(parser)
    parser.add_argument("--folds", type=int, default=5, metavar="K",
                        help="how many, 2 to 100; default: 5")
    parser.add_argument("--per-user", action="store_const", const=True, default=None,
                        help="deal each user's ratings out evenly; default: where the split is one "
                        "of each user's")
    add_lists(parser)
    parser.add_argument("--solver", choices=list(SOLVERS), default=DEFAULT_SOLVER,
                        help=f"default: {DEFAULT_SOLVER}")
    parser.add_argument("--project", metavar="P.mfgui", help="keep each fold as a run there")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_settings(parser.add_argument_group("settings"), solver_type.settings_type)
    return parser


def _project(options: argparse.Namespace, opened: Any, stack: ExitStack) -> dict[str, Any]:
    """Return where folds are kept; nothing without a project."""
    if options.project is None:
        return {}
    from mfgui.cli.projects import open_for_runs

    project, source_id = open_for_runs(options.project, opened, reading_from(options))
    stack.callback(project.close)
    return {"project": project, "source_id": source_id}


def _tell(found: FoldDone | CrossValidation) -> None:
    """Print a fold as it comes, or what they came to."""
    from mfgui.jobs.cross_validate import FoldDone
    from mfgui.jobs.evaluation_words import figure_text
    from mfgui.training.evaluation import label_of

    if isinstance(found, FoldDone):
        names = [name for name in ("rmse", "ndcg") if name in found.evaluation.names]
        figures = ", ".join(
            f"{label_of(name, found.evaluation.n)} "
            f"{figure_text(found.evaluation.figure('model', name))}" for name in names)
        print_line(f"fold {found.fold} of {found.n_folds}: {figures} (epoch {found.kept_epoch}, "
                   f"{found.seconds:.1f} s)")
        return
    print_line("\n".join([*figure_lines(found.rows, found.n), *found.lines]))
