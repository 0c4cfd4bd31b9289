"""The command line: it only starts jobs, and no Qt is loaded unless a window is asked for.

Exit codes: 0; 2 for an unknown option or a wrong type; 1, with one line on stderr, for everything
else a user can cause.
"""

from __future__ import annotations

import io
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mfgui import __version__
from mfgui.cli.common import Parser, add_reading, last, print_line, reading_from, say
from mfgui.cli.compare import compare
from mfgui.cli.cross_validate import cross_validate
from mfgui.cli.download import download
from mfgui.cli.evaluate import evaluate
from mfgui.cli.explain import explain
from mfgui.cli.export import export
from mfgui.cli.help import help_on
from mfgui.cli.info import info
from mfgui.cli.predict import predict
from mfgui.cli.recommend import recommend
from mfgui.cli.report import report
from mfgui.cli.runs import runs
from mfgui.cli.search import search
from mfgui.cli.similar import similar
from mfgui.cli.train import train
from mfgui.core.control import Control
from mfgui.errors import MfguiError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run mfgui and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # ids may hold signs that the terminal lacks
    try:
        if words and words[0] in _RUN:
            return _RUN[words[0]](words[1:])
        return _open_window(words)
    except MfguiError as error:
        say(str(error))
        return 1
    except BrokenPipeError:
        # The reader of our output has gone: nothing to tell it, and nothing to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 1
    except OSError as error:
        say(f"The output could not be written: {(error.strerror or str(error)).lower()}.")
        return 1


def _open_window(words: list[str]) -> int:
    """Open the window on a file, the sample, or nothing."""
    parser = Parser(prog="mfgui", description="See what matrix factorization learns from your "
                     f"ratings. Commands: {', '.join(_RUN)}; mfgui COMMAND --help tells more.")
    parser.add_argument("file", nargs="?", metavar="FILE",
                        help="a ratings file, model or project to open")
    parser.add_argument("--sample", action="store_true", help="open the sample data")
    parser.add_argument("--version", action="version", version=f"mfgui {__version__}")
    add_reading(parser)
    options = parser.parse_args(words)
    if options.file and options.sample:
        parser.error("choose either FILE or --sample")
    if not _has_display():
        what = shlex.quote(options.file) if options.file else "--sample"
        print("mfgui: there is no display to open a window on; the same job in the terminal is: "
              f"mfgui train {what}", file=sys.stderr)
        return 1 if options.file else 0  # the install line of the README must not fail
    from mfgui.gui import app

    app.run(options.file, is_sample=options.sample, options=reading_from(options))


def _has_display() -> bool:
    """Return whether Qt would find a screen; without one it would abort the process."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _solvers(words: list[str]) -> int:
    """``mfgui solvers``."""
    from mfgui.core.solvers import SOLVERS
    from mfgui.jobs.solver_groups import by_heading

    Parser(prog="mfgui solvers", description="List the solvers.").parse_args(words)
    for heading, solvers in by_heading(SOLVERS).items():
        print_line(heading)
        for solver in solvers.values():
            print_line(f"  {solver.name}\n    {solver.summary}\n"
                       f"    minimizes {solver.objective}")
    return 0


def _sample(words: list[str]) -> int:
    """``mfgui sample``."""
    from mfgui import jobs

    parser = Parser(prog="mfgui sample", description="Write the sample data as a CSV file.")
    parser.add_argument("output", metavar="OUT.csv")
    options = parser.parse_args(words)
    written = last(jobs.write_sample(Control(), Path(options.output)))
    print_line(f"{written.n_rows:,} ratings written to {written.path}")
    return 0


_RUN: dict[str, Callable[[list[str]], int]] = {
    "runs": runs,
    "train": train, "search": search, "info": info, "predict": predict, "solvers": _solvers,
    "sample": _sample,
    "download": download, "help": help_on,
    "explain": explain, "compare": compare,
    "evaluate": evaluate, "cross-validate": cross_validate,
    "recommend": recommend, "similar": similar, "report": report,
    "export": export,
}
