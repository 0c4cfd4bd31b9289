"""Model files: what goes in comes out, and nothing unsound comes in."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.errors import ModelFileError, StorageError
from mfgui.jobs.train import saved_model, summary
from mfgui.store.files import write_beside
from mfgui.store.model_file import SavedModel, open_model, save_model
from mfgui.training.session import TrainingSession


@pytest.fixture
def saved(tiny: Ratings) -> SavedModel:
    settings = SOLVERS["sgd"].settings_type(n_factors=2, n_epochs=3, biases=True)
    session = TrainingSession("sgd", settings, tiny)
    list(session.epochs())
    assert session.result is not None
    return saved_model(session.result, tiny)


def test_a_model_comes_back_as_it_was_saved(tmp_path: Path, saved: SavedModel) -> None:
    save_model(tmp_path / "m.npz", saved)
    found = open_model(tmp_path / "m.npz")
    for name in ("user_factors", "item_factors", "user_bias", "item_bias"):
        np.testing.assert_array_equal(getattr(found.model, name), getattr(saved.model, name))
    assert found.model.global_mean == saved.model.global_mean
    assert found.model.scale == saved.model.scale
    assert list(found.user_ids) == list(saved.user_ids)
    assert list(found.item_ids) == list(saved.item_ids)
    assert found.card["settings"]["n_factors"] == 2
    assert len(found.card["history"]) == 4
    assert os.listdir(tmp_path) == ["m.npz"]


def test_numpy_alone_reads_a_model_without_pickle(tmp_path: Path, saved: SavedModel) -> None:
    save_model(tmp_path / "m.npz", saved)
    with np.load(tmp_path / "m.npz", allow_pickle=False) as file:
        assert file["user_factors"].shape == (4, 2)
        assert json.loads(file["card"].tobytes())["format_version"] == 3


def test_a_summary_has_no_number_that_json_does_not_know(tiny: Ratings) -> None:
    settings = SOLVERS["sgd"].settings_type(learning_rate=1e9, validation=0)
    session = TrainingSession("sgd", settings, tiny)
    list(session.epochs())
    assert session.result is not None
    json.dumps(summary(session.result, tiny), allow_nan=False)


def damaged(path: Path, **changes: Any) -> None:
    """Write the model again with other arrays; None leaves one out."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    arrays.update(changes)
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})


@pytest.mark.parametrize("changes", [
    {"user_factors": np.full((4, 2), np.nan, np.float32)},
    {"user_factors": np.zeros((4, 3), np.float32)},
    {"user_factors": np.zeros((3, 2), np.float32)},
    {"user_factors": np.zeros((4, 2))},
    {"user_bias": np.zeros(5, np.float32)},
    {"item_factors": None},
    {"card": np.frombuffer(b"{", np.uint8)},
    {"card": np.frombuffer(b"[]", np.uint8)},
    {"card": np.frombuffer(b"null", np.uint8)},
    {"user_ids_offsets": np.array([0, 1, 9, 2, 4], np.int64)},
    {"user_ids_offsets": np.array([0, 4], np.int64)},
    {"item_ids_bytes": np.zeros(5, np.int64)},
    {"extra": np.zeros(1)},
    {"user_factors": np.array([["a"]], dtype=object)},
])
def test_a_damaged_model_is_refused_in_one_sentence(
    tmp_path: Path, saved: SavedModel, changes: dict[str, Any]
) -> None:
    path = tmp_path / "m.npz"
    save_model(path, saved)
    damaged(path, **changes)
    with pytest.raises(ModelFileError, match=r"m\.npz"):
        open_model(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no model", os.urandom(2000)])
def test_what_is_no_model_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"m\.npz"):
        open_model(path)


def test_bytes_flipped_anywhere_end_in_a_model_or_one_sentence(
    tmp_path: Path, saved: SavedModel
) -> None:
    path = tmp_path / "m.npz"
    save_model(path, saved)
    sound, rng = path.read_bytes(), np.random.default_rng(0)
    for _ in range(300):
        broken = bytearray(sound)
        for place in rng.integers(0, len(sound), rng.integers(1, 8)):
            broken[place] = rng.integers(0, 256)
        path.write_bytes(bytes(broken[:rng.integers(1, len(sound) + 1)]))
        try:
            found = open_model(path)
        except ModelFileError:
            continue
        assert np.isfinite(found.model.user_factors).all()


def test_a_newer_version_says_so(tmp_path: Path, saved: SavedModel) -> None:
    path = tmp_path / "m.npz"
    save_model(path, saved)
    with np.load(path) as file:
        card = json.loads(file["card"].tobytes())
    card["format_version"] = 99
    damaged(path, card=np.frombuffer(json.dumps(card).encode(), np.uint8))
    with pytest.raises(ModelFileError, match=r"newer version.*format 99, so update to open it"):
        open_model(path)


def test_a_member_that_expands_a_thousand_times_is_refused_unread(tmp_path: Path) -> None:
    path, head = tmp_path / "m.npz", io.BytesIO()
    np.lib.format.write_array(head, np.zeros((1000, 1000), np.float32))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("user_factors.npy", head.getvalue())
    with pytest.raises(ModelFileError, match="damaged"):
        open_model(path)


