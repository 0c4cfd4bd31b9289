"""``mfgui recommend``."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mfgui.cli.common import (
    Parser,
    add_reading,
    last,
    print_line,
    reading_from,
    say,
    showing,
    stopping_on_interrupt,
)
from mfgui.cli.table import Column, counted, fitting, table_lines
from mfgui.core.control import Control

if TYPE_CHECKING:
    from mfgui.inspection.recommend import Filters, Reason, Recommendation
    from mfgui.jobs.recommend import TopList

MOST_PLACES = 1_000_000
WIDTH, INDENT = 80, " " * 6


def recommend(words: list[str]) -> int:
    """``mfgui recommend``."""
    parser = _parser()
    options = parser.parse_args(words)
    if (options.user is not None) + (options.new_user is not None) + options.all_users != 1:
        parser.error("name one of --user, --new-user and --all-users")
    if options.all_users != (options.output is not None):
        parser.error("--all-users and --output go together")
    if options.all_users and options.json:
        parser.error("--all-users writes a file: leave --json out")
    if options.guard_formulas and not options.all_users:
        parser.error("--guard-formulas is for the file of --all-users")
    control = Control()
    with stopping_on_interrupt(control), showing(control):
        found = last(_job(control, options))
    if options.all_users:
        print_line(f"{counted(found.n_rows, 'line')} written to {found.path}")
    elif options.json:
        print_line(json.dumps(as_dict(found), allow_nan=False))
    else:
        print_line("\n".join(list_lines(found, is_bounded=options.lower_bound)))
    for note in found.notes:
        say(note)
    return 0


def _parser() -> Parser:
    """Return what reads the options."""
    parser = Parser(prog="mfgui recommend", description="List the items with the highest "
                    "predictions for a user of a saved model, for a new one, or for all.")
    parser.add_argument("model", metavar="MODEL", help="a model file")
    parser.add_argument("--user", metavar="U", help="the id of a user")
    parser.add_argument("--new-user", metavar="FILE",
                        help="a CSV file of someone's ratings: item,rating")
    parser.add_argument("--all-users", action="store_true",
                        help="write the lists of all users to --output")
    parser.add_argument("--output", metavar="FILE", help="the file for --all-users: Parquet where "
                        "it ends in .parquet, otherwise CSV")
    parser.add_argument("--guard-formulas", action="store_true", help="with --all-users: write "
                        "ids and titles that begin with = + - @ or a tab with a leading '")
    add_list_options(parser)
    parser.add_argument("--ratings", metavar="FILE", help="the ratings that the model was trained "
                        "on, where its file does not hold them")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_reading(parser)
    return parser


def add_list_options(parser: argparse.ArgumentParser) -> None:
    """Add how long a list is and what may stand in it."""
    parser.add_argument("-n", type=count_of_places, default=10, metavar="N",
                        help="how many items; default: 10")
    parser.add_argument("--include-rated", action="store_true",
                        help="list what the user has rated, too")
    parser.add_argument("--min-count", type=count, default=0, metavar="K",
                        help="leave out items with fewer training ratings")
    parser.add_argument("--contains", default="", metavar="TEXT",
                        help="only items whose title (or id, without titles) contains this")
    parser.add_argument("--lower-bound", action="store_true",
                        help="rank by prediction - held-out RMSE / sqrt(number of ratings)")


def filters_from(options: argparse.Namespace) -> Filters:
    """Return what may stand in a list."""
    from mfgui.inspection.recommend import Filters

    return Filters(is_unrated_only=not options.include_rated, min_count=options.min_count,
                   title_contains=options.contains, by_lower_bound=options.lower_bound)


def count_of_places(text: str) -> int:
    """Return a number of places from an option."""
    number = _whole(text)
    if number is None or not 1 <= number <= MOST_PLACES:
        raise argparse.ArgumentTypeError(f"it is a whole number, 1 to {MOST_PLACES:,}")
    return number


def count(text: str) -> int:
    """Return a number of ratings from an option."""
    number = _whole(text)
    if number is None or number < 0:
        raise argparse.ArgumentTypeError("it is a whole number, 0 or more")
    return number


def _whole(text: str) -> int | None:
    """Return a whole number; None where it is none."""
    try:
        return int(text)
    except ValueError:
        return None


def _job(control: Control, options: argparse.Namespace) -> Iterator[Any]:
    """Return the job that the options ask for."""
    from mfgui.jobs.recommend import recommend_all_file, recommend_file

    common: dict[str, Any] = {"n": options.n, "filters": filters_from(options),
                              "ratings_path": options.ratings, "options": reading_from(options)}
    if options.all_users:
        return recommend_all_file(control, options.model, options.output,
                                  guards_formulas=options.guard_formulas, **common)
    return recommend_file(control, options.model, user=options.user,
                          new_user_path=options.new_user, **common)


def as_dict(found: TopList) -> dict[str, Any]:
    """Return a top list as plain values."""
    def named(item: int) -> dict[str, Any]:
        title = None if found.item_titles is None else found.item_titles[item]
        return {"item": found.item_ids[item], "title": title}

    items = [{
        "rank": place.rank, **named(place.item), "prediction": place.shown,
        "raw_prediction": place.raw, "n_ratings": place.n_ratings,
        "lower_bound": place.lower_bound,
        "why": [{**named(each.item), "observed": float(f"{each.observed:.7g}"),
                 "share": each.share}
                for each in place.why]} for place in found.places]
    return {"user": found.user, "is_new": found.is_new, "target": found.target, "items": items,
            "notes": list(found.notes)}


def list_lines(found: TopList, *, is_bounded: bool = False) -> list[str]:
    """Return a top list in lines for people."""
    from mfgui.inspection.rounding import decimals_of, number_text

    who = f"{'' if found.is_new else 'user '}{fitting(found.user, 24)}"
    if not found.places:
        return [f"{who}: no item is left to recommend."]
    decimals = decimals_of(found.scale)
    what = "preference" if found.target == "preference" else "predicted"
    columns = [
        Column("", lambda place: str(place.rank), is_number=True),
        Column("item", lambda place: fitting(found.item_ids[place.item], 16)),
        Column("title", lambda place: _title(found, place.item, 24 if is_bounded else 34)),
        Column(what, lambda place: number_text(place.shown, decimals), is_number=True),
        Column("at least", lambda place: "" if place.lower_bound is None
               else number_text(place.lower_bound, decimals), is_number=True),
        Column("ratings", lambda place: "" if place.n_ratings is None
               else f"{place.n_ratings:,}", is_number=True)]
    hidden = {"title"} if found.item_titles is None else set()
    hidden |= set() if is_bounded else {"at least"}
    drawn = [f"{who}: highest {'lower bounds' if is_bounded else 'predictions'}"
             + ", and the ratings that weigh most" * any(each.why for each in found.places)]
    heading, *lines = table_lines(
        [column for column in columns if column.heading not in hidden], found.places)
    drawn.append(heading)
    for place, line in zip(found.places, lines, strict=True):
        drawn += [line, *textwrap.wrap(_why(found, place, decimals), WIDTH, initial_indent=INDENT,
                                       subsequent_indent=INDENT)]
    return drawn


def _why(found: TopList, place: Recommendation, decimals: int) -> str:
    """Return the ratings that weigh most, each with its share of the prediction."""
    from mfgui.inspection.rounding import number_text

    def words(each: Reason) -> str:
        shown = number_text(each.share, decimals, is_signed=True)
        return f"{shown} “{_title(found, each.item, 20)}” rated {each.observed:.7g}"

    return "; ".join(map(words, place.why))


def _title(found: TopList, item: int, width: int) -> str:
    """Return an item's title, else its id."""
    title = "" if found.item_titles is None else fitting(found.item_titles[item], width)
    return title or fitting(found.item_ids[item], width)
