"""What several runs are called beside each other: by what differs between them.

A legend that says "adagrad, F=64" and "adagrad, F=128" tells more than the numbers of two runs,
and more than all of their settings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from mfgui.core.settings import SettingInfo, describe
from mfgui.core.solvers import SOLVERS

if TYPE_CHECKING:
    from mfgui.store.project import RunInfo

# The field's letters and the words people say; every other setting is called by its label.
WORDS = {"n_factors": "F", "learning_rate": "rate", "regularization": "reg", "n_epochs": "epochs",
         "bias_regularization": "bias reg", "batch_size": "batch", "validation": "held out"}
# Changes how fast a run is and nothing of what it reaches.
_IDLE = {"n_threads"}


def differing_settings(runs: Sequence[RunInfo]) -> list[str]:
    """Return the names of the settings in which runs differ, in the order of declaration.

    Solvers have different defaults, which their names already tell: a setting that differs only
    between solvers counts where one of the runs is off its own solver's default. The number of
    threads, which changes no result, never counts.
    """
    names = dict.fromkeys(name for run in runs for name in _declared(run) if name not in _IDLE)
    return [name for name in names
            if _does_differ(name, [run for run in runs if name in run.settings])]


def _does_differ(name: str, runs: list[RunInfo]) -> bool:
    """Say whether runs that have a setting differ in it."""
    values: dict[str, set[tuple[str, Any]]] = {}
    for run in runs:
        values.setdefault(run.solver, set()).add(_comparable(run.settings[name]))
    if any(len(of_solver) > 1 for of_solver in values.values()):
        return True
    return len(set().union(*values.values())) > 1 and any(
        name in _infos(run.solver)
        and _comparable(_infos(run.solver)[name].default) != _comparable(run.settings[name])
        for run in runs)


def names_by_difference(runs: Sequence[RunInfo]) -> dict[int, str]:
    """Return what each of several runs is called, by its id: "adagrad, F=64".

    The solver, then each setting in which the runs differ; a run that a person has given a name
    has it before them: "first try (F=64)". Runs that would be called the same have their number
    behind it.

    Parameters
    ----------
    runs : sequence of RunInfo

    Returns
    -------
    dict of int to str
        One line each, all different.
    """
    names = differing_settings(runs)
    texts = {name: _value_texts(run.settings[name] for run in runs if name in run.settings)
             for name in names}
    called = {run.id: _called(run, [
        _setting_text(_infos(run.solver).get(name), name, run.settings[name], texts[name])
        for name in names if name in run.settings]) for run in runs}
    counts = Counter(called.values())
    return {run.id: called[run.id] if counts[called[run.id]] == 1
            else f"{called[run.id]}, run {run.number}" for run in runs}


def _called(run: RunInfo, differences: list[str]) -> str:
    """Return a run's name with what differs behind it."""
    name = " ".join(run.name.split())
    if not name:
        return ", ".join([run.solver, *differences])
    return f"{name} ({', '.join(differences)})" if differences else name


def _infos(solver: str) -> dict[str, SettingInfo]:
    """Return what is known of a solver's settings; a project may name one that is not known."""
    kind = SOLVERS.get(solver)
    return {} if kind is None else {info.name: info for info in describe(kind.settings_type)}


def _declared(run: RunInfo) -> list[str]:
    """Return the names of a run's settings, the solver's own first, then any unknown ones."""
    known = [name for name in _infos(run.solver) if name in run.settings]
    return [*known, *(name for name in run.settings if name not in known)]


def _comparable(value: Any) -> tuple[str, Any]:
    """Return what is equal for equal values only: True is not 1, but 1 is 1.0."""
    if isinstance(value, (bool, str)) or value is None:
        return type(value).__name__, value
    return ("number", value) if isinstance(value, (int, float)) else ("other", repr(value))


def _value_texts(values: Iterable[Any]) -> dict[tuple[str, Any], str]:
    """Return a short text for each value, with the digits that tell the numbers apart."""
    different = {_comparable(value): value for value in values}
    for n_digits in (3, 4, 6, 9, 17):
        texts = {key: _text(value, n_digits) for key, value in different.items()}
        if len(set(texts.values())) == len(texts):
            break
    return texts


def _text(value: Any, n_digits: int) -> str:
    """Return a value in a few letters."""
    if isinstance(value, float):
        return f"{value:.{n_digits}g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    return str(value)


def _setting_text(
    info: SettingInfo | None, name: str, value: Any, texts: dict[tuple[str, Any], str]
) -> str:
    """Return a setting with its value: "F=64", "no biases", "rate automatic"."""
    label = info.label if info is not None else name
    word = WORDS.get(name, label[:1].lower() + label[1:])
    if isinstance(value, bool):
        return word if value else f"no {word}"
    if value is None:
        return f"{word} {info.empty_text if info is not None else 'none'}"
    return f"{word}={texts[_comparable(value)]}"
