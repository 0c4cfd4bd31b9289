"""Numbers, moments and names as a report writes them."""

from __future__ import annotations

import datetime
import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from mfgui.core.ratings import Ratings, TextArray

MINUS = "\N{MINUS SIGN}"
LONGEST_NAME = 120
_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_TURNING = {"R", "AL", "RLE", "LRE", "RLO", "LRO", "RLI", "LRI", "FSI", "PDF", "PDI"}
ENDED = {"finished": "after all its epochs", "early_stopping": "stopped early, by its patience",
         "stopped": "stopped by hand", "diverged": "diverged", "failed": "failed",
         "interrupted": "interrupted", "running": "under way"}


def fixed(value: float, decimals: int, *, is_signed: bool = False) -> str:
    """Return a number with so many decimals, and a minus sign that is one."""
    sign = "+" if is_signed else ""
    return f"{value:{sign},.{decimals}f}".replace("-", MINUS)


def plain(value: float) -> str:
    """Return a number with at most five digits, more where it is a whole one: "3.5", "12,345"."""
    if abs(value) >= 1e12 or value != value:
        text = f"{value:.4g}"
    elif value == int(value) or abs(value) >= 1e4:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.5g}"
    return text.replace("-", MINUS)


def decimals_of(scale: tuple[float, float]) -> int:
    """Return how many decimals tell predictions apart on a scale: 2 from 1 to 5."""
    width = scale[1] - scale[0]
    if not width > 0 or not math.isfinite(width):
        return 2
    return min(max(2 - math.floor(math.log10(width / 2)), 0), 6)


def share_text(share: float) -> str:
    """Return a share as per cent: "6.3 %"."""
    return f"{100 * share:.3g} %"


def time_text(seconds: float) -> str:
    """Return a moment in UTC, to the minute; "" where it is none."""
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def ended_text(word: str) -> str:
    """Return how a run ended, in words."""
    return ENDED.get(word, word.replace("_", " "))


def number_of(values: Mapping[str, Any], name: str) -> float | None:
    """Return a finite number of plain values of a file; None where there is none."""
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


def name_text(text: str) -> str:
    """Return an id or a title, not too long, and so that it does not turn what stands around it."""
    text = " ".join(text.split())
    if len(text) > LONGEST_NAME:
        text = text[:LONGEST_NAME] + "..."
    does_turn = any(unicodedata.bidirectional(sign) in _TURNING for sign in text)
    return f"{_ISOLATE}{text}{_END}" if does_turn else text


def name_of(ids: TextArray, titles: TextArray | None, position: int) -> str:
    """Return an id with its title, where there is one."""
    title = titles[position] if titles is not None else ""
    return f"{name_text(ids[position])} {name_text(title)}".strip()


def user_name(ratings: Ratings, user: int) -> str:
    """Return what a user is called."""
    return name_of(ratings.user_ids, ratings.user_names, user)


def item_name(ratings: Ratings, item: int) -> str:
    """Return what an item is called."""
    return name_of(ratings.item_ids, ratings.item_titles, item)
