"""What the journeys over a program of its own share: its folders, its start, its ratings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent))

from watched import THEME, Watched

N_USERS, N_ITEMS, N_RATINGS = 300, 200, 20_000


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which the program keeps what is its own, with the look that is wanted."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    folder = tmp_path / "xdg_config_home" / "mfgui"
    folder.mkdir(parents=True)
    (folder / "mfgui.ini").write_text(f'[General]\ntheme="\\"{THEME}\\""\n')
    return tmp_path


@pytest.fixture
def started(home: Path) -> Iterator[Callable[..., Watched]]:
    programs: list[Watched] = []

    def start(*words: str) -> Watched:
        made = Watched(*words)
        programs.append(made)
        return made

    yield start
    for program in programs:
        if program.process.poll() is None:
            program.process.kill()
        program.process.wait(60)
        for pipe in (program.process.stdin, program.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def ratings(home: Path) -> Path:
    """Return a file of ratings with something to find in them."""
    rng = np.random.default_rng(5)
    users, items = rng.normal(size=(N_USERS, 3)), rng.normal(size=(N_ITEMS, 3))
    keys = np.sort(rng.choice(N_USERS * N_ITEMS, N_RATINGS, replace=False))
    rows, columns = np.divmod(keys, N_ITEMS)
    found = 3.2 + 0.6 * np.sum(users[rows] * items[columns], axis=1)
    values = np.clip(np.round(found + rng.normal(0, 0.3, keys.size)), 1, 5)
    path = home / "films.csv"
    with path.open("w") as file:
        file.write("user,item,rating\n")
        for user, item, value in zip(rows, columns, values, strict=True):
            file.write(f"u{user + 1},film {item + 1},{value:g}\n")
    return path
