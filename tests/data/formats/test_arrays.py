"""NumPy arrays and sparse matrices: explicit zeros, gaps, lies about sizes, and no pickle."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.data.formats.arrays import numbered, texts_of
from mfgui.data.options import ReadOptions
from mfgui.data.reader import look_at_file, open_ratings


@pytest.fixture
def save(tmp_path: Path) -> Callable[[np.ndarray], Path]:
    def write(array: np.ndarray) -> Path:
        file = tmp_path / "x.npy"
        np.save(file, array)
        return file

    return write


def test_numbers_become_codes_by_first_appearance() -> None:
    codes, texts = numbered(np.array([5, 2, 5, 0, 2, 10**12]), Control())
    assert codes.tolist() == [0, 1, 0, 2, 1, 3]
    assert list(texts) == ["5", "2", "0", "1000000000000"]
    codes, texts = numbered(np.array([7, 3, 7], np.uint8), Control())
    assert (codes.tolist(), list(texts)) == ([0, 1, 0], ["7", "3"])


def test_numbers_are_written_as_text_in_blocks() -> None:
    numbers = np.arange(0, 900_000, 7)
    texts = texts_of(numbers, Control())
    assert len(texts) == numbers.size
    assert [texts[k] for k in (0, 1, 70_000)] == ["0", "7", "490000"]


@pytest.mark.parametrize("kind", ["csr", "csc", "coo"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u1", "?"])
def test_sparse_matrices_of_scipy_are_read(
    tmp_path: Path, kind: str, dtype: str, triples_of: Callable[..., Any]
) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.coo_array(
        (np.array([1, 0, 1], dtype), (np.array([2, 0, 0]), np.array([1, 3, 0]))), shape=(4, 5))
    file = tmp_path / "x.npz"
    sparse.save_npz(file, matrix.asformat(kind))
    triples, report = triples_of(file)
    # The entry that is written as 0 is a rating of 0.
    assert sorted(triples) == [("0", "0", 1.0), ("0", "3", 0.0), ("2", "1", 1.0)]
    assert (report.noun, report.n_lines) == ("entry", 3)
    assert "from 0" in report.how


@pytest.mark.parametrize("kind", ["dia", "bsr"])
def test_other_sparse_kinds_are_refused(
    tmp_path: Path, kind: str, refusal: Callable[..., str]
) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    file = tmp_path / "x.npz"
    sparse.save_npz(file, sparse.eye_array(6).asformat(kind))
    assert "tocsr()" in refusal(file)


def test_the_same_entry_twice_goes_by_the_policy(
    tmp_path: Path, makers: ModuleType, triples_of: Callable[..., Any]
) -> None:
    file = tmp_path / "x.npz"
    file.write_bytes(makers.sparse_file(
        "coo", (2, 2), row=np.array([1, 1]), col=np.array([0, 0]), data=np.array([2.0, 4.0])))
    assert triples_of(file)[0] == [("1", "0", 4.0)]
    assert triples_of(file, duplicates="mean")[0] == [("1", "0", 3.0)]


def test_entries_that_are_not_finite_are_rejected(
    tmp_path: Path, makers: ModuleType, triples_of: Callable[..., Any]
) -> None:
    file = tmp_path / "x.npz"
    file.write_bytes(makers.sparse_file(
        "coo", (9, 9), row=np.arange(4), col=np.arange(4), data=np.array([1, np.nan, 1e300, 2])))
    triples, report = triples_of(file)
    assert triples == [("0", "0", 1.0), ("3", "3", 2.0)]
    assert report.n_rejected == 2
    assert [bad.line for bad in report.rejected] == [2, 3]


@pytest.mark.parametrize("change", [
    {"indptr": np.array([0, 9, 2])}, {"indptr": np.array([0, 2])}, {"indices": np.array([0, 7])},
    {"indices": np.array([0, -1])}, {"indices": np.array([0.5, 1])}, {"shape": np.array([-1, 2])},
    {"data": np.array([1.0])}, {"data": np.array([1j, 2])}, {"shape": np.array([2, 2, 2])},
])
def test_arrays_that_do_not_fit_each_other_are_refused(
    tmp_path: Path, change: dict[str, np.ndarray], refusal: Callable[..., str]
) -> None:
    arrays = {
        "format": np.array(b"csr"), "shape": np.array([2, 2]), "data": np.array([1.0, 2.0]),
        "indices": np.array([0, 1]), "indptr": np.array([0, 1, 2]), **change}
    file = tmp_path / "x.npz"
    np.savez(file, **arrays)
    assert refusal(file)


def test_pickles_are_never_opened(tmp_path: Path, refusal: Callable[..., str]) -> None:
    trap = tmp_path / "sprung"
    file = tmp_path / "x.npy"
    np.save(file, np.array([Trap(str(trap))], object), allow_pickle=True)
    assert "never opened" in refusal(file)
    archive = tmp_path / "x.npz"
    np.savez(archive, format=np.array([Trap(str(trap))], object), data=np.zeros(1),
             allow_pickle=True)
    assert refusal(archive)
    file.write_bytes(pickle.dumps([1, 2, 3]))
    assert refusal(file)
    assert not trap.exists()


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (self.path, "w"))


def test_a_header_that_lies_about_its_size_is_refused(
    tmp_path: Path, refusal: Callable[..., str]
) -> None:
    file = io.BytesIO()
    np.save(file, np.zeros((2, 2)))
    content = file.getvalue().replace(b"(2, 2), }        ", b"(2000000000, 99)}")
    lying = tmp_path / "x.npy"
    lying.write_bytes(content)
    assert "damaged" in refusal(lying)
    archive = tmp_path / "x.npz"
    with zipfile.ZipFile(archive, "w") as parts:
        for name in ("format", "shape", "data", "indices", "indptr"):
            parts.writestr(f"{name}.npy", content)
    assert "damaged" in refusal(archive)


def test_other_archives_of_arrays_name_what_they_hold(
    tmp_path: Path, refusal: Callable[..., str]
) -> None:
    file = tmp_path / "x.npz"
    np.savez(file, ratings=np.zeros(3))
    assert "holds ratings and is no sparse matrix" in refusal(file)


def test_in_a_dense_matrix_nan_is_missing_and_zero_by_choice(
    save: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    file = save(np.array([[5, np.nan, 0, 1.5], [np.nan, 3, np.nan, 0]], order="F"))
    triples, report = triples_of(file)
    assert sorted(triples) == [("0", "0", 5.0), ("0", "2", 0.0), ("0", "3", 1.5), ("1", "1", 3.0),
                       ("1", "3", 0.0)]
    assert (report.noun, report.n_lines, report.n_missing) == ("cell", 8, 3)
    triples, report = triples_of(file, zeros="missing")
    assert len(triples) == 3
    assert dict(report.losses) == {"missing": 3, "zeros taken as missing": 2}
    triples, _ = triples_of(file, missing="1.5,3")
    assert len(triples) == 3


def test_chosen_columns_of_a_dense_matrix_keep_their_numbers(
    save: Callable[..., Path], triples_of: Callable[..., Any], refusal: Callable[..., str]
) -> None:
    file = save(np.arange(12.0).reshape(2, 6) + 0.5)
    triples, report = triples_of(file, columns="items=2-3+6")
    assert triples == [("0", "1", 1.5), ("0", "2", 2.5), ("0", "5", 5.5), ("1", "1", 7.5),
                       ("1", "2", 8.5), ("1", "5", 11.5)]
    assert report.n_lines == 6
    assert "items=1-6" in refusal(file, columns="items=2-9")
    look = look_at_file(file, ReadOptions(columns="user=1,item=2,rating=6"))
    assert (len(look.names), look.roles) == (6, ("user", "item", "", "", "", "rating"))


def test_a_matrix_mostly_of_zeros_is_doubtful(save: Callable[..., Path]) -> None:
    file = save(np.eye(8))
    assert look_at_file(file).doubts
    assert not look_at_file(file, ReadOptions(zeros="missing")).doubts


@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_rows_of_three_numbers_are_ratings_with_a_doubt(
    save: Callable[..., Path], triples_of: Callable[..., Any], dtype: Any
) -> None:
    file = save(np.array([[900, 1, 5], [900, 2, 3], [7, 1, 4]], dtype))
    triples, report = triples_of(file)
    assert triples == [("900", "1", 5.0), ("900", "2", 3.0), ("7", "1", 4.0)]
    assert report.doubts
    assert len(triples_of(file, columns="items=1-3")[0]) == 9


def test_rows_of_numbers_may_hold_gaps_times_and_odd_ids(
    save: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    file = save(np.array([[900, 1, 5, 1e9], [900, 2, np.nan, 1e9], [7, 1, np.inf, 2e12],
                          [7, 3, 2, np.nan], [8, 3, 99, 0]]))
    ratings, report = open_ratings(file, ReadOptions(missing="99"))
    assert ratings.time is not None
    assert ratings.time[0] == 1e9
    assert np.isnan(ratings.time[1])
    assert dict(report.losses) == {"missing": 2, "rating is not finite": 1}
    assert (report.rejected[0].line, report.n_bad_times) == (3, 1)
    file = save(np.array([[900.5, 1, 5], [-3, 2, 4]]))
    triples, _ = triples_of(file, columns="user=1,item=2,rating=3")
    assert triples == [("900.5", "1", 5.0), ("-3", "2", 4.0)]


def test_records_are_read_by_their_names(save: Callable[..., Path]) -> None:
    file = save(np.array(
        [("2001-01-02T03:04:05", "ü, \"x\"", 7, 4.5), ("2001-01-02T03:04:06", "b", 8, np.nan)],
        dtype=[("time", "M8[s]"), ("item", "U9"), ("user", "i4"), ("rating", "f4")]))
    ratings, report = open_ratings(file)
    assert report.columns == ("time", "item", "user", "rating")
    assert (ratings.user_ids[0], ratings.item_ids[0]) == ("7", 'ü, "x"')
    assert ratings.time is not None
    assert ratings.time.tolist() == [978404645.0]
    assert report.n_missing == 1


def test_letters_that_are_none_are_replaced(
    save: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    file = save(np.array([("ab", "x", 3.0)], [("user", ">U2"), ("item", "U3"), ("rating", "f4")]))
    content = file.read_bytes()
    assert content.count(b"\0\0\0a") == 1
    file.write_bytes(content.replace(b"\0\0\0a", b"\x7f\xff\xff\xff"))
    assert triples_of(file)[0] == [("\ufffdb", "x", 3.0)]


@pytest.mark.parametrize("array", [
    np.zeros(5), np.zeros((2, 2, 2)), np.array("x"), np.array([["a", "b"]]), np.zeros((0, 3)),
    np.zeros((2, 2), complex),
])
def test_other_arrays_are_refused(
    save: Callable[..., Path], refusal: Callable[..., str], array: np.ndarray
) -> None:
    assert refusal(save(array))
