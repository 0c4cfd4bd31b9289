"""What is kept between starts, and that nothing in it prevents a start."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from mfgui.gui.stored_state import StoredState


def test_recent_files_are_kept_newest_first_and_once_each(tmp_path: Path) -> None:
    stored = StoredState(tmp_path / "state.ini")
    for name in ("a", "b", "a", *"cdefghij"):
        stored.add_recent(name)
    stored.flush()
    again = StoredState(tmp_path / "state.ini")
    assert [path for path, _ in again.recent_files()] == list("jihgfedc")


def test_choices_and_forms_are_kept(tmp_path: Path) -> None:
    stored = StoredState(tmp_path / "state.ini")
    stored.set_choice("theme", "dark")
    stored.set_solver_settings({"sgd": {"n_factors": 7}})
    stored.flush()
    again = StoredState(tmp_path / "state.ini")
    assert again.choice("theme", "light") == "dark"
    assert again.solver_settings() == {"sgd": {"n_factors": 7}}


@pytest.mark.parametrize("content", [
    b"", bytes(range(256)) * 30, b"[General]\nrecent=5\ntheme=@ByteArray(x)\n",
    b"[General]\ngeometry=nonsense\ndocks=@ByteArray(\\xff\\xff)\nrecent=[1,2]\n",
    b'[General]\nrecent="[[1,2],[\\"a\\",\\"b\\"]]"\nsolver_settings="{\\"sgd\\": 4}"\n',
])
def test_garbage_is_passed_over(tmp_path: Path, qtbot: QtBot, content: bytes) -> None:
    path = tmp_path / "state.ini"
    path.write_bytes(content)
    stored, window = StoredState(path), QMainWindow()
    qtbot.addWidget(window)
    stored.restore_geometry(window)
    stored.restore_docks(window)
    assert stored.recent_files() == []
    assert stored.choice("theme", "light") in ("light", "@ByteArray(x)")
    assert stored.solver_settings() == {}


def test_a_place_that_cannot_be_written_costs_the_layout_only(tmp_path: Path) -> None:
    stored = StoredState(tmp_path)
    stored.set_choice("theme", "dark")
    stored.flush()


@pytest.mark.parametrize("when", ["NaN", "Infinity", "-Infinity", "1e300"])
def test_a_time_that_is_none_is_passed_over(tmp_path: Path, when: str) -> None:
    stored = StoredState(tmp_path / "state.ini")
    stored._settings.setValue("recent", f'[["a.csv", {when}]]')
    assert stored.recent_files() == []
