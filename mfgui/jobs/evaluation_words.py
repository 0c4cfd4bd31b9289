"""Evaluations as plain values, as tables and as words: for window, terminal, report and project."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from mfgui.core.figures import NOTHING, Figure
from mfgui.training.evaluation import (
    ERRORS,
    LABELS,
    Counts,
    Evaluation,
    Row,
    best_row,
    label_of,
)

BEST = "best"
NOT_MEASURED = "–"
BASELINE_WORDS = {"mean": "the global mean", "user_mean": "the user means",
                  "item_mean": "the item means", "bias": "user and item bias",
                  "popular": "the most popular items"}
MOST_ROWS, MOST_LINES = 100, 100  # of an untrusted file


@dataclass(frozen=True)
class Cell:
    """A figure as people read it.

    Parameters
    ----------
    text : str
        "0.9123 ± 0.0031"; "–" where the model is not made for it.
    is_best : bool
        Whether it is the best of its column.
    """

    text: str
    is_best: bool = False


def figure_cell(rows: tuple[Row, ...], row: Row, name: str) -> Cell:
    """Return a figure of a row among the others."""
    return Cell(figure_text(row.figures.get(name, NOTHING)), best_row(rows, name) == row.name)


def figure_text(figure: Figure) -> str:
    """Return value and standard error, with five digits, or more where the error has sense for."""
    value, error = figure.value, figure.error
    if value is None:
        return NOT_MEASURED
    decimals = max(4 - _places_before(value), 0)
    if not error:
        return f"{value:,.{decimals}f}"
    decimals = min(max(decimals, -math.floor(math.log10(error))), 6)
    return f"{value:,.{decimals}f} ± {error:,.{decimals}f}"


def _places_before(value: float) -> int:
    """Return how many digits stand before the point, beyond the first."""
    return math.floor(math.log10(abs(value))) if abs(value) >= 1 else 0


def table(rows: tuple[Row, ...], n: int) -> tuple[list[str], list[list[str]]]:
    """Return heading and lines of the figures; the best of each column has the word beside it."""
    names = [name for name in LABELS
             if any(row.figures.get(name, NOTHING).value is not None for row in rows)]
    lines = []
    for row in rows:
        cells = [figure_cell(rows, row, name) for name in names]
        lines.append([row.label, *(f"{cell.text} {BEST}" if cell.is_best else cell.text
                                   for cell in cells)])
    return ["", *(label_of(name, n) for name in names)], lines


def verdict(rows: tuple[Row, ...], n: int) -> str:
    """Return whether the model beats what it has to beat, in a sentence; "" without a baseline."""
    better: list[str] = []
    worse: dict[str, list[str]] = {}
    for name in LABELS:
        best = best_row(rows, name)
        if not best or name == "coverage":  # a wider choice is not yet a better one
            continue
        if best == "model":
            better.append(label_of(name, n))
        else:
            worse.setdefault(BASELINE_WORDS.get(best, best), []).append(label_of(name, n))
    parts = [f"better than every baseline in {listed(better)}"] if better else []
    parts += [f"no better than {words} in {listed(names)}" for words, names in worse.items()]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def lists_line(evaluation: Evaluation) -> str:
    """Say how lists were judged; "" where none were."""
    counts = evaluation.counts
    if not counts.n_candidates:
        return ""
    left = [f"{_users(n)} {why}" for n, why in (
        (counts.n_without_relevant, "without a relevant item among these ratings"),
        (counts.n_unknown_users, "without a training rating")) if n]
    text = (f"Lists of {evaluation.n} out of {counts.n_candidates:,} items with a training rating, "
            f"less what the user rated in training; relevant is {relevant_text(evaluation)}. "
            f"{_users(counts.n_judged)} {'was' if counts.n_judged == 1 else 'were'} judged")
    return f"{text}; left out: {listed(left)}." if left else f"{text}."


def relevant_text(evaluation: Evaluation) -> str:
    """Return what counts as relevant, in words."""
    if evaluation.threshold is None:
        return "whatever has a value above 0"
    low, high = evaluation.scale
    return f"a rating of at least {evaluation.threshold:.4g} (the scale is {low:.7g} to {high:.7g})"


def as_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as plain values, for JSON and the project."""
    return {
        "subject": evaluation.subject, "tested_on": evaluation.tested_on, "n": evaluation.n,
        "threshold": evaluation.threshold, "target": evaluation.target,
        "scale": list(evaluation.scale), "rows": [row_as_dict(row) for row in evaluation.rows],
        "counts": asdict(evaluation.counts), "lines": list(evaluation.lines)}


def row_as_dict(row: Row) -> dict[str, Any]:
    """Return a row as plain values."""
    return {"name": row.name, "label": row.label,
            "figures": {name: {"value": figure.value, "error": figure.error}
                        for name, figure in row.figures.items()}}


def from_dict(body: Mapping[str, Any]) -> Evaluation:
    """Return an evaluation of plain values, every one checked.

    Raises
    ------
    ValueError
        If they are no evaluation.
    """
    try:
        threshold, (low, high) = body["threshold"], body["scale"]
        counts = Counts(**{each.name: _whole(body["counts"][each.name]) for each in fields(Counts)})
        return Evaluation(
            rows_from(body["rows"]), counts, _whole(body["n"]),
            None if threshold is None else _number(threshold), str(body["target"]),
            (_number(low), _number(high)), str(body["subject"]), str(body["tested_on"]),
            tuple(str(line) for line in body["lines"][:MOST_LINES]))
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("these values are no evaluation") from error


def rows_from(values: Sequence[Any]) -> tuple[Row, ...]:
    """Return rows of plain values.

    Raises
    ------
    ValueError, KeyError, TypeError
        If they are none.
    """
    return tuple(Row(str(row["name"]), str(row["label"]), {
        name: Figure(_optional(figure["value"]), _optional(figure["error"]))
        for name, figure in row["figures"].items() if name in LABELS})
        for row in values[:MOST_ROWS])


def listed(words: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def is_error(name: str) -> bool:
    """Return whether less of a figure is better."""
    return name in ERRORS


def _users(n: int) -> str:
    return f"{n:,} user{'s' * (n != 1)}"


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise ValueError("a whole number")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e300:
        raise ValueError("a finite number")
    return float(value)


def _optional(value: Any) -> float | None:
    return None if value is None else _number(value)
