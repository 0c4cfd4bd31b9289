"""What all tests share."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mfgui
from mfgui.core.ratings import Ratings, TextArray


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real ratings files; skip where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MFGUI_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip("the folder of real ratings files is absent")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _is_the_installed_package() -> None:
    """Check that in CI the tests look at what a user would have installed, not at the checkout."""
    if os.environ.get("MFGUI_CI"):
        assert "site-packages" in str(mfgui.__file__)


@pytest.fixture(autouse=True)
def _no_thread_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    assert not left, f"threads left running: {left}"


@pytest.fixture
def data_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a server on this computer that offers one small data set, the only public one.

    See ``download_server.py``; nothing of it reaches the network, the user's folders or a proxy.
    """
    path = Path(__file__).with_name("download_server.py")
    spec = importlib.util.spec_from_file_location("download_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("MFGUI_DATA", str(tmp_path / "user data"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with module.DataServer(monkeypatch) as server:
        yield server


def make_ratings(cells: dict[tuple[int, int], float], n_users: int, n_items: int) -> Ratings:
    """Return ratings of the given cells; ids are the numbers from 1, as text."""
    pairs = sorted(cells)
    return Ratings(
        np.array([user for user, _ in pairs], np.int32),
        np.array([item for _, item in pairs], np.int32),
        np.array([cells[pair] for pair in pairs], np.float32),
        TextArray.from_strings(str(user + 1) for user in range(n_users)),
        TextArray.from_strings(str(item + 1) for item in range(n_items)),
    )


@pytest.fixture
def tiny() -> Ratings:
    """Return a 4 x 5 matrix with gaps."""
    rows = ["53?1?", "4??11", "11?5?", "?1544"]
    cells = {(n, m): float(sign) for n, row in enumerate(rows)
             for m, sign in enumerate(row) if sign != "?"}
    return make_ratings(cells, 4, 5)


@pytest.fixture(scope="session")
def planted() -> Ratings:
    """Return a 60 x 40 matrix of rank 3, about half of it observed, without noise."""
    rng = np.random.default_rng(7)
    full = rng.normal(0, 1, (60, 3)) @ rng.normal(0, 1, (40, 3)).T
    users, items = np.nonzero(rng.random(full.shape) < 0.5)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32), full[users, items].astype(np.float32),
        TextArray.from_strings(f"u{n}" for n in range(60)),
        TextArray.from_strings(f"i{m}" for m in range(40)),
    )
