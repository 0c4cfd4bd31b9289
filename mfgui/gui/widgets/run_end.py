"""How a run ended, in words."""

from __future__ import annotations

from mfgui.training.events import RunResult, StopReason


def end_text(result: RunResult) -> str:
    """Return how a run ended, in one sentence."""
    n_epochs = f"{result.n_epochs_run:,} epoch{'' if result.n_epochs_run == 1 else 's'}"
    taken = f"{n_epochs} in {duration_text(result.train_seconds)}"
    early = (f"Stopped early, then trained on all: {taken}." if result.is_refit else
             f"Stopped early after {n_epochs}; epoch {result.best_epoch:,} was best and is kept.")
    return {
        StopReason.FINISHED: f"Done: {taken}.",
        StopReason.EARLY_STOPPING: early,
        StopReason.STOPPED: f"Stopped after {n_epochs}.",
        StopReason.DIVERGED: f"Diverged after {n_epochs}; the last sound factors are kept.",
    }[result.stopped_because]


def duration_text(seconds: float) -> str:
    """Return a time as people say it: 0.8 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
