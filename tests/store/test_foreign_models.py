"""Factors of other programs: NumPy arrays and LIBMF's text model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mfgui.core.ratings import Ratings
from mfgui.errors import ModelFileError
from mfgui.store.foreign_models import is_foreign, open_foreign

LIBMF = """f 0
m 2
n 3
k 2
b 3.5
p0 T 1 0.5
p1 F 0 0
q0 T 2 1
q1 T 0 1
q2 T -1 2
"""


@pytest.fixture
def arrays(tmp_path: Path) -> tuple[Path, Path]:
    rng = np.random.default_rng(0)
    np.save(tmp_path / "users.npy", rng.normal(size=(6, 3)))
    np.save(tmp_path / "items.npy", rng.normal(size=(4, 3)).astype(np.float32))
    return tmp_path / "users.npy", tmp_path / "items.npy"


def test_two_arrays_are_a_model_in_any_order(arrays: tuple[Path, Path]) -> None:
    users, items = arrays
    one, other = open_foreign([users, items]), open_foreign([items, users])
    assert (one.model.n_users, one.model.n_items) == (6, 4)
    np.testing.assert_array_equal(one.model.user_factors, other.model.user_factors)
    assert list(one.user_ids) == ["0", "1", "2", "3", "4", "5"]
    assert not one.model.clip


def test_rows_take_the_ids_of_the_open_ratings_where_the_numbers_agree(
    tmp_path: Path, tiny: Ratings
) -> None:
    rng = np.random.default_rng(0)
    np.save(tmp_path / "a.npy", rng.normal(size=(tiny.n_items, 2)))
    np.save(tmp_path / "b.npy", rng.normal(size=(tiny.n_users, 2)))
    found = open_foreign([tmp_path / "a.npy", tmp_path / "b.npy"], tiny)
    assert list(found.user_ids) == list(tiny.user_ids)
    assert found.model.n_items == tiny.n_items
    assert found.model.scale == tiny.scale


def test_the_text_model_of_libmf_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.txt"
    path.write_text(LIBMF)
    assert is_foreign([path])
    model = open_foreign([path]).model
    np.testing.assert_array_equal(model.user_factors, [[1, 0.5], [0, 0]])
    predicted = model.predict(np.array([0, 0, 1]), np.array([0, 2, 0]))
    np.testing.assert_allclose(predicted, [2.5, 0.0, 0.0])


@pytest.mark.parametrize("text", [
    LIBMF.replace("p1 F 0 0\n", ""), LIBMF.replace("k 2", "k 3"), LIBMF.replace("m 2", "m 200000"),
    LIBMF.replace("T 2 1", "T nan 1"), LIBMF.replace("b 3.5", "b"), LIBMF[:40],
    LIBMF.replace("m 2", "m inf"),
])
def test_a_damaged_text_model_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.txt"
    path.write_text(text)
    with pytest.raises(ModelFileError, match=r"model\.txt"):
        open_foreign([path])


def test_arrays_that_do_not_fit_together_are_refused(
    tmp_path: Path, arrays: tuple[Path, Path]
) -> None:
    np.save(tmp_path / "wide.npy", np.zeros((4, 5)))
    np.save(tmp_path / "words.npy", np.array([["a"]]))
    for other in ("wide.npy", "words.npy", "nowhere.npy"):
        with pytest.raises(ModelFileError, match=r"users\.npy and"):
            open_foreign([arrays[0], tmp_path / other])
    with pytest.raises(ModelFileError, match="both"):
        open_foreign([arrays[0]])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more",
                                     b"\x93NUMPY\x01\x00\x10\x00{'descr': (((     "])
def test_a_damaged_array_is_refused_in_one_sentence(
    tmp_path: Path, arrays: tuple[Path, Path], content: bytes
) -> None:
    path = tmp_path / "damaged.npy"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"damaged\.npy"):
        open_foreign([path, arrays[1]])


def test_two_models_chosen_together_are_refused_in_one_sentence(tmp_path: Path) -> None:
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in paths:
        np.savez(path, user_factors=np.zeros((3, 2)))
    with pytest.raises(ModelFileError, match=r"a\.npz is an archive"):
        open_foreign(paths)
    with pytest.raises(ModelFileError, match="3 files are no model"):
        open_foreign([*paths, paths[0]])
