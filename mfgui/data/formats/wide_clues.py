"""What tells items, ids, counts and missing numbers apart in a wide table's beginning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from mfgui.data.formats.layout import Table
from mfgui.data.formats.numbers import number_of

FEWEST_ITEMS = 3
FEWEST_VALUES = 10
FEWEST_ROWS = 5

Column = list[str]


def is_numeric(fields: Sequence[str]) -> bool:
    """Return whether nearly all fields are numbers."""
    n_numbers = sum(number_of(text) is not None for text in fields)
    return bool(fields) and n_numbers >= 0.95 * len(fields)


def values_of(fields: Sequence[str], missing: str) -> list[float]:
    """Return the numbers but for the one that stands for missing."""
    absent = number_of(missing) if missing else None
    return [value for value in map(number_of, fields) if value is not None and value != absent]


def missing_number(cells: Mapping[int, Column], numeric: Sequence[int]) -> str:
    """Return the number that most columns hold, far outside all their others, else nothing."""
    if len(numeric) < FEWEST_ITEMS:
        return ""
    values = {number: values_of(cells[number], "") for number in numeric}
    for pick in (max, min):
        ends = Counter(pick(each) for each in values.values())
        end, n_columns = ends.most_common(1)[0]
        rest = [value for each in values.values() if pick(each) == end
                for value in each if value != end]
        n_held = sum(each.count(end) for each in values.values())
        if n_columns * 2 <= len(numeric) or len(rest) < FEWEST_VALUES or abs(end) < 9:
            continue
        gap = min(abs(end - min(rest)), abs(end - max(rest)))
        if gap > max(rest) - min(rest) and n_held * 50 > len(rest):
            written = Counter(
                text for number in numeric for text in cells[number] if number_of(text) == end)
            return written.most_common(1)[0][0]
    return ""


def counting_column(
    table: Table, cells: Mapping[int, Column], numeric: Sequence[int], missing: str
) -> int:
    """Return the first or last column where it is the number of ratings of its line."""
    if len(table.rows) < FEWEST_ROWS or len(numeric) < FEWEST_ITEMS + 1:
        return 0
    absent = number_of(missing) if missing else None
    for column in (numeric[0], numeric[-1]):
        others = [number - 1 for number in numeric if number != column]
        n_right = 0
        for row in table.rows:
            numbers = [number_of(row[place]) for place in others if place < len(row)]
            n_rated = sum(value is not None and value != absent for value in numbers)
            n_right += column <= len(row) and number_of(row[column - 1]) == n_rated
        if n_right >= 0.95 * len(table.rows):
            return column
    return 0


def of_one_scale(values: Mapping[int, list[float]], counts: int) -> list[int]:
    """Return the columns whose values lie within the scale that most of them share."""
    spans = {
        number: (min(each), max(each)) for number, each in values.items()
        if each and number != counts}
    if not spans:
        return []
    # Two measures: the usual ends of a column, and for columns of few values all of these.
    low, high = median(span[0] for span in spans.values()), median(
        span[1] for span in spans.values())
    pooled = sorted(value for number in spans for value in values[number])
    inner = pooled[len(pooled) // 5], pooled[len(pooled) * 4 // 5]
    room, inner_room = 0.5 * max(high - low, 1.0), max(inner[1] - inner[0], 1.0)
    low, high = min(low - room, inner[0] - inner_room), max(high + room, inner[1] + inner_room)
    return [number for number, (least, most) in spans.items() if least >= low and most <= high]
