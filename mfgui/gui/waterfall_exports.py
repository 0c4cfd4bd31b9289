"""The waterfall of the pinned cell, taken away as a picture and as its bars."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mfgui.gui.exportable import Exportable, Table
from mfgui.gui.theme import Theme
from mfgui.gui.widgets.inspector_words import CellWords, Told, figures_of, minus
from mfgui.gui.widgets.picture import Drawing, picture_of
from mfgui.gui.widgets.waterfall import WaterfallView
from mfgui.gui.widgets.waterfall_sheet import WaterfallSheet


def waterfall_exportable(
    view: WaterfallView, words: Callable[[], Sequence[str]], theme: Callable[[], Theme]
) -> Exportable:
    """Return the waterfall with the cell above it, and all of its bars.

    Parameters
    ----------
    words : callable
        Returns what the cell is, and its figures, a line each.
    theme : callable
    """
    def picture(path: str) -> Drawing:
        assert view.waterfall is not None
        sheet = WaterfallSheet(words(), view.waterfall, view.total_word, theme(), view.width())
        drawing = picture_of(sheet, path)
        sheet.deleteLater()
        return drawing

    def values() -> Table:
        waterfall = view.waterfall
        assert waterfall is not None

        def rows() -> Iterator[Sequence[Any]]:
            for bar in waterfall.bars:
                yield bar.label, float(f"{bar.value:.9g}"), bar.observed
            yield view.total_word, float(f"{waterfall.total:.9g}"), None

        return ("bar", "value", "rated"), rows

    return Exportable("waterfall", "Waterfall", lambda: view.waterfall is not None, picture,
                      values)


def cell_lines(words: CellWords, told: Told | None) -> list[str]:
    """Return whose rating of what is explained, then what was given and predicted."""
    names = [f"{side}, “{name}”" if name else side for side, name in (
        (words.user, words.user_name), (words.item.replace("Item", "item", 1), words.item_title))]
    figures = figures_of(words, told.explanation if told is not None else None,
                         told.scale if told is not None else (1.0, 5.0))
    return [", ".join(names),
            "   ".join(f"{word} {minus(value)}" for word, value in figures.items())]
