"""What a solver is: it makes one epoch; it does not loop.

Stopping, timing, validation, the guard against divergence and records are written once, in
``training``. A new solver is one file beside this one and one line in ``SOLVERS``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.metrics import all_pairs, squared_error_sums
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, even_blocks, no_checkpoint
from mfgui.core.parameters import Parameters
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, setting
from mfgui.core.state_check import check_arrays, check_count, check_numbers

Arrays = Mapping[str, NDArray[Any]]
Checkpoint = Callable[[], None]
ROWS_PER_STREAM = 1 << 14


@dataclass(frozen=True)
class FactorSettings(RunSettings):
    """The settings of solvers that descend on two factor matrices."""

    n_factors: int = setting(
        32, "Factors", "How many latent factors each user and each item gets.",
        minimum=1, maximum=1_000_000, is_fixed_by_model=True)
    learning_rate: float | None = setting(
        None, "Learning rate", "How far each step goes down the gradient; empty: found from the "
        "ratings and shown.", minimum=0, maximum=1e30, is_open=True, is_log=True, is_findable=True)
    regularization: float = setting(
        0.0, "Regularization", "How strongly large factors are held back; 0 not at all.",
        minimum=0, maximum=1e30, is_log=True)
    biases: bool = setting(
        False, "Biases", "Add the global mean and a bias for each user and each item; off: the "
        "plain form U V^T.", is_fixed_by_model=True)
    initial_sd: float = setting(
        0.1, "Initial spread", "Standard deviation of the random factors that training starts "
        "from.", minimum=0, maximum=1000, is_open=True, is_log=True, is_fixed_by_model=True)


@dataclass(frozen=True)
class Fit:
    """How well the factors fit the training ratings.

    Parameters
    ----------
    loss : float
        The solver's objective times sd^2, so that its data term is in the user's units.
    data_term : float
        ``1/2 sum e^2`` over the training ratings, never clipped (implicit-als: the weighted sum
        of its objective).
    train_rmse : float or None
        None where an RMSE means nothing for the solver.
    """

    loss: float
    data_term: float
    train_rmse: float | None


class Solver:
    """Base of the solvers: random generator, rate, state.

    A solver keeps whatever arrays it likes (``arrays``) in whatever units it likes, and says how
    a ``FactorModel`` in the user's units is made of them (``model_of``).

    Parameters
    ----------
    ratings : Ratings
        The training ratings; at least one.
    settings : RunSettings
        Of the solver's ``settings_type``.
    pool : WorkerPool
    rng : numpy.random.Generator

    Attributes
    ----------
    name, label, summary, objective : str
        The option's word, the name people read, when to use it, what it minimizes in full.
    group : str
        Where people find it: "recommended", "textbook" or "special".
    settings_type : type
    presets : dict
        By name what a button puts into the form: values by setting, the others at their defaults.
    measure : str
        What validation watches: "rmse", or "ndcg" where the numbers are no ratings.
    n_members : int
        How many models are trained one after another; more than 1 in an average alone.
    rate_scale : float
        What the guard made of the learning rate: 1, halved at each divergence.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    summary: ClassVar[str]
    objective: ClassVar[str]
    group: ClassVar[str] = "recommended"
    settings_type: ClassVar[type[RunSettings]]
    presets: ClassVar[dict[str, dict[str, object]]] = {}
    measure: ClassVar[str] = "rmse"

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        self.ratings, self.settings, self.pool, self.rng = ratings, settings, pool, rng
        self._model: FactorModel | None = None
        self._n_epochs_done = 0
        self.rate_scale = 1.0
        self.n_members = 1

    # what it has learned

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all arrays that the next epochs depend on and change: the live ones, by name."""
        raise NotImplementedError

    def numbers(self) -> dict[str, Any]:
        """Return what beside the arrays the next epochs depend on, as plain values."""
        return {}

    def set_numbers(self, numbers: Mapping[str, Any]) -> None:
        """Take back what ``numbers`` gave."""

    def model_of(self, arrays: Arrays) -> FactorModel:
        """Return the model in the user's units; it may share memory with ``arrays``."""
        raise NotImplementedError

    def fold_in_rule(self) -> FoldInRule:
        """Return how one row is solved with the other side fixed: this solver's objective."""
        raise NotImplementedError

    @property
    def n_epochs_done(self) -> int:
        """Number of epochs; each sets it last, and with it the model made before is forgotten."""
        return self._n_epochs_done

    @n_epochs_done.setter
    def n_epochs_done(self, n_epochs: int) -> None:
        self._n_epochs_done, self._model = n_epochs, None

    @property
    def model(self) -> FactorModel:
        """The model as it is now, made once an epoch; the next one may change it."""
        if self._model is None:
            self._model = self.model_of(self.arrays())
        return self._model

    @property
    def member_model(self) -> FactorModel:
        """The model that is trained now: of an average, the member alone."""
        return self.model

    def begin_member(self) -> None:
        """Put the member just trained aside and begin the next one; for averages."""
        raise NotImplementedError

    def drop_member(self) -> None:
        """Leave the member under way out of the model; for averages."""
        raise NotImplementedError

    # what it does

    @property
    def learning_rate(self) -> float | None:
        """The rate of the next epoch, ``rate_scale`` included; None where there is none."""
        return None

    @property
    def step_taken(self) -> float | None:
        """The step of the last epoch, where the solver finds each anew and has no rate to halve."""
        return None

    @property
    def rate_limit(self) -> float | None:
        """The largest rate that would be stable here, from above; None where it is not known."""
        return None

    @property
    def start_note(self) -> str:
        """What a person should know of how the ratings are taken, as a sentence, or ""."""
        return ""

    @property
    def end_reason(self) -> str:
        """Why another epoch would change nothing, as a sentence; "" where it would."""
        return ""

    def run_epoch(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Go over the ratings once; the factors are usable afterwards.

        ``checkpoint`` is called between blocks and may raise to end the epoch half-way; the
        caller then restores the state from before it.
        """
        raise NotImplementedError

    def look_around(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Measure what is worth showing beside the curve; after each epoch, not timed."""

    def penalty(self) -> float:
        """Return what the objective adds to ``1/2 sum e^2``, in the user's units."""
        raise NotImplementedError

    def fit(self, checkpoint: Checkpoint = no_checkpoint) -> Fit:
        """Measure the training ratings."""
        sums = squared_error_sums(self.model, all_pairs(self.ratings), self.pool, checkpoint)
        return Fit(0.5 * sums.raw + self.penalty(), 0.5 * sums.raw, sums.rmse)

    # going on

    def state(self) -> dict[str, Any]:
        """Return all that the next epochs depend on, as a copy of its own."""
        return {
            "arrays": {name: array.copy() for name, array in self.arrays().items()},
            "numbers": copy.deepcopy(self.numbers()),
            "n_epochs_done": self.n_epochs_done, "rate_scale": self.rate_scale,
            "rng": self.rng.bit_generator.state,
        }

    def check_state(self, state: Mapping[str, Any]) -> None:
        """Refuse a state, perhaps from a file, that cannot be one of this solver.

        Raises
        ------
        ValueError, KeyError, TypeError
            Which part is not what it should be.
        """
        check_arrays(self.arrays(), state["arrays"])
        check_numbers(self.numbers(), state["numbers"])
        check_count(state["n_epochs_done"])
        if not 0 < state["rate_scale"] <= 1:
            raise ValueError("the scale of the rate")

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from ``state``: the same bits as a run that was never interrupted."""
        for name, array in self.arrays().items():
            np.copyto(array, state["arrays"][name])
        self.set_numbers(state["numbers"])
        self.n_epochs_done, self.rate_scale = state["n_epochs_done"], state["rate_scale"]
        self.rng.bit_generator.state = state["rng"]

    def begin_from(self, model: FactorModel) -> None:
        """Begin from the factors of another solver's model; ``refusal`` was asked before."""
        self.take_model(model)
        self.n_epochs_done = 0

    def take_model(self, model: FactorModel) -> None:
        """Put another model's factors into the arrays."""
        raise NotImplementedError

    @classmethod
    def refusal(cls, model: FactorModel, settings: Any) -> str:
        """Return why this solver cannot go on from a model of another, or "" where it can."""
        return f"{cls.label} cannot begin from the factors of another method."

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, n_ratings: int, settings: Any) -> int:
        """Return the bytes a run takes beside the ratings themselves."""
        return factor_copies(n_users, n_items, settings.n_factors + 1)


