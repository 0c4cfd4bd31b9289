"""The values of curves as rows of a table: every record, whatever was drawn of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfgui.inspection.envelopes import smoothed
from mfgui.jobs.run_curves import RecordColumns
from mfgui.training.events import EpochRecord

RUN_COLUMNS = ("run", "name")
PLACE_COLUMNS = ("epochs_trained", "seconds_trained")


@dataclass(frozen=True)
class CurveSource:
    """A run whose records are wanted.

    Parameters
    ----------
    number : int or None
        As people count; None for a model that no project keeps.
    name : str
    records : callable
        Returns the records, on any thread.
    """

    number: int | None
    name: str
    records: Callable[[], Sequence[EpochRecord]]


def curve_rows(
    sources: Sequence[CurveSource], columns: Sequence[str], smooth: Sequence[str] = (),
    half_life: float = 0.0,
) -> Iterator[tuple[Any, ...]]:
    """Yield a row a record, run after run; None where there is no value.

    Parameters
    ----------
    sources : sequence of CurveSource
    columns : sequence of str
        Of an EpochRecord.
    smooth : sequence of str
        Those that are wanted smoothed too.
    half_life : float
        Of the smoothing, in epochs; see ``inspection.envelopes.smoothed``.

    Yields
    ------
    tuple
        ``RUN_COLUMNS``, ``columns``, ``PLACE_COLUMNS`` (where it stands with the run's parts laid
        end to end), then the smoothed ones.
    """
    for source in sources:
        laid, records = RecordColumns(smooth), list(source.records())
        laid.append(records)
        means = [_means(laid, column, half_life) for column in smooth]
        for k, record in enumerate(records):
            yield (source.number, source.name, *(getattr(record, name) for name in columns),
                   float(laid.epochs[k]), float(laid.seconds[k]), *(mean[k] for mean in means))


def _means(laid: RecordColumns, column: str, half_life: float) -> list[float | None]:
    """Return a smoothed column at each record; None where it has none."""
    is_there = ~np.isnan(laid.column(column))
    means = np.full(laid.size, math.nan)
    means[is_there] = smoothed(laid.line(column), half_life)
    return [value if math.isfinite(value) else None for value in means.tolist()]
