"""The command line: it only starts jobs, and no Qt is loaded unless a window is asked for.

Exit codes: 0; 2 for an unknown option or a wrong type; 1, with one line on stderr, for everything
else a user can cause.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

from mfgui import __version__
from mfgui.core.control import Control
from mfgui.errors import MfguiError

COMMANDS = ("train", "info", "predict", "solvers", "sample")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and exits with 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run mfgui and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # ids may hold signs that the terminal lacks
    try:
        if words and words[0] in COMMANDS:
            return _RUN[words[0]](words[1:])
        return _open_window(words)
    except MfguiError as error:
        _say(str(error))
        return 1
    except BrokenPipeError:
        # The reader of our output has gone: nothing to tell it, and nothing to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        _say("Stopped.")
        return 1
    except OSError as error:
        _say(f"The output could not be written: {(error.strerror or str(error)).lower()}.")
        return 1


def _say(sentence: str) -> None:
    """Print one line to stderr."""
    print("mfgui: " + " ".join(sentence.split()), file=sys.stderr)


def _print(text: str) -> None:
    """Print to stdout."""
    print(text)


def _open_window(words: list[str]) -> int:
    """Open the window on a file, the sample, or nothing."""
    parser = _Parser(prog="mfgui", description="See what matrix factorization learns from your "
                     f"ratings. Commands: {', '.join(COMMANDS)}; mfgui COMMAND --help tells more.")
    parser.add_argument("file", nargs="?", metavar="FILE", help="a ratings file to open")
    parser.add_argument("--sample", action="store_true", help="open the sample data")
    parser.add_argument("--version", action="version", version=f"mfgui {__version__}")
    _add_reading(parser)
    options = parser.parse_args(words)
    if options.file and options.sample:
        parser.error("choose either FILE or --sample")
    if not _has_display():
        print("mfgui: there is no display to open a window on; the same job in the terminal is: "
              "mfgui train --sample", file=sys.stderr)
        return 0
    from mfgui.gui import app

    return app.run(options.file, is_sample=options.sample, options=_reading(options))


def _has_display() -> bool:
    """Return whether Qt would find a screen; without one it would abort the process."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options of everything that reads a ratings file."""
    group = parser.add_argument_group("reading")
    group.add_argument("--delimiter", metavar="SIGN", help="comma, tab, semicolon, blank, :: or "
                       "the sign itself; default: found from the file")
    group.add_argument("--header", action=argparse.BooleanOptionalAction, default=None,
                       help="whether the first line names the columns; default: found")
    group.add_argument("--columns", metavar="user=1,item=2,rating=3",
                       help="where the columns stand, from 1; default: found")


def _reading(options: argparse.Namespace) -> Any:
    """Return the reading options."""
    from mfgui.data.options import ReadOptions

    return ReadOptions(options.delimiter, options.header, options.columns)


def _add_ratings(parser: argparse.ArgumentParser) -> None:
    """Add FILE or --sample."""
    parser.add_argument("file", nargs="?", metavar="FILE", help="a ratings file")
    parser.add_argument("--sample", action="store_true", help="use the sample data instead")
    _add_reading(parser)


def _open(parser: _Parser, options: argparse.Namespace, control: Control) -> Any:
    """Return the opened ratings that the options name."""
    from mfgui import jobs

    if bool(options.file) == options.sample:
        parser.error("name a ratings FILE or use --sample")
    if options.sample:
        return _last(jobs.open_sample(control))
    return _last(jobs.open_file(control, options.file, _reading(options)))


def _last(events: Iterator[Any]) -> Any:
    """Return a job's result."""
    *_, result = events
    return result


