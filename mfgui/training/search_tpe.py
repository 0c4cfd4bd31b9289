"""Trials where it was good before: the tree-structured Parzen estimator, by the extra ``optuna``.

Bergstra, Bardenet, Bengio, Kegl (2011), Algorithms for Hyper-Parameter Optimization, NIPS. The
study is kept in memory only: a search that goes on asks and tells again, from the same seeds.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mfgui.core.settings import RunSettings, SettingInfo
from mfgui.errors import SettingsError
from mfgui.training.search_samplers import Told, Values
from mfgui.training.search_space import Range, Space, info_of

_STREAM = 5
N_START = 8  # trials at random before the estimator has enough to go by


def has_optuna() -> bool:
    """Return whether the extra is installed."""
    return importlib.util.find_spec("optuna") is not None


def require_optuna() -> None:
    """Say what is missing, without loading it.

    Raises
    ------
    SettingsError
        If it is not installed.
    """
    if not has_optuna():
        raise SettingsError("The method tpe needs Optuna: install it by pip install "
                            "'mfgui[search]', or search at random.", "method")


def _optuna() -> Any:
    """Return the library, quiet; a SettingsError where it is not installed."""
    require_optuna()
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


class TpeSampler:
    """Optuna's TPE; each batch has a sampler of its own that seed and first trial make."""

    def __init__(self, space: Space, settings: RunSettings, seed: int) -> None:
        self._optuna = optuna = _optuna()
        self._seed = seed
        self._ranges = [(each, info_of(each.name, type(settings))) for each in space.ranges]
        self._distributions = {
            each.name: _distribution(optuna, each, info) for each, info in self._ranges}
        self._study = optuna.create_study(direction="minimize", sampler=self._sampler(0))
        self._asked: dict[int, tuple[Any, Values]] = {}

    def _sampler(self, first: int) -> Any:
        seed = np.random.SeedSequence([self._seed, _STREAM, first]).generate_state(1)[0]
        return self._optuna.samplers.TPESampler(n_startup_trials=N_START, seed=int(seed))

    def n_trials(self) -> int | None:
        """There is no end."""
        return None

    def ask(self, trials: Sequence[int]) -> list[Values]:
        """Return suggestions for the trials of a batch; those that still run count as bad."""
        self._study.sampler = self._sampler(trials[0])
        return [self._ask(trial) for trial in trials]

    def _ask(self, trial: int) -> Values:
        asked = self._study.ask(self._distributions)
        values = {each.name: _rounded(asked.params[each.name], each, info)
                  for each, info in self._ranges}
        self._asked[trial] = asked, values
        return values

    def tell(self, told: Sequence[Told]) -> None:
        """Learn of trials, in order."""
        for each in told:
            asked, values = self._asked.pop(each.trial, (None, {}))
            if asked is not None and values == each.values:
                self._tell(asked, each)
                continue
            if asked is not None:  # an earlier sitting, with another version, tried another
                self._study.tell(asked, state=self._optuna.trial.TrialState.FAIL)
            self._tell_other(each)

    def _tell(self, asked: Any, told: Told) -> None:
        states = self._optuna.trial.TrialState
        for epoch, score in enumerate(told.curve, 1):
            if math.isfinite(score):
                asked.report(score, epoch)
        if not told.is_sound:
            self._study.tell(asked, state=states.FAIL)
        elif told.is_pruned:
            self._study.tell(asked, state=states.PRUNED)
        else:
            self._study.tell(asked, told.score)

    def _tell_other(self, told: Told) -> None:
        """Learn of a trial that was not asked for, as trial 0, if it lies within the ranges."""
        is_within = all(_is_within(each, told.values.get(each.name)) for each, _ in self._ranges)
        if told.is_sound and is_within and not told.is_pruned:
            self._study.add_trial(self._optuna.trial.create_trial(
                params=dict(told.values), distributions=self._distributions, value=told.score))


def _distribution(optuna: Any, each: Range, info: SettingInfo) -> Any:
    """Return a range as Optuna has it."""
    kinds = optuna.distributions
    if each.values:
        return kinds.CategoricalDistribution(each.values)
    kind = kinds.IntDistribution if info.kind is int else kinds.FloatDistribution
    return kind(info.kind(each.low), info.kind(each.high), log=each.is_log)


def _rounded(value: Any, each: Range, info: SettingInfo) -> Any:
    """Return a suggestion with four digits, as people may copy it."""
    if each.values or info.kind is int:
        return value
    return min(max(float(f"{value:.4g}"), each.low), each.high)


def _is_within(each: Range, value: Any) -> bool:
    """Return whether a value lies in a range."""
    if each.values:
        return value in each.values
    return value is not None and bool(each.low <= value <= each.high)
