"""What is kept of a segment, so that it can be gone on with; the states are never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mfgui.training.events import EpochRecord


@dataclass(frozen=True)
class Kept:
    """A state of the solver worth keeping, and the record that belongs to it."""

    record: EpochRecord
    state: dict[str, Any]


@dataclass(frozen=True)
class Interrupted:
    """Where a segment stood when it ended: what "train on" goes on from to the same bits.

    Parameters
    ----------
    last, best : Kept
        Early stopping counts from the best one on.
    guard : tuple
        What the guard remembers; () where its losses were those of other settings.
    is_from_scratch : bool
        Whether all epochs since the random start are in it, so that a refit can do the same.
    """

    last: Kept
    best: Kept
    guard: tuple[Any, ...] | None
    is_from_scratch: bool


@dataclass(frozen=True)
class Standing:
    """Where a segment stood after an epoch: all that its next ones depend on.

    Parameters
    ----------
    first_epoch : int
        Where the segment began.
    last, best : Kept
        The states are shared with whoever keeps them: nothing is copied for this.
    guard : tuple
        What the guard remembers.
    end_reason : str
        Why no further epoch would change anything, or "".
    """

    first_epoch: int
    last: Kept
    best: Kept
    guard: tuple[Any, ...]
    end_reason: str
