"""What every panel has, so that the window can place it, feed it and end it without knowing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from mfgui.gui.exportable import Exportable
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import Theme
from mfgui.gui.view_state import ViewState
from mfgui.gui.widgets.seen import is_seen


class Panel(QWidget):
    """A part of the window that shows something of the run and of what is looked at.

    Signals
    -------
    job_wanted : text for the status bar, job (control -> iterator), done (last event), None, or a
        JobWatch, which is handed the events as they come, the start and any end too
    save_wanted : dialog's title, file name, filters, then(path)
    open_wanted : dialog's title, filters, then(path)
    table_wanted : the same of a table: then(path, guards_formulas)
    export_wanted : "picture", "values", "copy picture" or "copy values", and the Exportable
    told : one sentence for the top of the window, and its kind: error, warning or information
    settings_wanted : solver, and the settings by name that are to be put into the form
    train_wanted : solver, settings and the origin (a dict) of a run that is to begin
    inspector_wanted : the pinned cell is to be explained
    snapshot_wanted : a newer copy of the factors would be drawn

    Attributes
    ----------
    title : str
        Of its dock.
    area : str
        Where its dock stands at first: "left", "top", "bottom", "right"; right ones stand at the
        top, behind the curve, where the window is narrow. "" for the centre.
    is_shown_first : bool
        Whether its dock is open before a person has arranged anything.
    keys : str
        The shortcut that leads to it; "" where another menu has one.
    """

    job_wanted = Signal(str, object, object)
    save_wanted = Signal(str, str, str, object)
    open_wanted = Signal(str, str, object)
    table_wanted = Signal(str, str, str, object)
    export_wanted = Signal(str, object)
    told = Signal(str, str)
    settings_wanted = Signal(str, dict)
    train_wanted = Signal(str, object, dict)
    inspector_wanted = Signal()
    snapshot_wanted = Signal()

    title: ClassVar[str] = ""
    area: ClassVar[str] = "right"
    is_shown_first: ClassVar[bool] = False
    keys: ClassVar[str] = ""

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the run and what is looked at."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours, where something is drawn by hand."""

    def exportables(self) -> Sequence[Exportable]:
        """Return the plots that can be taken away as pictures and values."""
        return ()

    @property
    def is_seen(self) -> bool:
        """Whether a person can see it: open, and not behind another dock's tab."""
        return is_seen(self)

    def catch_up(self) -> None:
        """Show what changed while nobody saw it; what nobody sees works nothing out."""

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self.catch_up()

    def first_control(self) -> QWidget | None:
        """Return what takes the keys first; None where nothing does."""
        proxy, widget = self.focusProxy(), self.nextInFocusChain()
        if proxy is not None and takes_keys(proxy, self):
            return proxy
        while widget is not None and widget is not self and not takes_keys(widget, self):
            widget = widget.nextInFocusChain()
        return None if widget is self else widget

    def take_focus(self) -> None:
        """Let keys go to the first control that takes them."""
        control = self.first_control()
        if control is not None:
            control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def shut_down(self) -> None:
        """End what threads there are, and wait for them."""


def takes_keys(widget: QWidget, panel: QWidget) -> bool:
    """Return whether Tab stops at a widget of a panel once the panel is seen."""
    return (panel.isAncestorOf(widget) and widget.isEnabled() and widget.isVisibleTo(panel)
            and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus))
