"""``mfgui export``: tables of a model, CSV, or Parquet where the name ends so."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mfgui.cli.common import (
    Parser,
    add_reading,
    print_line,
    reading_from,
    say,
    showing,
    stopping_on_interrupt,
)
from mfgui.cli.projects import project_to_read
from mfgui.cli.recommend import add_list_options, count, filters_from
from mfgui.cli.table import counted
from mfgui.core.control import Control

if TYPE_CHECKING:
    from mfgui.store.model_file import SavedModel

GUARD_HELP = ("write ids and titles that begin with = + - @ or a tab with a leading ', so that a "
              "spreadsheet takes none for a formula (CSV only)")
OUT_HELP = "the file to write: Parquet where it ends in .parquet, otherwise CSV"


def export(words: list[str]) -> int:
    """``mfgui export``."""
    overview = Parser(prog="mfgui export", usage="mfgui export TABLE [MODEL] OUT [options]",
                      description="Write a model's predictions, top lists, factors or biases as a "
                      "table, with the ids as they came. mfgui export TABLE --help tells more.")
    overview.add_argument("table", choices=TABLES, metavar="TABLE", help=", ".join(
        f"{name}: {table.words}" for name, table in TABLES.items()))
    table = TABLES[overview.parse_args(words[:1]).table]
    parser = _parser(words[0], table)
    options = parser.parse_intermixed_args(words[1:])  # OUT may stand behind the options
    if (options.project is None) != (options.run is None):
        parser.error("--project and --run go together")
    if len(options.files) != (1 if options.project else 2):
        parser.error("name OUT alone beside --project and --run" if options.project
                     else "name a MODEL and OUT, or OUT with --project P --run RUN")
    if words[0] == "predictions" and (options.pairs is None) == (options.min_count is None):
        parser.error("name either --pairs FILE, or --min-count K for all pairs of users and items "
                     "with at least K ratings")
    from mfgui.jobs.export_plan import PairsPlan

    control, written = Control(), None
    with stopping_on_interrupt(control), showing(control):
        saved, known = _opened(control, options, needs_ratings=table.needs_ratings)
        for written in table.start(control, saved, known, options):
            if isinstance(written, PairsPlan):
                say(f"{written.text}.")
    assert written is not None
    print_line(f"{counted(written.n_rows, 'row')} written to {written.path}")
    for note in written.notes:
        say(note)
    return 0


def _parser(name: str, table: _Table) -> Parser:
    """Return what reads the options of a table."""
    parser = Parser(
        prog=f"mfgui export {name}", description=f"Write {table.words}.",
        usage=f"mfgui export {name} [MODEL | --project P.mfgui --run RUN] OUT [options]")
    parser.add_argument("files", nargs="+", metavar="MODEL OUT",
                        help=f"a model file, and {OUT_HELP}")
    parser.add_argument("--project", metavar="P.mfgui",
                        help="a project file, in the place of MODEL")
    parser.add_argument("--run", metavar="RUN", help="the number or name of its run")
    parser.add_argument("--guard-formulas", action="store_true", help=GUARD_HELP)
    table.add_options(parser)
    if table.needs_ratings:
        parser.add_argument("--ratings", metavar="FILE", help="the ratings that the model was "
                            "trained on, where its file does not hold them")
        add_reading(parser)
    return parser


def _add_prediction_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pairs", metavar="FILE",
                        help="a file of user and item, like a ratings file")
    parser.add_argument("--min-count", type=count, metavar="K", help="all pairs of users and items "
                        "with at least K training ratings; 0: of all users and items")


def _add_side(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--side", choices=("user", "item", "implicit"), required=True,
                        help="whose factors; implicit: the y of a model of SVD++")


def _opened(
    control: Control, options: argparse.Namespace, *, needs_ratings: bool
) -> tuple[SavedModel, Any]:
    """Return the model, and what is known of its ratings where the table needs that."""
    from mfgui.jobs.known_ratings import known_ratings
    from mfgui.jobs.run_models import model_of_run
    from mfgui.store.model_file import open_model

    if options.project:
        with project_to_read(options.project) as project:
            saved, note = model_of_run(control, project, options.run)
        if note:
            say(note)
    else:
        control.report(f"Opening {options.files[0]}")
        saved = open_model(options.files[0])
    if not needs_ratings:
        return saved, None
    return saved, known_ratings(control, saved, options.ratings, reading_from(options))


def _predictions(
    control: Control, saved: SavedModel, known: Any, options: argparse.Namespace
) -> Iterator[Any]:
    from mfgui.jobs.export import export_all_pairs, export_pairs

    if options.pairs is not None:
        return export_pairs(control, saved, options.files[-1], options.pairs,
                            reading_from(options), guards_formulas=options.guard_formulas)
    return export_all_pairs(control, saved, options.files[-1], min_count=options.min_count,
                            known=known, guards_formulas=options.guard_formulas)


def _top(
    control: Control, saved: SavedModel, known: Any, options: argparse.Namespace
) -> Iterator[Any]:
    from mfgui.jobs.recommend import recommend_all

    return recommend_all(control, saved, options.files[-1], options.n, known=known,
                         filters=filters_from(options), guards_formulas=options.guard_formulas)


def _factors(
    control: Control, saved: SavedModel, known: Any, options: argparse.Namespace
) -> Iterator[Any]:
    from mfgui.jobs.export import export_factors

    return export_factors(control, saved, options.files[-1], options.side,
                          guards_formulas=options.guard_formulas)


def _biases(
    control: Control, saved: SavedModel, known: Any, options: argparse.Namespace
) -> Iterator[Any]:
    from mfgui.jobs.export import export_biases

    return export_biases(control, saved, options.files[-1], guards_formulas=options.guard_formulas)


@dataclass(frozen=True)
class _Table:
    """A table that can be written.

    Parameters
    ----------
    words : str
        What it is.
    start : callable
        Returns the job.
    add_options : callable
    needs_ratings : bool
        Whether what is known of the model's ratings matters.
    """

    words: str
    start: Callable[..., Iterator[Any]]
    add_options: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    needs_ratings: bool = False


TABLES = {
    "predictions": _Table("predictions, of a file of pairs or of all pairs", _predictions,
                          _add_prediction_options, needs_ratings=True),
    "top": _Table("the top lists of all users", _top, add_list_options, needs_ratings=True),
    "factors": _Table("the factors of users or items", _factors, _add_side),
    "biases": _Table("the mean and the biases of users and items", _biases),
}
