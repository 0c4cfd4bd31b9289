"""``mfgui search``."""

from __future__ import annotations

import argparse
import json
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from mfgui.cli.common import (
    Parser,
    add_ratings,
    last,
    open_ratings,
    print_line,
    reading_from,
    say,
    showing,
    stopping_on_interrupt,
)
from mfgui.cli.search_on import HELP as GO_ON_HELP
from mfgui.cli.search_on import NEWEST, options_to_go_on, search_to_go_on
from mfgui.cli.table import Column, table_lines
from mfgui.cli.train_on import wants_to_go_on
from mfgui.core.control import Control

if TYPE_CHECKING:
    from mfgui.jobs.search import SearchFound, SearchPlan, SearchRecord
    from mfgui.training.search_trials import Outcome

N_TRIALS = 40
N_SHOWN = 10
_UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def search(words: list[str]) -> int:
    """``mfgui search``."""
    from mfgui import jobs
    from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
    from mfgui.jobs.search_words import as_plain

    first = Parser(prog="mfgui search", add_help=False, allow_abbrev=False)
    first.add_argument("--solver", choices=list(SOLVERS), default=DEFAULT_SOLVER)
    solver = first.parse_known_args(words)[0].solver
    is_begun = not wants_to_go_on(words)
    parser = _parser(solver) if is_begun else _common_parser()
    options = parser.parse_args(words) if is_begun else options_to_go_on(words, parser)
    if options.save:
        jobs.check_place(options.save)  # before an hour of searching, not after
    control = Control()
    with stopping_on_interrupt(control), ExitStack() as stack:
        follow = _begun if is_begun else _gone_on
        found, opened, record = follow(parser, options, control, stack)
        print_line(json.dumps(as_plain(found), allow_nan=False) if options.json else _card(found))
        if options.save:
            _save(options, found, opened, record)
    return 0


def _common_parser() -> Parser:
    """Return what reads the options of a search, be it begun or gone on with."""
    parser = Parser(prog="mfgui search", allow_abbrev=False)
    parser.add_argument("--trials", type=int, metavar="N", help=(
        f"how many, trial 0 among them; default: {N_TRIALS}, or as many as --time allows, or all "
        "of a grid"))
    parser.add_argument("--time", type=_seconds, metavar="T", help=(
        "no trial begins after this time: 90s, 10m, 2h; a bare number is minutes"))
    parser.add_argument("--project", metavar="P.mfgui", help="keep each trial as a run there")
    parser.add_argument("--continue", dest="go_on", nargs="?", type=int, const=NEWEST,
                        metavar="SEARCH", help=GO_ON_HELP)
    parser.add_argument("--save", metavar="MODEL.npz", help=(
        "train with the best settings on all ratings, and write the model to this file"))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _parser(solver: str) -> Parser:
    """Return what reads the options, with the settings of a solver."""
    from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
    from mfgui.jobs.options import add_settings
    from mfgui.training.search import METHODS
    from mfgui.training.search_space import default_space

    solver_type = SOLVERS[solver]
    parser = _common_parser()
    parser.description = (
        "Find settings: train trial after trial, each with other settings, and compare them on the "
        "same held-out ratings. Trial 0 has the settings as they stand. A seed finds the same on "
        "any number of threads.")
    add_ratings(parser)
    parser.add_argument("--solver", choices=list(SOLVERS), default=DEFAULT_SOLVER,
                        help=f"default: {DEFAULT_SOLVER}")
    parser.add_argument("--method", choices=list(METHODS), default="random", help=(
        "random; all combinations of a grid; or Optuna's TPE, which learns from the trials before "
        "(needs the extra mfgui[search]); default: random"))
    parser.add_argument("--space", action="append", metavar="NAME=LOW:HIGH[:log],...", help=(
        "what is searched: a range, log where equal factors are to be equally likely, in a grid "
        "with a number of steps behind it (NAME=LOW:HIGH:log:5); or values (NAME=16,32,64, "
        f"NAME=on,off); default: {default_space(solver_type.settings_type).text()}"))
    parser.add_argument("--prune", action=argparse.BooleanOptionalAction, default=None, help=(
        "cut trials short whose best validation figure so far is worse than the median of the "
        "trials before at that epoch; default: with tpe"))
    parser.add_argument("--holdout", type=float, default=0.0, metavar="SHARE", help=(
        "set this share of the ratings aside before the search: no trial sees it, and the best is "
        "measured on it once, at the end; default: none"))
    settings = parser.add_argument_group(
        "settings", "of trial 0, and of all others in what is not searched")
    add_settings(settings, solver_type.settings_type)
    return parser