@contextlib.contextmanager
def _stopping_on_interrupt(control: Control) -> Iterator[None]:
    """Let the first Ctrl-C stop the job in order, and the second one end the program."""
    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        control.stop()

    try:
        before = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not on the main thread, as in a test: nobody can interrupt it
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _train(words: list[str]) -> int:
    """``mfgui train``."""
    from mfgui import jobs
    from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
    from mfgui.jobs.options import add_settings, settings_from
    from mfgui.jobs.train import summary

    first = _Parser(prog="mfgui train", add_help=False, allow_abbrev=False)
    first.add_argument("--solver", choices=list(SOLVERS), default=DEFAULT_SOLVER)
    solver = first.parse_known_args(words)[0].solver
    parser = _Parser(prog="mfgui train", allow_abbrev=False,
                     description=f"Train a model. The settings below are those of {solver}.")
    _add_ratings(parser)
    parser.add_argument("--solver", choices=list(SOLVERS), default=DEFAULT_SOLVER,
                        help=f"default: {DEFAULT_SOLVER}")
    parser.add_argument("--test", metavar="FILE", help="ratings to measure the model on")
    parser.add_argument("--save", metavar="MODEL.npz", help="write the model to this file")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    add_settings(parser.add_argument_group("settings"), SOLVERS[solver].settings_type)
    options = parser.parse_args(words)
    settings = settings_from(options, SOLVERS[solver].settings_type)
    if options.save:
        jobs.check_place(options.save)  # before an hour of training, not after
    control = Control()
    with _stopping_on_interrupt(control):
        opened = _open(parser, options, control)
        test = (_last(jobs.open_file(control, options.test, _reading(options))).ratings
                if options.test else None)
        result = _follow(jobs.train(control, solver, settings, opened.ratings, test=test), control)
    figures = summary(result, opened.ratings)
    try:
        if options.save:
            _last(jobs.save_run(Control(), options.save, result, opened.ratings))
    finally:  # a full disk costs the model, not the figures
        _print(json.dumps(figures, allow_nan=False) if options.json else _card(figures))
    return 0


def _follow(events: Iterator[Any], control: Control) -> Any:
    """Show a run's progress on a terminal and its notices always; return its result."""
    from mfgui.training.events import EpochRecord, Notice, RunResult

    is_terminal = sys.stderr.isatty()
    result = None
    for event in events:
        if isinstance(event, EpochRecord) and is_terminal:
            _show_progress(event, sys.stderr)
        elif isinstance(event, Notice):
            _say(event.text)
        elif isinstance(event, RunResult):
            result = event
    if is_terminal:
        sys.stderr.write("\n")
    return result


def _show_progress(record: Any, stream: TextIO) -> None:
    """Write one epoch over the line before."""
    validation = (f"  validation {record.validation_rmse:.4f}"
                  if record.validation_rmse is not None else "")
    stream.write(f"\r\x1b[Kepoch {record.epoch}  train {record.train_rmse:.4f}{validation}")
    stream.flush()


def _card(figures: dict[str, Any]) -> str:
    """Return the figures of a run in lines for people."""
    lines = [f"{figures['n_ratings']:,} ratings by {figures['n_users']:,} users of "
             f"{figures['n_items']:,} items",
             f"{figures['solver']}: {figures['n_epochs_run']} epochs in "
             f"{figures['train_seconds']:.2f} s, {figures['stopped_because'].replace('_', ' ')}; "
             f"model of epoch {figures['kept_epoch']}"]
    if figures["learning_rate"] is not None:
        lines.append(f"learning rate    {figures['learning_rate']:.4g}")
    for name in ("train", "validation", "test"):
        if (value := figures[f"{name}_rmse"]) is not None:
            lines.append(f"{name + ' RMSE':<16} {value:.4f}{_count_text(figures, name)}")
    return "\n".join(lines)


def _count_text(figures: dict[str, Any], name: str) -> str:
    """Return on how many ratings a figure was measured."""
    if name == "train":
        return ""
    unseen = figures[f"n_unseen_{name}"]
    tail = f", {unseen:,} of them with a user or item unseen in training" if unseen else ""
    before = ", before the refit" if name == "validation" and figures["is_refit"] else ""
    return f"  ({figures[f'n_{name}']:,} ratings{tail}{before})"


