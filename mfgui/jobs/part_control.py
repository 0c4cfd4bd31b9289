"""A part of a job: it stops and pauses with the whole, and its progress is a share of the whole's.

So a bar never goes back where a job is made of others that each begin at 0.
"""

from __future__ import annotations

from collections.abc import Callable

from mfgui.core.control import Control


class PartControl(Control):
    """Handed to a part of a job.

    Parameters
    ----------
    whole : Control
    begin, end : float
        Where the whole stands when the part begins and when it is done, 0 to 1.
    """

    def __init__(self, whole: Control, begin: float, end: float) -> None:
        super().__init__()
        self._whole, self._begin, self._end, self._share = whole, begin, end, 0.0

    @property
    def is_stopped(self) -> bool:
        """Whether the whole was asked to end."""
        return self._whole.is_stopped

    @property
    def is_paused(self) -> bool:
        """Whether the whole was asked to wait."""
        return self._whole.is_paused

    def checkpoint(self) -> None:
        """Wait with the whole, and end with it."""
        self._whole.checkpoint()

    def when_stopped(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` when the whole is stopped."""
        self._whole.when_stopped(callback)

    def report(self, text: str, fraction: float | None = None) -> None:
        """Say how far the whole is; a part that begins again stands still until it is further."""
        self._share = max(self._share, min(fraction or 0.0, 1.0))
        self._whole.report(text, self._begin + self._share * (self._end - self._begin))
