"""The page of public data sets: terms, download, open; by mouse and by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QPushButton, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from mfgui.data.public_data import PUBLIC_DATA
from mfgui.gui import theme as themes
from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.widgets.public_data import PublicDataPage
from mfgui.gui.widgets.two_line_rows import LINES

Key = Qt.Key


@pytest.fixture
def page(tmp_path: Path, qtbot: QtBot) -> PublicDataPage:
    made = PublicDataPage(tmp_path / "public")
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    return made


@pytest.fixture
def window(data_server: Any, qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def shown(window: MainWindow) -> PublicDataPage:
    """Take File > Get public data."""
    action, = (each for each in window.findChildren(QAction)
               if each.text() == "&Get public data...")
    action.trigger()
    page = window.pages.currentWidget()
    assert isinstance(page, PublicDataPage)
    return page


def downloaded(window: MainWindow, qtbot: QtBot) -> PublicDataPage:
    page = shown(window)
    page.accept.click()
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=10_000):
        qtbot.mouseClick(page.download, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    return page


# -- the page alone ---------------------------------------------------------------------------


def test_a_row_tells_the_name_the_numbers_and_the_size(page: PublicDataPage) -> None:
    assert page.list.count() == len(PUBLIC_DATA)
    assert page.list.item(2).data(LINES) == (
        "MovieLens 1M", "1,000,209 ratings, 6,040 users × 3,706 items", "5.9 MB", "")
    spoken = page.list.item(2).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "MovieLens 1M, 1,000,209 ratings, 6,040 users × 3,706 items, 5.9 MB"


def test_what_a_reader_aloud_needs_has_names(page: PublicDataPage) -> None:
    assert page.list.accessibleName() == "Public data sets"
    assert page.details.accessibleName() == "Terms of use and citation"
    assert page.download.accessibleName() == "Download"


def test_no_row_is_cut_however_narrow_the_page(page: PublicDataPage, qtbot: QtBot) -> None:
    page.resize(page.minimumSizeHint())
    qtbot.waitUntil(lambda: page.list.viewport().width() > 0)
    delegate, model = page.list.itemDelegate(), page.list.model()
    option = QStyleOptionViewItem()
    page.list.initViewItemOption(option)
    for row in range(page.list.count()):
        wanted = delegate.sizeHint(option, model.index(row, 0))
        assert wanted.width() <= page.list.viewport().width()
    assert page.minimumSizeHint().width() < 700


def test_terms_citation_and_place_are_shown_and_can_be_copied(page: PublicDataPage) -> None:
    page.choose("ml-32m")
    text = page.details.toPlainText()
    for piece in ("may redistribute the data set", "research purposes", "10.1145/2827872",
                  "ml-32m", "https://grouplens.org"):
        assert piece in text
    flags = page.details.textInteractionFlags()
    assert flags & Qt.TextInteractionFlag.TextSelectableByKeyboard
    assert flags & Qt.TextInteractionFlag.TextSelectableByMouse


def test_download_waits_for_the_terms_of_each_data_set(page: PublicDataPage, qtbot: QtBot) -> None:
    page.choose("ml-1m")
    assert not page.download.isEnabled()
    page.accept.click()
    assert page.download.isEnabled()
    page.choose("ml-10m")
    assert not page.accept.isChecked()
    assert not page.download.isEnabled()
    page.choose("ml-1m")
    assert page.accept.isChecked()
    with qtbot.waitSignal(page.download_requested) as told:
        page.download.click()
    assert told.args == ["ml-1m"]


def test_enter_on_a_row_leads_to_the_terms_then_downloads(
    page: PublicDataPage, qtbot: QtBot
) -> None:
    page.activateWindow()
    page.list.setFocus()
    qtbot.keyClick(page.list, Key.Key_Down)
    assert page.entry.name == "ml-latest-small"
    qtbot.keyClick(page.list, Key.Key_Return)
    qtbot.waitUntil(page.accept.hasFocus)
    qtbot.keyClick(page.accept, Key.Key_Space)
    with qtbot.waitSignal(page.download_requested) as told:
        qtbot.keyClick(page.list, Key.Key_Return)
    assert told.args == ["ml-latest-small"]


def test_tab_reaches_everything(page: PublicDataPage, qtbot: QtBot) -> None:
    page.activateWindow()
    page.accept.click()
    page.list.setFocus()
    met = []
    for _ in range(8):
        focused = QApplication.focusWidget()
        assert focused is not None
        met.append(focused.objectName())
        qtbot.keyClick(focused, Key.Key_Tab)
    assert list(dict.fromkeys(met)) == [
        "publicDataList", "publicDataTerms", "acceptTerms", "downloadDataButton", "backButton"]


def test_a_download_under_way_is_said_and_no_second_one_begins(page: PublicDataPage) -> None:
    page.accept.click()
    page.set_busy("ml-100k")
    assert "bottom right" in page.state.text()
    assert not page.download.isEnabled()
    assert page.list.item(0).data(LINES)[3] == "downloading"
    page.set_busy("")
    assert page.download.isEnabled()


def test_both_themes_draw_and_muted_text_can_be_read(page: PublicDataPage) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    for theme in (themes.LIGHT, themes.DARK):
        themes.apply_theme(app, theme)
        picture = page.list.grab().toImage()
        # The second line of the second row, which is not chosen.
        height = page.list.sizeHintForRow(0)
        shades = {picture.pixelColor(x, y).name() for x in range(10, 150)
                  for y in range(height * 3 // 2, height * 2 - 4)}
        assert max(themes.contrast(shade, theme.base) for shade in shades) >= 4.5


# -- in the window ----------------------------------------------------------------------------


def test_the_page_opens_from_the_file_menu_and_escape_leads_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = shown(window)
    assert page.isVisible()
    keys = [text[text.index("&") + 1].lower() for text in (
        *(button.text() for button in (page.accept, page.download, page.open, page.back)),
        *(action.text() for action in window.menuBar().actions()))]
    assert len(set(keys)) == len(keys)  # none is taken from the menus
    qtbot.waitUntil(page.list.hasFocus)
    qtbot.keyClick(page.list, Key.Key_Escape)
    assert window.welcome.isVisible()
    assert shown(window) is page


def test_a_data_set_is_downloaded_and_opened(
    window: MainWindow, data_server: Any, qtbot: QtBot
) -> None:
    downloaded(window, qtbot)
    ratings = window.run_model.ratings
    assert ratings is not None
    assert (ratings.n_users, ratings.n_items) == (40, 30)
    assert ratings.item_titles is not None
    assert "Film 1, The (1901)" in list(ratings.item_titles)
    assert window.pages.currentWidget() is window.matrices_panel
    assert window.stored.recent_files()[0][0].endswith("ratings.csv")


def test_what_is_on_this_computer_opens_without_the_network(
    window: MainWindow, data_server: Any, qtbot: QtBot
) -> None:
    downloaded(window, qtbot)
    window.open_sample()
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    page = shown(window)
    assert page.list.item(0).data(LINES)[3] == "on this computer"
    assert not page.download.isEnabled()
    assert page.accept.isChecked()
    assert not page.accept.isEnabled()
    n_requests = len(data_server.requests)
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=10_000):
        qtbot.keyClick(page.list, Key.Key_Return)
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    assert len(data_server.requests) == n_requests


def test_a_failure_is_told_in_the_window_and_can_be_tried_again(
    window: MainWindow, data_server: Any, qtbot: QtBot
) -> None:
    data_server.then(data_server.answer(503))
    page = shown(window)
    page.accept.click()
    page.download.click()
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=10_000)
    assert "refuses the download (503" in window.message_bar.text
    assert page.isVisible()
    assert page.download.isEnabled()


def test_cancel_in_the_job_bar_ends_a_download_that_stalls(
    window: MainWindow, data_server: Any, qtbot: QtBot
) -> None:
    data_server.then("stall")
    page = shown(window)
    page.accept.click()
    page.download.click()
    assert not page.download.isEnabled()
    cancel = window.findChild(QPushButton, "cancelJobButton")
    assert cancel is not None
    qtbot.waitUntil(lambda: data_server.stalling.is_set() and cancel.isVisible())
    cancel.click()
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=1000)
    assert window.message_bar.text == ""
    assert page.download.isEnabled()


def test_what_ends_while_the_person_is_elsewhere_is_offered_not_opened(
    window: MainWindow, data_server: Any, qtbot: QtBot
) -> None:
    page = shown(window)
    page.accept.click()
    page.download.click()
    page.back.click()
    qtbot.waitUntil(lambda: window.message_bar.text == "Tiny data is on this computer now.")
    assert window.run_model.ratings is None
    remedy = window.findChild(QPushButton, "messageRemedyButton")
    assert remedy is not None
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=10_000):
        remedy.click()
    qtbot.waitUntil(lambda: not window.job_runner.is_running)


def test_another_job_is_not_disturbed(
    window: MainWindow, data_server: Any, qtbot: QtBot
) -> None:
    page = shown(window)
    page.accept.click()
    window.open_sample()
    page.download.click()
    assert "Another job is running" in window.message_bar.text
    assert page.list.item(0).data(LINES)[3] == ""
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    assert not data_server.requests


def test_closing_the_window_ends_a_download(
    window: MainWindow, data_server: Any, qtbot: QtBot
) -> None:
    data_server.then("stall")
    page = shown(window)
    page.accept.click()
    page.download.click()
    qtbot.waitUntil(data_server.stalling.is_set)
    window.close()
    assert not window.job_runner.is_running
