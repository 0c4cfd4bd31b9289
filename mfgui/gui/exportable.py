"""What a panel offers to be taken away: a plot as a picture, and the numbers in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfgui.gui.widgets.picture import Drawing

Table = tuple[Sequence[str], Callable[[], Iterable[Sequence[Any]]]]


@dataclass(frozen=True, eq=False)
class Exportable:
    """A plot.

    Parameters
    ----------
    name : str
        Of its files, without an ending.
    label : str
        Of it in menus.
    is_ready : callable
        Whether there is anything to see.
    picture : callable
        Records it as it is seen, for a file of the given name; on the GUI thread.
    values : callable
        Returns the header, and what yields the rows on any thread; on the GUI thread.
    """

    name: str
    label: str
    is_ready: Callable[[], bool]
    picture: Callable[[str], Drawing]
    values: Callable[[], Table]
