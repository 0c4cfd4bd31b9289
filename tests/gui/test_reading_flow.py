"""Files on their way into the window: opened, asked about, read otherwise, changed on disk."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from mfgui.data.options import ReadOptions
from mfgui.gui.app import create_window
from mfgui.gui.data_actions import ratings_filter
from mfgui.gui.file_watch import FileWatch
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status
from mfgui.gui.widgets.import_page import ImportPage


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """Return a file with a header that says what is what; a third of its ratings are 0."""
    path = tmp_path / "clean.csv"
    rng = np.random.default_rng(0)
    path.write_text("user,item,rating\n" + "".join(
        f"u{n},i{m},{rng.integers(1, 11) if rng.random() < 0.5 else 0}\n"
        for n in range(50) for m in range(40) if rng.random() < 0.5))
    return path


@pytest.fixture
def unclear(tmp_path: Path) -> Path:
    """Return a file of three columns of small numbers without a header."""
    path = tmp_path / "unclear.csv"
    path.write_text("".join(f"{n % 5 + 1};{m % 5 + 1};{(n + m) % 5 + 1}\n"
                            for n in range(12) for m in range(12)))
    return path


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """Return a file without any number where a rating would stand."""
    path = tmp_path / "words.csv"
    path.write_text("".join(f"{n % 5 + 1},a,b,{n}\n" for n in range(200)))
    return path


def idle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=30_000)


def opened(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=30_000):
        window.open_path(path)
    idle(window, qtbot)


def asked(window: MainWindow, path: Path, qtbot: QtBot, **options: object) -> ImportPage:
    window.reading.show_page(str(path), ReadOptions(**options))  # type: ignore[arg-type]
    page = window.reading.page
    assert page is not None
    read(page, qtbot)
    return page


def read(page: ImportPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.result._progress.isHidden() and not page.reader.is_waiting,
                    timeout=30_000)


def button(window: MainWindow, name: str) -> QPushButton:
    found = window.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def n_ratings(window: MainWindow) -> int:
    assert window.run_model.ratings is not None
    return window.run_model.ratings.n_ratings


def trained(window: MainWindow, qtbot: QtBot) -> None:
    window.setup_panel.form.set_value("n_epochs", 3)
    button(window, "startButton").click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=60_000)


# opening


def test_a_clear_file_opens_without_a_question(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    assert not window.reading.is_choosing
    assert window.reading.page is None
    assert window.reading.path == str(clean)
    assert window.run_model.read_options == ReadOptions()


def test_a_doubtful_file_opens_the_page_and_is_not_among_the_recent_ones_yet(
    window: MainWindow, unclear: Path, qtbot: QtBot
) -> None:
    window.open_path(unclear)
    qtbot.waitUntil(lambda: window.reading.is_choosing, timeout=30_000)
    page = window.reading.page
    assert page is not None
    assert window.run_model.status is Status.EMPTY
    assert window.stored.recent_files() == []
    read(page, qtbot)
    qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    assert not window.reading.is_choosing
    assert window.run_model.status is Status.READY
    assert window.stored.recent_files()[0][0] == str(unclear)
    assert window.docks["setup"].isVisible()


def test_options_that_were_given_are_passed_on(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=30_000):
        window.open_path(clean, ReadOptions(zeros="missing"))
    assert window.run_model.ratings is not None
    assert window.run_model.ratings.scale[0] == 1
    assert window.reading.history.options == ReadOptions(zeros="missing")


def test_a_file_that_cannot_be_read_offers_its_columns(
    window: MainWindow, words: Path, qtbot: QtBot
) -> None:
    window.open_path(words)
    qtbot.waitUntil(lambda: window.message_bar.text != "" or window.reading.is_choosing,
                    timeout=30_000)
    if not window.reading.is_choosing:
        assert button(window, "messageRemedyButton").text() == "Choose the columns"
        button(window, "messageRemedyButton").click()
    page = window.reading.page
    assert page is not None
    read(page, qtbot)
    page.change("columns", "user=2,item=4,rating=1")
    read(page, qtbot)
    page.use.click()
    assert n_ratings(window) == 200


def test_a_file_that_is_not_there_offers_no_columns(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    window.open_path(tmp_path / "nowhere.csv")
    idle(window, qtbot)
    qtbot.waitUntil(lambda: window.message_bar.text != "")
    assert not button(window, "messageRemedyButton").isVisible()


def test_cancel_brings_back_what_was_open(
    window: MainWindow, clean: Path, unclear: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    before = window.run_model.ratings
    page = asked(window, unclear, qtbot)
    assert not window.docks["setup"].isVisible()
    window.activateWindow()
    qtbot.waitUntil(page.table.table.hasFocus)
    qtbot.keyClick(page.table.table, Qt.Key.Key_Escape)
    assert window.run_model.ratings is before
    assert window.docks["setup"].isVisible()
    assert window.matrices_panel.isVisible()
    assert window.reading.path == str(clean)


def test_cancel_in_the_empty_window_brings_back_the_invitation(
    window: MainWindow, unclear: Path, qtbot: QtBot
) -> None:
    page = asked(window, unclear, qtbot)
    page.cancel.click()
    assert window.welcome.isVisible()


def test_another_file_dropped_on_the_page_is_opened(
    window: MainWindow, clean: Path, unclear: Path, qtbot: QtBot
) -> None:
    asked(window, unclear, qtbot)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(clean))])
    event = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data,
                       Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=30_000):
        window.dropEvent(event)
    assert not window.reading.is_choosing
    assert [path for path, _ in window.stored.recent_files()] == [str(clean)]


def test_no_run_begins_while_a_file_is_asked_about(
    window: MainWindow, clean: Path, unclear: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    asked(window, unclear, qtbot)
    window.setup_panel.controls.start.click()
    assert window.run_model.status is Status.READY
    assert window.message_bar.text.startswith("Use these ratings, or cancel")


def test_closing_while_the_page_reads_leaves_no_thread(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "large.csv"
    path.write_text("".join(f"{n},{m},{n * m % 5}\n" for n in range(600) for m in range(400)))
    window.reading.show_page(str(path), ReadOptions())
    qtbot.waitUntil(lambda: window.reading.page is not None
                    and window.reading.page.reader.is_running)
    window.close()


def test_a_sparse_npz_is_ratings_and_a_damaged_one_is_told(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "sparse.npz"
    np.savez(path, format=np.array(b"coo"), shape=np.array([3, 4]), row=np.array([0, 1, 2, 2]),
             col=np.array([0, 1, 2, 3]), data=np.array([5.0, 3.0, 1.0, 4.0]))
    window.open_path(path)
    qtbot.waitUntil(lambda: window.run_model.ratings is not None or window.reading.is_choosing,
                    timeout=30_000)
    if window.reading.is_choosing:
        page = window.reading.page
        assert page is not None
        read(page, qtbot)
        page.use.click()
    assert n_ratings(window) == 4


def test_the_open_dialog_names_every_format(qtbot: QtBot) -> None:
    filters = ratings_filter().split(";;")
    for ending in ("*.csv", "*.inter", "*.tab", "*.mtx", "*.parquet", "*.xlsx", "*.gz"):
        assert ending in filters[0], ending
    assert filters[-1] == "All files (*)"


# reading otherwise


def test_change_opens_the_page_with_the_options_the_file_was_read_with(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    window.open_path(clean, ReadOptions(zeros="missing"))
    qtbot.waitUntil(lambda: window.run_model.ratings is not None, timeout=30_000)
    idle(window, qtbot)
    button(window, "changeReadingButton").click()
    page = window.reading.page
    assert page is not None
    assert page.options == ReadOptions(zeros="missing")
    assert page.path == str(clean)


def test_an_offer_reads_again_and_ctrl_z_takes_it_back(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    n_all = n_ratings(window)
    assert window.setup_panel.card.offers.isVisible()
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=30_000):
        button(window, "offerButton").click()
    idle(window, qtbot)
    assert n_ratings(window) < n_all
    data = window.actions_.data
    assert data is not None
    assert data.undo.isEnabled()
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=30_000):
        data.undo.trigger()
    idle(window, qtbot)
    assert n_ratings(window) == n_all
    assert not data.undo.isEnabled()
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=30_000):
        data.redo.trigger()
    idle(window, qtbot)
    assert n_ratings(window) < n_all


def test_undo_on_the_page_is_the_pages_own(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    page = asked(window, clean, qtbot)
    page.change("zeros", "missing")
    read(page, qtbot)
    data = window.actions_.data
    assert data is not None
    data.undo.trigger()
    assert page.options == ReadOptions()
    read(page, qtbot)
    data.redo.trigger()
    assert page.options == ReadOptions(zeros="missing")


def test_what_belonged_to_the_old_reading_goes_and_a_message_says_so(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    trained(window, qtbot)
    assert window.run_model.history
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=30_000):
        window.reading.set_options({"min_ratings_per_user": 5})
    qtbot.waitUntil(lambda: window.message_bar.text != "")
    assert "The run that belonged to the ratings as they were read before is closed" in (
        window.message_bar.text)
    assert not window.run_model.history
    assert "was read again" in window.messages_panel.details()


def test_a_run_under_way_is_not_thrown_away(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    window.setup_panel.form.set_value("patience", 0)
    window.setup_panel.form.set_value("n_epochs", 1_000_000)
    button(window, "startButton").click()
    qtbot.waitUntil(lambda: len(window.run_model.history) > 2, timeout=60_000)
    window.reading.set_options({"zeros": "missing"})
    window.reading.change()
    assert not window.reading.is_choosing
    assert window.message_bar.text.startswith("A run is under way")
    data = window.actions_.data
    assert data is not None
    assert not data.change.isEnabled()
    window.stop()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE)


def test_titles_are_attached_by_reading_again(
    window: MainWindow, clean: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    titles = tmp_path / "movies.csv"
    titles.write_text("item,title\n" + "".join(f"i{m},Film {m}\n" for m in range(40)))
    opened(window, clean, qtbot)
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=30_000):
        window.reading.set_options({"titles": str(titles)})
    assert window.run_model.ratings is not None
    assert window.run_model.ratings.item_titles is not None
    assert "Film" in window.run_model.ratings.item_titles[0]


def test_the_data_menu_follows_what_is_open(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    data = window.actions_.data
    assert data is not None
    every = (data.change, data.again, data.undo, data.redo, data.filters, data.titles, data.report)
    assert not any(action.isEnabled() for action in every)
    opened(window, clean, qtbot)
    assert all(action.isEnabled() for action in
               (data.change, data.again, data.filters, data.titles, data.report))
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=30_000):
        window.open_sample()
    idle(window, qtbot)
    assert [action.isEnabled() for action in every] == [False] * 6 + [True]


def test_filters_open_the_page_at_their_group(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    window.activateWindow()
    data = window.actions_.data
    assert data is not None
    data.filters.trigger()
    page = window.reading.page
    assert page is not None
    qtbot.waitUntil(lambda: page.form.rows["since"].field.hasFocus())
    read(page, qtbot)


def test_the_report_shows_what_was_read_and_is_saved(
    window: MainWindow, clean: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    button(window, "showReportButton").click()
    assert window.report_panel.isVisible()
    assert window.width() == 1366
    data = window.actions_.data
    assert data is not None
    data.save_report_to(str(tmp_path / "report.json"))
    idle(window, qtbot)
    assert b'"checksum": "sha256:' in (tmp_path / "report.json").read_bytes()


# the file on disk


def test_a_changed_file_is_offered_and_never_read_by_itself(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    n_before = n_ratings(window)
    with clean.open("a") as file:
        file.write("new,i1,5\n")
    qtbot.waitUntil(lambda: "changed on disk" in window.message_bar.text, timeout=10_000)
    assert n_ratings(window) == n_before
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=30_000):
        button(window, "messageRemedyButton").click()
    assert n_ratings(window) == n_before + 1


def test_a_vanished_file_is_told_once_and_the_ratings_stay(
    window: MainWindow, clean: Path, qtbot: QtBot
) -> None:
    opened(window, clean, qtbot)
    clean.unlink()
    qtbot.waitUntil(lambda: "no longer where it was" in window.message_bar.text, timeout=10_000)
    window.message_bar.hide()
    with qtbot.waitSignal(window.reading.watch._worker.done, timeout=5000):
        window.reading.watch.look()
    assert window.message_bar.text == ""
    assert window.run_model.ratings is not None


def test_a_file_put_in_the_others_place_is_noticed_when_the_window_comes_to_the_front(
    qtbot: QtBot, tmp_path: Path
) -> None:
    path, other = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text("1,2,3\n")
    other.write_text("1,2,3\n4,5,6\n")
    watch = FileWatch()
    found = path.stat()
    watch.watch(str(path), found.st_mtime, found.st_size)
    os.replace(other, path)
    with qtbot.waitSignal(watch.changed, timeout=5000):
        watch.look()
    told: list[str] = []
    watch.changed.connect(told.append)
    with qtbot.waitSignal(watch._worker.done, timeout=5000):
        watch.look()
    assert told == []
    watch.shut_down()


def test_a_file_read_just_now_is_not_reported_as_changed(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,2,3\n")
    watch, told = FileWatch(), []
    watch.changed.connect(told.append)
    watch.vanished.connect(told.append)
    watch.watch(str(path), round(path.stat().st_mtime, 6), 6)
    with qtbot.waitSignal(watch._worker.done, timeout=5000):
        watch.look()
    assert told == []
    watch.shut_down()


def test_a_file_with_several_parts_leads_to_the_box_that_chooses_one(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.csv", "b.csv"):
            archive.writestr(name, "user,item,rating\n" + "".join(
                f"u{n},i{m},{1 + (n + m) % 5}\n" for n in range(6) for m in range(5)))
    with qtbot.waitSignal(window.job_runner.finished):
        window.open_path(path)
    assert "choose one with “Part”" in window.message_bar.text
    assert "--" not in window.message_bar.text
    assert "--" not in window.run_model.notices[-1].text
    remedy = button(window, "messageRemedyButton")
    assert remedy.text() == "Choose the part"
    remedy.click()
    page = window.reading.page
    assert page is not None
    qtbot.waitUntil(lambda: page.form.rows["part"].field.isVisible(), timeout=20_000)
