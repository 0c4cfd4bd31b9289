"""What holds for every format: whoever registers one is tested here."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import pytest

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.data.formats import FORMATS
from mfgui.data.options import ROLES, ReadOptions
from mfgui.data.reader import look_at_file, open_ratings
from mfgui.errors import CancelledError, DataError


def load(name: str) -> ModuleType:
    """Return a module of the folder of fuzzing."""
    place = Path(__file__).resolve().parents[1] / "fuzz" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"fuzz_{name}", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


makers = load("makers")


def triples(ratings: Ratings) -> list[tuple[str, str, float]]:
    return [
        (ratings.user_ids[n], ratings.item_ids[m], value)
        for n, m, value in zip(
            ratings.user_index.tolist(), ratings.item_index.tolist(), ratings.value.tolist(),
            strict=True)
    ]


@pytest.fixture(params=list(FORMATS))
def name(request: pytest.FixtureRequest) -> str:
    if request.param == "excel":
        pytest.importorskip("python_calamine")
    return str(request.param)


@pytest.fixture
def file(name: str, tmp_path: Path) -> Path:
    path = tmp_path / f"ratings{makers.EXTENSIONS[name]}"
    path.write_bytes(makers.MAKERS[name](makers.CELLS))
    return path


def test_a_file_of_each_kind_gives_the_same_ratings(name: str, file: Path) -> None:
    ratings, report = open_ratings(file)
    assert report.format == name
    assert sorted(triples(ratings)) == sorted(makers.expected(name))
    assert report.n_lines == report.n_ratings + sum(number for _, number in report.losses)
    assert report.n_ratings == len(makers.CELLS)
    assert report.how
    assert report.how.isprintable()


def test_the_kind_is_told_by_the_content_alone(name: str, file: Path) -> None:
    other = file.rename(file.with_name("file"))
    assert open_ratings(other)[1].format == name


def test_a_look_shows_rows_and_roles(name: str, file: Path) -> None:
    look = look_at_file(file)
    assert look.format == name
    assert 0 < look.certainty <= 1
    assert 1 <= len(look.rows) <= 100
    assert len(look.names) == len(look.roles)
    assert {len(row) for row in look.rows} == {len(look.roles)}
    assert set(look.roles) <= {*ROLES, ""}
    assert {"items", "item"} & set(look.roles)


def test_what_a_look_found_reads_the_same_again(name: str, file: Path) -> None:
    look = look_at_file(file)
    again = ReadOptions(**look.options.as_dict())
    assert again == look.options or again.as_dict() == look.options.as_dict()
    first, _ = open_ratings(file)
    second, report = open_ratings(file, again)
    assert triples(second) == triples(first)
    assert report.format == name


def test_a_look_at_what_was_found_finds_it_again(name: str, file: Path) -> None:
    look = look_at_file(file)
    assert look_at_file(file, look.options).options == look.options


def test_a_stopped_job_reads_nothing(name: str, file: Path) -> None:
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        open_ratings(file, None, control)


def ends_well(file: Path) -> None:
    """Read a file that may be damaged: ratings whose report adds up, or one sentence."""
    try:
        ratings, report = open_ratings(file)
    except DataError as error:
        message: str | None = str(error)
    else:
        message = None
        assert report.n_lines == ratings.n_ratings + sum(number for _, number in report.losses)
    assert message is None or (message.isprintable() and message.endswith("."))


def test_a_file_that_breaks_off_ends_in_ratings_or_a_sentence(name: str, file: Path) -> None:
    content = file.read_bytes()
    for k in range(1, 17):
        file.write_bytes(content[: len(content) * k // 17])
        ends_well(file)


def test_bytes_that_changed_end_in_ratings_or_a_sentence(name: str, file: Path) -> None:
    content = file.read_bytes()
    chance = random.Random(5)
    for _ in range(30):
        changed = bytearray(content)
        for _ in range(chance.choice([1, 3, 20])):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        file.write_bytes(changed)
        ends_well(file)
