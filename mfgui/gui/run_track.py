"""What the window holds of one run: the one that trains, or one of the past that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.inspection.known import Known
from mfgui.store.model_file import SavedModel
from mfgui.training.events import Baselines, EpochRecord, Notice, RunResult, Snapshot, Split

if TYPE_CHECKING:
    from mfgui.gui.run_model import RunModel

T = TypeVar("T")


class Opened(Protocol):
    """What was read of a model, from a file of its own or from a project."""

    @property
    def known(self) -> Known:
        """The ratings it is shown with, and which of them it was trained on."""

    @property
    def before_refit(self) -> FactorModel | None:
        """The factors from before the refit, where there are any."""


@dataclass(eq=False)
class RunTrack:
    """Everything that comes and goes with a run.

    Parameters
    ----------
    run_id : int or None
        Of the project; None where no project keeps it.
    opened : Opened or None
        What it was read from, where it did not train in this window.
    """

    run_id: int | None = None
    solver: str = ""
    settings: RunSettings | None = None
    history: list[EpochRecord] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    baselines: Baselines | None = None
    snapshot: Snapshot | None = None
    result: RunResult | None = None
    opened_model: SavedModel | None = None
    opened: Opened | None = None
    split: Split | None = None
    known: Known | None = None

    def continued(self) -> RunTrack:
        """Return the track of a run that goes on from this one."""
        return replace(
            self, run_id=None, history=list(self.history), notices=list(self.notices), opened=None)

    def know(self, ratings: Ratings | None, origin: Mapping[str, Any]) -> None:
        """Note what is known of the ratings now; the same object while nothing of it changes.

        ``origin`` is that of the run in the project: one of a fold never saw what was withheld.
        """
        if ratings is None:
            self.known = None
            return
        if self.opened is not None:
            self.known = self.opened.known
            return
        is_refit = self.snapshot is not None and self.snapshot.is_refit
        known, held_out = self.known, self.split.held_out if self.split is not None else None
        if known is None or known.ratings is not ratings:
            from mfgui.jobs.folds import fold_known

            self.known = fold_known(ratings, origin, held_out, is_trained_on_all=is_refit)
        elif known.is_trained_on_all != is_refit:
            self.known = replace(known, is_trained_on_all=is_refit)

    @property
    def n_members(self) -> int:
        """How many models the run trains one after another; the members of an average."""
        settings: Any = self.settings
        if self.opened_model is not None:
            settings = self.opened_model.card.get("settings")
        # The one name that every solver of several models gives its setting.
        n = settings.get("n_members", 1) if isinstance(settings, dict) else getattr(
            settings, "n_members", 1)
        return n if isinstance(n, int) and n > 0 else 1


class OfTrack(Generic[T]):
    """An attribute of the run model that is one of the run it shows."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, model: RunModel, owner: type | None = None) -> T:
        value: T = getattr(model.track, self._name)
        return value

    def __set__(self, model: RunModel, value: T) -> None:
        setattr(model.track, self._name, value)