class PlainSolver(Solver):
    """A solver whose arrays are the model itself, in the user's units."""

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        super().__init__(ratings, settings, pool, rng)
        self._at = Parameters(ratings.n_users, ratings.n_items, settings.n_factors)
        self._at.user_factors[:], self._at.item_factors[:] = random_factors(
            ratings, settings.n_factors, settings.initial_sd, rng, pool)
        self._live = self._at.views()
        self._global_mean = float(np.float32(ratings.mean)) if settings.biases else 0.0

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return factors and biases."""
        return self._live

    def numbers(self) -> dict[str, Any]:
        """Return the mean: that of a model taken over may be another than the ratings'."""
        return {"global_mean": self._global_mean}

    def set_numbers(self, numbers: Mapping[str, Any]) -> None:
        """Take the mean back."""
        self._global_mean = numbers["global_mean"]

    def model_of(self, arrays: Arrays) -> FactorModel:
        """Return the arrays as a model; nothing is copied."""
        return FactorModel(
            arrays["user_factors"], arrays["item_factors"], arrays["user_bias"],
            arrays["item_bias"], self._global_mean, self.ratings.scale, self.settings.clip,
            rules=(self.fold_in_rule(),))

    def fold_in_rule(self) -> FoldInRule:
        """Return the objective's: each parameter weighed once; ``sgd`` says otherwise."""
        weight = float(self.settings.regularization)
        return FoldInRule(weight, weight, is_per_rating=False, has_bias=self.settings.biases)

    def take_model(self, model: FactorModel) -> None:
        """Begin from another model's factors and biases."""
        for name, array in self._live.items():
            np.copyto(array, getattr(model, name))
        self._global_mean = model.global_mean

    @classmethod
    def refusal(cls, model: FactorModel, settings: Any) -> str:
        """Refuse what the plain form would lose."""
        if reason := meaning_refusal(cls.label, model):
            return reason
        if reason := factors_refusal(model, settings):
            return reason
        if model.has_biases and not settings.biases:
            return (f"The model has a mean, an offset or biases: switch Biases on to go on with "
                    f"{cls.label}.")
        return ""


