"""Settings: declared once, checked where they are made."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mfgui.core.settings import RunSettings, as_dict, describe
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


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("name", "value"), [
    ("learning_rate", 0), ("learning_rate", -1), ("learning_rate", math.nan),
    ("learning_rate", math.inf), ("n_factors", 0), ("regularization", -1e-9),
    ("initial_sd", 0), ("biases", None),
])
def test_a_solver_setting_out_of_bounds_is_refused_by_its_name(
    solver: str, name: str, value: Any
) -> None:
    with pytest.raises(SettingsError, match=name):
        SOLVERS[solver].settings_type(**{name: value})


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
