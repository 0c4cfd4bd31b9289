"""The rivals' side of the training benchmark: their scripts and programs, as child processes."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import numpy as np
from train_data import Split
from train_ours import crossing
from train_rows import MissingError

LIBMF_ETA, LIBMF_REG = 0.1, 0.05
MOST_LIBMF_EPOCHS = 128
# peer.py lets BLAS have all threads; cmfrec and implicit run threads of their own and are up to
# twice as fast at F=128 where BLAS is held to one, as implicit's own documentation asks for.
PRELUDE = """
import runpy, sys
import scipy.linalg.cython_blas
from threadpoolctl import threadpool_limits
threadpool_limits(1, "blas")
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass
class Rivals:
    """What there is of the rivals; a context manager that clears its files away.

    Parameters
    ----------
    bench : Path or None
        The folder of ``peer.py``, ``limits.py`` and ``datasets.py``.
    libmf : Path or None
        The folder of the compiled ``libmf_time``.
    python : str or None
        An interpreter that has cmfrec, implicit and scikit-surprise.
    """

    bench: Path | None
    libmf: Path | None
    python: str | None
    _folder: Any = None
    _written: dict[str, tuple[Path, Path]] = field(default_factory=dict)

    def __enter__(self) -> Rivals:
        self._folder = tempfile.TemporaryDirectory()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()

    def peer(self, name: str, split: Split, n_factors: int, n_threads: int, n_epochs: int,
             *values: str) -> dict[str, Any]:
        """Return the figures of one run of ``peer.py``."""
        if self.python is None or self.bench is None:
            raise MissingError(f"no {name}: give --rivals PYTHON and --bench FOLDER")
        command = [self.python, "-c", PRELUDE, str(self.bench / "peer.py"), name,
                   split.path.stem, "--F", str(n_factors), "--threads", str(n_threads),
                   "--epochs", str(n_epochs), "--no-test", "--set", *values]
        return run_json(command, {"MFBENCH_DATA": str(split.path.resolve().parent)}, name)

    def peer_epoch(self, name: str, split: Split, n_factors: int, n_threads: int,
                   n_epochs: tuple[int, int], *values: str) -> float:
        """Return a peer's seconds an epoch: the difference of two runs, free of what is fixed."""
        few, many = (self.peer(name, split, n_factors, n_threads, n, *values)["fit_s"]
                     for n in n_epochs)
        return float(many - few) / (n_epochs[1] - n_epochs[0])

    def libmf_runs(self, split: Split, n_factors: int, n_threads: int, *n_epochs: int
                   ) -> list[tuple[float, float]]:
        """Return seconds inside LIBMF's trainer and held-out RMSE for each number of epochs."""
        program = self.libmf / "libmf_time" if self.libmf is not None else None
        if program is None or not program.exists():
            raise MissingError("no LIBMF: give --libmf FOLDER, built by libmf.py of the rivals")
        training, test = self._libmf_files(split)
        ended = subprocess.run(
            [program, training, test, str(n_factors), str(n_threads), str(LIBMF_ETA),
             str(LIBMF_REG), *map(str, n_epochs)], check=True, capture_output=True, text=True)
        lines = [line.split() for line in ended.stdout.splitlines()]
        return [(float(seconds), float(rmse)) for _, seconds, rmse in lines]

    def libmf_epoch(self, split: Split, n_factors: int, n_threads: int, n_epochs: tuple[int, int]
                    ) -> float:
        """Return LIBMF's seconds an epoch, from the difference of two runs."""
        few, many = self.libmf_runs(split, n_factors, n_threads, *n_epochs)
        return (many[0] - few[0]) / (n_epochs[1] - n_epochs[0])

    def libmf_bracket(self, split: Split, n_factors: int, n_threads: int, target: float
                      ) -> tuple[int, int]:
        """Return numbers of epochs between which the held-out RMSE falls below ``target``."""
        low, high = 0, 4
        while self.libmf_runs(split, n_factors, n_threads, high)[0][1] > target:
            low, high = high, 2 * high
            if high > MOST_LIBMF_EPOCHS:
                raise MissingError(f"LIBMF does not reach {target} in {low} epochs")
        while high - low > 1:
            middle = (low + high) // 2
            rmse = self.libmf_runs(split, n_factors, n_threads, middle)[0][1]
            low, high = (middle, high) if rmse > target else (low, middle)
        return low, high

    def libmf_reach(self, split: Split, n_factors: int, n_threads: int, target: float,
                    bracket: tuple[int, int]) -> float:
        """Return LIBMF's seconds to ``target``, straight between two numbers of epochs.

        With two threads its runs differ a little: one more to either side is run as well.
        """
        numbers = [n for n in range(bracket[0] - 1, bracket[1] + 2) if n > 0]
        return crossing(self.libmf_runs(split, n_factors, n_threads, *numbers), target)

    def gather(self, n_rows: int, n_factors: int, n_threads: int) -> float:
        """Return the nanoseconds of reading one random row: what a rating costs at the least."""
        limits = self._module("limits")
        return float(limits.gather(n_rows, n_factors, limits._gather, n_threads))

    def _libmf_files(self, split: Split) -> tuple[Path, Path]:
        """Return training and test part in the layout of ``libmf_time``, written once."""
        if split.name not in self._written:
            folder = Path(self._folder.name)
            paths = folder / f"{split.name}.tr", folder / f"{split.name}.te"
            for path, part in zip(paths, (split.training, split.test), strict=True):
                write_libmf(path, part, split.training.n_users, split.training.n_items)
            self._written[split.name] = paths
        return self._written[split.name]

    def _module(self, name: str) -> ModuleType:
        """Return one of the rivals' scripts as a module."""
        if self.bench is None:
            raise MissingError("no row gathers: give --bench FOLDER")
        if str(self.bench) not in sys.path:
            sys.path.append(str(self.bench))
        return importlib.import_module(name)


def write_libmf(path: Path, part: Any, n_users: int, n_items: int) -> None:
    """Write int32 users, items, int64 count, then int32, int32, float32 for each rating."""
    records = np.empty(part.value.size, dtype=[("u", "<i4"), ("i", "<i4"), ("r", "<f4")])
    records["u"], records["i"], records["r"] = part.user_index, part.item_index, part.value
    with open(path, "wb") as file:
        file.write(np.array([n_users, n_items], "<i4").tobytes())
        file.write(np.array([records.size], "<i8").tobytes())
        records.tofile(file)


def run_json(command: list[str], extra: dict[str, str], what: str) -> dict[str, Any]:
    """Return the last line of JSON that a program prints."""
    ended = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **extra},
                           check=False)
    lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
    if ended.returncode or not lines:
        raise MissingError(f"{what} failed: {ended.stderr.strip().splitlines()[-1:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found
