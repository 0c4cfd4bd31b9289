"""``mfgui compare``: two runs of a project, or two models in files, on the same ratings."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
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
from mfgui.core.control import Control

if TYPE_CHECKING:
    from mfgui.core.ratings import Ratings
    from mfgui.inspection.comparison import OtherModel
    from mfgui.inspection.differences import RowDifferences

N_ROWS = 5


def compare(words: list[str]) -> int:
    """``mfgui compare``."""
    parser = _parser()
    options = parser.parse_args(words)
    if options.project and len(options.names) != 2:
        parser.error("name two runs of the project: RUN_A RUN_B")
    if not options.project and len(options.names) not in (2, 3):
        parser.error("name two models, and a file of TEST ratings if you like; or give --project")
    control = Control()
    with stopping_on_interrupt(control), showing(control):
        other, ratings = _of_project(control, options) if options.project else _of_files(
            control, options)
    if options.json:
        from mfgui.jobs.compare import comparison_dict

        print_line(json.dumps(comparison_dict(other, ratings), allow_nan=False))
    else:
        print_line("\n".join(comparison_lines(other, ratings)))
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="mfgui compare", usage="mfgui compare --project P RUN_A RUN_B [--json]\n"
        "       mfgui compare MODEL_A MODEL_B [TEST] [--json]",
        description="Compare two models on ratings that neither was trained on: the difference of "
        "their errors with its 95 % interval, and where they differ most.")
    parser.add_argument("names", nargs="+", metavar="RUN or MODEL",
                        help="two runs, by number or name; or two model files, and a file of "
                        "test ratings")
    parser.add_argument("--project", metavar="P", help="the project that has the runs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_reading(parser)
    return parser


def _of_project(control: Control, options: argparse.Namespace) -> tuple[OtherModel, Ratings]:
    """Return the comparison of two runs."""
    from mfgui.jobs.compare_runs import compare_runs
    from mfgui.store.project import open_project

    project = open_project(Path(options.project), mode="read")
    try:
        a, b = (project.find_run(name).id for name in options.names)
        compared = last(compare_runs(control, project, a, b))
    finally:
        project.close()
    return compared.other, compared.opened.ratings


def _of_files(control: Control, options: argparse.Namespace) -> tuple[OtherModel, Ratings]:
    """Return the comparison of two models, and the ratings in whose numbering it is."""
    from mfgui.jobs.compare import compare_files

    path, other_path, *test = options.names
    compared = last(compare_files(
        control, path, other_path, test[0] if test else None, reading_from(options)))
    return compared.other, compared.ratings


def comparison_lines(other: OtherModel, ratings: Ratings) -> Iterator[str]:
    """Yield a comparison line by line, for people."""
    from mfgui.inspection.comparison_words import sentences

    paired = other.figures.paired if other.figures is not None else None
    names = [("A", other.shown_name), ("B", other.name)]
    for place, (letter, name) in enumerate(names):
        figures = "" if paired is None else "".join(
            f"  {each.name} {(each.value, each.other_value)[place]:.4f}"
            for each in (paired.rmse, paired.mae))
        yield f"{letter}: {name}{figures}"
    yield ""
    yield from sentences(other)
    if other.settings:
        yield ""
        yield "Settings that differ (A, B):"
        yield from (f"  {each.label}: {each.value}, {each.other_value}" for each in other.settings)
    if other.figures is not None:
        for side, rows in (("users", other.figures.users), ("items", other.figures.items)):
            if rows is not None:
                yield from _rows(side, rows, ratings)


def _rows(side: str, rows: RowDifferences, ratings: Ratings) -> Iterator[str]:
    """Yield the users or items that each model is better at."""
    from mfgui.inspection.words import name_of, one_line

    is_user = side == "users"
    ids = ratings.user_ids if is_user else ratings.item_ids
    titles = ratings.user_names if is_user else ratings.item_titles
    for place, letter in enumerate("AB"):
        lines = rows.lines(better=place, n_most=N_ROWS)
        if not lines:
            continue
        yield ""
        yield f"{side.capitalize()} that {letter} is better at, by squared errors:"
        for line in lines:
            its_id, title = one_line(ids[line.index]), name_of(titles, line.index)
            name = f"{its_id} {title}" if title and title != its_id else its_id
            yield (f"  {one_line(name, 44):44}  {line.n_ratings:>6,} ratings  RMSE "
                   f"{line.rmse:.3f} against {line.other_rmse:.3f}")
