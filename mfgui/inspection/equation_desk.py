"""Answers about the equations of a model, and the copy that is stepped through.

One thread asks, one works: questions and answers are frozen, the copy is touched by the worker
alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mfgui.core.model import FactorModel
from mfgui.core.parallel import no_checkpoint
from mfgui.core.settings import RunSettings
from mfgui.errors import MfguiError
from mfgui.inspection import random_start
from mfgui.inspection.equations import Equations, equations_of
from mfgui.inspection.known import Known
from mfgui.inspection.methods import Method, default_rate, method_of
from mfgui.inspection.stepping import IN_AVERAGE, SOLVES_ROWS, Stepper
from mfgui.inspection.trial import Trial

TO_TRY = "is one to try: that of the training is not known"
TYPED = "is the one typed here"
MOST_LOSSES = 500  # that a small plot is given


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of the desk.

    Parameters
    ----------
    kind : str
        "look", "rating", "row", "epoch", "back" or "leave".
    known : Known
    model : FactorModel or None
        The run's; None before any training: a step then begins from random factors.
    solver : str
    settings : RunSettings or None
    rate : float or None
        Of the last epoch, as the solver states it.
    typed_rate : float or None
        What a person wants in its place.
    cell : tuple of int or None
        User and item.
    member : int
        Of an average.
    """

    kind: str
    known: Known
    model: FactorModel | None
    solver: str = ""
    settings: RunSettings | None = None
    rate: float | None = None
    typed_rate: float | None = None
    cell: tuple[int, int] | None = None
    member: int = 0


@dataclass(frozen=True, eq=False)
class Answer:
    """What the desk says.

    Parameters
    ----------
    question : Question
    equations : Equations or None
        None where no cell is pinned, or there is no model.
    message : str
        Why a step was not taken, or "".
    trial : Trial or None
        The copy after a step, to be shown; None where nothing was stepped, or the copy is left.
    losses : tuple of float
        Of the copy: at its start and after each step, the last ones.
    n_steps : int
    can_go_back : bool
    is_stepping : bool
    method : Method or None
    own_rate : float or None
        The rate that holds while none is typed.
    obstacles : dict of str
        Why a kind of step cannot be taken, by kind.
    """

    question: Question
    equations: Equations | None = None
    message: str = ""
    trial: Trial | None = None
    losses: tuple[float, ...] = ()
    n_steps: int = 0
    can_go_back: bool = False
    is_stepping: bool = False
    method: Method | None = None
    own_rate: float | None = None
    obstacles: tuple[tuple[str, str], ...] = ()

    def obstacle(self, kind: str) -> str:
        """Return why a kind of step cannot be taken, or ""."""
        return dict(self.obstacles).get(kind, "")


def trial_text(n_steps: int) -> str:
    """Return what the copy is, for people."""
    if not n_steps:
        return "step by step: a copy, as it began"
    return f"step by step: a copy, {n_steps:,} {'step' if n_steps == 1 else 'steps'}"


