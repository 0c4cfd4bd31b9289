"""What the tests of formats that are not text share."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from mfgui.core.ratings import Ratings
from mfgui.data.import_report import ImportReport
from mfgui.data.options import ReadOptions
from mfgui.data.reader import open_ratings
from mfgui.errors import DataError

Triples = list[tuple[str, str, float]]


@pytest.fixture(scope="session")
def makers() -> ModuleType:
    """Return the module that makes small files of every format."""
    place = Path(__file__).resolve().parents[2] / "fuzz" / "makers.py"
    spec = importlib.util.spec_from_file_location("fuzz_makers_of_formats", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def triples_of() -> Callable[..., tuple[Triples, ImportReport]]:
    """Return a function that reads a file and checks that its report adds up."""

    def read(path: Path, **options: object) -> tuple[Triples, ImportReport]:
        ratings, report = open_ratings(path, ReadOptions(**options))  # type: ignore[arg-type]
        assert report.n_lines == ratings.n_ratings + sum(number for _, number in report.losses)
        return _triples(ratings), report

    return read


@pytest.fixture
def refusal() -> Callable[..., str]:
    """Return a function that returns the one sentence in which a file is refused."""

    def read(path: Path, **options: object) -> str:
        with pytest.raises(DataError) as caught:
            open_ratings(path, ReadOptions(**options))  # type: ignore[arg-type]
        message = str(caught.value)
        assert message.isprintable()
        assert message.endswith(".")
        return message

    return read


def _triples(ratings: Ratings) -> Triples:
    return [
        (ratings.user_ids[n], ratings.item_ids[m], value)
        for n, m, value in zip(
            ratings.user_index.tolist(), ratings.item_index.tolist(), ratings.value.tolist(),
            strict=True)
    ]
