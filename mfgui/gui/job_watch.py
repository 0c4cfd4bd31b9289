"""What whoever starts a job of the status bar is handed of it, beside its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mfgui.core.control import Control


def _ignore(_: Any) -> None:
    """Take no notice."""


def _never() -> bool:
    """Say that what is done so far is lost."""
    return False


@dataclass(frozen=True)
class JobWatch:
    """Follows one job; all of it is called on the GUI thread.

    Parameters
    ----------
    done : callable
        Gets the last event of a job that ended well, after all else.
    on_events : callable
        Gets the list of events since the last tick.
    on_start : callable
        Gets the control of the job that begins; not called where another job is running.
    on_end : callable
        Gets the exception that ended it, or None: once, after a Cancel too.
    can_go_on : callable
        Says whether nothing is lost where the window is closed now: it can be gone on with.
    panel : str
        Where it is gone on with; "" where that is no panel.
    """

    done: Callable[[Any], None] = _ignore
    on_events: Callable[[list[Any]], None] = _ignore
    on_start: Callable[[Control], None] = _ignore
    on_end: Callable[[BaseException | None], None] = _ignore
    can_go_on: Callable[[], bool] = _never
    panel: str = ""


Done = Callable[[Any], None] | JobWatch | None


def watch_of(done: Done) -> JobWatch:
    """Return the watch that was given, or one that hands on the result alone."""
    if isinstance(done, JobWatch):
        return done
    if done is None:
        return JobWatch()
    return JobWatch(done, getattr(done, "on_events", _ignore))
