"""Stop, pause and progress of one job, shared between the thread that works and the one that asks.

There are no locks to hold: the asking side sets events, the working side looks at them between
blocks of work (``checkpoint``), and progress is one frozen object that is replaced whole.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from mfgui.errors import CancelledError


@dataclass(frozen=True)
class Progress:
    """How far a job is.

    Parameters
    ----------
    text : str
        What is being done, for people.
    fraction : float or None
        0 to 1; None where it cannot be known.
    """

    text: str
    fraction: float | None = None


class Control:
    """What one side asks of a running job and the other side obeys."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._snapshot = threading.Event()
        self._state = threading.Event()
        self._callbacks: list[Callable[[], None]] = []
        self.progress = Progress("")

    def stop(self) -> None:
        """Ask the job to end; a paused job ends too."""
        self._stop.set()
        self._running.set()
        for callback in list(self._callbacks):
            callback()

    def pause(self) -> None:
        """Ask the job to wait at its next checkpoint."""
        if not self._stop.is_set():
            self._running.clear()

    def resume(self) -> None:
        """Let a paused job go on."""
        self._running.set()

    def request_snapshot(self) -> None:
        """Ask for a copy of the factors after the epoch; asking twice is asking once."""
        self._snapshot.set()

    def take_snapshot_request(self) -> bool:
        """Return whether a snapshot was asked for since the last call."""
        wanted = self._snapshot.is_set()
        self._snapshot.clear()
        return wanted

    def request_state(self) -> None:
        """Ask where a run stands, to go on from there one day; told after the epoch."""
        self._state.set()

    def take_state_request(self) -> bool:
        """Return whether it was asked for since the last call."""
        wanted = self._state.is_set()
        self._state.clear()
        return wanted

    @property
    def is_stopped(self) -> bool:
        """Whether the job was asked to end."""
        return self._stop.is_set()

    @property
    def is_paused(self) -> bool:
        """Whether the job was asked to wait."""
        return not self._running.is_set()

    def when_stopped(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` from the asking thread on stop, as a database's interrupt needs it."""
        self._callbacks.append(callback)
        if self.is_stopped:
            callback()

    def checkpoint(self) -> None:
        """Wait while paused.

        Raises
        ------
        CancelledError
            If the job was asked to stop.
        """
        self._running.wait()
        if self._stop.is_set():
            raise CancelledError("Stopped.")

    def report(self, text: str, fraction: float | None = None) -> None:
        """Say how far the job is; whoever shows it looks when it likes."""
        self.progress = Progress(text, fraction)
