"""``mfgui similar``."""

from __future__ import annotations

import dataclasses
import json
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
from mfgui.cli.recommend import count_of_places
from mfgui.cli.table import Column, fitting, table_lines
from mfgui.core.control import Control

if TYPE_CHECKING:
    from mfgui.jobs.similar import SimilarList


def similar(words: list[str]) -> int:
    """``mfgui similar``."""
    from mfgui.jobs.similar import similar_file

    parser = Parser(prog="mfgui similar", description="List the items, or the users, whose factors "
                    "in a saved model point most nearly the same way.")
    parser.add_argument("model", metavar="MODEL", help="a model file")
    parser.add_argument("--item", metavar="I", help="the id of an item")
    parser.add_argument("--user", metavar="U", help="the id of a user")
    parser.add_argument("-n", type=count_of_places, default=10, metavar="N",
                        help="how many; default: 10")
    parser.add_argument("--ratings", metavar="FILE", help="the ratings that the model was trained "
                        "on, where its file does not hold them")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_reading(parser)
    options = parser.parse_args(words)
    if (options.item is None) == (options.user is None):
        parser.error("name either --item or --user")
    control = Control()
    with stopping_on_interrupt(control), showing(control):
        found = last(similar_file(
            control, options.model, item=options.item, user=options.user, n=options.n,
            ratings_path=options.ratings, options=reading_from(options)))
    print_line(json.dumps(as_dict(found), allow_nan=False) if options.json
               else "\n".join(list_lines(found)))
    for note in found.notes:
        say(note)
    return 0


def as_dict(found: SimilarList) -> dict[str, Any]:
    """Return neighbours as plain values."""
    def named(index: int) -> dict[str, Any]:
        title = None if found.titles is None else found.titles[index]
        return {found.side: found.ids[index]} | ({"title": title} if found.side == "item" else {})

    near = []
    for each in found.neighbours:
        values = dataclasses.asdict(each)
        near.append({**named(values.pop("index")), **values})
    return {**named(found.asked), "similar": near, "notes": list(found.notes)}


def list_lines(found: SimilarList) -> list[str]:
    """Return neighbours in lines for people."""
    def title(index: int) -> str:
        return "" if found.titles is None else fitting(found.titles[index], 34)

    own = title(found.asked)
    head = f"{found.side} {fitting(found.ids[found.asked], 24)}" + (f" “{own}”" if own else "")
    columns = (
        Column(found.side, lambda each: fitting(found.ids[each.index], 16)),
        Column("title", lambda each: title(each.index)),
        Column("cosine", lambda each: f"{each.cosine:.3f}", is_number=True),
        Column("ratings", lambda each: _count(each.n_ratings), is_number=True),
        Column("in common", lambda each: _count(each.n_common), is_number=True))
    if not found.neighbours:
        return [f"{head}: no {found.side} is near."]
    return [f"{head}: nearest by the cosine of their factors",
            *table_lines(columns, found.neighbours)]


def _count(n: int | None) -> str:
    return "" if n is None else f"{n:,}"
