"""``mfgui evaluate``."""

from __future__ import annotations

import argparse
import json
import math
from functools import partial
from typing import TYPE_CHECKING

from mfgui.cli.common import (
    Parser,
    add_reading,
    last,
    print_line,
    reading_from,
    showing,
    stopping_on_interrupt,
)
from mfgui.cli.table import Column, table_lines
from mfgui.core.control import Control

if TYPE_CHECKING:
    from mfgui.jobs.evaluation_words import Cell
    from mfgui.training.evaluation import Row


def evaluate(words: list[str]) -> int:
    """``mfgui evaluate``."""
    from mfgui import jobs
    from mfgui.jobs.evaluation_words import as_dict

    options = _parser().parse_args(words)
    control = Control()
    with stopping_on_interrupt(control), showing(control):
        found = last(jobs.evaluate_file(
            control, options.model, options.test, n=options.n, threshold=options.threshold,
            n_threads=options.n_threads, ratings_path=options.ratings,
            options=reading_from(options)))
    if options.json:
        print_line(json.dumps(as_dict(found), allow_nan=False))
        return 0
    print_line(f"{found.subject} on {found.tested_on}: {found.counts.n_ratings:,} ratings by "
               f"{found.counts.n_users:,} users")
    print_line("\n".join([*figure_lines(found.rows, found.n), *found.lines]))
    return 0


def _parser() -> Parser:
    """Return what reads the options."""
    parser = Parser(prog="mfgui evaluate", description="Measure a saved model on ratings that it "
                    "was not trained on, beside what the simplest models reach on them.")
    parser.add_argument("model", metavar="MODEL", help="a model file")
    parser.add_argument("test", metavar="TEST", help="a ratings file; ratings of it that the model "
                        "was trained on are counted and left out")
    add_lists(parser)
    parser.add_argument("--n-threads", type=int, metavar="N",
                        help="default: one a core; the figures are the same for any number")
    parser.add_argument("--ratings", metavar="FILE", help="the ratings that the model was trained "
                        "on, where its file does not hold them")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_reading(parser)
    return parser


def add_lists(parser: argparse.ArgumentParser) -> None:
    """Add how lists are judged."""
    parser.add_argument("--n", type=int, default=10, metavar="N",
                        help="how many places of each user's list count, 1 to 100; default: 10")
    parser.add_argument("--threshold", type=_number, metavar="X",
                        help="an item is relevant whose rating is at least X; default: three "
                        "quarters up the scale, 4 of 1 to 5, or whatever is above 0 where "
                        "preferences are predicted")


def _number(text: str) -> float:
    """Return a finite number from an option."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return number


def figure_lines(rows: tuple[Row, ...], n: int) -> list[str]:
    """Return the figures as tables: errors a line a model, lists a line a figure."""
    from mfgui.jobs.evaluation_grids import error_grid, list_grid

    drawn: list[str] = []
    for grid in (error_grid(rows, n), list_grid(rows, n)):
        if grid.lines:
            columns = [Column(heading, partial(_words, at))
                       for at, heading in enumerate(grid.heading)]
            drawn += table_lines(columns, grid.lines)
    return drawn


def _words(at: int, line: tuple[Cell, ...]) -> str:
    """Return what stands in a column; "best" after the number, so that numbers stay aligned."""
    from mfgui.jobs.evaluation_grids import words_of

    return words_of(line[at])