def factor_copies(n_users: int, n_items: int, width: int) -> int:
    """Return the bytes of rows of ``width`` numbers in all the copies that a run makes of them.

    Ten: live and spare, kept and best, one being copied, one shown, and the picture's prefix sums
    in float64, twice while they are replaced.
    """
    return 10 * 4 * (n_users + n_items) * width


def meaning_refusal(label: str, model: FactorModel) -> str:
    """Return why a model is more than factors and biases of ratings, or ""."""
    if model.target != "rating":
        return f"Its numbers are preferences, not ratings: {label} cannot go on from them."
    if len(model.members) > 1:
        return f"It is an average of {len(model.members)} models: {label} cannot go on from it."
    if model.implicit_factors is not None:
        return f"{label} would lose what the model knows of what each user rated (Y)."
    return ""


def mean_shift_refusal(label: str, model: FactorModel, settings: Any) -> str:
    """Return why a solver on centred ratings cannot go on from a model, or "".

    The difference of the means goes into the users' biases, so there must be some.
    """
    if reason := meaning_refusal(label, model):
        return reason
    if not settings.biases:
        return f"{label} needs Biases on to take over a model with another mean."
    return factors_refusal(model, settings)


def factors_refusal(model: FactorModel, settings: Any) -> str:
    """Return why a run with another number of factors cannot go on from a model, or ""."""
    n = model.n_factors
    if n == settings.n_factors:
        return ""
    return f"The model has {n:,} factor{'s' * (n != 1)}: set Factors to {n:,} to go on."


def weighed_penalty(
    model: FactorModel, ratings: Ratings, regularization: float, bias_regularization: float,
    damping: float = 0.0,
) -> float:
    """Return the penalty that weighs each row by its count of ratings, and ``damping`` more.

    ``1/2 sum (count + damping) (regularization |row|^2 + bias_regularization bias^2)``, the sum
    over users and items with ratings, all in the user's units.
    """
    total = 0.0
    for factors, bias, counts in (
            (model.user_factors, model.user_bias, ratings.user_counts),
            (model.item_factors, model.item_bias, ratings.item_counts)):
        weights = np.where(counts > 0, counts + damping, 0.0)
        total += regularization * weighed_sum(squared_norms(factors), weights)
        total += bias_regularization * weighed_sum(squared_norms(bias[:, None]), weights)
    return 0.5 * total


def random_factors(
    ratings: Ratings, n_factors: int, initial_sd: float, rng: np.random.Generator,
    pool: WorkerPool | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return normal random rows for users and items, 0 where there is no training rating.

    Many rows are drawn by parts, each by a generator of its own that ``rng`` seeds, so that the
    threads of ``pool`` come to the same numbers.
    """
    parts = []
    for counts in (ratings.user_counts, ratings.item_counts):
        rows = np.empty((counts.size, n_factors), np.float32)
        _draw(rows, rng, pool)
        rows *= np.float32(initial_sd)
        rows[counts == 0] = 0  # nothing is known of it
        parts.append(rows)
    return parts[0], parts[1]


def _draw(
    rows: NDArray[np.float32], rng: np.random.Generator, pool: WorkerPool | None
) -> None:
    """Fill rows with normal numbers."""
    if rows.shape[0] <= ROWS_PER_STREAM or pool is None:
        rng.standard_normal(out=rows, dtype=np.float32)
        return
    blocks = even_blocks(rows.shape[0], ROWS_PER_STREAM)
    seeds = rng.integers(0, 2**63, len(blocks))

    def draw(begin: int, end: int) -> None:
        part = np.random.default_rng(seeds[begin // ROWS_PER_STREAM])
        part.standard_normal(out=rows[begin:end], dtype=np.float32)

    pool.run(draw, blocks)


def squared_norms(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Return ``|row|^2`` of each row in float64, infinite rather than warned of where too large."""
    with np.errstate(over="ignore", invalid="ignore"):
        norms: NDArray[np.float64] = np.einsum("nf,nf->n", rows, rows, dtype=np.float64)
    return norms


def weighed_sum(norms: NDArray[np.float64], weights: NDArray[Any]) -> float:
    """Return ``norms . weights``, not finite rather than warned of where a norm is infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(norms @ weights)
