"""How each solver goes from its equations to a step, in the user's units.

Of normalised ratings ``r' = (r - mean) / s`` the factors are ``u = sqrt(s) u'``, the biases
``b = s b'`` and the objective ``s^2`` times the solver's: a step of ``rate`` there is here one of
``rate / s`` on the factors, and of ``rate`` on the biases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mfgui.core.ratings import Ratings
from mfgui.core.scaling import scaling_of
from mfgui.core.settings import RunSettings, describe
from mfgui.core.solvers import SOLVERS
from mfgui.core.solvers.adagrad import BIAS_RATE
from mfgui.errors import SettingsError

WITHOUT_G = ("In training each row's rate is divided by √G, the root of the squared gradients it "
             "has seen; the model does not keep G, so this is the step at the rate without it.")
WITHOUT_MOMENTS = ("In training Adam divides each number's running gradient by the root of its "
                   "running square; the model does not keep them, so this is the plain step at "
                   "Adam's rate.")
EXACT = "The step that the last epoch found; each epoch finds its own."
NO_RATE = "There is no rate: each row is solved anew, with the other side as it is."
DEFAULT_RATE = 0.12  # over the root mean square of the ratings, as in sgd


@dataclass(frozen=True)
class Way:
    """What a solver does with the gradients: "pairs", "batch" or "rows" (solved, not stepped).

    Parameters
    ----------
    kind : str
    is_normalised : bool
        Whether its rate is for ratings divided by their standard deviation.
    note : str
        What a step here leaves out of the solver's own.
    bias_share : float
        What share of the rate a bias moves by.
    is_nonnegative : bool
    """

    kind: str
    is_normalised: bool = False
    note: str = ""
    bias_share: float = 1.0
    is_nonnegative: bool = False


WAYS = {
    "adagrad": Way("pairs", True, WITHOUT_G, BIAS_RATE),
    "als": Way("rows", True),
    "gradient-descent": Way("batch"),
    "sgd": Way("pairs"),
    "nmf": Way("pairs", True, WITHOUT_G, is_nonnegative=True),
    "svd++": Way("pairs", True, WITHOUT_G, BIAS_RATE),
    "implicit-als": Way("rows"),
}


@dataclass(frozen=True)
class Method:
    """A solver with its settings and ratings, as far as its equations need them.

    Parameters
    ----------
    solver : str
        "" where it is not known: then the plain steps of one pair at a time.
    way : Way
    spread : float
        What the solver divides the ratings by; 1 where it does not.
    rate : float or None
        As the solver states it; None where there is none, or nobody knows.
    rate_source : str
        Where the rate comes from, as words after "The rate".
    note : str
    implicit_ridge : float
        Of svd++, what weighs |y_m|^2 at each rated cell, in the user's units.
    """

    solver: str
    way: Way
    spread: float = 1.0
    rate: float | None = None
    rate_source: str = ""
    note: str = ""
    implicit_ridge: float = 0.0

    @property
    def kind(self) -> str:
        """"pairs", "batch" or "rows"."""
        return self.way.kind

    @property
    def label(self) -> str:
        """The solver's name for people."""
        return SOLVERS[self.solver].label if self.solver in SOLVERS else "stochastic gradient steps"

    @property
    def factor_rate(self) -> float:
        """The rate of the factors in the user's units; 0 where there is none."""
        return (self.rate or 0.0) / self.spread

    @property
    def bias_rate(self) -> float:
        """The rate of the biases in the user's units, where the model has any."""
        return (self.rate or 0.0) * self.way.bias_share


def method_of(
    solver: str, settings: RunSettings | None, training: Ratings, rate: float | None = None,
    rate_source: str = "", member: int = 0,
) -> Method:
    """Return how a solver steps.

    Parameters
    ----------
    solver : str
        Its name; one that is not known here steps like sgd.
    settings : RunSettings or None
        None where they are not known.
    training : Ratings
        What it was trained on.
    rate : float or None
        As the solver states it; None: the settings' own.
    rate_source : str
        Where ``rate`` comes from, as words after "The rate".
    member : int
        Of an average: which member's method.
    """
    solver = _member_solver(solver, settings, member)
    way = WAYS.get(solver, Way("pairs"))
    if way.kind == "rows":
        rate, rate_source = None, ""
    elif rate is None and (rate := getattr(settings, "learning_rate", None)) is not None:
        rate_source = "is that of the settings"
    spread = scaling_of(training).sd if way.is_normalised else 1.0
    return Method(
        solver if solver in WAYS else "", way, spread, rate, rate_source, _note(way, settings),
        _implicit_ridge(solver, settings) * spread)


def _member_solver(solver: str, settings: Any, member: int) -> str:
    """Return the solver of an average's member; any other solver itself."""
    if solver != "average" or settings is None:
        return solver
    kinds = [settings.kind, settings.other_kind]
    return str(kinds[member % 2] if kinds[1] != "none" else kinds[0])


def _implicit_ridge(solver: str, settings: Any) -> float:
    """Return svd++'s weight of Y; a member of an average has the default."""
    if solver != "svd++":
        return 0.0
    own: Any = SOLVERS[solver].settings_type()
    return float(getattr(settings, "implicit_regularization", own.implicit_regularization))


def _note(way: Way, settings: Any) -> str:
    """Return what a step here leaves out, or where there is none to leave out."""
    if way.kind == "rows":
        return NO_RATE
    if way.kind == "batch":
        step = getattr(settings, "step", "fixed")
        return {"fixed": "", "adam": WITHOUT_MOMENTS}.get(step, EXACT)
    return way.note


def default_rate(method: Method, training: Ratings) -> float:
    """Return a rate to try where none is known, as the solver states it; two digits."""
    size = scaling_of(training, is_centred=False).sd
    rate = DEFAULT_RATE / (1.0 if method.way.is_normalised else size)
    return float(f"{rate:.2g}")


def settings_of(solver: str, values: Mapping[str, Any]) -> RunSettings | None:
    """Return the settings that a model's card tells; None where it does not tell them soundly."""
    if solver not in SOLVERS:
        return None
    kind = SOLVERS[solver].settings_type
    names = {info.name for info in describe(kind)}
    try:
        return kind(**{name: value for name, value in values.items() if name in names})
    except (SettingsError, TypeError):  # a card is untrusted: a value may be of any kind
        return None
