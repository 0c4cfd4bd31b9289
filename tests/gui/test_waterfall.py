"""The waterfall: bars that begin where the last one ended, read, walked along and followed."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QImage, QKeyEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from mfgui.gui.theme import DARK, LIGHT, Theme, contrast
from mfgui.gui.widgets.waterfall import WaterfallView, tip_of, waterfall_lines
from mfgui.gui.widgets.waterfall_bars import axis_of, steps
from mfgui.gui.widgets.waterfall_rows import Rows, bold_of
from mfgui.inspection.bars import Addend, waterfall
from mfgui.inspection.explanation import Bar, Waterfall

SCALE = (1.0, 5.0)
TITLE = "<b>A very long & winding title</b> that nobody would read to its end, part seventeen"


def by_parts() -> Waterfall:
    """Return a mean, biases and factors that add up to 3.93."""
    addends = [Addend("mean", "mean of all ratings", 3.58), Addend("user_bias", "bias", -0.5),
               Addend("item_bias", "bias of the item", 0.55), Addend("factor", "factor 3", 0.4, 2),
               Addend("factors", "the other 7 factors", -0.1)]
    return waterfall("by parts", addends, 3.93, SCALE)


def by_ratings(n: int = 30) -> Waterfall:
    """Return a mean and many ratings."""
    addends = [Addend("mean", "mean of all ratings", 3.5)]
    addends += [Addend("rating", f"rated 4: “{TITLE} {k}”", 0.01 * (k - n / 2), k, 4.0)
                for k in range(n)]
    return waterfall("by own ratings", addends, sum(each.value for each in addends), SCALE)


@pytest.fixture
def view(qtbot: QtBot) -> WaterfallView:
    made = WaterfallView()
    qtbot.addWidget(made)
    made.resize(360, 200)
    made.show()
    return made


def test_each_bar_begins_where_the_last_one_ended() -> None:
    shown = by_parts()
    found = steps(shown)
    assert found[0][0] == 0
    assert all(one[1] == two[0] for one, two in itertools.pairwise(found[:-1]))
    assert found[-2][1] == pytest.approx(shown.total)
    assert found[-1] == (0, shown.total)


def test_a_large_mean_breaks_the_axis_so_that_the_shares_are_seen() -> None:
    axis = axis_of(by_parts())
    assert axis.is_broken
    assert 0 < axis.low < 3.08
    room = QRectF(0, 0, 300, 10)
    # From 3.08 to 4.03, where the bars move, takes most of the width; from 0 it has a quarter.
    assert axis.place(4.03, room) - axis.place(3.08, room) > 200


def test_below_0_the_axis_is_broken_on_the_other_side() -> None:
    axis = axis_of(waterfall("by parts", [Addend("mean", "mean", -8.0),
                                          Addend("factor", "factor 1", 0.5, 0)], -7.5, (-10, 10)))
    assert axis.is_broken
    assert -7.5 < axis.high < 0


@pytest.mark.parametrize("addends", [
    [Addend("factor", "factor 1", 2.0, 0), Addend("factor", "factor 2", 1.0, 1)],
    [Addend("mean", "mean", 0.2), Addend("factor", "factor 1", -3.0, 0)],
    [Addend("factor", "factor 1", 0.0, 0)], [],
])
def test_without_a_large_mean_the_axis_begins_at_0(addends: list[Addend]) -> None:
    total = sum(each.value for each in addends)
    axis = axis_of(waterfall("by parts", addends, total, SCALE))
    assert not axis.is_broken
    assert axis.low <= 0 <= axis.high
    assert axis.low < axis.high


def test_a_mean_alone_has_an_axis_of_some_width() -> None:
    axis = axis_of(waterfall("by parts", [Addend("mean", "mean", 3.5)], 3.5, SCALE))
    assert axis.low < 3.5 < axis.high


def test_bars_are_read_out_as_text(view: WaterfallView) -> None:
    view.show_waterfall(by_parts())
    assert view.accessibleName().startswith("Waterfall by parts")
    assert "bias -0.50; bias of the item +0.55" in view.accessibleDescription()
    assert view.accessibleDescription().endswith("Predicted 3.93")


def test_the_printed_numbers_read_out_add_up() -> None:
    *parts, total = waterfall_lines(by_ratings())
    numbers = [float(line.rsplit(" ", 1)[1]) for line in [*parts, total]]
    assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=1e-9)  # exact but for binary


def test_keys_walk_along_the_bars_and_bring_them_into_view(
    view: WaterfallView, qtbot: QtBot
) -> None:
    view.show_waterfall(by_ratings())
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    assert view.current is not None
    assert view.current.kind == "mean"
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.current.index == 0
    assert "bar 2 of 31" in view.accessibleName()
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.current.index == 29
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum() > 0
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.current.index == 29
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    assert view.current.index < 29
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.current.kind == "mean"
    assert view.verticalScrollBar().value() == 0


def test_enter_follows_a_rating_and_nothing_else(view: WaterfallView, qtbot: QtBot) -> None:
    view.show_waterfall(by_ratings())
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    followed: list[Bar] = []
    view.followed.connect(followed.append)
    qtbot.keyClick(view, Qt.Key.Key_Return)  # the mean leads nowhere
    assert followed == []
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert [bar.index for bar in followed] == [0]


def test_other_keys_are_left_to_the_window(view: WaterfallView) -> None:
    view.show_waterfall(by_parts())
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)
    assert not event.isAccepted()


def test_a_click_follows_a_rating(view: WaterfallView, qtbot: QtBot) -> None:
    view.show_waterfall(by_ratings())
    height = view._row_height
    with qtbot.waitSignal(view.followed) as told:  # below the head and the mean
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton,
                         pos=QPoint(100, int(2.5 * height)))
    assert told.args is not None
    assert told.args[0].index == 0
    with qtbot.assertNotEmitted(view.followed):  # the total is no rating
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton,
                         pos=QPoint(100, view.viewport().height() - 8))


def test_the_pointer_tells_what_can_be_followed(view: WaterfallView, qtbot: QtBot) -> None:
    view.show_waterfall(by_ratings())
    height = view._row_height
    qtbot.mouseMove(view.viewport(), QPoint(100, int(2.5 * height)))
    qtbot.waitUntil(lambda: view.viewport().cursor().shape()
                    == Qt.CursorShape.PointingHandCursor)
    qtbot.mouseMove(view.viewport(), QPoint(100, int(1.5 * height)))
    qtbot.waitUntil(lambda: view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor)


def test_a_tip_has_the_whole_title_as_plain_text(view: WaterfallView) -> None:
    view.show_waterfall(by_ratings())
    spot = QPoint(50, int(2.5 * view._row_height))
    QApplication.sendEvent(view.viewport(), QHelpEvent(
        QEvent.Type.ToolTip, spot, view.viewport().mapToGlobal(spot)))
    assert QToolTip.text() == tip_of(by_ratings().bars[1])
    assert "&lt;b&gt;A very long &amp; winding title&lt;/b&gt;" in QToolTip.text()
    QToolTip.hideText()


def test_many_bars_scroll_while_the_total_stays(view: WaterfallView) -> None:
    view.show_waterfall(by_ratings())
    bar = view.verticalScrollBar()
    assert bar.maximum() > 0
    before = last_row(view)
    bar.setValue(bar.maximum())
    assert last_row(view) == before
    view.resize(360, view.sizeHint().height())
    assert bar.maximum() == 0


def last_row(view: WaterfallView) -> bytes:
    """Return the pixels of the total's row, without the scroll bar."""
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    height = view._row_height
    part = image.copy(0, image.height() - height, image.width() - 12, height)
    return bytes(part.constBits())


