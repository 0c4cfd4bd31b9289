"""The empty window's invitation."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from mfgui.gui.bug_dialog import BUG_TEXT, BugDialog
from mfgui.gui.panels.matrix_table import MatrixTableDialog, split_cells
from mfgui.gui.widgets.welcome import WelcomePanel, ago_text


@pytest.fixture
def panel(qtbot: QtBot) -> WelcomePanel:
    made = WelcomePanel()
    qtbot.addWidget(made)
    return made


def test_two_buttons_lead_in(panel: WelcomePanel, qtbot: QtBot) -> None:
    for name, signal in (("openRatingsButton", panel.open_requested),
                         ("useSampleButton", panel.sample_requested)):
        button = panel.findChild(QPushButton, name)
        assert button is not None
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_recent_file_is_a_link_with_its_age(panel: WelcomePanel, qtbot: QtBot) -> None:
    panel.set_recent([("/films/ratings.csv", 0.0)], now=2 * 86400.0)
    texts = [label.text() for label in panel.findChildren(QLabel)]
    assert "2 days ago" in texts
    link = next(b for b in panel.findChildren(QPushButton) if b.text() == "ratings.csv")
    with qtbot.waitSignal(panel.recent_requested) as caught:
        link.click()
    assert caught.args == ["/films/ratings.csv"]


def test_a_new_list_takes_the_place_of_the_old(panel: WelcomePanel, qtbot: QtBot) -> None:
    panel.set_recent([("/a/one.csv", 0.0)])
    panel.set_recent([("/a/two.csv", 0.0)])
    panel.show()

    def links() -> list[str]:
        return [b.text() for b in panel.findChildren(QPushButton) if b.text().endswith(".csv")]

    qtbot.waitUntil(lambda: links() == ["two.csv"])
    panel.set_recent([])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "just now"), (300, "5 minutes ago"), (3600, "1 hour ago"), (7200, "2 hours ago"),
     (86400, "yesterday"), (2 * 86400, "2 days ago"), (21 * 86400, "3 weeks ago"),
     (90 * 86400, "3 months ago"), (900 * 86400, "2 years ago"), (-60, "just now")])
def test_ages_are_told_as_people_do(seconds: float, text: str) -> None:
    assert ago_text(seconds) == text


def test_the_bug_report_says_whose_fault_it_is_and_can_be_copied(qtbot: QtBot) -> None:
    dialog = BugDialog("Traceback: boom", "mfgui.log")
    qtbot.addWidget(dialog)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert BUG_TEXT in texts
    assert any("mfgui.log" in text for text in texts)
    assert dialog.details == "Traceback: boom"
    close = dialog.findChild(QPushButton, "closeButton")
    assert close is not None
    close.click()
    assert dialog.result() == dialog.DialogCode.Accepted


@pytest.fixture
def table(qtbot: QtBot) -> MatrixTableDialog:
    made = MatrixTableDialog()
    qtbot.addWidget(made)
    return made


def test_the_table_begins_with_an_example_with_gaps(table: MatrixTableDialog) -> None:
    assert table.cells() == [[5, 3, None, 1, None], [4, None, None, 1, 1],
                             [1, 1, None, 5, None], [None, 1, 5, 4, 4]]
    assert table.error_text() == ""


def test_pasted_text_fills_the_table(table: MatrixTableDialog) -> None:
    table.fill("1\t?\t2,5\n\t4\t0\n")
    assert table.cells() == [[1, None, 2.5], [None, 4, 0]]


def test_a_wrong_cell_is_named(table: MatrixTableDialog) -> None:
    item = table.table.item(1, 2)
    assert item is not None
    item.setText("x")
    assert table.error_text().startswith("Row 2, column 3: “x” is not a number")
    button = table.findChild(QPushButton, "useMatrixButton")
    assert button is not None
    assert not button.isEnabled()


@pytest.mark.parametrize(
    ("text", "cells"),
    [("1 2\n3 ?", [["1", "2"], ["3", "?"]]), ("1,2\n,4", [["1", "2"], ["", "4"]]),
     ("1;2,5\n;4", [["1", "2,5"], ["", "4"]]), ("", [])])
def test_pasted_cells_are_split_by_the_strongest_separator(
    text: str, cells: list[list[str]]
) -> None:
    assert split_cells(text) == cells
