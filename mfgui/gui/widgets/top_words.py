"""The places of a top list in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from mfgui.gui.widgets.inspector_words import minus, rating
from mfgui.inspection.recommend import Reason, Recommendation
from mfgui.inspection.rounding import number_text
from mfgui.inspection.words import isolated

FOR, AGAINST = "because of", "despite"
LEAST_TITLE_PX = 24
_LOST_PX = 80  # where a line is broken


@dataclass(frozen=True, eq=False)
class TopLine:
    """A place of a top list in words.

    Parameters
    ----------
    place : Recommendation
    title : str
    reasons : tuple of str
        What the items of its reasons are called, in the same order.
    decimals : int
        Of predictions.
    """

    place: Recommendation
    title: str
    reasons: tuple[str, ...]
    decimals: int

    @property
    def predicted(self) -> str:
        """The prediction as it is shown."""
        return minus(number_text(self.place.shown, self.decimals))

    @property
    def predicted_tip(self) -> str:
        """The prediction with what clipping hides."""
        raw = minus(number_text(self.place.raw, self.decimals))
        if raw == self.predicted:
            return f"Predicted {self.predicted}."
        return f"Predicted {self.predicted}; {raw} before it is clipped to the scale."

    @property
    def bound(self) -> str:
        """The lower bound."""
        bound = self.place.lower_bound
        return "" if bound is None else minus(number_text(bound, self.decimals))

    @property
    def n_ratings(self) -> str:
        """How many ratings the item has, "" where that is not known."""
        return "" if self.place.n_ratings is None else f"{self.place.n_ratings:,}"

    @property
    def why(self) -> str:
        """The ratings that weigh most, in a few words; "" where they are not known."""
        return why_text(self.place.why, self.reasons)

    @property
    def why_tip(self) -> str:
        """The same with what each gives to the prediction."""
        parts = [
            f"{name}, rated {minus(rating(each.observed))}, gives "
            f"{minus(number_text(each.share, self.decimals, is_signed=True))}"
            for each, name in zip(self.place.why, self.reasons, strict=True)]
        return "; ".join(parts) + "." if parts else ""

    @property
    def title_tip(self) -> str:
        """The title, and why."""
        return f"{self.title}. {self.why_tip}" if self.why_tip else self.title

    def fitted_why(self, width: int, metrics: QFontMetrics, n_lines: int = 1) -> str:
        """Return why in the room there is: long titles are shortened, none is left out."""
        width = n_lines * width - (n_lines - 1) * _LOST_PX
        around = metrics.horizontalAdvance(why_text(self.place.why, ("",) * len(self.reasons)))
        widths = [metrics.horizontalAdvance(name) for name in self.reasons]
        most = max(_level(widths, width - around), LEAST_TITLE_PX)
        names = [metrics.elidedText(name, Qt.TextElideMode.ElideRight, most)
                 for name in self.reasons]
        return metrics.elidedText(
            why_text(self.place.why, names), Qt.TextElideMode.ElideRight, width)


def top_lines(
    places: Sequence[Recommendation], name: Callable[[int], str], decimals: int
) -> list[TopLine]:
    """Return a top list in words; ``name(item)`` is what an item is called."""
    return [TopLine(place, name(place.item), tuple(name(each.item) for each in place.why),
                    decimals) for place in places]


def why_text(why: Sequence[Reason], names: Sequence[str]) -> str:
    """Return reasons in a few words: because of A (5), B (4), despite C (1)."""
    sides: dict[str, list[str]] = {FOR: [], AGAINST: []}
    for each, name in zip(why, names, strict=True):
        sides[FOR if each.share >= 0 else AGAINST].append(
            f"{isolated(name)} ({minus(rating(each.observed))})")
    return ", ".join(f"{word} {', '.join(some)}" for word, some in sides.items() if some)


def _level(widths: Sequence[int], room: int) -> int:
    """Return the largest width such that texts cut to it fit into the room together."""
    rest, level = room, room
    for k, width in enumerate(sorted(widths)):
        level = rest // (len(widths) - k)
        if width > level:
            return level
        rest -= width
    return max(level, *widths) if widths else room