def test_newer_numbers_of_the_same_bars_leave_the_place_alone(
    view: WaterfallView, qtbot: QtBot
) -> None:
    view.show_waterfall(by_ratings())
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    qtbot.keyClick(view, Qt.Key.Key_End)
    scrolled = view.verticalScrollBar().value()
    view.show_waterfall(by_ratings(40))
    assert view.current is not None
    assert view.current.index == 29
    assert view.verticalScrollBar().value() == scrolled
    view.show_waterfall(by_parts())
    assert view.current is not None
    assert view.current.kind == "mean"
    assert view.verticalScrollBar().value() == 0


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_stand_out_and_signs_differ_by_more_than_colour(
    view: WaterfallView, theme: Theme
) -> None:
    view.set_theme(theme)
    for colour in (theme.text, theme.muted, theme.series[0], theme.series[1]):
        assert contrast(colour, theme.plot_ground) >= 3  # WCAG's least for graphics
    addends = [Addend("factor", "up", 2.0, 0), Addend("factor", "down", -1.0, 1)]
    both = waterfall("by parts", addends, 1.0, SCALE)
    view.show_waterfall(both)
    image = view.viewport().grab().toImage()
    full, hatched = (share_filled(image, view, row, QColor(theme.plot_ground)) for row in (0, 1))
    assert full > 0.95
    assert 0.1 < hatched < 0.8


def share_filled(image: QImage, view: WaterfallView, row: int, ground: QColor) -> float:
    """Return how much of a bar is painted, within its outline."""
    columns = view._rows.columns(float(view.viewport().width()), view.font())
    begin, end = columns.bar
    if row:  # from 1 to 2 of 0 to 2: the right half
        begin = (begin + end) / 2
    top = row * view._row_height
    pixels = [image.pixelColor(x, y) for x in range(int(begin) + 3, int(end) - 3)
              for y in range(top + 6, top + view._row_height - 6)]
    return sum(pixel != ground for pixel in pixels) / len(pixels)


def test_nothing_to_show_is_no_trouble(view: WaterfallView, qtbot: QtBot) -> None:
    view.show_waterfall(by_parts())
    view.show_waterfall(None)
    assert view.current is None
    assert view.accessibleDescription() == ""
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    view.viewport().grab()


@pytest.mark.parametrize("size", [7.0, 9.0, 9.5, 11.0, 14.0])
def test_the_word_of_the_total_is_not_cut_beside_short_labels(qtbot: QtBot, size: float) -> None:
    addends = [Addend("factor", "factor 1", 0.4, 0), Addend("factor", "factor 2", 0.2, 1)]
    rows = Rows(waterfall("by parts", addends, 0.6, (0.0, 1.0)), "Predicted")
    font = QFont()
    font.setPointSizeF(size)
    columns, metrics = rows.columns(600, font), QFontMetrics(bold_of(font))
    room = int(columns.rated[1] - columns.label[0])
    cut = metrics.elidedText(rows.total_word, Qt.TextElideMode.ElideMiddle, room)
    assert cut == rows.total_word
