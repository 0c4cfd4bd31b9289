"""``mfgui explain``."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

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
from mfgui.core.control import Control

if TYPE_CHECKING:
    from mfgui.inspection.explanation import Card, Explanation, Waterfall
    from mfgui.jobs.explain import Explained

BAR_WIDTH = 20
LABEL_WIDTH = 48
BASES = ("mean", "offset")  # so long beside the others that they get no bar


def explain(words: list[str]) -> int:
    """``mfgui explain``."""
    from mfgui.jobs.explain import explain_file

    parser = Parser(prog="mfgui explain", description="Tell why a saved model predicts what it "
                    "does for a user and an item, in numbers that add up.")
    parser.add_argument("model", metavar="MODEL", help="a model file")
    parser.add_argument("--user", metavar="U", required=True, help="the id of a user")
    parser.add_argument("--item", metavar="I", required=True, help="the id of an item")
    parser.add_argument("--ratings", metavar="FILE", help="the ratings that the model was trained "
                        "on, where its file does not hold them")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_reading(parser)
    options = parser.parse_args(words)
    control = Control()
    with stopping_on_interrupt(control), showing(control):
        explained = last(explain_file(control, options.model, options.user, options.item,
                                      options.ratings, reading_from(options)))
    if options.json:
        print_line(json.dumps(as_dict(explained), allow_nan=False))
        return 0
    print_line("\n".join(explanation_lines(explained)))
    if explained.note:
        say(explained.note)
    return 0


def as_dict(explained: Explained) -> dict[str, object]:
    """Return an explanation as plain values, the note beside it."""
    return {**dataclasses.asdict(explained.explanation), "target": explained.explanation.target,
            "note": explained.note}


def explanation_lines(explained: Explained) -> Iterator[str]:
    """Yield an explanation line by line, for people."""
    found = explained.explanation
    yield from _head(found, explained.scale)
    for waterfall in (found.parts, found.own_ratings, found.raters, *found.members):
        if waterfall is not None:
            yield ""
            yield from waterfall_lines(waterfall)
    yield ""
    for side, card in (("user", found.user_card), ("item", found.item_card)):
        yield from _card(side, card, explained.scale, knows_ratings=found.knows_ratings)


def _head(found: Explanation, scale: tuple[float, float]) -> Iterator[str]:
    """Yield who and what, observed, predicted, residual and the typical error."""
    from mfgui.inspection.bars import value_text
    from mfgui.inspection.rounding import decimals_of, number_text

    decimals = decimals_of(scale)
    yield f"{_named('user', found.user_id, found.user_name)}, " + _named(
        "item", found.item_id, found.item_title)
    rated = "not rated" if found.knows_ratings else "rating not known"
    if found.observed is not None:
        rated = f"rated {value_text(found.observed)}"
    if found.is_held_out:
        rated += " (held out)"
    if found.unit == "preference" and found.target is not None:
        rated += f", preference {found.target:g}"
    parts = [rated, f"predicted {found.parts.printed_total}"]
    if (raw := number_text(found.raw, decimals)) != found.parts.printed_total:
        parts[-1] += f" ({raw} before clipping)"
    if found.residual is not None:
        parts.append(f"residual {number_text(found.residual, decimals, is_signed=True)}")
    yield ", ".join(parts)
    if found.typical_error is not None:
        error = found.typical_error
        yield f"typical error {number_text(error.value, decimals)}: {error.how}"


def waterfall_lines(waterfall: Waterfall) -> Iterator[str]:
    """Yield a waterfall as a table: label, number, bar; the numbers add up to the last one."""
    from mfgui.inspection.words import one_line

    yield waterfall.name[:1].upper() + waterfall.name[1:]
    sizes = [abs(bar.value) for bar in waterfall.bars if bar.kind not in BASES]
    largest = max(sizes, default=0.0)
    labels = [one_line(bar.label, LABEL_WIDTH) for bar in waterfall.bars]
    width = max(map(len, [*labels, "predicted"]))
    digits = max([len(bar.printed) for bar in waterfall.bars] + [len(waterfall.printed_total)])
    for bar, label in zip(waterfall.bars, labels, strict=True):
        length = 0 if bar.kind in BASES or not largest else round(
            BAR_WIDTH * abs(bar.value) / largest)
        drawn = ("-" if bar.value < 0 else "+") * length
        yield f"  {label:{width}}  {bar.printed:>{digits}}  {drawn}".rstrip()
    yield f"  {'predicted':{width}}  {waterfall.printed_total:>{digits}}"
    if waterfall.note:
        yield f"  {waterfall.note}"


def _card(
    side: str, card: Card, scale: tuple[float, float], *, knows_ratings: bool
) -> Iterator[str]:
    """Yield a card in a line or two."""
    from mfgui.inspection.bars import value_text
    from mfgui.inspection.rounding import decimals_of, number_text

    decimals = decimals_of(scale)
    parts = []
    if knows_ratings:
        parts.append(f"{card.n_ratings:,} rating{'s' * (card.n_ratings != 1)}")
    if card.mean is not None:
        parts.append(f"mean {number_text(card.mean, decimals)}")
    parts.append(f"bias {number_text(card.bias, decimals, is_signed=True)}")
    if card.rmse is not None:
        parts.append(f"RMSE {number_text(card.rmse, decimals)}")
    yield f"{_named(side, card.id, card.name)}: {', '.join(parts)}, norm {card.norm:.3g}"
    if card.n_ratings:
        yield "  " + "  ".join(f"{value_text(value)}: {n:,}" for value, n in card.histogram)


def _named(side: str, its_id: str, name: str) -> str:
    """Return an id with its name or title."""
    return f"{side} {its_id} “{name}”" if name and name != its_id else f"{side} {its_id}"
