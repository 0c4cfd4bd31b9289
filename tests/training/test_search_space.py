"""What a search may try: ranges from the settings' declarations, and as they are typed."""

from __future__ import annotations

import math

import pytest

from mfgui.core.settings import describe
from mfgui.core.solvers import SOLVERS
from mfgui.errors import SettingsError
from mfgui.training.search_space import (
    Range,
    Space,
    checked_space,
    default_range,
    default_space,
    info_of,
    searchable,
    space_from_plain,
    space_to_plain,
    steps_of,
    value_at,
)
from mfgui.training.search_words import space_from

ADAGRAD = SOLVERS["adagrad"].settings_type


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_each_solver_has_a_space_to_begin_with_that_its_settings_may_be(solver: str) -> None:
    settings_type = SOLVERS[solver].settings_type
    space = checked_space(default_space(settings_type), settings_type)
    assert "n_factors" in space.names
    for info in searchable(settings_type):
        suggested = default_range(info)
        assert checked_space(Space((suggested,)), settings_type).ranges[0].name == info.name
        for share in (0.0, 0.3, 0.999, 1.0):
            settings_type(**{info.name: value_at(suggested, share, info)})


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_a_space_is_read_back_as_it_is_written(solver: str) -> None:
    settings_type = SOLVERS[solver].settings_type
    ranges = tuple(default_range(info) for info in searchable(settings_type))
    space = checked_space(Space(ranges), settings_type)
    assert space_from(space.text(), settings_type) == space
    assert space_from_plain(space_to_plain(space), settings_type) == space


def test_ranges_follow_the_declaration_log_where_a_setting_goes_by_powers_of_ten() -> None:
    by_name = {each.name: each for each in default_space(ADAGRAD).ranges}
    assert by_name["learning_rate"].is_log
    assert by_name["regularization"].is_log
    assert by_name["n_factors"] == Range("n_factors", 16, 128, is_log=True)


def test_a_space_is_typed_as_ranges_and_values_parted_by_commas() -> None:
    space = space_from(
        "learning_rate=1e-3:1e-1:log,n_factors=16,32,64,biases=on,off,damping=0:40:linear:3",
        ADAGRAD)
    assert space.ranges == (
        Range("learning_rate", 0.001, 0.1, is_log=True), Range("n_factors", values=(16, 32, 64)),
        Range("biases", values=(True, False)), Range("damping", 0, 40, n_steps=3))


def test_a_name_alone_means_its_suggested_range() -> None:
    space = space_from("n-factors,regularization=0.01,0.1", ADAGRAD)
    assert space.ranges[0] == Range("n_factors", 16, 128, is_log=True)
    assert space.ranges[1].values == (0.01, 0.1)


@pytest.mark.parametrize(("text", "words"), [
    ("", "nothing to search"),
    ("seed=1,2", "same in all trials"),
    ("validation=0.1:0.2", "same in all trials"),
    ("split=random,user", "same in all trials"),
    ("foo=1:2", "no setting 'foo'"),
    ("n_factors=64:16", "empty"),
    ("n_factors=16:16", "empty"),
    ("n_factors=1.5:4", "whole number"),
    ("n_factors=0:4", "at least 1"),
    ("learning_rate=0:1:log", "above 0"),
    ("regularization=0:1:log", "a log range begins above 0"),
    ("n_factors=16:32:quick", "log, linear or a number"),
    ("n_factors=16:32:1", "2 to 1000 steps"),
    ("biases=maybe", "on or off"),
    ("biases=0:1", "on or off"),
    ("n_factors=many", "must be a number"),
    ("n_factors=nan:4", "number"),
    ("n_factors=16:32,n_factors=4:8", "two ranges"),
])
def test_what_cannot_be_searched_is_said_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        space_from(text, ADAGRAD)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_damaged_space_of_a_file_is_refused() -> None:
    with pytest.raises(SettingsError):
        space_from_plain([{"name": "n_factors", "values": [10**9]}], ADAGRAD)
    with pytest.raises(SettingsError):
        space_from_plain([{"name": "seed", "values": [1]}], ADAGRAD)


def test_a_log_range_is_gone_through_by_equal_factors_and_its_ends_are_met() -> None:
    info = info_of("learning_rate", ADAGRAD)
    each = Range("learning_rate", 0.001, 0.1, is_log=True)
    assert value_at(each, 0.0, info) == 0.001
    assert value_at(each, 1.0, info) == 0.1
    # Halfway in the logarithm, to the four digits that are kept.
    assert math.isclose(value_at(each, 0.5, info), 0.01, rel_tol=1e-3)
    assert steps_of(each, info) == (0.001, 0.00464, 0.0215, 0.1)


def test_whole_numbers_stay_whole_and_a_grid_names_none_twice() -> None:
    info = info_of("n_factors", ADAGRAD)
    steps = steps_of(Range("n_factors", 2, 4, n_steps=9), info)
    assert steps == (2, 3, 4)
    assert all(isinstance(step, int) for step in steps)


def test_only_settings_that_leave_the_held_out_ratings_alone_may_be_searched() -> None:
    run = {info.name for info in describe(ADAGRAD) if info.group == "run"}
    assert {info.name for info in searchable(ADAGRAD)} & run == {"n_epochs", "patience"}
