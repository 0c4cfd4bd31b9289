"""Moments as they stand in ratings files: numbers since 1970, or ISO 8601 dates.

A number beyond the year 5138 in seconds is taken for milli-, micro- or nanoseconds. Dates
without an offset are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
TENS = np.array([1000, 100, 10, 1])


def parse_times(
    buffer: NDArray[np.uint8], starts: NDArray[np.int32], sizes: NDArray[np.int32]
) -> Times:
    """Return seconds since 1970 of texts in a buffer; NaN where one is no moment.

    Parameters
    ----------
    buffer : ndarray of uint8
    starts, sizes : ndarray of int32, shape (n,)
    """
    seconds = np.full(starts.size, np.nan)
    is_date = sizes == 10
    if is_date.any():
        seconds[is_date] = _dates(buffer, starts[is_date])
    others = np.flatnonzero(np.isnan(seconds) & (sizes > 0))
    known: dict[bytes, float] = {}
    for k in others.tolist():
        words = buffer[starts[k] : starts[k] + sizes[k]].tobytes()
        if words not in known:
            known[words] = parse_time(words.decode("utf-8", "replace"))
        seconds[k] = known[words]
    return seconds


def _dates(buffer: NDArray[np.uint8], starts: NDArray[np.int32]) -> Times:
    """Return the seconds of texts like 2005-09-06, and NaN for those that are not like it."""
    signs = buffer[starts.astype(np.int64)[:, None] + np.arange(10)].astype(np.int64) - 48
    digits = signs[:, [0, 1, 2, 3, 5, 6, 8, 9]]
    month = digits[:, 4] * 10 + digits[:, 5]
    day = digits[:, 6] * 10 + digits[:, 7]
    is_good = ((digits >= 0) & (digits <= 9)).all(1) & (signs[:, 4] == -3) & (signs[:, 7] == -3)
    is_good &= (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = (digits[:, :4] @ TENS - 1970) * 12 + month - 1
    first = np.where(is_good, months, 0).astype("datetime64[M]").astype("datetime64[D]")
    seconds = (first.astype(np.int64) + np.where(is_good, day, 1) - 1) * 86400.0
    return np.where(is_good, seconds, np.nan)


def parse_time(words: str) -> float:
    """Return the seconds since 1970 that ``words`` name; NaN where they name no moment."""
    words = words.strip()
    try:
        if "_" not in words:
            return float(scaled_times(np.array([float(words)]))[0])
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(words.replace("/", "-").replace(" UTC", "+00:00"))
    except ValueError:
        return float("nan")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def scaled_times(times: Times) -> Times:
    """Return numbers of seconds, milli-, micro- or nanoseconds, each by its size, as seconds."""
    size = np.abs(times)
    scale = np.where(size > 1e17, 1e9, np.where(size > 1e14, 1e6, np.where(size > 1e11, 1e3, 1.0)))
    seconds: Times = times / scale
    return np.where(np.isfinite(seconds), seconds, np.nan)


def time_text(seconds: float) -> str:
    """Return a moment as ``2005-09-06 12:30:00``, UTC; empty where there is none."""
    if not np.isfinite(seconds) or not -6e10 < seconds < 2.5e11:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
