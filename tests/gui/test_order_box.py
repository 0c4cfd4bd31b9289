"""The order box: each side by its own key, a number where one is needed, Sort again."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from mfgui.gui.widgets.order_box import OrderBox
from mfgui.inspection.order import NEED_MODEL, ORDER_KEYS, OrderChoice, OrderKey


@pytest.fixture
def box(qtbot: QtBot) -> OrderBox:
    made = OrderBox()
    qtbot.addWidget(made)
    made.show()
    made.told = []  # type: ignore[attr-defined]
    made.order_chosen.connect(made.told.append)  # type: ignore[attr-defined]
    return made


def choose(combo: QComboBox, name: str) -> None:
    """Choose as a person does: programs' changes are not told."""
    k = combo.findData(name)
    combo.setCurrentIndex(k)
    combo.activated.emit(k)


def test_each_side_is_sorted_by_its_own_key(box: OrderBox) -> None:
    choose(box.rows.key, "mean")
    box.show_choice(box.told[-1])  # type: ignore[attr-defined]
    choose(box.columns.key, "title")
    assert box.told[-1] == OrderChoice(  # type: ignore[attr-defined]
        OrderKey("mean"), OrderKey("title"), 0)


def test_a_factor_and_the_number_of_clusters_are_asked_for_where_they_count(
    box: OrderBox,
) -> None:
    box.set_model(5)
    assert not box.rows.factor.isVisible()
    choose(box.rows.key, "factor")
    assert box.rows.factor.isVisible()
    assert box.rows.factor.maximum() == 5
    box.rows.factor.setValue(3)
    assert box.told[-1].rows == OrderKey("factor", factor=2)  # type: ignore[attr-defined]
    choose(box.columns.key, "cluster")
    box.columns.clusters.setValue(12)
    told = box.told[-1]  # type: ignore[attr-defined]
    assert told.columns == OrderKey("cluster", n_clusters=12)
    assert not box.columns.factor.isVisible()


def test_sort_again_raises_the_serial(box: OrderBox) -> None:
    box.show_choice(OrderChoice(OrderKey("count"), OrderKey("count"), 4))
    box.again.click()
    assert box.told == [  # type: ignore[attr-defined]
        OrderChoice(OrderKey("count"), OrderKey("count"), 5)]


def test_what_needs_a_model_cannot_be_chosen_without_one(box: OrderBox) -> None:
    def is_offered(name: str) -> bool:
        k = box.rows.key.findData(name)
        return bool(box.rows.key.model().flags(box.rows.key.model().index(k, 0))
                    & Qt.ItemFlag.ItemIsEnabled)

    box.set_model(0, has_names=False)
    assert not any(map(is_offered, (*NEED_MODEL, "title")))
    assert is_offered("mean")
    box.set_model(3)
    assert all(map(is_offered, ORDER_KEYS))


def test_showing_a_choice_tells_nothing(box: OrderBox) -> None:
    box.set_model(9)
    box.show_choice(OrderChoice(OrderKey("factor", factor=7), OrderKey("cluster", n_clusters=20)))
    assert box.told == []  # type: ignore[attr-defined]
    assert box.rows.factor.value() == 8
    assert box.columns.clusters.value() == 20


def test_every_field_has_a_name_and_help(box: OrderBox) -> None:
    for kind in (QComboBox, QSpinBox, QPushButton):
        for widget in box.findChildren(kind):
            assert widget.accessibleName()
            assert widget.toolTip()
            assert widget.whatsThis()
