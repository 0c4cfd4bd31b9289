"""Settings: declared once, checked where they are made."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mfgui.core.settings import RunSettings, SettingInfo, as_dict, describe, does_apply
from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
from mfgui.errors import SettingsError


@pytest.mark.parametrize(("name", "value"), [
    ("n_epochs", 0), ("n_epochs", 1_000_001), ("n_epochs", 1.5), ("n_epochs", "3"),
    ("validation", -0.1), ("validation", 0.6), ("validation", math.nan), ("patience", -1),
    ("n_threads", 0), ("seed", -1), ("clip", 1), ("n_epochs", True),
])
def test_a_run_setting_out_of_bounds_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        RunSettings(**{name: value})
    assert caught.value.field == name


def wrong_values(info: SettingInfo) -> list[Any]:
    """Return values that a setting may not have."""
    if info.kind is bool:
        return [None, 1, "yes"]
    if info.choices:
        return [None, 3, "nothing of the kind"]
    beyond = [info.minimum - 1, math.nan, -math.inf] if info.minimum is not None else [math.nan]
    if info.maximum is not None:
        beyond.append(info.maximum * 2 + 1)
    return [*beyond, "3", True, *([info.minimum] if info.is_open else [])]


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_setting_out_of_bounds_is_refused_by_its_name(solver: str) -> None:
    settings_type = SOLVERS[solver].settings_type
    for info in describe(settings_type):
        for value in wrong_values(info):
            with pytest.raises(SettingsError, match=info.name) as caught:
                settings_type(**{info.name: value})
            assert caught.value.field == info.name


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_setting_has_label_help_and_a_default_that_is_valid(solver: str) -> None:
    settings_type = SOLVERS[solver].settings_type
    defaults = as_dict(settings_type())
    for info in describe(settings_type):
        assert info.label
        assert info.help.endswith((".", "U V^T."))
        assert defaults[info.name] == info.default


@pytest.mark.parametrize("solver", SOLVERS)
def test_presets_are_valid_settings(solver: str) -> None:
    for preset in SOLVERS[solver].presets.values():
        values = dict(preset)
        chosen = SOLVERS[str(values.pop("solver", solver))]  # a preset may choose another solver
        chosen.settings_type(**values)


def test_the_default_solver_has_a_quick_and_an_accurate_preset() -> None:
    assert {"Quick", "Accurate"} <= set(SOLVERS[DEFAULT_SOLVER].presets)


@pytest.mark.parametrize("solver", ["gradient-descent", "sgd"])
def test_both_textbook_solvers_are_in_the_plain_form_by_default(solver: str) -> None:
    settings = SOLVERS[solver].settings_type()
    assert not settings.biases
    assert SOLVERS[solver].settings_type(regularization=0).regularization == 0


def test_an_empty_rate_stays_empty_and_whole_numbers_become_floats() -> None:
    settings = SOLVERS["sgd"].settings_type(learning_rate=None, regularization=1)
    assert settings.learning_rate is None
    assert isinstance(settings.regularization, float)


def test_a_setting_applies_where_the_others_say_so() -> None:
    infos = {info.name: info for info in describe(SOLVERS["adagrad"].settings_type)}
    assert does_apply(infos["bias_regularization"], {"biases": True})
    assert not does_apply(infos["bias_regularization"], {"biases": False})
    assert does_apply(infos["n_factors"], {})
