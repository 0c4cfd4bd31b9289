"""Columns of a run's records as arrays, without an object for each record.

A hundred thousand records are 1.8 million Python numbers, which take a second to make; a curve
needs four columns of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mfgui.store.project.project import Project
from mfgui.store.project.schema import RECORD_FIELDS

_AT_ONCE = 4096  # rows: making them an array holds the interpreter's lock for a millisecond


def record_columns(
    project: Project, run_id: int, names: Sequence[str]
) -> NDArray[np.float64] | None:
    """Read columns of a run's records in their order; on any thread.

    Parameters
    ----------
    project : Project
    run_id : int
    names : sequence of str
        Fields of an EpochRecord.

    Returns
    -------
    ndarray of float64, shape (len(names), n_records), or None
        NaN where a record has no value, +inf for a NaN that was recorded. None where records wait
        to be written, as on a full disk: then ``project.history`` has them all.

    Raises
    ------
    ProjectError
        If there is no such run, or the file cannot be read.
    """
    if project.trouble:
        return None
    project.run(run_id)
    columns = ", ".join(_number(name) for name in names)
    with project._reading() as connection:
        rows = connection.execute(
            f"SELECT {columns} FROM records WHERE run_id = ? ORDER BY segment, epoch, is_refit",
            (run_id,))
        parts = []
        while part := rows.fetchmany(_AT_ONCE):
            parts.append(np.array(part, np.float64).T)
    return np.concatenate(parts, axis=1) if parts else np.empty((len(names), 0))


def _number(name: str) -> str:
    """Return an expression that is a real number or NULL whatever stands in a column."""
    if name not in RECORD_FIELDS:
        raise ValueError(f"records have no {name}")
    return (f"CASE typeof({name}) WHEN 'real' THEN {name} WHEN 'integer' THEN {name} * 1.0 "
            "WHEN 'blob' THEN 9e999 END")
