"""``mfgui train``."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TextIO

from mfgui.cli.common import (
    Parser,
    add_ratings,
    last,
    open_ratings,
    print_line,
    read_file,
    reading_from,
    say,
    showing,
    stopping_on_interrupt,
)
from mfgui.cli.projects import project_to_write
from mfgui.cli.train_on import HELP as GO_ON_HELP
from mfgui.cli.train_on import train_on, wants_to_go_on
from mfgui.core.control import Control
from mfgui.jobs.honesty import run_honesty
from mfgui.jobs.reached import reached_text

if TYPE_CHECKING:
    from mfgui.core.ratings import Ratings
    from mfgui.core.settings import RunSettings
    from mfgui.jobs.recording import RunRecord

MEASURES = {
    "rmse": "RMSE", "ndcg": "NDCG@10", "precision": "precision@10", "recall": "recall@10"}


def train(words: list[str]) -> int:
    """``mfgui train``."""
    from mfgui import jobs
    from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
    from mfgui.jobs.find_rate import findable
    from mfgui.jobs.options import add_settings, auto_name, idle_options, settings_from
    from mfgui.jobs.train import marked_summary

    if wants_to_go_on(words):
        return train_on(words)
    first = Parser(prog="mfgui train", add_help=False, allow_abbrev=False)
    first.add_argument("--solver", choices=list(SOLVERS), default=DEFAULT_SOLVER)
    solver = first.parse_known_args(words)[0].solver
    solver_type = SOLVERS[solver]
    parser = Parser(prog="mfgui train", allow_abbrev=False, description=(
        f"Train a model. The settings below are those of {solver}: {solver_type.summary} It "
        f"minimizes {solver_type.objective}"))
    add_ratings(parser)
    parser.add_argument("--solver", choices=list(SOLVERS), default=DEFAULT_SOLVER,
                        help=f"default: {DEFAULT_SOLVER}")
    parser.add_argument("--test", metavar="FILE", help="ratings to measure the model on")
    parser.add_argument("--save", metavar="MODEL.npz", help="write the model to this file")
    parser.add_argument("--no-ratings", action="store_true",
                        help="leave the ratings out of the model file, where they may not be "
                        "passed on; explanations and top lists then need them again")
    parser.add_argument("--project", metavar="P.mfgui", help="record the run in this project, "
                        "which is made where there is none; it then survives whatever happens")
    parser.add_argument("--name", default="", help="what to call the run there")
    parser.add_argument("--keep-ratings", action="store_true", help="keep the ratings themselves "
                        "there, up to 50 MB, so that the project works without their file")
    parser.add_argument("--continue", metavar="RUN", help=f"with --project: {GO_ON_HELP} (see "
                        "mfgui train --continue --help)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    add_settings(parser.add_argument_group("settings"), solver_type.settings_type)
    _refuse_foreign(parser, words, solver_type)
    options = parser.parse_args(words)
    settings = settings_from(options, solver_type.settings_type)
    for sentence in idle_options(options, settings):
        say(sentence)
    wanted = auto_name(options)
    if options.name and not options.project:
        parser.error("--name is the run's name in a --project: name that too")
    if options.keep_ratings and not options.project:
        parser.error("--keep-ratings keeps them in a --project: name that too")
    if options.save:
        jobs.check_place(options.save)  # before an hour of training, not after
    control = Control()
    with stopping_on_interrupt(control), contextlib.ExitStack() as stack:
        opened = open_ratings(parser, options, control)
        reading = reading_from(options)
        test = read_file(control, options.test, reading) if options.test else None
        if wanted and wanted == findable(settings):
            settings = _with_found(control, solver, settings, opened.ratings, wanted)
        record = _record(stack, options, opened, test, reading) if options.project else None
        result = follow(jobs.train(
            control, solver, settings, opened.ratings,
            test=test.ratings if test is not None else None, record=record), control)
    figures = marked_summary(result, opened.ratings)
    try:
        if options.save:
            last(jobs.save_run(
                Control(), options.save, result, opened.ratings, opened.report,
                has_ratings=not options.no_ratings))
    finally:  # a full disk costs the model, not the figures
        print_line(json.dumps(figures, allow_nan=False) if options.json else card_text(figures))
    return 0


def _record(
    stack: contextlib.ExitStack, options: Any, opened: Any, test: Any, reading: Any
) -> RunRecord:
    """Return where the run is recorded, in a project that is open until ``stack`` ends."""
    from mfgui.jobs.projects import keep_source, kept_refusal
    from mfgui.jobs.recording import RunRecord

    refusal = kept_refusal(opened.ratings.n_ratings) if options.keep_ratings else ""
    if refusal:
        say(refusal)
    keeps = (options.keep_ratings and not refusal) or None

    project = stack.enter_context(project_to_write(options.project, may_create=True))
    return RunRecord(
        project, keep_source(project, opened, reading, keep_ratings=keeps),
        None if test is None else keep_source(project, test, reading, is_test=True),
        options.name)


def _refuse_foreign(parser: Parser, words: list[str], solver_type: Any) -> None:
    """Say of a solver without a rate that it has none, rather than that the option is unknown."""
    from mfgui.core.settings import describe
    from mfgui.jobs.options import findable_names, option_name

    own = {info.name for info in describe(solver_type.settings_type)}
    for name, label in findable_names().items():
        option = option_name(name)
        if name not in own and any(word.split("=")[0] == option for word in words):
            parser.error(f"{solver_type.label} has no {label.lower()}: leave {option} out")


def _with_found(
    control: Control, solver: str, settings: RunSettings, ratings: Ratings, name: str
) -> RunSettings:
    """Return the settings with a rate that short runs found, and say what it is worth."""
    from mfgui import jobs
    from mfgui.jobs.find_rate import found_text
    from mfgui.jobs.options import findable_names

    with showing(control):
        found = last(jobs.find_rate(control, solver, settings, ratings))
    say(f"{findable_names()[name]}: {found_text(found)}")
    values: dict[str, Any] = {name: found.learning_rate}
    return replace(settings, **values)


def follow(events: Iterator[Any], control: Control) -> Any:
    """Show a run's progress on a terminal and its notices always; return its result."""
    from mfgui.jobs.recording import RunStarted
    from mfgui.training.events import EpochRecord, Notice, RunResult

    is_terminal = sys.stderr.isatty()
    result = None
    for event in events:
        if isinstance(event, EpochRecord) and is_terminal:
            _show_progress(event, sys.stderr)
        elif isinstance(event, Notice):
            say(event.text)
        elif isinstance(event, RunStarted):
            say(f"Run {event.run.number} of the project.")
        elif isinstance(event, RunResult):
            result = event
    if is_terminal:
        sys.stderr.write("\n")
    return result


