"""What is refused before a run begins, and what cannot be gone on from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mfgui.core.memory import require_memory
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, describe
from mfgui.core.solvers import SOLVERS, Solver
from mfgui.core.splits import check_split
from mfgui.errors import SettingsError, TrainingError
from mfgui.training.events import RunResult
from mfgui.training.trees import is_finite

if TYPE_CHECKING:
    from mfgui.training.run_state import RunState

LARGEST_RATING = 1e32  # what is summed and squared of larger ones would leave float32


def check_run(
    solver_type: type[Solver], settings: RunSettings, ratings: Ratings,
    start: RunResult | None = None,
) -> None:
    """Refuse a run that cannot begin; at once, before anything is allocated.

    Raises
    ------
    TrainingError, SettingsError
        As TrainingSession says.
    """
    if start is not None:
        check_can_continue(start, solver_type.name, settings, ratings)
    if ratings.n_ratings == 0:
        raise TrainingError("There are no ratings to train on: open a file that has some.")
    largest = max(abs(end) for end in ratings.scale)
    if largest > LARGEST_RATING:
        raise TrainingError(
            f"The ratings reach {largest:.3g}, more than can be trained on: divide them by a "
            "number that brings them below 1e+32.")
    check_split(ratings, settings, validation_share(settings, start))
    needed = solver_type.bytes_needed(
        ratings.n_users, ratings.n_items, ratings.n_ratings, settings)
    n_factors = getattr(settings, "n_factors", 1)
    require_memory(needed, f"Training {n_factors:,} factors for {ratings.n_users:,} users and "
                   f"{ratings.n_items:,} items", "choose fewer factors (n_factors)")


def validation_share(settings: RunSettings, start: RunResult | None) -> float:
    """Return the share to hold out: none where a run goes on from a model of all ratings."""
    return 0.0 if start is not None and start.is_refit else settings.validation


def check_can_continue(
    start: RunResult, solver: str, settings: RunSettings, ratings: Ratings
) -> None:
    """Refuse to train on from ``start`` what its factors do not fit.

    Raises
    ------
    TrainingError
        If the solver, the users or the items are others.
    SettingsError
        If a setting that the factors or the split depend on was changed.
    """
    if reason := refusal(start, solver, settings):
        raise TrainingError(reason)
    if (start.model.n_users, start.model.n_items) != (ratings.n_users, ratings.n_items):
        raise TrainingError("These factors belong to other ratings: press Train to begin anew.")
    for info in describe(type(settings)):
        if not hasattr(start.settings, info.name) or (
                start.solver != solver and info.group != "run" and info.name != "n_factors"):
            continue  # another solver's: its factors do not depend on it
        before, now = getattr(start.settings, info.name), getattr(settings, info.name)
        if info.is_fixed_by_model and before != now:
            raise SettingsError(
                f"{info.label} ({info.name}) was {before} and cannot change when training on: set "
                "it back, or press Train to begin anew.", info.name)


def is_same_solver(before: RunSettings, now: RunSettings) -> bool:
    """Return whether the settings of the solver itself are the same, whatever those of the run."""
    return all(getattr(before, info.name, None) == getattr(now, info.name)
               for info in describe(type(now)) if info.group == "solver")


def with_rate_of(
    state: Mapping[str, Any], start: RunResult, settings: RunSettings
) -> dict[str, Any]:
    """Return a state to go on from; a rate that is asked for anew is not the guard's to halve."""
    names = [info.name for info in describe(type(settings)) if info.is_findable]
    is_same = all(getattr(start.settings, name, None) == getattr(settings, name) for name in names)
    return dict(state) if is_same else {**state, "rate_scale": 1.0}


def refusal(start: RunResult, solver: str, settings: RunSettings) -> str:
    """Return why a run cannot go on from ``start`` with a solver, or "" where it can."""
    if len(start.model.members) > 1:
        return "An average has no single set of factors to go on from: press Train to begin anew."
    if start.solver == solver:
        return ""
    return SOLVERS[solver].refusal(start.model, settings)


def check_can_resume(state: RunState, solver: str, ratings: Ratings) -> None:
    """Refuse to go on with a run whose state does not belong to these ratings.

    Raises
    ------
    TrainingError
        If it does not.
    """
    held_out, last = state.held_out, state.members.last_epoch
    if state.solver != solver or (held_out.size and held_out[-1] >= ratings.n_ratings) or (
            last < state.members.last.epoch):
        raise TrainingError("The kept state belongs to another run or to other ratings: train "
                            "again from the start.")


def restore(solver: Solver, state: Mapping[str, Any]) -> None:
    """Put a solver into a state that may come from a file.

    Raises
    ------
    TrainingError
        If it is no state of this solver on these ratings with these settings.
    """
    try:
        solver.check_state(state)
        solver.restore(state)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        # All that Python and NumPy raise on values that are not what they say.
        raise TrainingError(
            "The kept state does not fit these ratings and settings, or is damaged "
            f"({str(error)[:60] or type(error).__name__}): train again from the start.") from error


def restore_all(
    solver: Solver, last: Mapping[str, Any], best: Mapping[str, Any], guard: tuple[Any, ...]
) -> None:
    """Put a solver into each state that it may be put into later, the last one at the end.

    Raises
    ------
    TrainingError
        If one is none of this solver, or holds factors that are not finite.
    """
    sound = guard[3][1] if guard and guard[3] is not None else last
    states = [last]
    for state in (best, sound):
        if not any(state is each for each in states):
            states.append(state)
    for state in reversed(states):
        if state.get("member") != last.get("member"):
            raise TrainingError("The kept states are of different models: train again from the "
                                "start.")
        restore(solver, state)
        model = solver.member_model
        if not all(map(is_finite, (model.user_factors, model.item_factors, model.user_bias,
                                   model.item_bias))):
            raise TrainingError("The kept state of this run is damaged: its factors are not "
                                "finite; train again from the start.")
