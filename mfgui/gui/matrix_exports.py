"""The matrices, taken away as pictures and values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtWidgets import QWidget

from mfgui.gui.exportable import Exportable, Table
from mfgui.gui.widgets.picture import Drawing, picture_of
from mfgui.inspection.pictures import VIEWS, Pictures


def matrix_exportables(
    boxes: Mapping[str, QWidget], shown: Callable[[], Pictures | None],
    table: Callable[[str], Table],
) -> tuple[Exportable, ...]:
    """Return the matrices, each with axes and colour bar.

    Parameters
    ----------
    boxes : mapping
        Each one's widget.
    shown : callable
        Returns what is on the screen.
    table : callable
        Returns the numbers of one that are in view.
    """
    def is_ready(name: str) -> bool:
        pictures = shown()
        return pictures is not None and name in pictures.views

    def picture(name: str, path: str) -> Drawing:
        return picture_of(boxes[name], path, title=name.capitalize())

    return tuple(
        Exportable(name, name.capitalize(), partial(is_ready, name), partial(picture, name),
                   partial(table, name)) for name in VIEWS)
