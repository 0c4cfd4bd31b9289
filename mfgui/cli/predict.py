"""``mfgui predict``."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import Any

from mfgui.cli.common import Parser, add_reading, reading_from, say, stopping_on_interrupt
from mfgui.core.control import Control


def predict(words: list[str]) -> int:
    """``mfgui predict``."""
    from mfgui.jobs.predict import predict_file, predict_one

    parser = Parser(prog="mfgui predict", description="Predict ratings with a saved model.")
    parser.add_argument("model", metavar="MODEL", help="a model file")
    parser.add_argument("pairs", nargs="?", metavar="PAIRS_FILE",
                        help="a file of user and item, like a ratings file")
    parser.add_argument("--user", metavar="U")
    parser.add_argument("--item", metavar="I")
    parser.add_argument("--output", metavar="FILE", help="write the CSV there, not to stdout")
    add_reading(parser)
    options = parser.parse_args(words)
    is_single = options.user is not None and options.item is not None
    if is_single == (options.pairs is not None) or (options.user is None) != (options.item is None):
        parser.error("name either a PAIRS_FILE or both --user and --item")
    control = Control()
    batches = (predict_one(control, options.model, options.user, options.item) if is_single
               else predict_file(control, options.model, options.pairs, reading_from(options)))
    with stopping_on_interrupt(control):
        n_unknown = _write_predictions(batches, options.output)
    if n_unknown:
        say(f"{n_unknown:,} pair{'s' * (n_unknown != 1)} had a user or item that the model does "
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
