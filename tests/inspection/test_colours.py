"""Colours: apart, readable, and never broken by what is in view."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.inspection.colours import (
    COLOUR_MAPS,
    DARK_PALETTE,
    LIGHT_PALETTE,
    LevelChoice,
    Levels,
    Palette,
    levels_of,
    luminance,
    residual_table,
    rgb,
    sequential_table,
    stretched,
    stretched_symmetric,
    text_colour,
    text_colours,
    to_rgba,
)


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_lightness_rises_along_a_map_so_that_it_reads_in_grey(name: str) -> None:
    lights = [luminance(tuple(colour[:3].tolist())) for colour in sequential_table(name)]
    assert (np.diff(lights) > -0.002).all()


def test_any_ground_has_a_text_colour_of_at_least_four_and_a_half_to_one() -> None:
    for ground in np.random.default_rng(0).integers(0, 256, (3000, 3)).tolist():
        light = luminance(tuple(ground))
        text = luminance(rgb(text_colour(tuple(ground))))
        ratio = (max(light, text) + 0.05) / (min(light, text) + 0.05)
        assert ratio >= 4.5


def test_text_colours_of_a_picture_are_those_of_its_pixels() -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (20, 30, 4)).astype(np.uint8)
    found = text_colours(rgba)
    for i, j in np.ndindex(found.shape):
        assert found[i, j] == text_colour(tuple(rgba[i, j, :3].tolist()))


def test_values_beyond_all_bounds_get_the_colours_of_the_ends() -> None:
    table = sequential_table("viridis")
    found = to_rgba(np.array([[-np.inf, -1e30, 1e30, np.inf]]), table, Levels(1, 5), "#000000")[0]
    assert (found[:2] == table[0]).all()
    assert (found[2:] == table[255]).all()


@pytest.mark.parametrize("palette", [LIGHT_PALETTE, DARK_PALETTE])
def test_what_is_missing_is_apart_from_every_value(palette: Palette) -> None:
    missing = np.array(rgb(palette.missing), float)
    for table in (*map(sequential_table, COLOUR_MAPS), residual_table(palette)):
        assert np.abs(table[:, :3] - missing).max(axis=1).min() >= 14


def test_the_ends_the_middle_and_what_is_missing_get_their_colours() -> None:
    table = residual_table(LIGHT_PALETTE)
    values = np.array([[-9.0, -1.0, 0.0, 1.0, 9.0, np.nan]])
    found = to_rgba(values, table, Levels(-1, 1), LIGHT_PALETTE.missing)[0]
    assert tuple(found[0, :3]) == tuple(found[1, :3]) == rgb(LIGHT_PALETTE.negative)
    assert tuple(found[3, :3]) == tuple(found[4, :3]) == rgb(LIGHT_PALETTE.positive)
    assert found[2, :3].min() >= 253
    assert tuple(found[5, :3]) == rgb(LIGHT_PALETTE.missing)
    assert (found[:, 3] == 255).all()


@pytest.mark.parametrize("values", [
    [], [np.nan], [3.0], [3.0, 3.0, np.nan], [0.0], [1e30, -1e30], [np.inf, 1.0],
])
def test_levels_are_sound_whatever_is_in_view(values: list[float]) -> None:
    array = np.array([values])
    for levels in (stretched(array), stretched_symmetric(array), Levels(2, 2),
                   Levels(np.nan, np.inf)):
        assert np.isfinite([levels.low, levels.high]).all()
        assert levels.low < levels.high
        to_rgba(array, sequential_table("viridis"), levels, "#000000")


def test_stretched_residuals_stay_symmetric_round_zero() -> None:
    levels = stretched_symmetric(np.array([-1.0, 0.2, 0.3]))
    assert levels.low == -levels.high


@pytest.mark.parametrize("palette", [LIGHT_PALETTE, DARK_PALETTE])
def test_printed_numbers_have_a_contrast_of_four_and_a_half_in_every_colour_there_is(
    palette: Palette
) -> None:
    values = np.append(np.linspace(-1.2, 1.2, 2000), np.nan)[None, :]
    for table in (*map(sequential_table, COLOUR_MAPS), residual_table(palette)):
        picture = to_rgba(values, table, Levels(-1, 1), palette.missing)
        for ground, text in zip(picture[0, :, :3].tolist(), text_colours(picture)[0], strict=True):
            lights = sorted((luminance(tuple(ground)), luminance(rgb(text))))
            assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5


def test_levels_follow_the_choice() -> None:
    values = np.array([[1.0, 2.0, np.nan, 4.0]])
    for is_residual, expected in ((False, (0, 5)), (True, (-2.5, 2.5))):
        found = levels_of(LevelChoice(), values, (0, 5), is_residual=is_residual)
        assert (found.low, found.high) == expected
    hand = LevelChoice("hand", 3, 1, -7)  # the wrong way round: levels are sound all the same
    for is_residual in (False, True):
        found = levels_of(hand, values, (0, 5), is_residual=is_residual)
        assert found.low < found.high
    assert levels_of(LevelChoice("view"), values, (0, 5), is_residual=True).low < -3.5
    flat = levels_of(LevelChoice(), values, (3, 3), is_residual=True)  # a width of 0 counts as 1
    assert (flat.low, flat.high) == (-0.5, 0.5)


def test_what_is_in_view_is_sampled_evenly_where_there_is_much() -> None:
    values = np.random.default_rng(0).normal(size=(800, 806))
    values[:, ::13] = np.nan
    exact = np.percentile(values[np.isfinite(values)], [1, 99])
    found = stretched(values)
    # Of 49,000 numbers the first percentile is known to some 2 % of the standard deviation.
    assert abs(found.low - exact[0]) < 0.06
    assert abs(found.high - exact[1]) < 0.06
