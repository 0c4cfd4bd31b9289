"""What the window shows names no options of the command line."""

from __future__ import annotations

import pytest

from mfgui.gui.window_words import in_window


@pytest.mark.parametrize(("told", "shown"), [
    ("a.zip holds several files (x, y): choose one with --part NAME.",
     "a.zip holds several files (x, y): choose one with “Part”."),
    ("choose one with --part (x, y) and its --columns.",
     "choose one with “Part” (x, y) and its “Columns”."),
    ("set the variable MFGUI_DATA to another folder, or choose one with --folder.",
     "set the variable MFGUI_DATA to another folder."),
    ("choose another folder with --folder or the variable MFGUI_DATA.",
     "choose another folder with the variable MFGUI_DATA."),
    ("a.csv, line 17: rating '--' is not a number.",
     "a.csv, line 17: rating '--' is not a number."),
    ("Sample of users is --sample-users 3.", "Sample of users is “Sample of users” 3."),
])
def test_options_are_told_by_their_labels(told: str, shown: str) -> None:
    assert in_window(told) == shown
