"""What the window is doing, which its buttons follow."""

from __future__ import annotations

from enum import Enum


class Status(Enum):
    """What the window is doing."""

    EMPTY = "empty"
    READY = "ready"
    TRAINING = "training"
    PAUSED = "paused"
    STOPPING = "stopping"
    DONE = "done"

    @property
    def is_running(self) -> bool:
        """Whether a training job is alive."""
        return self in (Status.TRAINING, Status.PAUSED, Status.STOPPING)
