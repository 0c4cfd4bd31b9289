"""One trial of a search: a session that may be cut short where its curve leads nowhere."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from mfgui.core.control import Control
from mfgui.core.settings import RunSettings
from mfgui.errors import MfguiError
from mfgui.training.events import EpochRecord, RunResult, StopReason
from mfgui.training.measures import watched
from mfgui.training.search_samplers import Told, Values, best_so_far, median_rule
from mfgui.training.segment import Event
from mfgui.training.session import TrainingSession

PRUNED, FAILED = "pruned", "failed"


class TrialControl(Control):
    """Of one trial: it stops and waits with the whole search, and may be stopped by itself."""

    def __init__(self, search: Control) -> None:
        super().__init__()
        self._search = search

    @property
    def is_stopped(self) -> bool:
        """Whether the trial, or the search, was asked to end."""
        return super().is_stopped or self._search.is_stopped

    @property
    def is_paused(self) -> bool:
        """Whether the search was asked to wait."""
        return self._search.is_paused

    def checkpoint(self) -> None:
        """Wait with the search, and end with it."""
        self._search.checkpoint()
        super().checkpoint()


@dataclass(frozen=True)
class Outcome:
    """What became of a trial, as plain values.

    Parameters
    ----------
    trial : int
    values : dict
        The searched settings.
    score : float or None
        What the trial is judged by, the less the better: the validation RMSE of the kept model,
        or minus its NDCG; None where it came to nothing.
    curve : tuple of float
        The best score so far at each epoch, from epoch 1 on.
    status : str
        "finished", "early_stopping", "diverged", "pruned" or "failed".
    note : str
        Why it was pruned or failed, as a sentence, or "".
    n_epochs : int
    train_seconds, epoch_seconds, seconds : float
        Spent in epochs; in epochs with their measuring; in all.
    """

    trial: int
    values: Values
    score: float | None
    curve: tuple[float, ...] = ()
    status: str = StopReason.FINISHED.value
    note: str = ""
    n_epochs: int = 0
    train_seconds: float = 0.0
    epoch_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def is_pruned(self) -> bool:
        """Whether the trial was cut short because of its curve."""
        return self.status == PRUNED

    @property
    def told(self) -> Told:
        """What a sampler learns of it."""
        score = math.inf if self.score is None else self.score
        return Told(self.trial, score, self.curve, self.is_pruned, self.values)

    def as_plain(self) -> dict[str, Any]:
        """Return it as what JSON knows."""
        curve = [score if math.isfinite(score) else None for score in self.curve]
        return {**asdict(self), "curve": curve}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Outcome:
        """Return what ``as_plain`` gave."""
        known = {each.name for each in fields(cls)}
        values = {key: value for key, value in plain.items() if key in known}
        values["curve"] = tuple(
            math.inf if score is None else float(score) for score in plain.get("curve", ()))
        return cls(**values)


@dataclass(frozen=True)
class Trial:
    """A trial that is to be run.

    Parameters
    ----------
    number : int
    values : dict
        The searched settings.
    settings : RunSettings
        All of them.
    told : tuple of Told
        The trials that its curve is compared with; empty where nothing is pruned.
    """

    number: int
    values: Values
    settings: RunSettings
    told: tuple[Told, ...] = ()


def run_trial(
    trial: Trial, like: TrainingSession, search: Control, tell: Callable[[Event], None]
) -> tuple[Outcome | None, RunResult | None]:
    """Run a trial on the split of ``like`` and tell its events; no outcome where it was stopped.

    A trial that cannot be trained failed, which is an outcome too.
    """
    begin = time.perf_counter()
    control = TrialControl(search)
    try:
        run = _Run(trial, like.alike(trial.settings, control), control)
        run.follow(tell)
    except MfguiError as error:
        if search.is_stopped:
            return None, None
        return Outcome(trial.number, trial.values, None, status=FAILED, note=str(error),
                       seconds=time.perf_counter() - begin), None
    return run.outcome(time.perf_counter() - begin), run.result


class _Run:
    """Follows one trial's session."""

    def __init__(self, trial: Trial, session: TrainingSession, control: TrialControl) -> None:
        self._trial, self._session, self._control = trial, session, control
        self._scores: list[float] = []
        self._epoch_seconds = 0.0
        self._pruned = ""
        self.result: RunResult | None = None

    def follow(self, tell: Callable[[Event], None]) -> None:
        """Run it to its end."""
        last = time.perf_counter()
        for event in self._session.epochs():
            if isinstance(event, RunResult):
                self.result = event
            elif isinstance(event, EpochRecord):
                now = time.perf_counter()
                self._epoch_seconds += now - last if event.epoch else 0.0
                self._look_at(event)
            tell(event)
            last = time.perf_counter()

    def _look_at(self, record: EpochRecord) -> None:
        """Stop a first member whose curve is worse than that of most others."""
        if record.epoch == 0 or record.segment > 0:
            return
        self._scores.append(watched(record))
        if self._pruned or not self._trial.told:
            return
        curve = best_so_far(self._scores)
        median = median_rule(curve, self._trial.told)
        if median is not None:
            self._pruned = pruned_text(record, curve[-1], median, len(self._trial.told))
            self._control.stop()

    def outcome(self, seconds: float) -> Outcome | None:
        """Return what became of it; None where it was stopped with the search."""
        trial, result = self._trial, self.result
        assert result is not None
        is_cut = result.stopped_because is StopReason.STOPPED
        if is_cut and not self._pruned:
            return None
        curve = best_so_far(self._scores)
        score = curve[-1] if is_cut else watched(result.last_record)
        return Outcome(
            trial.number, trial.values, score if math.isfinite(score) else None, curve,
            PRUNED if is_cut else result.stopped_because.value, self._pruned,
            result.n_epochs_run, result.train_seconds, self._epoch_seconds, seconds)


def pruned_text(record: EpochRecord, best: float, median: float, n_told: int) -> str:
    """Return at which epoch a trial was pruned, and why."""
    is_rmse = record.validation_ndcg is None
    name = "validation RMSE" if is_rmse else "NDCG@10"
    return (f"Pruned at epoch {record.epoch}: its best {name} so far, {abs(best):.4f}, was worse "
            f"than {abs(median):.4f}, the median of the {n_told} trials before it at that epoch.")


def best_of(outcomes: Sequence[Outcome]) -> Outcome | None:
    """Return the best trial: the lowest score, the first one of equals; pruned ones are none."""
    sound = [each for each in outcomes if each.score is not None and not each.is_pruned]
    return min(sound, key=lambda each: (each.score, each.trial), default=None)