def test_a_missing_model_and_a_folder_are_refused_in_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(ModelFileError, match="cannot be opened"):
            open_model(path)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "m.npz"
    target.write_text("before")

    def fail() -> None:
        with write_beside(target) as temporary:
            temporary.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="no space left"):
        fail()
    assert target.read_text() == "before"
    assert os.listdir(tmp_path) == ["m.npz"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_in_one_sentence(
    tmp_path: Path, saved: SavedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open
    full = Path("/dev/full")
    monkeypatch.setattr(
        Path, "open", lambda self, *a, **k: real(full if a == ("wb",) else self, *a, **k))
    with pytest.raises(StorageError, match="no space left"):
        save_model(tmp_path / "m.npz", saved)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_told_in_one_sentence(
    tmp_path: Path, saved: SavedModel
) -> None:
    with pytest.raises(StorageError, match="choose another place"):
        save_model(tmp_path / "none" / "m.npz", saved)
    with pytest.raises(StorageError, match="folder"):
        save_model(tmp_path, saved)


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_model_of_every_solver_comes_back_whole(
    solver: str, tmp_path: Path, tiny: Ratings
) -> None:
    settings_type = SOLVERS[solver].settings_type
    few = {"n_members": 3} if hasattr(settings_type, "n_members") else {}
    session = TrainingSession(
        solver, settings_type(n_factors=2, n_epochs=2, **few), tiny)
    list(session.epochs())
    assert session.result is not None
    model = session.result.model
    save_model(tmp_path / "m.npz", saved_model(session.result, tiny))
    found = open_model(tmp_path / "m.npz").model
    users, items = np.divmod(np.arange(tiny.n_users * tiny.n_items), tiny.n_items)
    np.testing.assert_array_equal(found.predict(users, items), model.predict(users, items))
    assert (found.member_ends, found.target) == (model.member_ends, model.target)
    if model.implicit_factors is None:
        assert found.implicit_factors is None
    else:
        np.testing.assert_array_equal(found.implicit_factors, model.implicit_factors)


@pytest.mark.parametrize("extra", [
    {"member_ends": [1, 1]}, {"member_ends": [3]}, {"member_ends": "ab"}, {"target": "weather"},
    {"member_ends": [True, 2]},
])
def test_what_a_card_says_of_members_and_target_is_checked(
    tmp_path: Path, saved: SavedModel, extra: dict[str, Any]
) -> None:
    path = tmp_path / "m.npz"
    save_model(path, saved)
    with np.load(path, allow_pickle=False) as file:
        card = json.loads(file["card"].tobytes())
    encoded = json.dumps({**card, **extra}).encode()
    damaged(path, card=np.frombuffer(encoded, np.uint8))
    with pytest.raises(ModelFileError, match="damaged"):
        open_model(path)


def test_implicit_factors_of_another_shape_are_damage(tmp_path: Path, saved: SavedModel) -> None:
    save_model(tmp_path / "m.npz", saved)
    damaged(tmp_path / "m.npz", implicit_factors=np.zeros((2, 2), np.float32))
    with pytest.raises(ModelFileError, match="damaged"):
        open_model(tmp_path / "m.npz")


@pytest.mark.parametrize(("shape", "names"), [
    ((0, 5), ("user_factors", "user_bias", "user_ids")),
    ((4, 0), ("item_factors", "item_bias", "item_ids"))])
def test_a_model_of_nobody_or_nothing_is_refused(
    tmp_path: Path, saved: SavedModel, shape: tuple[int, int], names: tuple[str, ...]
) -> None:
    path = tmp_path / "m.npz"
    save_model(path, saved)
    factors, bias, ids = names
    damaged(path, **{
        factors: np.zeros((0, 2), np.float32), bias: np.zeros(0, np.float32),
        f"{ids}_bytes": np.zeros(0, np.uint8), f"{ids}_offsets": np.zeros(1, np.int64)})
    with pytest.raises(ModelFileError, match="is not a model of mfgui"):
        open_model(path)


@pytest.mark.parametrize(("shape", "kind"), [
    ("(1000000000000,)", "<f4"), ("(1000000, 1000000)", "<f4"), ("(3,)", "|V1000000000"),
    ("(3,)", "|O"), ("(9,)", "<f4"), ("(-1,)", "<f4"), ("(3.5,)", "<f4")])
def test_an_array_that_says_another_size_than_it_has_takes_no_memory(
    tmp_path: Path, saved: SavedModel, shape: str, kind: str
) -> None:
    path = tmp_path / "m.npz"
    save_model(path, saved)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header = header.ljust(117) + b"\n"
    members["user_bias.npy"] = (
        b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 12)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="is damaged"):
        open_model(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 << 20


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_a_card_with_what_is_no_number_is_refused(
    tmp_path: Path, saved: SavedModel, number: str
) -> None:
    path = tmp_path / "m.npz"
    save_model(path, saved)
    with np.load(path) as file:
        card = file["card"].tobytes().decode()
    damaged(path, card=np.frombuffer(
        card.replace("{", f'{{"more": {number}, ', 1).encode(), np.uint8))
    with pytest.raises(ModelFileError, match="is damaged"):
        open_model(path)


def test_a_member_with_an_odd_name_is_told_of_in_one_line(
    tmp_path: Path, saved: SavedModel
) -> None:
    path = tmp_path / "m.npz"
    save_model(path, saved)
    with zipfile.ZipFile(path, "a") as archive, archive.open("a\n\x1b[31m.npy", "w") as member:
        np.lib.format.write_array(member, np.zeros(1))
    with pytest.raises(ModelFileError, match="no model of mfgui has") as found:
        open_model(path)
    assert str(found.value).isprintable()
