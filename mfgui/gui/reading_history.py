"""Undo and redo of how a file is read: a stack of ReadOptions."""

from __future__ import annotations

from mfgui.data.options import ReadOptions


class ReadingHistory:
    """The ways in which one file was read, and which of them holds."""

    def __init__(self) -> None:
        self._steps = [ReadOptions()]
        self._position = 0

    def begin(self, options: ReadOptions) -> None:
        """Forget all steps; another file is read, with these options."""
        self._steps, self._position = [options], 0

    def add(self, options: ReadOptions, *, is_same_step: bool = False) -> None:
        """Take a step; what was undone is forgotten.

        ``is_same_step`` makes it one with the step before, as letters of one word are.
        """
        if options == self.options:
            return
        if is_same_step and self._position:
            self._position -= 1
        self._steps = [*self._steps[:self._position + 1], options]
        self._position += 1

    @property
    def options(self) -> ReadOptions:
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

    def undo(self) -> bool:
        """Go a step back and return whether there was one."""
        if not self.can_undo:
            return False
        self._position -= 1
        return True

    def redo(self) -> bool:
        """Go a step forward and return whether there was one."""
        if not self.can_redo:
            return False
        self._position += 1
        return True

    def before(self) -> ReadOptions | None:
        """Return what undo would bring, without going there."""
        return self._steps[self._position - 1] if self.can_undo else None

    def after(self) -> ReadOptions | None:
        """Return what redo would bring, without going there."""
        return self._steps[self._position + 1] if self.can_redo else None
