"""The form is what the dataclass says."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QLabel, QScrollArea, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from mfgui.core.settings import RunSettings, describe, setting
from mfgui.core.solvers import SOLVERS
from mfgui.errors import SettingsError
from mfgui.gui.settings_form import SettingsForm, label_text, with_mnemonic
from mfgui.gui.widgets.choice_fields import SelectField


@dataclass(frozen=True)
class _First(RunSettings):
    n_factors: int = setting(32, "Factors", "How many.", minimum=1, is_fixed_by_model=True)
    learning_rate: float | None = setting(
        None, "Learning rate", "How far.", minimum=0, is_open=True, is_log=True)
    biases: bool = setting(False, "Biases", "Whether.")


@dataclass(frozen=True)
class _Second(RunSettings):
    n_epochs: int = setting(
        200, "Epochs", "How many times.", minimum=1, maximum=500, unit="epochs", group="run")
    n_factors: int = setting(16, "Factors", "How many.", minimum=1, maximum=100)
    spread: float = setting(0.1, "Spread", "How wide.", minimum=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.spread > self.n_factors:
            raise SettingsError("Spread must be less than the factors.", "spread")


@pytest.fixture
def form(qtbot: QtBot) -> SettingsForm:
    made = SettingsForm()
    qtbot.addWidget(made)
    made.set_settings_type(_First)
    return made


def field(form: SettingsForm, name: str) -> QWidget:
    found = form.findChild(QWidget, name)
    assert found is not None
    return found  # type: ignore[no-any-return]


def notes(form: SettingsForm) -> list[str]:
    roles = ("error", "mark")
    return [label.text() for label in form.findChildren(QLabel)
            if label.property("role") in roles and label.text()]


def test_every_setting_has_a_field_with_its_name_help_and_label(form: SettingsForm) -> None:
    for info in describe(_First):
        widget = field(form, info.name)
        assert widget.toolTip() == widget.whatsThis() == info.help
        assert widget.accessibleName() == label_text(info)


def test_the_form_begins_with_the_defaults(form: SettingsForm) -> None:
    assert form.settings() == _First()
    assert form.error_text == ""


def test_what_is_shown_is_what_is_returned(form: SettingsForm) -> None:
    wanted = _First(n_factors=5, learning_rate=0.25, biases=True, n_epochs=7, seed=3)
    form.set_settings(wanted)
    assert form.settings() == wanted


def test_a_change_is_told(form: SettingsForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.changed):
        form.set_value("n_factors", 8)
    assert form.settings().n_factors == 8  # type: ignore[attr-defined]


def test_a_name_that_this_solver_lacks_is_passed_over(form: SettingsForm) -> None:
    form.set_value("spread", 1)
    assert form.settings() == _First()


def test_a_wrong_value_is_told_beside_its_field_and_as_the_first_problem(
    form: SettingsForm,
) -> None:
    form.set_value("n_factors", 0)
    assert form.error_text == "Factors is 0, but must be at least 1."
    assert notes(form) == [form.error_text]
    with pytest.raises(SettingsError) as caught:
        form.settings()
    assert caught.value.field == "n_factors"
    form.set_value("n_factors", 1)
    assert notes(form) == []


def test_a_rule_over_two_fields_is_told_at_the_field_it_names(form: SettingsForm) -> None:
    form.set_settings_type(_Second)
    form.set_value("spread", 50)
    assert form.error_text == "Spread must be less than the factors."
    assert notes(form) == [form.error_text]


def test_a_reset_button_shows_only_where_it_would_change_something(form: SettingsForm) -> None:
    button = form.findChild(QToolButton, "n_factorsReset")
    assert button is not None
    assert button.isHidden()
    form.set_value("n_factors", 8)
    assert not button.isHidden()
    button.click()
    assert button.isHidden()
    assert form.settings() == _First()


def test_each_solver_keeps_its_own_values_and_only_those_of_every_run_go_along(
    form: SettingsForm
) -> None:
    form.set_value("n_factors", 8)
    form.set_value("learning_rate", 0.5)
    form.set_value("seed", 7)
    form.set_settings_type(_Second)
    assert form.settings() == _Second(seed=7)
    form.set_settings_type(_First)
    assert form.settings() == _First(n_factors=8, learning_rate=0.5, seed=7)


def test_a_value_put_back_to_its_default_is_not_carried_over(form: SettingsForm) -> None:
    form.set_value("seed", 8)
    form.set_settings_type(_Second)
    form.set_value("seed", 0)
    form.set_settings_type(_First)
    assert form.settings() == _First()


def test_what_differs_from_the_running_run_is_marked_for_the_next(form: SettingsForm) -> None:
    form.mark_differences(_First())
    assert notes(form) == []
    form.set_value("learning_rate", 0.5)
    form.set_value("biases", True)
    assert notes(form) == ["for the next run (this run: automatic)",
                           "for the next run (this run: off)"]
    form.mark_differences(None)
    assert notes(form) == []


def test_the_run_group_begins_with_the_epochs(form: SettingsForm) -> None:
    form.set_settings_type(_Second)
    form.resize(280, 600)
    form.show()
    order = [form.findChild(QWidget, name).y() for name in ("n_epochs", "validation")]
    assert order[0] < order[1]


@pytest.mark.parametrize("settings_type", [
    _First, *(solver.settings_type for solver in SOLVERS.values())])
def test_no_word_is_cut_off_at_the_width_of_the_dock(
    settings_type: type[RunSettings], qtbot: QtBot
) -> None:
    scroll, form = QScrollArea(), SettingsForm()
    form.set_settings_type(settings_type)
    qtbot.addWidget(scroll)
    scroll.setWidgetResizable(True)
    scroll.setWidget(form)
    scroll.resize(262, 700)  # high enough to need no bar: the dock's 280 have it beside
    scroll.show()
    qtbot.waitExposed(scroll)
    qtbot.waitUntil(lambda: form.width() <= scroll.viewport().width())
    for label in form.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()
    for box in form.findChildren(SelectField):
        words = [box.itemText(k) for k in range(box.count())]
        widest = max(map(box.fontMetrics().horizontalAdvance, words))
        assert not box.isVisible() or box.width() >= min(widest + 30, 220), words


def test_mnemonics_are_distinct() -> None:
    letters = set("fe")
    texts = [with_mnemonic(text, letters) for text in ("Factors", "Epochs", "Fe")]
    assert texts == ["F&actors", "E&pochs", "Fe"]


@dataclass(frozen=True)
class _Choosing(RunSettings):
    step: str = setting(
        "fixed", "Step", "Which.", choices={"fixed": "Fixed", "adam": "Adam", "search": "A search"})
    rate: float = setting(0.1, "Rate", "How far.", minimum=0, is_open=True, is_log=True,
                          applies=(("step", ("fixed", "adam")),))
    momentum: float = setting(0.9, "Momentum", "How long.", minimum=0, maximum=1,
                              applies=(("step", ("adam",)), ("heavy", (True,))))
    heavy: bool = setting(True, "Heavy", "Whether.", applies=(("step", ("adam",)),))


@pytest.fixture
def choosing(qtbot: QtBot) -> SettingsForm:
    made = SettingsForm()
    qtbot.addWidget(made)
    made.set_settings_type(_Choosing)
    made.resize(262, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(form: SettingsForm) -> set[str]:
    own = ("step", "rate", "momentum", "heavy")
    return {name for name in own if field(form, name).isVisible()}


def test_a_choice_is_a_box_with_its_words(choosing: SettingsForm, qtbot: QtBot) -> None:
    box = field(choosing, "step")
    assert isinstance(box, SelectField)
    assert [box.itemText(k) for k in range(box.count())] == ["Fixed", "Adam", "A search"]
    with qtbot.waitSignal(choosing.changed):
        box.setCurrentIndex(2)
    assert choosing.settings() == _Choosing(step="search")
    reset = choosing.findChild(QToolButton, "stepReset")
    assert reset is not None
    assert reset.toolTip() == "Back to Fixed, the default."
    reset.click()
    assert choosing.settings() == _Choosing()


def test_a_choice_that_there_is_not_is_passed_over(choosing: SettingsForm) -> None:
    choosing.set_value("step", "gone")
    choosing.set_value("step", None)
    assert choosing.settings() == _Choosing()


def test_a_choice_that_differs_from_the_running_run_is_marked(choosing: SettingsForm) -> None:
    choosing.mark_differences(_Choosing())
    choosing.set_value("step", "search")
    assert notes(choosing) == ["for the next run (this run: Fixed)"]


def test_only_what_applies_is_shown_and_it_follows_the_other_fields(
    choosing: SettingsForm,
) -> None:
    assert shown(choosing) == {"step", "rate"}
    choosing.set_value("step", "adam")
    assert shown(choosing) == {"step", "rate", "momentum", "heavy"}
    choosing.set_value("heavy", False)
    assert shown(choosing) == {"step", "rate", "heavy"}
    choosing.set_value("step", "search")
    assert shown(choosing) == {"step"}


def test_a_wrong_value_that_does_not_apply_stands_in_nobodys_way(choosing: SettingsForm) -> None:
    choosing.set_value("rate", -1)
    assert choosing.error_text
    choosing.set_value("step", "search")
    assert choosing.error_text == ""
    assert choosing.settings() == _Choosing(step="search")
    choosing.set_value("step", "fixed")
    assert choosing.error_text


def test_a_sound_value_that_does_not_apply_is_kept(choosing: SettingsForm) -> None:
    wanted = _Choosing(step="search", rate=0.5)
    choosing.set_settings(wanted)
    assert choosing.settings() == wanted
    choosing.set_value("step", "fixed")
    assert choosing.settings() == _Choosing(rate=0.5)


def test_a_row_that_does_not_apply_takes_no_room(choosing: SettingsForm) -> None:
    heights = []
    for step in ("adam", "search"):
        choosing.set_value("step", step)
        body = field(choosing, "step").parentWidget()
        assert body is not None
        layout = body.layout()
        assert layout is not None
        layout.activate()
        heights.append(body.sizeHint().height())
    assert heights[1] <= heights[0] - 3 * field(choosing, "rate").sizeHint().height()


def test_a_wrong_value_elsewhere_hides_nothing(form: SettingsForm) -> None:
    @dataclass(frozen=True)
    class _Counting(RunSettings):
        n: int = setting(1, "N", "How many.", minimum=1)
        extra: int = setting(1, "Extra", "More.", applies=(("n", (1,)),))

    form.set_settings_type(_Counting)
    form.set_value("n", 0)
    assert not field(form, "extra").isHidden()
    form.set_value("n", 2)
    assert field(form, "extra").isHidden()
