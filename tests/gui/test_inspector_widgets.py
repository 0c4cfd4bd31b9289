"""Head, cards, choices and words of the inspector, from explanations made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from mfgui.gui.widgets.cell_head import CellHead
from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.gui.widgets.entity_card import EntityCard
from mfgui.gui.widgets.inspector_body import InspectorBody, Shape, shape_for
from mfgui.gui.widgets.inspector_words import (
    CellWords,
    Told,
    card_figures,
    copied_text,
    figures_of,
)
from mfgui.gui.widgets.split_row import SplitRow
from mfgui.inspection.bars import Addend, waterfall
from mfgui.inspection.explanation import Card, Explanation, TypicalError, Waterfall

SCALE = (1.0, 5.0)
WORDS = CellWords("User 7", "Ada", "Item 661", "The Siege", "4")
CARD = Card("7", "Ada", 3, ((1.0, 1), (4.0, 2)), 3.0, 0.25, 0.913, 1.5)


def falls(name: str, total: float = 3.42) -> Waterfall:
    """Return a waterfall of two bars."""
    return waterfall(name, [Addend("mean", "mean of all ratings", 3.0),
                            Addend("factor", "factor 1", total - 3.0, 0)], total, SCALE)


def explained(**changes: object) -> Explanation:
    """Return an explanation of a rated cell."""
    made = Explanation(
        6, 3, "7", "661", "Ada", "The Siege", 4.0, False, 3.42, 3.42, 0.58, falls("by parts"),
        falls("by own ratings"), falls("by the item's raters"), (),
        TypicalError(0.914, 500, "RMSE of the 500 held-out ratings of items with 9 to 12 ratings "
                     "and users with 20 to 31"), CARD, replace(CARD, id="661", name="The Siege"),
        "rating")
    return replace(made, **changes)  # type: ignore[arg-type]


def told(**changes: object) -> Told:
    """Return what a model says."""
    return Told("A, the open model", explained(**changes), SCALE, SCALE)


def shown_texts(widget: QWidget) -> list[str]:
    """Return the texts of the labels that are not hidden."""
    return [label.text() for label in widget.findChildren(QLabel)
            if label.text() and not label.isHidden()]


# -- words ------------------------------------------------------------------------------------


def test_figures_say_how_far_such_predictions_are_off() -> None:
    assert figures_of(WORDS, explained(), SCALE) == {
        "Rated": "4", "Predicted": "3.42 ± 0.91", "Residual": "+0.58"}


def test_a_clipped_prediction_shows_the_raw_one_too() -> None:
    found = figures_of(WORDS, explained(predicted=5.0, raw=5.72, parts=falls("by parts", 5.0)),
                       SCALE)
    assert found["Predicted"].startswith("5.00")
    assert found["Unclipped"] == "5.72"


def test_what_was_held_out_or_is_not_known_is_said() -> None:
    assert figures_of(WORDS, explained(is_held_out=True), SCALE)["Rated"] == "4, held out"
    unknown = explained(observed=None, residual=None, own_ratings=None, raters=None)
    assert figures_of(replace(WORDS, rated="not rated"), unknown, SCALE)["Rated"] == "not known"
    assert "Residual" not in figures_of(WORDS, unknown, SCALE)


def test_of_preferences_both_the_rating_and_the_preference_are_told() -> None:
    found = figures_of(WORDS, explained(unit="preference", typical_error=None), (0.0, 1.0))
    assert found["Rated"] == "4 (preference 1)"
    assert "±" not in found["Predicted"]


def test_without_a_model_the_rating_alone_is_told() -> None:
    assert figures_of(WORDS, None, SCALE) == {"Rated": "4"}


def test_a_card_leaves_out_what_nobody_knows() -> None:
    assert list(card_figures(CARD, SCALE, SCALE)) == ["Ratings", "Mean", "Bias", "RMSE", "Norm"]
    assert card_figures(CARD, SCALE, SCALE)["Bias"] == "+0.25"
    assert list(card_figures(CARD, SCALE, SCALE, has_model=False)) == ["Ratings", "Mean"]
    empty = replace(CARD, n_ratings=0, histogram=(), mean=None, rmse=None)
    assert list(card_figures(empty, SCALE, SCALE, knows_ratings=False)) == ["Bias", "Norm"]


def test_the_copy_has_every_split_with_its_note() -> None:
    noted = replace(falls("by own ratings"), note="Something is special.")
    text = copied_text(WORDS, [told(own_ratings=noted)])
    assert text.startswith("User 7  Ada\nItem 661  The Siege\n")
    for words in ("By parts:", "By own ratings:", "By the item's raters:", "Something is special.",
                  "Predicted: 3.42 ± 0.91", "  +0.42  factor 1", "held-out ratings", "mean 3.00"):
        assert words.lower() in text.lower()
    assert "open model" not in text


def test_the_copy_names_both_models_where_there_are_two() -> None:
    text = copied_text(WORDS, [told(), replace(told(), name="B, other.npz")])
    assert text.index("A, the open model:") < text.index("B, other.npz:")


# -- head -------------------------------------------------------------------------------------


def test_the_head_shows_ids_titles_and_figures(qtbot: QtBot) -> None:
    head = CellHead()
    qtbot.addWidget(head)
    head.show_cell(WORDS, told())
    texts = shown_texts(head)
    for text in ("User 7", "Ada", "Item 661", "The Siege", "3.42 ± 0.91", "+0.58"):
        assert text in texts
    assert any("500 held-out ratings" in text for text in texts)
    assert "Unclipped" not in texts
    assert "A" not in texts
    assert "Predicted 3.42 ± 0.91" in head.accessibleDescription()


def test_the_tooltip_of_the_prediction_says_how_its_error_was_measured(qtbot: QtBot) -> None:
    head = CellHead()
    qtbot.addWidget(head)
    head.show_cell(WORDS, told())
    [value] = [label for label in head.findChildren(QLabel) if "±" in label.text()
               and "RMSE" not in label.text()]
    assert "500 held-out ratings" in value.toolTip()


def test_two_models_stand_side_by_side(qtbot: QtBot) -> None:
    head = CellHead()
    qtbot.addWidget(head)
    other = told(parts=falls("by parts", 2.5), typical_error=None, raw=2.5, predicted=2.5)
    head.show_cell(WORDS, told(), other, "other.npz")
    texts = shown_texts(head)
    assert {"A", "B", "3.42", "± 0.91", "2.50"} <= set(texts)
    assert any("500 held-out ratings" in text for text in texts)
    head.show_cell(WORDS, told(), None, "other.npz")  # which does not know this user
    assert "–" in shown_texts(head)


def test_two_models_with_typical_errors_fit_the_narrowest_head(qtbot: QtBot) -> None:
    head = CellHead()
    qtbot.addWidget(head)
    head.show_cell(WORDS, told(), told(typical_error=TypicalError(
        0.94, 300, "RMSE of the 300 held-out ratings")), "other.npz")
    [note] = [text for text in shown_texts(head) if "RMSE" in text]
    assert [line[:8] for line in note.split("\n")] == ["A ± 0.91", "B ± 0.94"]
    narrowest = Shape.ROW.value.widths[0]
    head.resize(narrowest, 240)
    head.show()
    for label in head.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap() and not isinstance(label, ElidedLabel):
            assert label.width() >= label.sizeHint().width(), label.text()
            assert label.geometry().right() < narrowest, label.text()


def test_a_title_is_no_markup_and_may_be_endless(qtbot: QtBot) -> None:
    head = CellHead()
    qtbot.addWidget(head)
    title = "<img src=x> \N{RIGHT-TO-LEFT OVERRIDE}tfel\x07 \N{PILE OF POO} " + "very long " * 1000
    head.show_cell(replace(WORDS, item_title=title), told())
    head.resize(300, 200)
    head.show()
    head.grab()
    [label] = [label for label in head.findChildren(ElidedLabel) if "<img" in label.text()]
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert "\x07" not in label.text()
    assert "&lt;img" in label.toolTip()
    assert len(label.toolTip()) < 1000
    assert head.minimumSizeHint().width() < 300


# -- cards ------------------------------------------------------------------------------------


def test_a_card_shows_numbers_and_histogram(qtbot: QtBot) -> None:
    card = EntityCard("user")
    qtbot.addWidget(card)
    card.show_card(CARD, SCALE, SCALE)
    assert {"User 7", "Ada", "3", "3.00", "+0.25", "0.91", "1.50"} <= set(shown_texts(card))
    assert [each.count for each in card._histogram.bins] == [1, 2]
    assert "RMSE 0.91" in card.accessibleDescription()


def test_a_card_of_a_new_user_has_a_name_alone(qtbot: QtBot) -> None:
    card = EntityCard("user")
    qtbot.addWidget(card)
    card.show_card(replace(CARD, id="", name="new user", n_ratings=0, histogram=(), mean=None,
                           rmse=None), SCALE, SCALE)
    assert "New user" in shown_texts(card)
    assert card._histogram.isHidden()


# -- choices ----------------------------------------------------------------------------------


def test_what_the_ratings_are_needed_for_is_greyed_out_without_them(qtbot: QtBot) -> None:
    row = SplitRow()
    qtbot.addWidget(row)
    row.offer(explained(), has_other=False)
    choose(row, "own")
    row.offer(explained(own_ratings=None, raters=None), has_other=False)
    assert row.key == "parts"
    item = row.split.model().item(1)  # type: ignore[attr-defined]
    assert not item.isEnabled()
    assert "not known" in row.split.itemData(1, Qt.ItemDataRole.ToolTipRole)
    row.offer(explained(), has_other=False)  # the wish holds
    assert row.key == "own"


def test_an_average_offers_each_member(qtbot: QtBot) -> None:
    row = SplitRow()
    qtbot.addWidget(row)
    row.offer(explained(members=(falls("member 1"), falls("member 2"))), has_other=False)
    texts = [row.split.itemText(k) for k in range(row.split.count())]
    assert texts[3:] == ["By parts of member 1", "By parts of member 2"]


def test_the_two_models_buttons_show_with_the_second_model(qtbot: QtBot) -> None:
    row = SplitRow()
    qtbot.addWidget(row)
    row.show()
    row.offer(explained(), has_other=True)
    with qtbot.waitSignal(row.chosen):
        row.model_buttons[1].click()
    assert row.is_other
    row.offer(explained(), has_other=False)
    assert not row.is_other


def choose(row: SplitRow, key: str) -> None:
    """Choose a split as a person does."""
    row.split.setCurrentIndex(row.split.findData(key))
    row.split.activated.emit(row.split.currentIndex())


# -- shape ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "shape"), [
    (360, Shape.COLUMN), (630, Shape.PAIR), (1000, Shape.ROW)])
def test_the_boxes_stand_as_the_width_allows(qtbot: QtBot, width: int, shape: Shape) -> None:
    head, middle, cards = QWidget(), QWidget(), QWidget()
    for box in (head, middle, cards):
        box.setMinimumSize(100, 60)
    body = InspectorBody(head, middle, cards)
    qtbot.addWidget(body)
    body.resize(width, 250)
    body.show()
    assert shape_for(width) is shape is body.shape
    qtbot.waitUntil(lambda: middle.width() >= 100 and cards.geometry() != head.geometry())
    is_below = cards.y() > head.y()
    assert is_below == (shape is not Shape.ROW)
    assert (middle.x() > head.x()) == (shape is not Shape.COLUMN)
    assert not body.horizontalScrollBar().isVisible()
    body.resize(360, 250)  # and back
    assert body.shape is Shape.COLUMN
