"""The equations of a model with one cell's numbers put in.

Everything is computed by ``core/objective.py``, the plain equations that the solvers are tested
against, in float64 and in the user's units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mfgui.core import objective
from mfgui.core.model import FactorModel
from mfgui.core.objective import Pair, PairGradient
from mfgui.core.ratings import Ratings
from mfgui.inspection.formula import EQUALS, Formula, Line, Number, Section, Sign, Symbol
from mfgui.inspection.known import Known
from mfgui.inspection.latex import formula_latex, formula_text
from mfgui.inspection.methods import Method
from mfgui.inspection.pair_lines import (
    PairWords,
    error_section,
    prediction_section,
    share_section,
)
from mfgui.inspection.pairs import Cell, cell_of
from mfgui.inspection.row_lines import batch_step, row_solution
from mfgui.inspection.step_lines import after_section, gradient_section, step_section
from mfgui.inspection.words import item_words, user_words

UNRATED = "This cell is not rated, so it has no error and no share of the loss: only a prediction."
UNSEEN = ("The model was not trained on this rating: it has an error, but no share of the loss, "
          "and no step follows it.")
LONGEST_NAME = 40  # in letters
NO_RATE = "The learning rate is not known: type one to see the step."


@dataclass(frozen=True, eq=False)
class Equations:
    """The equations of one cell.

    Parameters
    ----------
    user, item : int
    title : str
        The cell in words.
    sentence : str
        Why there is no more than there is, or "".
    sections : tuple of Section
    is_in_loss : bool
        Whether a step can follow this cell.
    prediction : float
        Raw; of an average, the mean of its members'.
    pair : Pair
        What the formulas were computed from; of an average, the member's.
    gradient : PairGradient or None
        Of the pair; None where the cell has no share of the loss.
    moved : Pair or None
        The pair after the step, or after its row was solved.
    """

    user: int
    item: int
    title: str
    sentence: str
    sections: tuple[Section, ...]
    is_in_loss: bool
    prediction: float
    pair: Pair
    gradient: PairGradient | None = None
    moved: Pair | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, of all sections."""
        return tuple(line for section in self.sections for line in section.lines)


def equations_of(
    model: FactorModel, known: Known, method: Method, user: int, item: int, member: int = 0,
    single: FactorModel | None = None,
) -> Equations:
    """Return the equations of a cell.

    Parameters
    ----------
    model : FactorModel
        Its arrays may be float64, too.
    known : Known
        Ratings in the model's numbering.
    method : Method
        Of the solver; of an average, of the member (``method_of``).
    user, item : int
    member : int
        Of an average: the member whose equations these are.
    single : FactorModel or None
        ``model.member(member)``, where it is kept between calls: of a large average it is a copy of
        a hundred megabytes.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # shown as what they are
        return _equations(model, single or model.member(member), known, method, user, item, member)


def _equations(
    model: FactorModel, single: FactorModel, known: Known, method: Method, user: int, item: int,
    member: int,
) -> Equations:
    """Return the equations of a cell, large numbers and all."""
    cell = cell_of(single, known, method, user, item)
    words = PairWords(cell, method.way)
    raw, average = _average(model, cell, member, user, item)
    low, high = model.scale
    clipped = min(max(raw, low), high)
    is_clipped = model.clip and clipped != raw
    sections = [prediction_section(words, clipped if is_clipped and not average else None),
                *average]
    sentence, gradient, moved = "", None, None
    if cell.observed is None and not cell.is_in_loss:
        sentence = UNRATED
    else:
        sections.append(error_section(words))
        sentence = "" if cell.is_in_loss else UNSEEN
    if cell.is_in_loss:
        gradient = objective.pair_gradient(cell.pair)
        more, moved = _steps(words, method, single, known, user, item)
        sections += [share_section(words), gradient_section(words), *more]
        if moved is None:
            sentence = NO_RATE
    return Equations(
        user, item, cell_title(known.ratings, cell, user, item), sentence, tuple(sections),
        cell.is_in_loss, raw, cell.pair, gradient, moved)


def cell_title(ratings: Ratings, cell: Cell, user: int, item: int) -> str:
    """Return a cell in words: who, what, and what was given."""
    observed = "not rated" if cell.observed is None else f"rated {cell.observed:g}"
    names = user_words(ratings, user, LONGEST_NAME), item_words(ratings, item, LONGEST_NAME)
    return f"n: {names[0]},  m: {names[1]},  {observed}"


def _average(
    model: FactorModel, cell: Cell, member: int, user: int, item: int
) -> tuple[float, list[Section]]:
    """Return the raw prediction, and of an average how it is made of its members'.

    Their factors stand side by side, so that one product of all of them is the members' mean.
    """
    n = len(model.members)
    if n == 1:
        return objective.predict_pair(cell.pair), []
    raw = objective.predict_pair(Pair(
        0.0, np.asarray(model.user_factors[user], np.float64),
        np.asarray(model.item_factors[item], np.float64), float(model.global_mean),
        float(model.user_bias[user]), float(model.item_bias[item])))
    letters: Formula = (Symbol("r", "nm", True), EQUALS, Sign("the mean of the members'"))
    return raw, [Section("Average", (Line(
        "average", letters, (EQUALS, Number(raw)),
        f"These are the equations of member {member + 1} of {n}; each is trained by itself."),))]


def _steps(
    words: PairWords, method: Method, model: FactorModel, known: Known, user: int, item: int
) -> tuple[list[Section], Pair | None]:
    """Return the equations of the solver's step and the pair after it; None without a rate."""
    if method.kind == "rows":
        solved = row_solution(words, model, known, user)
        return ([*solved.sections, after_section(words, solved.moved, is_own_step=False)],
                solved.moved)
    if method.rate is None:
        return [], None
    if method.kind == "batch":
        step = batch_step(words, method, model, known, user, item)
        return [*step.sections, after_section(words, step.moved, is_own_step=False)], step.moved
    moved = objective.pair_step(
        words.cell.pair, method.factor_rate,
        method.bias_rate if words.cell.rule.has_bias else 0.0,
        is_nonnegative=method.way.is_nonnegative)
    return [step_section(words, method, moved), after_section(words, moved)], moved


def equations_text(equations: Equations, decimals: int, *, is_whole: bool = True) -> str:
    """Return all equations as text, a line each; ``is_whole`` off cuts long vectors short."""
    parts = [equations.title, *filter(None, [equations.sentence])]
    for section in equations.sections:
        parts += ["", section.title]
        for line in section.lines:
            note = f"    ({line.note})" if line.note else ""
            words = formula_text(line.formula, decimals, is_whole=is_whole)
            parts.append(f"  {line.name}: {words}{note}")
    return "\n".join(parts) + "\n"


def equations_latex(equations: Equations, decimals: int) -> str:
    r"""Return all equations as LaTeX: a displayed formula each; it needs amsmath."""
    parts = [f"% {equations.title}"]
    for section in equations.sections:
        parts += ["", rf"\paragraph{{{section.title}}}"]
        parts += [rf"\[ {formula_latex(line.formula, decimals)} \]  % {line.name}"
                  for line in section.lines]
    return "\n".join(parts) + "\n"


