"""Numbers as people type them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mfgui.core.settings import RunSettings, SettingInfo, describe, setting
from mfgui.errors import SettingsError
from mfgui.gui.widgets.number_field import NumberField, number_text, parsed, stepped


@dataclass(frozen=True)
class _Settings(RunSettings):
    rate: float | None = setting(None, "Rate", "A rate.", minimum=0, is_open=True, is_log=True)
    penalty: float = setting(0.0, "Penalty", "A penalty.", minimum=0, is_log=True)
    share: float = setting(0.1, "Share", "A share.", minimum=0, maximum=0.5, step=0.05)
    count: int = setting(20, "Count", "A count.", minimum=1, maximum=100)


def info_of(name: str) -> SettingInfo:
    return next(info for info in describe(_Settings) if info.name == name)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 0.001), ("0.001", 0.001), ("0,001", 0.001), (" .5 ", 0.5), ("+2.", 2.0),
     ("1E2", 100)])
def test_a_rate_is_read_in_every_spelling(text: str, value: float) -> None:
    assert parsed(text, info_of("rate")) == value


@pytest.mark.parametrize(
    "text", ["abc", "1_000", "nan", "inf", "-inf", "0x10", "1,000.5", "1 2", "0", "-1", "1e999"])
def test_what_is_no_sound_rate_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^Rate .*\.$") as caught:
        parsed(text, info_of("rate"))
    assert caught.value.field == "rate"


def test_a_comma_in_a_whole_number_is_refused_rather_than_guessed() -> None:
    with pytest.raises(SettingsError, match="whole number"):
        parsed("1,000", info_of("count"))


def test_a_whole_number_may_be_written_with_an_exponent() -> None:
    assert parsed("1e2", info_of("count")) == 100
    with pytest.raises(SettingsError, match="whole number"):
        parsed("1.5", info_of("count"))


def test_a_large_seed_stays_exact() -> None:
    assert parsed("2147483647", info_of("seed")) == 2147483647


def test_empty_is_automatic_only_where_it_may_be() -> None:
    assert parsed("", info_of("rate")) is None
    with pytest.raises(SettingsError, match="empty"):
        parsed("", info_of("count"))


@pytest.mark.parametrize(
    ("value", "text"),
    [(20, "20"), (0.05, "0.05"), (1e-5, "1e-5"), (0.1 + 0.2, "0.3"), (1.0, "1"), (None, "")])
def test_numbers_are_written_as_people_write_them(value: float | None, text: str) -> None:
    assert number_text(value) == text


def test_rates_step_by_one_two_five() -> None:
    rungs, value = [], 0.001
    for _ in range(4):
        value = stepped(value, 1, is_floored=False)
        rungs.append(value)
    assert rungs == [0.002, 0.005, 0.01, 0.02]
    assert stepped(0.003, 1, is_floored=False) == 0.005
    assert stepped(0.003, -1, is_floored=False) == 0.002
    assert stepped(0.003, 10, is_floored=False) == 0.03


def test_a_penalty_steps_down_to_nothing_and_up_again(qtbot: QtBot) -> None:
    field = NumberField(info_of("penalty"))
    qtbot.addWidget(field)
    assert field.value() == 0
    field.stepBy(1)
    assert field.value() == 1e-4
    field.stepBy(-1)
    assert field.value() == 0
    field.stepBy(-1)
    assert field.value() == 0


def test_a_rate_never_steps_down_to_zero(qtbot: QtBot) -> None:
    field = NumberField(info_of("rate"))
    qtbot.addWidget(field)
    field.set_value(1e-4)
    for _ in range(20):
        field.stepBy(-1)
        assert field.error_text == ""


def test_a_share_steps_within_its_bounds(qtbot: QtBot) -> None:
    field = NumberField(info_of("share"))
    qtbot.addWidget(field)
    field.stepBy(1)
    assert field.text() == "0.15"
    field.stepBy(100)
    assert field.value() == 0.5
    field.stepBy(-100)
    assert field.value() == 0


def test_keys_type_a_number_and_leaving_tidies_it(qtbot: QtBot) -> None:
    field = NumberField(info_of("rate"))
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.value_changed):
        qtbot.keyClicks(field, "0,0010")
    assert field.value() == 0.001
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "0.001"


def test_a_wrong_text_stays_and_is_told(qtbot: QtBot) -> None:
    field = NumberField(info_of("count"))
    qtbot.addWidget(field)
    field.lineEdit().setText("abc")
    assert "abc" in field.error_text
    assert field.property("hasError")
    with pytest.raises(SettingsError):
        field.value()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "abc"
    field.stepBy(1)
    assert field.error_text == ""


def test_the_empty_field_says_what_empty_means(qtbot: QtBot) -> None:
    field = NumberField(dataclasses.replace(info_of("rate"), empty_text="found by itself"))
    qtbot.addWidget(field)
    assert field.lineEdit().placeholderText() == "found by itself"


def test_the_wheel_steps_only_a_field_with_the_focus(qtbot: QtBot) -> None:
    field = NumberField(info_of("count"))
    qtbot.addWidget(field)
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(field, event)
    assert field.value() == 20
    assert not event.isAccepted()
