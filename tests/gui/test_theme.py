"""The themes can be read by everybody."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from mfgui.gui.theme import (
    DARK,
    LIGHT,
    Theme,
    apply_theme,
    chosen_theme,
    contrast,
    disabled_text,
    palette,
    style_sheet,
)
from mfgui.gui.widgets.curve_data import LEVELS, VIEWS
from mfgui.gui.widgets.curve_pens import STYLES

both = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def test_contrast_of_black_and_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


@both
def test_all_text_stands_out_from_every_ground_it_is_on(theme: Theme) -> None:
    words = (theme.text, theme.muted, theme.error, theme.warning, theme.accent)
    grounds = (theme.window, theme.base, theme.plot_ground)
    for word, ground in itertools.product(words, grounds):
        assert contrast(word, ground) >= 4.5, (word, ground)
    assert contrast(theme.accent_text, theme.accent) >= 4.5
    assert contrast(disabled_text(theme), theme.window) >= 4.5


@both
def test_curves_stand_out_from_the_plots_ground(theme: Theme) -> None:
    assert min(contrast(colour, theme.plot_ground) for colour in theme.series) >= 4.5


def test_curves_of_one_view_differ_in_line_style_as_well() -> None:
    for view, columns in VIEWS.items():
        lines = [*columns, *(LEVELS if view == "rmse" else ())]
        for which in (0, 1):
            assert len({STYLES[line][which] for line in lines}) == len(lines), view


@both
def test_the_palette_has_a_colour_for_disabled_text(theme: Theme) -> None:
    shown = palette(theme).color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert shown.name() == disabled_text(theme)


@both
def test_the_style_sheet_leaves_no_word_unfilled(theme: Theme) -> None:
    assert "$" not in style_sheet(theme)


def test_a_choice_that_is_garbage_follows_the_system(qapp: QApplication) -> None:
    assert chosen_theme("light") is LIGHT
    assert chosen_theme("dark") is DARK
    assert chosen_theme("\x00garbage") in (LIGHT, DARK)


def test_the_theme_reaches_the_application(qapp: QApplication) -> None:
    apply_theme(qapp, DARK)
    assert qapp.palette().window().color().name() == DARK.window
    apply_theme(qapp, LIGHT)
    assert qapp.palette().window().color().name() == LIGHT.window