def _seconds(text: str) -> float:
    """Return a time that was typed in seconds."""
    number = text.rstrip("smhin")
    try:
        return float(number) * _UNITS[text[len(number) :] or "m"]
    except (ValueError, KeyError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: write 90s, 10m or 2h") from None


def _n_threads(options: argparse.Namespace) -> int:
    """Return how many threads work: all that there are, if nothing is said."""
    return getattr(options, "n_threads", None) or os.cpu_count() or 1


def _plan(parser: Parser, options: argparse.Namespace) -> SearchPlan:
    """Return the plan that the options name."""
    from mfgui.core.solvers import SOLVERS
    from mfgui.jobs.options import AUTO, auto_name, idle_options, settings_from
    from mfgui.jobs.search import SearchPlan
    from mfgui.training.search_space import default_space
    from mfgui.training.search_words import space_from

    settings_type = SOLVERS[options.solver].settings_type
    if auto_name(options):
        parser.error(f"the rate cannot be {AUTO} here: search it, or name it")
    settings = settings_from(options, settings_type)
    for sentence in idle_options(options, settings):
        say(sentence)
    space = space_from(options.space, settings_type) if options.space else (
        default_space(settings_type))
    n_trials = options.trials
    if n_trials is None and options.time is None and options.method != "grid":
        n_trials = N_TRIALS
    is_pruned = options.method == "tpe" if options.prune is None else options.prune
    return SearchPlan(
        options.solver, settings, space, options.method, n_trials, options.time, settings.seed,
        is_pruned, _n_threads(options))


def _begun(
    parser: Parser, options: argparse.Namespace, control: Control, stack: ExitStack
) -> tuple[SearchFound, Any, SearchRecord | None]:
    """Search anew."""
    from mfgui import jobs
    from mfgui.jobs.search import SearchRecord
    from mfgui.jobs.search_words import size_text
    from mfgui.training.search import check_plan

    plan = _plan(parser, options)
    check_plan(plan)  # before a large file is read
    opened, record = open_ratings(parser, options, control), None
    if options.project:
        from mfgui.cli.projects import open_for_runs

        project, source_id = open_for_runs(options.project, opened, reading_from(options))
        stack.callback(project.close)
        record = SearchRecord(project, source_id)
    say(size_text(plan))
    found = _followed(control, jobs.find_settings(
        control, plan, opened.ratings, holdout=options.holdout, record=record))
    return found, opened, record


def _gone_on(
    parser: Parser, options: argparse.Namespace, control: Control, stack: ExitStack
) -> tuple[SearchFound, Any, SearchRecord | None]:
    """Go on with a search of the project."""
    from mfgui.jobs.search import go_on_searching

    kept, opened, record = search_to_go_on(options, control, stack)
    found = _followed(control, go_on_searching(
        control, kept.on_threads(_n_threads(options)), opened.ratings, record))
    return found, opened, record


def _followed(control: Control, events: Any) -> SearchFound:
    """Follow a search on a terminal and say which trials were cut short; return what it found."""
    from mfgui.jobs.search import SearchFound, TrialEnded

    found = None
    with showing(control):
        for event in events:
            if isinstance(event, TrialEnded) and event.outcome is not None and (
                    event.outcome.note and event.result is not None):
                say(f"trial {event.trial}: {event.outcome.note}")
            elif isinstance(event, SearchFound):
                found = event
    assert found is not None
    return found


def _card(found: SearchFound) -> str:
    """Return the best trials and what they are worth, in lines for people."""
    from mfgui.jobs.search_words import STATUS_WORDS, found_lines, score_name, score_text
    from mfgui.training.search_space import value_text

    search = found.search

    def value_column(name: str) -> Column:
        return Column(name, lambda each: value_text(each.values[name]), is_number=True)

    def run(outcome: Outcome) -> str:
        return str(search.runs.get(outcome.trial, ""))

    columns = [
        Column("trial", lambda each: str(each.trial), is_number=True),
        Column("run", run, is_number=True),
        Column(score_name(search.plan.solver), score_text, is_number=True),
        Column("epochs", lambda each: str(each.n_epochs), is_number=True),
        *(value_column(name) for name in search.plan.space.names),
        Column("", lambda each: STATUS_WORDS.get(each.status, each.status))]
    ranked = sorted(search.outcomes, key=lambda each: (
        each.score is None, each.is_pruned, each.score or 0.0, each.trial))
    lines = table_lines(columns, ranked[:N_SHOWN]) if ranked else []
    if len(ranked) > N_SHOWN:
        lines.append(f"  and {len(ranked) - N_SHOWN:,} more")
    return "\n".join([*lines, *(line for line in found_lines(found) if line)])


def _save(
    options: argparse.Namespace, found: SearchFound, opened: Any, record: SearchRecord | None
) -> None:
    """Train with the best settings on all ratings, and save the model."""
    from mfgui import jobs
    from mfgui.jobs.search import best_origin, train_best

    result = last(train_best(
        Control(), found, opened.ratings, n_threads=_n_threads(options), record=record))
    assert found.best is not None  # else nothing was trained
    last(jobs.save_run(
        Control(), options.save, result, opened.ratings, opened.report,
        origin=best_origin(found.search.id, found.best.trial)))
    say(f"The model of the best settings, trained on all ratings, is in {options.save}.")
