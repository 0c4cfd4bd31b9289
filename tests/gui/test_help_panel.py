"""F1 and What's This: every control says what it is, and leads to its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QFrame,
    QLabel,
    QMenu,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mfgui.core.solvers import SOLVERS
from mfgui.gui.app import create_window
from mfgui.gui.help_flow import inputs
from mfgui.gui.main_window import MainWindow
from mfgui.gui.panels import PANELS
from mfgui.gui.panels.help import HelpPanel
from mfgui.gui.run_model import Status
from mfgui.jobs import help_terms
from mfgui.jobs.help_pages import find_page, pages

FEWEST_WORDS = 3  # of a sentence that says more than a label does


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    made.complete()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def opened(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.open_sample()
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=30_000)
    qtbot.waitUntil(window.isActiveWindow)
    return window


def control(window: QWidget, name: str) -> QWidget:
    found = window.findChild(QWidget, name)
    assert isinstance(found, QWidget), name
    return found


def helped(window: MainWindow, name: str, qtbot: QtBot) -> str:
    """Press F1 on a control and return what the help says."""
    widget = control(window, name)
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    qtbot.keyClick(widget, Qt.Key.Key_F1)
    assert window.docks["help"].isVisible()
    return window.help_panel.text


def shown(panel: HelpPanel) -> str:
    """Return the page that is shown, without its heading's kind and its links."""
    return " ".join(panel.text.split())


def first_paragraph(name: str) -> str:
    return " ".join(pages()[name].paragraphs[0].split())


# -- F1 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["n_factors", "learning_rate", "biases", "validation", "seed"])
def test_f1_on_a_settings_field_opens_its_page(
    opened: MainWindow, qtbot: QtBot, name: str
) -> None:
    helped(opened, name, qtbot)
    assert shown(opened.help_panel).startswith(find_page(name).title)
    assert first_paragraph(name) in shown(opened.help_panel)
    assert f"--{name.replace('_', '-')}" in opened.help_panel.text


@pytest.mark.parametrize("method", ["als", "adagrad", "svd++"])
def test_f1_on_the_box_of_methods_opens_the_chosen_one(
    opened: MainWindow, qtbot: QtBot, method: str
) -> None:
    opened.setup_panel.set_solver(method)
    text = helped(opened, "solver", qtbot)
    assert SOLVERS[method].objective in text


def test_f1_on_any_other_control_opens_its_panel_below_its_own_text(
    opened: MainWindow, qtbot: QtBot
) -> None:
    for name, widget in (("matrices", "observedView"), ("matrices", "fitButton"),
                         ("setup", "openButton"), ("setup", "startButton"),
                         ("help", "helpSearch")):
        helped(opened, widget, qtbot)
        own = control(opened, widget).whatsThis()
        text = shown(opened.help_panel)
        assert text.startswith(" ".join(own.split())), widget
        assert first_paragraph(name) in text, widget


@pytest.mark.parametrize("name", [name for name in PANELS if PANELS[name].area])
def test_f1_anywhere_in_a_panel_opens_its_page(
    opened: MainWindow, qtbot: QtBot, name: str
) -> None:
    panel = opened.panels[name]
    opened.layout_.show(name)
    panel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # as where nothing in it takes the keys
    panel.setFocusProxy(None)  # type: ignore[arg-type]  # None is how Qt takes a proxy away
    panel.setFocus()
    qtbot.waitUntil(panel.hasFocus)
    qtbot.keyClick(panel, Qt.Key.Key_F1)
    assert first_paragraph(name) in shown(opened.help_panel)


def test_f1_in_a_page_of_choices_closes_it_and_helps(opened: MainWindow, qtbot: QtBot) -> None:
    button = opened.matrices_panel.tools.order_button
    button.click()
    qtbot.waitUntil(button.popup.isVisible)
    box = control(button.popup, "rowsOrder")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: not button.popup.isVisible())
    assert first_paragraph("matrices") in shown(opened.help_panel)
    assert shown(opened.help_panel).startswith(" ".join(box.whatsThis().split()))


def test_f1_on_a_typed_matrix_opens_its_page(
    opened: MainWindow, qtbot: QtBot
) -> None:
    opened.actions_.type_matrix()
    dialog = control(opened, "matrixTableDialog")
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClick(control(dialog, "matrixCells"), Qt.Key.Key_F1)
    assert first_paragraph("typed_matrix") in shown(opened.help_panel)


# -- the panel ------------------------------------------------------------------------------------


def test_links_lead_from_page_to_page(window: MainWindow) -> None:
    panel = window.help_panel
    panel.show_page("fold-in")
    links = re.findall(r'href="(help:[^"]*)"', panel.browser.toHtml())
    assert len(links) > 1
    for link in links:
        panel.browser.anchorClicked.emit(QUrl(link))
        name = QUrl(link).path()
        assert shown(panel).startswith(pages()[name].title if name else "Methods"), link


def test_every_page_is_shown_with_its_text_and_all_its_links(window: MainWindow) -> None:
    panel = window.help_panel
    for page in pages().values():
        panel.show_page(page.name)
        text = shown(panel)
        assert all(" ".join(paragraph.split()) in text for paragraph in page.paragraphs), page.name
        for other in page.see:
            assert f'href="help:{QUrl(other).toString()}"' in panel.browser.toHtml()


def test_the_contents_list_every_page_and_the_keys(window: MainWindow) -> None:
    window.help.show_contents()
    text = shown(window.help_panel)
    assert all(page.title in text for page in pages().values())
    for keys in ("Ctrl+R Train", "Ctrl+O Open ratings", "F1 Help on this", "Ctrl+4 Inspector",
                 "F6 Next panel", "Ctrl+F Find", "Ctrl+E Curve as picture"):
        assert keys in text, keys


