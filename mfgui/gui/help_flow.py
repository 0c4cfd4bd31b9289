"""F1 on any control: from the widget with the focus to its page of help.

A setting's field has the setting's name, the box of methods opens the chosen method's page, and any
other control that of the panel it stands in, below what the control says of itself. What's This
says the same as the tooltip wherever a control has no longer text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QScrollBar,
    QTabBar,
    QWidget,
)

from mfgui.gui.widgets.popup_button import PopupButton
from mfgui.jobs.help_pages import pages

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.panels.base import Panel

INPUTS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QAbstractSlider)
METHOD_BOX = "solver"
# Pages that stand in the place of the matrices, and dialogs, by the names of their widgets.
OTHER_PAGES = {"importPage": "import_page", "publicDataPage": "public_data",
               "matrixTableDialog": "typed_matrix"}
FURTHER_KEYS = (
    ("Arrows, Home, End, + and −", "In a matrix: move the pinned cell, zoom"),
    ("Ctrl+F", "Find a user or an item"),
    ("1, 2, 3", "Show or hide observed, predicted, residual"),
    ("Ctrl+Tab", "The next page of a panel with pages"),
)


class HelpFlow(QObject):
    """Opens the help where it is asked for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def complete(self) -> None:
        """Say in What's This what the tooltips say, and list the keys in the help."""
        for widget in inputs(self._window):
            if not widget.whatsThis() and widget.toolTip():
                widget.setWhatsThis(widget.toolTip())
        for button in self._window.findChildren(PopupButton):
            button.popup.addAction(self._window.actions_.help_on)  # it is a window of its own
        self._window.help_panel.set_keys(self._keys())

    def show(self) -> None:
        """Open the page of the control with the focus, or of the one under the pointer."""
        window = self._window
        window.complete()
        widget = QApplication.focusWidget()
        if widget is None or not _is_within(widget, window):
            widget = window.childAt(window.mapFromGlobal(window.cursor().pos()))
        page, about = page_of(widget, window.panels, window.setup_panel.method.solver_name)
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        window.help_panel.show_page(page, about)
        window.layout_.show("help")

    def show_contents(self) -> None:
        """List all pages, and the keys."""
        self._window.complete()
        self._window.help_panel.show_page("")
        self._window.layout_.show("help")

    def add_log_actions(self, actions: Actions, menu: QMenu) -> None:
        """Add to the Help menu what helps with a report of a bug."""
        actions._add(menu, "Show &log file", self.show_log, None,
                     "Open the folder of the log, the record of what the program did, and say "
                     "where it is.")
        actions._add(menu, "&Copy details", self.copy_details, None,
                     "Copy versions, screen and the last lines of the log, to paste into a "
                     "report. There are no ratings and no ids in it.")

    def show_log(self) -> None:
        """Open the folder of the log, and say where it is."""
        path = self._window.log_path
        if path is None:
            self._window.tell("No log is kept, for its file could not be written.", "warning",
                              "Copy details", self.copy_details)
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
        self._window.tell(f"The log file is {path}.", "information", "Copy details",
                          self.copy_details)

    def copy_details(self) -> None:
        """Copy what a report of a bug needs."""
        from mfgui.gui.details import details_text

        QApplication.clipboard().setText(details_text(self._window))
        self._window.job_bar.set_hover_text("Details copied: versions, screen, and the last lines "
                                            "of the log.")

    def _keys(self) -> str:
        """Return the keys of all actions as an HTML table."""
        lines = [(action.shortcut().toString(), action.text().replace("&", "").rstrip("."))
                 for action in self._window.findChildren(QAction)
                 if not action.shortcut().isEmpty() and action.text()]
        rows = "".join(f"<tr><td><b>{keys}</b>&nbsp;&nbsp;</td><td>{text}</td></tr>"
                       for keys, text in (*lines, *FURTHER_KEYS))
        return f"<table>{rows}</table>"


def page_of(
    widget: QWidget | None, panels: dict[str, Panel], method: str
) -> tuple[str, str]:
    """Return the name of a widget's page, and what the widget says of itself ("": nothing)."""
    about = ""
    names: dict[QWidget, str] = {panel: name for name, panel in panels.items()}
    while widget is not None:
        name = widget.objectName()
        if not about:
            about = widget.whatsThis() or widget.toolTip()
        if name == METHOD_BOX:
            return method, ""
        if widget in names:
            return names[widget], about
        if name in OTHER_PAGES:
            return OTHER_PAGES[name], about
        if name in pages() and pages()[name].kind == "Setting":
            return name, ""  # the page says what the tooltip does
        if isinstance(widget, QTabBar) and (tab := _named(widget, panels)):
            return tab, ""
        widget = widget.parentWidget()
    return "", about


def _named(tabs: QTabBar, panels: dict[str, Panel]) -> str:
    """Return the panel whose dock is in front of the others behind one row of tabs."""
    title = tabs.tabText(tabs.currentIndex())
    return next((name for name, panel in panels.items() if panel.title == title), "")


def _is_within(widget: QWidget, window: QWidget) -> bool:
    """Return whether a widget belongs to the window, be it through a popup or a dialog."""
    while widget is not window:
        parent = widget.parentWidget()
        if parent is None:
            return False
        widget = parent
    return True


def inputs(window: QWidget) -> list[QWidget]:
    """Return every control that a person gives something into; not the parts Qt makes of them."""
    return [widget for kind in INPUTS for widget in window.findChildren(kind)
            if widget.objectName() != "qt_spinbox_lineedit" and not _is_part(widget)]


def _is_part(widget: QWidget) -> bool:
    """Return whether Qt itself made a widget as a part of another."""
    parent = widget.parentWidget()
    is_of_dock = widget.objectName().startswith(("qt_", "ScrollLeft", "ScrollRight"))
    return is_of_dock or isinstance(widget, QScrollBar) or isinstance(
        parent, (QComboBox, QAbstractSpinBox, QLineEdit))
