"""File > Export, Edit > Copy and the plots' own menus."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.export_actions import ExportActions
from mfgui.gui.exportable import Exportable
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status
from mfgui.gui.widgets.export_options import PictureSize
from mfgui.gui.widgets.export_predictions import PredictionsDialog

PLOTS = ("curve", "observed", "predicted", "residual", "waterfall", "factor-map")
IDS = ["=cmd()", "<script>", 'q"uote', *(f"u{n}" for n in range(3, 40))]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """Return a window in which a model was trained and a cell is pinned."""
    rng = np.random.default_rng(0)
    path = tmp_path / "ratings.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["user", "item", "rating", "title"])
        writer.writerows((IDS[n], f"i{m}", rng.integers(1, 6), f"Film {m}") for n in range(40)
                         for m in range(30) if rng.random() < 0.5)
    made = create_window()
    made.resize(1600, 900)
    made.show()
    with qtbot.waitSignal(made.run_model.ratings_changed, timeout=20_000):
        made.open_path(path)
    qtbot.waitUntil(lambda: not made.job_runner.is_running)
    for name, value in {"patience": 0, "refit": False, "n_epochs": 3}.items():
        made.setup_panel.form.set_value(name, value)
    made.setup_panel.controls.start.click()
    qtbot.waitUntil(lambda: made.run_model.status is Status.DONE, timeout=60_000)
    made.view_state.set_pinned((0, 2))
    for panel, plot in (("inspector", "waterfall"), ("factor_map", "factor-map")):
        made.layout_.show(panel)
        qtbot.waitUntil(made.actions_.exports.plot(plot).is_ready, timeout=20_000)
    qtbot.waitUntil(made.actions_.exports.plot("residual").is_ready, timeout=20_000)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def exports(window: MainWindow) -> ExportActions:
    return window.actions_.exports


@pytest.fixture
def plots(exports: ExportActions) -> dict[str, Exportable]:
    return {name: exports.plot(name) for name in PLOTS}


@pytest.fixture
def doing(window: MainWindow, qtbot: QtBot) -> Callable[[Callable[[], object]], None]:
    """Return what starts a job and waits for its end."""
    def do(start: Callable[[], object]) -> None:
        with qtbot.waitSignal(window.job_runner.finished, timeout=20_000):
            start()

    return do


def save_dialog() -> QFileDialog:
    """Return the file dialog that is open."""
    return next(each for each in QApplication.topLevelWidgets()
                if isinstance(each, QFileDialog) and each.isVisible())


def choose(path: Path) -> None:
    """Type a path into the dialog and accept it."""
    field = save_dialog().findChild(QLineEdit, "fileNameEdit")
    assert isinstance(field, QLineEdit)
    field.setText(str(path))
    save_dialog().accept()


def read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def actions_of(menu: QMenu) -> dict[str, QAction]:
    return {action.text().replace("&", ""): action for action in menu.actions()}


def test_every_plot_is_written_in_every_format(
    exports: ExportActions, plots: dict[str, Exportable], tmp_path: Path,
    doing: Callable[[Callable[[], object]], None], window: MainWindow,
) -> None:
    for name, plot in plots.items():
        for ending, begin in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
            path = tmp_path / f"{name}.{ending}"
            doing(lambda plot=plot, path=path: exports.plots.write_picture(
                str(path), plot.picture(str(path))))
            assert path.read_bytes().startswith(begin)
            assert window.message_bar.text == f"Saved {path}."


def test_the_values_of_every_plot_are_written(
    exports: ExportActions, plots: dict[str, Exportable], tmp_path: Path,
    doing: Callable[[Callable[[], object]], None],
) -> None:
    headers = {"curve": "epoch", "observed": "user", "predicted": "user", "residual": "user",
               "waterfall": "bar", "factor-map": "item"}
    for name, plot in plots.items():
        path = tmp_path / f"{name}.csv"
        doing(lambda plot=plot, path=path: exports.plots.write_values(str(path), plot.values()))
        header, *rows = read(path)
        assert header[0] == headers[name]
        assert rows
        assert all(len(row) == len(header) for row in rows)


def test_the_waterfalls_values_add_up(plots: dict[str, Exportable]) -> None:
    _, rows = plots["waterfall"].values()
    *bars, total = rows()
    assert sum(row[1] for row in bars) == pytest.approx(total[1], abs=1e-6)


def test_pictures_and_values_are_copied(
    exports: ExportActions, plots: dict[str, Exportable],
    doing: Callable[[Callable[[], object]], None], window: MainWindow,
) -> None:
    clipboard = QApplication.clipboard()
    for plot in plots.values():
        doing(lambda plot=plot: exports.start("copy picture", plot))
        image = QImage()
        assert image.loadFromData(clipboard.mimeData().data("image/png"), "PNG")
        assert image.size() == clipboard.image().size()
        doing(lambda plot=plot: exports.start("copy values", plot))
        assert "\t" in clipboard.text().splitlines()[0]
    assert not window.message_bar.text


def test_copied_values_are_guarded_where_that_was_chosen(
    exports: ExportActions, plots: dict[str, Exportable], window: MainWindow,
    doing: Callable[[Callable[[], object]], None],
) -> None:
    for choice, begin in (("no", "=cmd()\t"), ("yes", "'=cmd()\t")):
        window.stored.set_choice("guards_formulas", choice)
        doing(lambda: exports.start("copy values", plots["observed"]))
        assert any(line.startswith(begin) for line in QApplication.clipboard().text().split("\n"))


def test_a_pictures_size_is_asked_for_and_kept(
    exports: ExportActions, plots: dict[str, Exportable], tmp_path: Path, window: MainWindow,
    doing: Callable[[Callable[[], object]], None],
) -> None:
    exports.start("picture", plots["curve"])
    size = save_dialog().findChild(PictureSize)
    assert isinstance(size, PictureSize)
    logical = plots["curve"].picture("").size
    size.width_box.setValue(1500)
    assert size.scale == pytest.approx(1500 / logical.width())
    assert size.scale_box.value() == pytest.approx(size.scale, abs=0.01)
    path = tmp_path / "curve.png"
    doing(lambda: choose(path))
    image = QImage(str(path))
    assert image.width() == 1500
    assert image.height() == round(logical.height() * 1500 / logical.width())
    exports.start("picture", plots["waterfall"])
    size = save_dialog().findChild(PictureSize)
    assert isinstance(size, PictureSize)
    assert size.scale_box.value() == pytest.approx(1500 / logical.width(), abs=0.01)
    size.scale_box.setValue(1000)
    assert size.width_box.value() <= 10_000
    save_dialog().selectNameFilter("SVG (*.svg)")
    save_dialog().filterSelected.emit("SVG (*.svg)")
    assert not size.isEnabled()
    save_dialog().reject()


def test_a_table_is_guarded_where_the_box_is_ticked_and_that_is_kept(
    exports: ExportActions, tmp_path: Path, doing: Callable[[Callable[[], object]], None],
    window: MainWindow,
) -> None:
    for is_on, first in ((False, "=cmd()"), (True, "'=cmd()")):
        exports.ask_factors("user")
        box = save_dialog().findChild(QCheckBox, "guardFormulasBox")
        assert isinstance(box, QCheckBox)
        assert not box.isChecked()  # off, until a person has chosen
        assert all((box.toolTip(), box.whatsThis(), box.accessibleName()))
        box.setChecked(is_on)
        doing(lambda: choose(tmp_path / "factors.csv"))
        assert read(tmp_path / "factors.csv")[1][0] == first
        assert "40 rows" in window.message_bar.text
        (tmp_path / "factors.csv").unlink()
    exports.ask_biases()
    box = save_dialog().findChild(QCheckBox, "guardFormulasBox")
    assert isinstance(box, QCheckBox)
    assert box.isChecked()
    save_dialog().reject()


def test_factors_biases_and_top_lists_are_written_as_parquet(
    exports: ExportActions, tmp_path: Path, doing: Callable[[Callable[[], object]], None],
) -> None:
    for ask, n_rows in ((lambda: exports.ask_factors("item"), 30), (exports.ask_biases, 71),
                        (exports.ask_top_lists, None)):
        path = tmp_path / "table.parquet"
        ask()
        doing(lambda path=path: choose(path))
        found = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchall()[0][0]
        assert found == n_rows or (n_rows is None and found > 40)
        path.unlink()


def test_predictions_of_all_pairs_say_beforehand_how_large_they_are(
    exports: ExportActions, tmp_path: Path, doing: Callable[[Callable[[], object]], None],
    qtbot: QtBot, window: MainWindow,
) -> None:
    exports.show_predictions()
    dialog = window.findChild(PredictionsDialog)
    assert isinstance(dialog, PredictionsDialog)
    dialog.count.setValue(0)
    qtbot.waitUntil(lambda: dialog.size_text.text().startswith(
        "40 users × 30 items = 1,200 rows: about "))
    dialog.count.setValue(1000)
    qtbot.waitUntil(lambda: dialog.size_text.text().startswith("No user has 1,000"))
    dialog.count.setValue(13)
    qtbot.waitUntil(lambda: "users ×" in dialog.size_text.text()
                    and "40 users" not in dialog.size_text.text())
    said = dialog.size_text.text()
    dialog.save.click()
    doing(lambda: choose(tmp_path / "all.csv"))
    n_rows = len(read(tmp_path / "all.csv")) - 1
    assert f"= {n_rows:,} rows" in said
    window.run_model.track.known = None  # a model alone has no ratings to count
    dialog._on_shown_changed()
    assert not dialog.count.isEnabled()
    dialog.close()


def test_predictions_of_a_file_of_pairs_keep_its_ids(
    exports: ExportActions, tmp_path: Path, doing: Callable[[Callable[[], object]], None],
    window: MainWindow,
) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("user,item\n=cmd(),i3\n<script>,i4\nnobody,i5\n")
    exports.show_predictions()
    dialog = window.findChild(PredictionsDialog)
    assert isinstance(dialog, PredictionsDialog)
    dialog.some_pairs.setChecked(True)
    assert not dialog.save.isEnabled()
    assert not dialog.count.isEnabled()
    dialog.choose.click()
    choose(pairs)
    assert dialog.save.isEnabled()
    dialog.save.click()
    doing(lambda: choose(tmp_path / "some.csv"))
    assert [row[:2] for row in read(tmp_path / "some.csv")] == [
        ["user", "item"], ["=cmd()", "i3"], ["<script>", "i4"], ["nobody", "i5"]]
    assert "1 pair had a user or item" in window.message_bar.text
    dialog.close()


def test_show_in_folder_stands_beside_the_notice(
    exports: ExportActions, plots: dict[str, Exportable], tmp_path: Path, window: MainWindow,
    doing: Callable[[Callable[[], object]], None],
) -> None:
    doing(lambda: exports.curve_values(str(tmp_path / "c.csv")))
    button = window.message_bar.findChild(QPushButton, "messageRemedyButton")
    assert isinstance(button, QPushButton)
    assert button.isVisible()
    assert button.text() == "Show in folder"


def test_a_plots_own_menu_takes_it_away(
    window: MainWindow, doing: Callable[[Callable[[], object]], None], qtbot: QtBot
) -> None:
    panels = window.panels
    window.layout_.show("inspector")
    for plot in (panels["inspector"].waterfall, panels["factor_map"].view,
                 *window.matrices_panel.views.values()):
        point = plot.rect().center()
        QApplication.sendEvent(plot, QContextMenuEvent(
            QContextMenuEvent.Reason.Keyboard, point, plot.mapToGlobal(point)))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        entries = actions_of(menu)
        assert list(entries) == ["Copy picture", "Copy values", "Export picture...",
                                 "Export values..."]
        doing(entries["Copy values"].trigger)
        menu.close()
        assert "\t" in QApplication.clipboard().text()


def test_a_right_click_opens_the_menu_of_a_matrix_and_a_right_drag_does_not(
    window: MainWindow, qtbot: QtBot
) -> None:
    view = window.matrices_panel.views["observed"]
    centre = view.viewport().rect().center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.RightButton, pos=centre)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.close()


def test_entries_follow_what_there_is_to_export(qtbot: QtBot) -> None:
    made = create_window()
    made.show()
    exports = made.actions_.exports
    assert not any(action.isEnabled() for action in exports._of_model)
    made.complete()
    assert not any(action.isEnabled() for action, _ in exports._of_plots)
    for action, _ in exports._of_plots:
        assert action.whatsThis()
        assert action.statusTip()
    made.close()
    made.deleteLater()
