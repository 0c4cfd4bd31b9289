"""Figures as small tables: errors a line a model, lists a line a figure, folds a line a fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mfgui.core.figures import NOTHING
from mfgui.jobs.cross_validate import FoldDone
from mfgui.jobs.evaluation_words import BEST, Cell, figure_cell, figure_text
from mfgui.training.evaluation import ERRORS, LABELS, Row, label_of


@dataclass(frozen=True)
class Grid:
    """A table in words: a heading for each column, and lines of cells."""

    heading: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]

    @property
    def text(self) -> str:
        """The table with tabs between the cells, to be copied."""
        rows = [self.heading, *([words_of(cell) for cell in line] for line in self.lines)]
        return "\n".join("\t".join(row) for row in rows)


def words_of(cell: Cell) -> str:
    """Return what a cell says, the word for the best included."""
    return f"{cell.text} {BEST}" if cell.is_best else cell.text


def error_grid(rows: tuple[Row, ...], n: int) -> Grid:
    """Return the errors: a line a model; no lines where no model predicts ratings."""
    shown = [row for row in rows
             if any(row.figures.get(name, NOTHING).value is not None for name in ERRORS)]
    return Grid(("", *(label_of(name, n) for name in ERRORS)), tuple(
        (Cell(row.label), *(figure_cell(rows, row, name) for name in ERRORS)) for row in shown))


def list_grid(rows: tuple[Row, ...], n: int) -> Grid:
    """Return how good lists are: a line a figure, a column a model; no lines without lists."""
    names = [name for name in LABELS if name not in ERRORS and any(
        row.figures.get(name, NOTHING).value is not None for row in rows)]
    shown = [row for row in rows if any(name in row.figures for name in names)]
    return Grid(("", *(row.label for row in shown)), tuple(
        (Cell(label_of(name, n)), *(figure_cell(rows, row, name) for row in shown))
        for name in names))


def fold_grid(folds: Sequence[FoldDone]) -> Grid:
    """Return the model's figures of each fold that is done."""
    if not folds:
        return Grid(("Fold",), ())
    first = folds[0].evaluation
    names = [name for name in ("rmse", "mae", "ndcg", "hit") if name in first.names]
    heading = ("Fold", *(label_of(name, first.n) for name in names), "Epoch", "Seconds")
    return Grid(heading, tuple((
        Cell(f"{each.fold} of {each.n_folds}"),
        *(Cell(figure_text(each.evaluation.figure("model", name))) for name in names),
        Cell(f"{each.kept_epoch:,}"), Cell(f"{each.seconds:,.1f}")) for each in folds))
