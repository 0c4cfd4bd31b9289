"""What a person gave an imaginary user, before anything is worked out from it, and its undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

N_STEPS = 200


@dataclass(frozen=True)
class Draft:
    """Ratings as a person put them down, the newest first.

    Parameters
    ----------
    rows : tuple of (item, rating)
        The rating is None where the item is chosen but not rated yet.
    name : str
    based_on : int or None
        The user whose ratings these were at first.
    """

    rows: tuple[tuple[int, float | None], ...] = ()
    name: str = "new user"
    based_on: int | None = None

    @cached_property
    def ratings(self) -> dict[int, float]:
        """The ratings that there are, by item."""
        return {item: value for item, value in self.rows if value is not None}

    @property
    def shown_name(self) -> str:
        """What the row is called beside those of the model: not as the user it is based on."""
        return self.name if self.based_on is None else f"{self.name}, changed"

    @property
    def is_empty(self) -> bool:
        """Whether it is nobody: no rating, and no user that it is based on."""
        return not self.ratings and self.based_on is None

    def has(self, item: int) -> bool:
        """Return whether an item is chosen, rated or not."""
        return any(other == item for other, _ in self.rows)

    def changes(self, given: Mapping[int, float]) -> str:
        """Return in words how the ratings differ from others, which may be rounded to float32."""
        n_changed = sum(abs(given[item] - value) > 1e-6 * max(abs(value), 1)
                        for item, value in self.ratings.items() if item in given)
        counts = {"changed": n_changed, "removed": len(given.keys() - self.ratings.keys()),
                  "added": len(self.ratings.keys() - given.keys())}
        return ", ".join(f"{n:,} {word}" for word, n in counts.items() if n) or "nothing changed"

    def with_item(self, item: int, value: float | None) -> Draft:
        """Return the draft with an item chosen, or rated; at its place, else on top."""
        if not self.has(item):
            return replace(self, rows=((item, value), *self.rows))
        return replace(self, rows=tuple(
            (other, value if other == item else given) for other, given in self.rows))

    def without(self, item: int) -> Draft:
        """Return the draft without an item."""
        return replace(self, rows=tuple(row for row in self.rows if row[0] != item))


class DraftHistory:
    """The steps of a draft, and which of them holds."""

    def __init__(self) -> None:
        self._steps = [Draft()]
        self._position = 0

    @property
    def draft(self) -> Draft:
        """What holds now."""
        return self._steps[self._position]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._position > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was taken back."""
        return self._position + 1 < len(self._steps)

    def is_last(self, item: int) -> bool:
        """Return whether the last step was to choose an item, not rated yet."""
        return (self.can_undo and self.draft.rows[:1] == ((item, None),)
                and not self._steps[self._position - 1].has(item))

    def begin(self) -> None:
        """Forget everything."""
        self._steps, self._position = [Draft()], 0

    def add(self, draft: Draft, *, is_same_step: bool = False) -> bool:
        """Take a step and return whether it was one; what was undone is forgotten.

        ``is_same_step`` makes it one with the step before: an item that is chosen and then rated.
        """
        if draft == self.draft:
            return False
        kept = self._position if is_same_step and self._position else self._position + 1
        self._steps = [*self._steps[:kept], draft][-N_STEPS:]
        self._position = len(self._steps) - 1
        return True

    def move(self, n_steps: int) -> bool:
        """Go back (-1) or forward (1) and return whether there was such a step."""
        position = self._position + n_steps
        if not 0 <= position < len(self._steps):
            return False
        self._position = position
        return True
