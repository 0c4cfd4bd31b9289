"""``mfgui predict``."""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mfgui.cli.common import (
    Parser,
    add_reading,
    last,
    reading_from,
    say,
    showing,
    stopping_on_interrupt,
)
from mfgui.core.control import Control

if TYPE_CHECKING:
    from mfgui.jobs.predict import Predictions


def predict(words: list[str]) -> int:
    """``mfgui predict``."""
    from mfgui.jobs.predict import predict_file, predict_one

    parser = Parser(prog="mfgui predict", description="Predict ratings with a saved model.")
    parser.add_argument("model", metavar="MODEL", help="a model file")
    parser.add_argument("pairs", nargs="?", metavar="PAIRS_FILE",
                        help="a file of user and item, like a ratings file")
    parser.add_argument("--user", metavar="U")
    parser.add_argument("--item", metavar="I")
    parser.add_argument("--output", metavar="FILE", help="write them there, not to stdout: Parquet "
                        "where it ends in .parquet, otherwise CSV")
    parser.add_argument("--guard-formulas", action="store_true", help="with --output: write ids "
                        "that begin with = + - @ or a tab with a leading '")
    add_reading(parser)
    options = parser.parse_args(words)
    is_single = options.user is not None and options.item is not None
    if is_single == (options.pairs is not None) or (options.user is None) != (options.item is None):
        parser.error("name either a PAIRS_FILE or both --user and --item")
    if options.guard_formulas and options.output is None:
        parser.error("--guard-formulas is for a file: name it with --output")
    control = Control()
    with stopping_on_interrupt(control), showing(control):
        if options.output is not None:
            notes = _write_file(control, options)
        else:
            notes = _print(predict_one(control, options.model, options.user, options.item)
                           if is_single else predict_file(
                               control, options.model, options.pairs, reading_from(options)))
    for note in notes:
        say(note)
    return 0


def _write_file(control: Control, options: argparse.Namespace) -> tuple[str, ...]:
    """Write the predictions as a table and return what to say of them."""
    from mfgui.jobs.export import export_pairs, export_some
    from mfgui.store.model_file import open_model

    saved, guards = open_model(options.model), options.guard_formulas
    written = last(
        export_some(control, saved, options.output, [(options.user, options.item)],
                    guards_formulas=guards) if options.pairs is None else
        export_pairs(control, saved, options.output, options.pairs, reading_from(options),
                     guards_formulas=guards))
    notes: tuple[str, ...] = written.notes
    return notes


def _print(batches: Iterator[Predictions]) -> tuple[str, ...]:
    """Print the predictions as CSV and return what to say of them."""
    import numpy as np

    from mfgui.jobs.export import unknown_notes

    n_unknown = 0
    writer = csv.writer(sys.stdout, lineterminator="\n")
    first = next(batches, None)  # an error comes before the header is printed
    writer.writerow(("user", "item", "prediction"))
    for batch in itertools.chain([] if first is None else [first], batches):
        n_unknown += batch.n_unknown
        writer.writerows((user, item, str(np.float32(value))) for user, item, value in batch.rows)
    return unknown_notes(n_unknown)