class EquationDesk:
    """Keeps the copy between questions, and what is worth keeping of a method."""

    def __init__(self) -> None:
        self._stepper: Stepper | None = None
        self._method_key: tuple[object, ...] = ()
        self._method: Method | None = None
        self._member: tuple[FactorModel, int, FactorModel] | None = None

    def answer(
        self, question: Question, checkpoint: Callable[[], None] = no_checkpoint
    ) -> Answer:
        """Do what is asked, and look at the cell afterwards."""
        if question.kind == "leave":
            self._stepper = None
        own = self._own_method(question)
        method = own if question.typed_rate is None or own.kind == "rows" else replace(
            own, rate=question.typed_rate, rate_source=TYPED)
        message = ""
        if question.kind not in ("look", "leave"):
            try:
                self._step(question, method, checkpoint)
            except MfguiError as error:
                message = str(error)
        return self._answer(question, method, own.rate, message)

    def _own_method(self, question: Question) -> Method:
        """Return the solver's method at the rate of the last epoch, where that is known.

        The method is made once, for it looks at all ratings; the rate changes with each epoch.
        """
        is_random = question.model is None
        solver = random_start.SOLVER if is_random else question.solver
        settings = None if is_random else question.settings
        rate = None if is_random else question.rate
        key = (question.known.training, solver, settings, question.member)
        if self._method is None or not _is_same(key, self._method_key):
            training = question.known.training
            method = method_of(solver, settings, training, member=question.member)
            if method.kind == "pairs" and method.rate is None and training.n_ratings:
                method = replace(
                    method, rate=default_rate(method, training), rate_source=TO_TRY)
            self._method_key, self._method = key, method
        if rate is None or self._method.kind == "rows":
            return self._method
        return replace(self._method, rate=rate, rate_source="is that of the last epoch")

    def _step(
        self, question: Question, method: Method, checkpoint: Callable[[], None]
    ) -> None:
        """Take a step, on a copy that is made at the first."""
        if question.kind == "back":
            if self._stepper is not None:
                self._stepper.go_back()
            return
        if self._stepper is None:
            model = question.model
            if model is None:
                model = random_start.random_start(question.known.training)
            self._stepper = Stepper(model, question.known, method, checkpoint)
        self._stepper.set_method(method)
        if question.kind == "epoch":
            self._stepper.step_epoch(checkpoint)
        elif question.cell is not None:
            user, item = question.cell
            if question.kind == "rating":
                self._stepper.step_rating(user, item)
            else:
                self._stepper.step_row(user, checkpoint)

    def _answer(
        self, question: Question, method: Method, own_rate: float | None, message: str
    ) -> Answer:
        """Look at the cell, in the copy where there is one."""
        stepper = self._stepper
        model = question.model if stepper is None else stepper.exact_model
        equations = None
        if model is not None and question.cell is not None:
            equations = equations_of(
                model, question.known, method, *question.cell, question.member,
                single=self._single(model, question.member))
        obstacles = tuple(_obstacles(question, method, equations).items())
        if stepper is None:
            return Answer(question, equations, message, method=method, own_rate=own_rate,
                          obstacles=obstacles)
        trial = None if question.kind == "look" or message else Trial(
            stepper.model, trial_text(stepper.n_steps), tuple(stepper.losses[-MOST_LOSSES:]),
            tuple(stepper.rmses[-MOST_LOSSES:]))
        return Answer(
            question, equations, message, trial, tuple(stepper.losses[-MOST_LOSSES:]),
            stepper.n_steps, stepper.can_go_back, True, method, own_rate, obstacles)

    def _single(self, model: FactorModel, member: int) -> FactorModel:
        """Return a member of an average, copied out of it once; a single model itself."""
        if len(model.members) == 1:
            return model
        kept = self._member
        if kept is None or kept[0] is not model or kept[1] != member:
            self._member = None  # let go first: of a large average it is a hundred megabytes
            self._member = kept = model, member, model.member(member)
        return kept[2]


def _is_same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Return whether two keys are of the same ratings and equal settings."""
    return len(one) == len(other) and one[0] is other[0] and one[1:] == other[1:]


def _obstacles(
    question: Question, method: Method, equations: Equations | None
) -> dict[str, str]:
    """Return why kinds of steps cannot be taken."""
    training = question.known.training
    if question.model is not None and len(question.model.members) > 1:
        return dict.fromkeys(("rating", "row", "epoch"), IN_AVERAGE)
    if not training.n_ratings:
        return dict.fromkeys(("rating", "row", "epoch"), "There are no ratings to learn from.")
    found = {}
    cell = question.cell
    if cell is None:
        found = dict.fromkeys(("rating", "row"), "Pin a cell first: click it in a matrix.")
    else:
        if equations is not None and not equations.is_in_loss:
            found["rating"] = "The pinned cell is not among the training ratings."
        if equations is None and not np.isin(cell[1], question.known.user_row(cell[0])[0]):
            found["rating"] = "The pinned cell is not among the training ratings."
        if not training.user_counts[cell[0]]:
            found["row"] = "The pinned user has no training rating."
    if method.kind == "rows":
        found["rating"] = SOLVES_ROWS
    elif method.rate is None:
        found = dict.fromkeys(("rating", "row", "epoch"), "Type a rate first.") | found
    return found
