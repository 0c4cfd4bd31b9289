"""What every case of the training benchmark gets: the data, the rivals, the number of repeats."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from train_data import Split, load_split
from train_rivals import Rivals
from train_rows import MissingError


@dataclass
class Context:
    """The options of a run of the benchmark.

    Parameters
    ----------
    files : dict of str to Path or None
        By the names "ML-1M", "20M" (arrays u, i, r) and "Last.fm" (a text file).
    rivals : Rivals
    repeats, slow_repeats : int
        The second is for rivals whose epoch takes ten seconds.
    """

    files: dict[str, Path | None]
    rivals: Rivals
    repeats: int = 5
    slow_repeats: int = 2
    _splits: dict[str, Split] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """Return a data set's file."""
        path = self.files[name]
        if path is None:
            option = {"ML-1M": "--ml1m", "20M": "--synth", "Last.fm": "--lastfm"}[name]
            raise MissingError(f"no {name}: give {option} FILE")
        return path

    def split(self, name: str) -> Split:
        """Return a data set in its two parts; read once."""
        if name not in self._splits:
            self._splits[name] = load_split(self.path(name), name)
        return self._splits[name]
