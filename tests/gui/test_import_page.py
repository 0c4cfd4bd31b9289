"""The import page: options, roles and rows, tried live on real files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from mfgui.data.formats import FORMATS
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions, describe_options
from mfgui.gui.reading_history import ReadingHistory
from mfgui.gui.widgets.import_page import ImportPage, certainty_text
from mfgui.gui.widgets.import_table import ImportTable, columns_option, with_role
from mfgui.gui.widgets.read_fields import ChoiceField
from mfgui.gui.widgets.read_form import ReadForm

ROWS = (("1", "10", "5", "x"), ("2", "11", "3", "y"))
LOOK = Look("delimited", ReadOptions(delimiter="tab", header=False, encoding="utf-8"),
            ("delimiter", "header", "encoding", "columns"), ROWS,
            ("column 1", "column 2", "column 3", "column 4"), ("user", "item", "rating", ""))


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[ImportPage]:
    made = ImportPage({name: kind.label for name, kind in FORMATS.items()})
    made.resize(1366, 700)
    made.show()
    qtbot.addWidget(made)
    yield made
    made.shut_down()


@pytest.fixture
def twisted(tmp_path: Path) -> Path:
    """Return a file whose columns are rating, item, user: nothing in it says so."""
    path = tmp_path / "twisted.csv"
    path.write_text("".join(f"{1 + (n * m) % 5};{100 + m};{1000 + n}\n"
                            for n in range(20) for m in range(15) if (n + m) % 3))
    return path


def read(page: ImportPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.result._progress.isHidden() and not page.reader.is_waiting,
                    timeout=30_000)


def shown(page: ImportPage, path: Path, qtbot: QtBot, options: ReadOptions | None = None) -> None:
    page.show_file(str(path), options or ReadOptions())
    read(page, qtbot)


def text(widget: QWidget, name: str) -> str:
    label = widget.findChild(QLabel, name)
    assert label is not None
    return label.text()


# options and roles


def test_every_option_has_a_field_with_its_label_and_help(qtbot: QtBot) -> None:
    form = ReadForm()
    qtbot.addWidget(form)
    assert list(form.rows) == [info.name for group in ("layout", "values", "names", "filters")
                               for info in describe_options() if info.group == group]
    for name, row in form.rows.items():
        assert row.field.toolTip(), name
        assert row.label.buddy() is row.field


def test_a_field_shows_what_was_found_until_it_is_set(qtbot: QtBot) -> None:
    form = ReadForm()
    qtbot.addWidget(form)
    form.show()
    form.show_options(ReadOptions(), LOOK)
    separator, header = form.rows["delimiter"], form.rows["header"]
    assert separator.field.lineEdit().placeholderText() == "found: tab"  # type: ignore[union-attr]
    assert header.field.currentText() == "found: no"  # type: ignore[union-attr]
    assert not header.reset.isVisible()
    form.show_options(ReadOptions(header=True, delimiter=";"), LOOK)
    assert header.field.currentText() == "yes"  # type: ignore[union-attr]
    assert separator.field.value() == ";"
    assert header.reset.isVisible()


def test_only_options_that_mean_something_are_shown(qtbot: QtBot) -> None:
    form = ReadForm()
    qtbot.addWidget(form)
    form.show()
    form.show_options(ReadOptions(), LOOK)
    assert not form.rows["part"].field.isVisible()
    assert not form.rows["decimal"].field.isVisible()
    assert form.rows["missing"].field.isVisible()
    assert form.rows["since"].field.isVisible()
    form.show_options(ReadOptions(), None)  # a file that could not be looked at
    assert form.rows["encoding"].field.isVisible()
    assert form.rows["format"].field.isVisible()


def test_a_reset_gives_the_field_back_to_the_file(qtbot: QtBot) -> None:
    form = ReadForm()
    qtbot.addWidget(form)
    form.show_options(ReadOptions(header=True), LOOK)
    with qtbot.waitSignal(form.changed) as told:
        form.rows["header"].reset.click()
    assert told.args == ["header", None]


def test_a_role_that_only_one_column_can_have_changes_places() -> None:
    assert with_role(("user", "item", "rating"), [0], "item") == ("item", "user", "rating")
    assert with_role(("user", "item", ""), [2], "user") == ("", "item", "user")
    assert with_role(("user", "", "", ""), [1, 2, 3], "items") == (
        "user", "items", "items", "items")


def test_roles_are_written_as_the_option_is() -> None:
    assert columns_option(("user", "", "item", "rating")) == "user=1,item=3,rating=4"
    assert columns_option(("user", "items", "items", "", "items")) == "user=1,items=2-3+5"


def test_each_column_has_a_box_for_its_role(qtbot: QtBot) -> None:
    table = ImportTable()
    qtbot.addWidget(table)
    table.resize(900, 400)
    table.show()
    table.show_look(LOOK)
    boxes = [table.header.box(column) for column in range(4)]
    assert [box.currentText() for box in boxes] == ["user", "item", "rating", "ignore"]
    with qtbot.waitSignal(table.roles_chosen) as told:
        boxes[3].setFocus()
        qtbot.keyClicks(boxes[3], "t")  # time
    assert told.args == [("user", "item", "rating", "time")]


def test_a_range_of_columns_gets_its_role_at_once(qtbot: QtBot) -> None:
    n = 40
    look = Look("wide", ReadOptions(), ("columns",), (tuple("1" * n),) * 3,
                tuple(f"column {k + 1}" for k in range(n)), ("user",) + ("",) * (n - 1))
    table = ImportTable()
    qtbot.addWidget(table)
    table.resize(900, 400)
    table.show()
    table.show_look(look)
    field = table.findChild(QLineEdit, "columnRange")
    assert field is not None
    assert field.isVisible()
    table.table.selectColumn(5)
    assert field.text() == "6"
    field.setText("3-12+20")
    with qtbot.waitSignal(table.roles_chosen) as told:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert columns_option(told.args[0]) == "user=1,items=3-12+20"


def test_the_boxes_of_a_wide_table_are_made_as_they_come_into_sight(qtbot: QtBot) -> None:
    n = 1500
    look = Look("wide", ReadOptions(), ("columns",), (tuple("1" * n),) * 3,
                tuple(f"column {k + 1}" for k in range(n)), ("user",) + ("items",) * (n - 1))
    table = ImportTable()
    qtbot.addWidget(table)
    table.resize(900, 400)
    table.show()
    qtbot.waitExposed(table)
    table.show_look(look)
    assert len(table.findChildren(QComboBox)) < 40
    table.activateWindow()
    qtbot.waitUntil(table.isActiveWindow)
    box = table.header.box(1400)
    box.setFocus(Qt.FocusReason.TabFocusReason)
    assert table.header.sectionViewportPosition(1400) < table.width()


def test_a_format_without_columns_to_choose_shows_them_fixed(qtbot: QtBot) -> None:
    look = Look("matrix-market", ReadOptions(), (), ROWS, LOOK.names, LOOK.roles)
    table = ImportTable()
    qtbot.addWidget(table)
    table.show()
    table.show_look(look)
    assert not table.header.box(0).isEnabled()


def test_certainty_is_a_sentence() -> None:
    assert certainty_text(1, False) == "This is clear from the file."
    assert "not certain" in certainty_text(0.7, True)
    assert "guess" in certainty_text(0.3, True)


def test_history_goes_back_and_forth_and_words_are_one_step() -> None:
    history = ReadingHistory()
    history.begin(ReadOptions())
    history.add(ReadOptions(missing="9"))
    history.add(ReadOptions(missing="99"), is_same_step=True)
    history.add(ReadOptions(missing="99", zeros="missing"))
    assert history.undo()
    assert history.options == ReadOptions(missing="99")
    assert history.redo()
    assert history.options.zeros == "missing"
    assert history.undo()
    assert history.undo()
    assert not history.undo()
    history.add(ReadOptions(header=True))
    assert not history.can_redo


# on real files


def test_rows_figures_and_account_of_a_file_are_shown(
    page: ImportPage, twisted: Path, qtbot: QtBot
) -> None:
    shown(page, twisted, qtbot, ReadOptions(columns="user=3,item=2,rating=1"))
    assert page.table._model.rowCount() == 100
    assert page.opened is not None
    assert page.use.isEnabled()
    assert "200 lines = 200 ratings" in text(page, "importAccount")


def test_another_role_is_read_a_moment_later_and_can_be_undone(
    page: ImportPage, twisted: Path, qtbot: QtBot
) -> None:
    shown(page, twisted, qtbot, ReadOptions(columns="user=1,item=2,rating=3"))
    assert page.opened is not None
    assert page.opened.ratings.n_users == 5
    box = page.table.header.box(0)
    box.setFocus()
    qtbot.keyClicks(box, "r")  # rating; column 3 becomes the user
    assert not page.use.isEnabled()
    assert page.opened is None
    read(page, qtbot)
    assert page.opened is not None
    assert page.opened.ratings.n_users == 20
    assert page.opened.ratings.scale == (1.0, 5.0)
    page.undo()
    read(page, qtbot)
    assert page.opened is not None
    assert page.opened.ratings.n_users == 5
    page.redo()
    read(page, qtbot)
    assert page.options.columns == "user=3,item=2,rating=1"


def test_what_cannot_be_read_is_told_and_the_options_stay_usable(
    page: ImportPage, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "words.csv"
    path.write_text("a,b,c\nd,e,f\n")
    shown(page, path, qtbot)
    assert page.opened is None
    assert not page.use.isEnabled()
    assert page.result.headline.startswith("words.csv")
    assert page.form.rows["format"].field.isVisible()
    path.write_text("a,b,3\nd,e,4\n")
    page.read_again()
    read(page, qtbot)
    assert page.use.isEnabled()


def test_columns_without_an_item_say_what_is_missing(
    page: ImportPage, twisted: Path, qtbot: QtBot
) -> None:
    shown(page, twisted, qtbot, ReadOptions(columns="user=3,item=2,rating=1"))
    box = page.table.header.box(1)
    box.setFocus()
    qtbot.keyClicks(box, "ig")  # ignore
    read(page, qtbot)
    assert not page.use.isEnabled()
    assert "item" in page.result.headline
    assert page.table.roles == ("rating", "", "user")
    page.undo()
    read(page, qtbot)
    assert page.use.isEnabled()
    assert page.table.roles == ("rating", "item", "user")


def test_a_wrong_value_is_told_beside_its_field(
    page: ImportPage, twisted: Path, qtbot: QtBot
) -> None:
    shown(page, twisted, qtbot)
    row = page.form.rows["min_ratings_per_user"]
    row.field.setFocus()
    qtbot.keyClicks(row.field, "x")
    assert "must be a number" in row.note.text()
    assert not page.use.isEnabled()
    qtbot.keyClick(row.field, Qt.Key.Key_Backspace)
    qtbot.keyClicks(row.field, "9")
    assert row.note.text() == ""
    read(page, qtbot)
    assert page.opened is not None
    assert page.opened.report.filters


def test_typing_a_word_is_one_step(page: ImportPage, twisted: Path, qtbot: QtBot) -> None:
    shown(page, twisted, qtbot)
    field = page.form.rows["missing"].field
    field.setFocus()
    qtbot.keyClicks(field, "N/A")
    assert page.options.missing == "N/A"
    read(page, qtbot)
    page.undo()
    assert page.options == ReadOptions()
    assert field.value() is None


def test_an_offer_sets_its_options(page: ImportPage, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "zeros.csv"
    path.write_text("user,item,rating\n" + "".join(
        f"u{n},i{m},{0 if (n + m) % 2 else 1 + (n * m) % 10}\n"
        for n in range(30) for m in range(20)))
    shown(page, path, qtbot)
    assert page.result.offers.isVisible()
    page.result.offers.buttons[0].click()
    read(page, qtbot)
    assert page.options.zeros == "missing"
    assert page.opened is not None
    assert page.opened.ratings.scale[0] > 0
    assert not page.result.offers.isVisible()


def test_a_change_cancels_the_reading_under_way(
    page: ImportPage, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "large.csv"
    path.write_text("".join(f"{n},{m},{n * m % 5}\n" for n in range(600) for m in range(400)))
    page.show_file(str(path), ReadOptions())
    qtbot.waitUntil(lambda: page.reader.is_running)
    page.change("zeros", "missing")
    read(page, qtbot)
    assert page.opened is not None
    assert page.opened.report.options["zeros"] == "missing"


def test_leaving_lets_go_of_what_was_read(page: ImportPage, twisted: Path, qtbot: QtBot) -> None:
    shown(page, twisted, qtbot)
    page.change("zeros", "missing")
    page.leave()
    assert page.opened is None
    assert not page.reader.is_waiting
    qtbot.waitUntil(lambda: not page.reader.is_running)


def test_escape_cancels_and_use_hands_on_ratings_with_their_options(
    page: ImportPage, twisted: Path, qtbot: QtBot
) -> None:
    options = ReadOptions(columns="user=3,item=2,rating=1", zeros="missing")
    shown(page, twisted, qtbot, options)
    with qtbot.waitSignal(page.accepted) as told:
        page.findChild(QPushButton, "useRatingsButton").click()
    assert told.args[0].ratings.n_ratings == 200
    assert told.args[1] == options
    with qtbot.waitSignal(page.cancelled):
        qtbot.keyClick(page.table.table, Qt.Key.Key_Escape)


def test_tab_reaches_every_field_every_role_and_every_button(
    page: ImportPage, twisted: Path, qtbot: QtBot
) -> None:
    shown(page, twisted, qtbot)
    page.activateWindow()
    reached, widget = set(), page.table.table.nextInFocusChain()
    for _ in range(400):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            reached.add(widget.objectName())
        widget = widget.nextInFocusChain()
    wanted = {"role1", "role2", "role3", "useRatingsButton", "cancelImportButton", "importTable",
              "formatField", "delimiterField", "missingField", "zerosField", "sinceField",
              "min_ratings_per_itemField"}
    assert wanted <= reached


def test_the_letters_of_labels_and_buttons_are_all_different(page: ImportPage) -> None:
    texts = [row.label.text() for row in page.form.rows.values()]
    texts += [page.use.text(), page.cancel.text(), page.undo_button.text(), "Colu&mns", "Se&t"]
    keys = [QKeySequence.mnemonic(each).toString() for each in texts]
    named = [key for key in keys if key]
    assert len(named) == len(set(named)), sorted(named)


def test_a_file_large_beside_the_free_memory_is_read_only_when_told(
    page: ImportPage, twisted: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mfgui.gui.widgets.import_page.LARGE_SHARE", 0.0)
    shown(page, twisted, qtbot)
    assert page.table._model.rowCount() == 100
    assert page.opened is None
    assert page.read_now.isVisible()
    assert "large beside the free memory" in page.result.headline
    page.change("zeros", "missing")
    read(page, qtbot)
    assert page.opened is None
    page.read_now.click()
    read(page, qtbot)
    assert page.opened is not None
    assert not page.read_now.isVisible()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return a zip of which nobody can tell the ratings file."""
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, last in (("a.csv", 4), ("b.csv", 7)):
            archive.writestr(name, "user,item,rating\n" + "".join(
                f"u{n},i{m},{1 + (n + m) % 5}\n" for n in range(last) for m in range(5)))
    return path


