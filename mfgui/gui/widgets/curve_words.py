"""What is said and written of the records of a curve."""

from __future__ import annotations

import math

from mfgui.gui.widgets.curve_data import VIEWS, figure
from mfgui.inspection.trial import Trial
from mfgui.training.events import EpochRecord

COLUMNS = (
    "epoch", "segment", "is_refit", "loss", "data_term", "train_rmse", "validation_rmse",
    "test_rmse", "train_seconds", "learning_rate",
)
# Columns of the values only where a record has one.
RARE_COLUMNS = ("rate_limit", "average_rmse", *VIEWS["ranking"])


def columns_of(records: tuple[EpochRecord, ...]) -> tuple[str, ...]:
    """Return the columns worth a place in a table of the records."""
    def has(column: str) -> bool:
        return any(getattr(record, column) is not None for record in records)

    return (*COLUMNS, *filter(has, RARE_COLUMNS))


def read_out(record: EpochRecord, view: str) -> str:
    """Return one record in words: "epoch 12  train 0.8123  validation 0.9014"."""
    parts = [f"{'refit epoch' if record.is_refit else 'epoch'} {record.epoch:,}"]
    for column, word in VIEWS[view].items():
        value = getattr(record, column)
        if value is not None:
            parts.append(f"{word} {figure(value) if math.isfinite(value) else 'not finite'}")
    return "   ".join(parts)


def trial_text(trial: Trial) -> str:
    """Return what the dotted line of a copy is that is trained step by step."""
    figures = [f"loss {figure(trial.losses[-1])}"] if trial.losses else []
    figures += [f"training RMSE {figure(trial.rmses[-1])}"] if trial.rmses else []
    return f"Dotted: {trial.text}; {', '.join(figures)}. The run's own curve stays."