def _info(words: list[str]) -> int:
    """``mfgui info``."""
    parser = _Parser(prog="mfgui info", description="Tell how a ratings file is read.")
    _add_ratings(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(words)
    control = Control()
    with _stopping_on_interrupt(control):
        opened = _open(parser, options, control)
    if options.json:
        _print(json.dumps(opened.report.as_dict(), allow_nan=False))
        return 0
    report, ratings = opened.report, opened.ratings
    _print(f"{report.name}: {report.n_ratings:,} ratings by {report.n_users:,} users of "
           f"{report.n_items:,} items ({ratings.density:.2%} rated)\n"
           f"scale {report.scale[0]:g} to {report.scale[1]:g}, mean {ratings.mean:.4f}\n"
           f"{report.summary()}")
    for bad in report.rejected:
        _print(f"{report.noun} {bad.line}: {bad.reason}")
    return 0


def _predict(words: list[str]) -> int:
    """``mfgui predict``."""
    from mfgui.jobs.predict import predict_file, predict_one

    parser = _Parser(prog="mfgui predict", description="Predict ratings with a saved model.")
    parser.add_argument("model", metavar="MODEL", help="a model file")
    parser.add_argument("pairs", nargs="?", metavar="PAIRS_FILE",
                        help="a file of user and item, like a ratings file")
    parser.add_argument("--user", metavar="U")
    parser.add_argument("--item", metavar="I")
    parser.add_argument("--output", metavar="FILE", help="write the CSV there, not to stdout")
    _add_reading(parser)
    options = parser.parse_args(words)
    is_single = options.user is not None and options.item is not None
    if is_single == (options.pairs is not None) or (options.user is None) != (options.item is None):
        parser.error("name either a PAIRS_FILE or both --user and --item")
    control = Control()
    batches = (predict_one(control, options.model, options.user, options.item) if is_single
               else predict_file(control, options.model, options.pairs, _reading(options)))
    with _stopping_on_interrupt(control):
        n_unknown = _write_predictions(batches, options.output)
    if n_unknown:
        _say(f"{n_unknown:,} pair{'s' * (n_unknown != 1)} had a user or item that the model does "
             "not know: predicted by mean and bias.")
    return 0


def _write_predictions(batches: Iterator[Any], output: str | None) -> int:
    """Write the predictions as CSV and return the number of unknown pairs."""
    from mfgui.store.exports import write_csv

    n_unknown = 0

    def rows() -> Iterator[tuple[str, str, str]]:
        nonlocal n_unknown
        for batch in batches:
            n_unknown += batch.n_unknown
            for user, item, value in batch.rows:
                yield user, item, f"{value:.6g}"

    header = ("user", "item", "prediction")
    if output is not None:
        write_csv(output, header, rows())
        return n_unknown
    writer = csv.writer(sys.stdout, lineterminator="\n")
    first = next(rows_ := rows(), None)  # an error comes before the header is printed
    writer.writerow(header)
    if first is not None:
        writer.writerow(first)
    writer.writerows(rows_)
    return n_unknown


def _solvers(words: list[str]) -> int:
    """``mfgui solvers``."""
    from mfgui.core.solvers import SOLVERS

    _Parser(prog="mfgui solvers", description="List the solvers.").parse_args(words)
    for solver in SOLVERS.values():
        _print(f"{solver.name}\n  {solver.summary}\n  minimizes {solver.objective}")
    return 0


def _sample(words: list[str]) -> int:
    """``mfgui sample``."""
    from mfgui import jobs

    parser = _Parser(prog="mfgui sample", description="Write the sample data as a CSV file.")
    parser.add_argument("output", metavar="OUT.csv")
    options = parser.parse_args(words)
    written = _last(jobs.write_sample(Control(), Path(options.output)))
    _print(f"{written.n_rows:,} ratings written to {written.path}")
    return 0


_RUN: dict[str, Callable[[list[str]], int]] = {
    "train": _train, "info": _info, "predict": _predict, "solvers": _solvers, "sample": _sample,
}