def test_the_search_finds_a_page_and_names_the_nearest(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.help_panel
    for typed, said in (("Learning rate", "Learning rate setting"), ("residuall", "residual"),
                        ("", "Methods")):
        panel.search.setText(typed)
        qtbot.keyClick(panel.search, Qt.Key.Key_Return)
        assert said in shown(panel)


def test_what_a_control_says_is_never_taken_for_markup(window: MainWindow) -> None:
    window.help_panel.show_page("matrices", "ratings < 3 & items > 2")
    assert shown(window.help_panel).startswith("ratings < 3 & items > 2")


# -- what every control says ----------------------------------------------------------------------


def bare(text: str) -> str:
    """Return a text as it can be compared: letters alone."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def missing(widget: QWidget) -> list[str]:
    """Return what an input does not say: name, tooltip or What's This, in words of its own."""
    label = widget.text() if isinstance(widget, QAbstractButton) else ""
    tip, more = widget.toolTip(), widget.whatsThis()
    found = [] if widget.accessibleName() else ["accessible name"]
    for word, text in (("tooltip", tip), ("What's This", more)):
        if len(text.split()) < FEWEST_WORDS or bare(text) == bare(label):
            found.append(f"{word}: {text!r}")
        elif not re.sub("<[^>]*>", "", text).endswith("."):
            found.append(f"{word} is no sentence: {text!r}")
    return found


def lacking(root: QWidget) -> dict[str, list[str]]:
    """Return all inputs that say too little, by their names."""
    assert inputs(root)
    return {f"{type(widget).__name__} {widget.objectName()}": found
            for widget in inputs(root) if (found := missing(widget))}


def test_every_input_of_the_window_says_what_it_is(window: MainWindow) -> None:
    assert len(inputs(window)) > 100
    assert lacking(window) == {}


def test_every_method_form_says_what_its_settings_are(window: MainWindow) -> None:
    for name in SOLVERS:
        window.setup_panel.set_solver(name)
        window.help.complete()
        assert lacking(window.setup_panel) == {}, name


def test_the_import_page_says_what_it_asks(
    opened: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("".join(f"{n},{m},{(n + m) % 5 + 1}\n" for n in range(20) for m in range(20)))
    opened.open_path(path)
    qtbot.waitUntil(lambda: opened.reading.path == str(path) or opened.reading.is_choosing,
                    timeout=20_000)
    opened.reading.change()
    page = opened.reading.page
    assert page is not None
    qtbot.waitUntil(page.use.isEnabled, timeout=20_000)
    assert lacking(page) == {}
    box = control(page, "role1")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_F1)
    assert first_paragraph("import_page") in shown(opened.help_panel)


def test_the_page_of_public_data_says_what_it_asks(window: MainWindow) -> None:
    window.show_public_data()
    assert lacking(control(window, "publicDataPage")) == {}


def test_the_dialogs_say_what_they_ask(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_.type_matrix()
    assert lacking(control(window, "matrixTableDialog")) == {}
    window.actions_.models.choose_model_place()
    keep = window.findChild(QCheckBox, "keepRatingsBox")
    assert keep is not None
    assert missing(keep) == []
    dialog = keep.window()
    dialog.close()


def test_whatever_takes_the_keys_has_a_name_and_says_what_it_is(window: MainWindow) -> None:
    for widget in window.findChildren(QWidget):
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or is_made_by_qt(widget):
            continue
        where = f"{type(widget).__name__} {widget.objectName()}"
        assert widget.accessibleName(), where
        assert len(widget.whatsThis().split()) >= FEWEST_WORDS, where


def is_made_by_qt(widget: QWidget) -> bool:
    """Return whether a widget is a part of another: a viewport, a field, a list, a row of tabs."""
    parent = widget.parentWidget()
    is_list = isinstance(parent, QFrame) and isinstance(parent.parentWidget(), QComboBox)
    return (isinstance(parent, (QAbstractScrollArea, QComboBox)) or is_list
            or widget.objectName().startswith(("qt_", "Scroll"))
            or type(widget).__name__ == "QTabBar")


def test_a_read_out_is_not_hidden_behind_a_name(window: MainWindow) -> None:
    for label in window.findChildren(QLabel):
        if label.accessibleName() and label.text():
            told = f"{label.accessibleName()} {label.accessibleDescription()}"
            assert bare(label.text()) in bare(told), label.objectName()


# -- panels and menus -----------------------------------------------------------------------------


def test_every_panel_has_a_page_that_its_dock_tells(window: MainWindow) -> None:
    assert set(PANELS) <= set(help_terms.PANELS)
    for name, panel in window.panels.items():
        title, text, _ = help_terms.PANELS[name]
        assert panel.title == title
        if panel.area:
            assert window.docks[name].whatsThis() == text
            assert text in window.docks[name].toggleViewAction().whatsThis()


def menu_actions(menu: QMenu) -> Iterator[QAction]:
    for action in menu.actions():
        below = action.menu()
        if isinstance(below, QMenu):
            yield from menu_actions(below)
        elif not action.isSeparator():
            yield action


def test_every_entry_of_the_menus_says_what_it_does(window: MainWindow) -> None:
    window.actions_.set_recent([("/data/ratings.csv", 0.0)])
    entries = [action for menu in window.actions_._menus.values()
               for action in menu_actions(menu)]
    assert len(entries) > 50
    for action in entries:
        for text in (action.statusTip(), action.whatsThis()):
            assert len(text.split()) >= FEWEST_WORDS, action.text()
            assert text.endswith("."), action.text()
            assert bare(text) != bare(action.text())
