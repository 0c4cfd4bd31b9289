"""The page of colours: what they span, by hand too, means and margins."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from mfgui.gui.view_state import Display, ViewState
from mfgui.gui.widgets.levels_box import LevelsBox
from mfgui.inspection.colours import LevelChoice, Levels


@pytest.fixture
def box(qtbot: QtBot) -> LevelsBox:
    """Return a box that a state follows and that follows it, as in the window."""
    made, state = LevelsBox(), ViewState()
    qtbot.addWidget(made)
    made.changed.connect(lambda changes: state.set_display(**changes))
    state.display_changed.connect(lambda: made.show_display(state.display))
    made.state = state  # type: ignore[attr-defined]
    made.show()
    return made


def display(box: LevelsBox) -> Display:
    found: Any = box.state.display  # type: ignore[attr-defined]
    return found  # type: ignore[no-any-return]


def choose(combo: QComboBox, name: str) -> None:
    k = combo.findData(name)
    combo.setCurrentIndex(k)
    combo.activated.emit(k)


def test_colours_means_and_margins_are_chosen(box: LevelsBox) -> None:
    choose(box.colours, "magma")
    choose(box.mean, "all")
    box.margins.click()
    assert display(box) == Display(colour_map="magma", is_over_all=True, has_margins=True)


def test_by_hand_begins_at_what_is_on_the_screen(box: LevelsBox) -> None:
    assert not box.low.isVisible()
    box.set_seen(Levels(0.5, 5.0), Levels(-2.0, 2.0))
    choose(box.span, "hand")
    assert display(box).levels == LevelChoice("hand", 0.5, 5.0, 2.0)
    assert box.low.isVisible()
    box.low.lineEdit().setText("3,25")
    assert display(box).levels == LevelChoice("hand", 3.25, 5.0, 2.0)
    box.reach.lineEdit().setText("0.5")
    assert display(box).levels.reach == 0.5


def test_what_makes_no_range_is_said_and_changes_nothing(box: LevelsBox) -> None:
    box.set_seen(Levels(1.0, 5.0), None)
    choose(box.span, "hand")
    kept = display(box)
    for field, text, words in ((box.low, "7", "below"), (box.low, "x", "number"),
                               (box.reach, "0", "above 0")):
        field.lineEdit().setText(text)
        assert words in box.error.text()
        assert box.error.isVisible()
        assert display(box) == kept
        box.low.lineEdit().setText("1")
    box.reach.lineEdit().setText("1")
    assert not box.error.isVisible()


def test_typing_does_not_have_the_text_written_anew(box: LevelsBox) -> None:
    box.set_seen(Levels(1.0, 5.0), None)
    choose(box.span, "hand")
    box.low.lineEdit().setText("2.50")
    assert box.low.text() == "2.50"


def test_the_span_is_followed_from_elsewhere(box: LevelsBox) -> None:
    box.state.set_display(levels=LevelChoice("view"))  # type: ignore[attr-defined]
    assert box.span.currentData() == "view"
    box.state.set_display(levels=LevelChoice("hand", 2.0, 4.0, 1.5))  # type: ignore[attr-defined]
    assert box.low.value() == 2.0
    assert box.reach.value() == 1.5
