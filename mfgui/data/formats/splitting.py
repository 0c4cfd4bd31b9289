"""Which sign separates the columns of a text, and a line cut at it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

from mfgui.data.foreign import EXPECTED
from mfgui.data.formats.numbers import is_number
from mfgui.errors import DataError

SEPARATORS = {
    "::": "double-colon", "\t": "tab", ";": "semicolon", ",": "comma", "|": "bar", " ": "blank",
}
"""The separators that are tried, the surest first, and their names."""



def split_line(line: str, separator: str) -> list[str]:
    """Return the fields of one line, without quotation marks and outer blanks."""
    if separator == " ":
        line, separator = re.sub(r"[ \t]+", " ", line.strip(" \t")), " "
    if len(separator) > 1:
        return [field.strip() for field in line.split(separator)]
    if '"' not in line:
        return [field.strip() for field in line.split(separator)]
    try:
        fields = next(csv.reader([line], delimiter=separator, skipinitialspace=separator != " "))
    except (csv.Error, TypeError, StopIteration, ValueError):
        fields = line.split(separator)
    return [field.strip() for field in fields]


def find_separator(lines: Sequence[str], name: str) -> str:
    """Return the separator that gives most lines one and the same width.

    Three columns and more come first, two are taken where nothing gives three.
    """
    best, best_score, widest = "", 0, 1
    pair, pair_score = "", 0
    for separator in SEPARATORS:
        widths = Counter(len(split_line(line, separator)) for line in lines)
        commonest = max(widths, key=lambda width: (widths[width], width))
        widest = max(widest, commonest)
        wide = {width: n_lines for width, n_lines in widths.items() if width >= 3}
        needed = len(lines) * (0.5 if separator == " " else 0.0)  # prose has blanks too
        if sum(wide.values()) * 2 >= len(lines) and max(wide.values()) > max(best_score, needed):
            best, best_score = separator, max(wide.values())
        if commonest == 2 and widths[2] * 2 > len(lines) and widths[2] > pair_score:
            pair, pair_score = separator, widths[2]
    if best or pair:
        return best or pair
    found = "only one column" if widest == 1 else "no common separator"
    raise DataError(
        f"{name} has {found}: {EXPECTED}, separated by comma, tab, semicolon, blank or '::'.")


def separator_doubts(
    lines: Sequence[str], separator: str, rows: Sequence[Sequence[str]]
) -> tuple[str, ...]:
    """Return a sentence where another separator cuts as evenly and this one leaves it inside."""
    for rival in ("\t", ";", ",", "|"):
        if rival == separator or separator in ("::", " "):
            continue
        widths = Counter(len(split_line(line, rival)) for line in lines)
        width, n_lines = widths.most_common(1)[0]
        inside = sum(
            any(rival in field and not is_number(field) for field in row) for row in rows)
        if width >= 3 and n_lines >= 0.9 * len(lines) and inside * 2 > len(rows):
            return (
                f"The separator may be {SEPARATORS[rival]} instead of {SEPARATORS[separator]}: "
                "both cut all lines alike.",)
    return ()
