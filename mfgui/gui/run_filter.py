"""What is typed into the filter of the runs table: words, and conditions such as ``n_factors>32``.

Terms are parted by blanks and all have to hold. A term with a sign of comparison looks at one
column, by its key or its heading without blanks; any other is a word that must occur somewhere in
what the row says.
"""

from __future__ import annotations

import operator
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mfgui.gui.run_columns import RunColumn
from mfgui.gui.run_words import finite

if TYPE_CHECKING:
    from mfgui.store.project import RunInfo

_TERM = re.compile(r"^([^<>=!]+)(<=|>=|!=|==|<|>|=)(.*)$")
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
Test = Callable[["RunInfo"], bool]


@dataclass(frozen=True)
class RunFilter:
    """Which runs are listed; ``error`` says what of the text cannot be understood."""

    tests: tuple[Test, ...] = ()
    error: str = ""

    def holds(self, run: RunInfo) -> bool:
        """Say whether a run is listed."""
        return all(test(run) for test in self.tests)


def parse_filter(text: str, columns: Sequence[RunColumn]) -> RunFilter:
    """Return the filter of a text; where there is an error, it lists all that the rest lists."""
    try:
        terms = shlex.split(text.replace("\\", "\\\\"))
    except ValueError:  # a quotation mark that is still open while one types
        terms = text.replace('"', " ").replace("'", " ").split()
    tests: list[Test] = []
    error = ""
    for term in terms:
        match = _TERM.match(term)
        if match is None:
            tests.append(_word(term, columns))
            continue
        test = _condition(match[1].strip(), match[2], match[3].strip(), columns)
        if isinstance(test, str):
            error = error or test
        else:
            tests.append(test)
    return RunFilter(tuple(tests), error)


def _word(word: str, columns: Sequence[RunColumn]) -> Test:
    """Return whether a word occurs in a row; not in its settings, where 1 is in everything."""
    texts = [column for column in columns if column.kind == "own" and not column.is_number]
    wanted = word.casefold()

    def holds(run: RunInfo) -> bool:
        return wanted == str(run.number) or any(
            wanted in column.text(column.value(run)).casefold() for column in texts)

    return holds


def _condition(name: str, sign: str, value: str, columns: Sequence[RunColumn]) -> Test | str:
    """Return a comparison with one column, or what is wrong with it."""
    column = _column(name, columns)
    if column is None:
        return (f"There is no column “{name}”: try the words of the headings, or "
                f"{_examples(columns)}.")
    if not value:
        return f"“{name}{sign}” needs a value behind it."
    number = _number(value)
    if sign in _ORDERED:
        if number is None:
            return f"“{value}” is not a number to compare {column.heading} with."
        compare = _ORDERED[sign]

        def is_ordered(run: RunInfo) -> bool:
            found = finite(column.value(run))
            return found is not None and compare(found, number)

        return is_ordered
    is_equal = _equal(column, value, number)
    return (lambda run: not is_equal(run)) if sign == "!=" else is_equal


def _equal(column: RunColumn, value: str, number: float | None) -> Test:
    """Return whether a column says this: the same number, or the same words."""
    def holds(run: RunInfo) -> bool:
        found = column.value(run)
        if number is not None and finite(found) is not None:
            # As it is shown: 0.8421 is what stands in the table, all digits nobody types.
            return found == number or column.text(found) == value
        return column.text(found).casefold() == value.casefold()

    return holds


def _column(name: str, columns: Sequence[RunColumn]) -> RunColumn | None:
    wanted = _folded(name)
    return next((column for column in columns
                 if wanted in (_folded(column.key), _folded(column.heading))), None)


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _examples(columns: Sequence[RunColumn]) -> str:
    keys = [column.key for column in columns if column.is_number]
    return " or ".join(keys[-2:]) if keys else "run"