def _show_progress(record: Any, stream: TextIO) -> None:
    """Write one epoch over the line before."""
    told = (("train", record.train_rmse), ("validation", record.validation_rmse),
            ("average so far", record.average_rmse), ("NDCG@10", record.validation_ndcg))
    figures = "".join(f"  {name} {value:.4f}" for name, value in told if value is not None)
    stream.write(f"\r\x1b[Kepoch {record.epoch}{figures or f'  loss {record.loss:.6g}'}")
    stream.flush()


def card_text(figures: dict[str, Any], origin: Mapping[str, Any] | None = None) -> str:
    """Return the figures of a run in lines for people, and what has to be known of them."""
    lines = [f"{figures['n_ratings']:,} ratings by {figures['n_users']:,} users of "
             f"{figures['n_items']:,} items",
             f"{figures['solver']}: {figures['n_epochs_run']} epochs in "
             f"{figures['train_seconds']:.2f} s, {figures['stopped_because'].replace('_', ' ')}; "
             f"model of epoch {figures['kept_epoch']}"]
    rows = [(f"{name} {words}", f"{value:.4f}{_count_text(figures, name, measure)}")
            for name in ("train", "validation", "test") for measure, words in MEASURES.items()
            if (value := figures.get(f"{name}_{measure}")) is not None]
    if figures["learning_rate"] is not None:
        rows.insert(0, ("learning rate", f"{figures['learning_rate']:.4g}"))
    width = max((len(words) for words, _ in rows), default=0)
    lines += [f"{words:<{width}} {text}" for words, text in rows]
    return "\n".join([*lines, reached_text(figures), *run_honesty(figures, origin or {})]).rstrip()


def _count_text(figures: dict[str, Any], name: str, measure: str) -> str:
    """Return on how many ratings a figure was measured, beside the first of each part."""
    if name == "train" or measure not in ("rmse", "ndcg"):
        return ""
    unseen = figures[f"n_unseen_{name}"]
    tail = f", {unseen:,} of them with a user or item unseen in training" if unseen else ""
    before = ", before the refit" if name == "validation" and figures["is_refit"] else ""
    return f"  ({figures[f'n_{name}']:,} ratings{tail}{before})"
