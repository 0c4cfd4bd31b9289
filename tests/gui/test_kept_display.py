"""How the matrices are drawn, from one start to the next."""

from __future__ import annotations

from pathlib import Path

from mfgui.gui.app import create_window
from mfgui.gui.kept_display import keep_display, kept_display
from mfgui.gui.main_window import MainWindow
from mfgui.gui.stored_state import StoredState
from mfgui.inspection.colours import COLOUR_MAPS

OTHER = list(COLOUR_MAPS)[-1]


def closed(window: MainWindow) -> None:
    window.close()
    window.deleteLater()


def test_what_a_person_chose_is_kept(qtbot: object) -> None:
    window = create_window()
    window.matrices_panel.tools.display_wanted.emit({"colour_map": OTHER})
    window.matrices_panel.tools.display_wanted.emit({"has_margins": False})
    closed(window)
    again = create_window()
    display = again.view_state.display
    assert (display.colour_map, display.has_margins) == (OTHER, False)
    again.resize(1900, 1000)
    again.show()
    again.open_sample()
    qtbot.waitUntil(  # type: ignore[attr-defined]
        lambda: again.matrices_panel._pictures is not None, timeout=30_000)
    assert not again.view_state.display.has_margins  # there is room, but they were not wanted
    closed(again)


def test_what_does_not_fit_any_more_is_left(tmp_path: Path) -> None:
    stored = StoredState(tmp_path / "state.ini")
    assert kept_display(stored) == {}
    stored.set_choice("colour_map", "no such colours")
    stored.set_choice("has_margins", "perhaps")
    assert kept_display(stored) == {}
    keep_display(stored, {"levels": None, "is_over_all": True})
    assert kept_display(stored) == {"is_over_all": True}