def test_the_part_of_a_file_with_several_is_chosen_in_a_box(
    page: ImportPage, bundle: Path, qtbot: QtBot
) -> None:
    shown(page, bundle, qtbot)
    field = page.form.rows["part"].field
    assert isinstance(field, ChoiceField)
    assert field.isVisible()
    assert [field.itemText(k) for k in range(1, field.count())] == ["a.csv", "b.csv"]
    assert page.result.headline == (
        "bundle.zip holds several files (a.csv, b.csv): choose one with “Part”.")
    assert page.opened is None
    field.setCurrentIndex(2)
    field.activated.emit(2)
    qtbot.waitUntil(lambda: page.opened is not None, timeout=30_000)
    assert page.options.part == "b.csv"
    assert page.opened is not None
    assert page.opened.ratings.n_users == 7
    assert field.isVisible()
    page.undo()
    qtbot.waitUntil(lambda: "choose one" in page.result.headline, timeout=30_000)
    assert field.isVisible()
    assert not page.table.table.isVisible()


def test_the_parts_of_one_file_are_not_offered_for_the_next(
    page: ImportPage, bundle: Path, twisted: Path, qtbot: QtBot
) -> None:
    shown(page, bundle, qtbot)
    shown(page, twisted, qtbot)
    assert not page.form.rows["part"].field.isVisible()
