"""Trees: every value comes back, nothing is written twice, no half tree is ever seen."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.errors import ProjectError
from mfgui.store.project import (
    Project,
    RunInfo,
    model_from_tree,
    model_to_tree,
    open_project,
)

Begin = Callable[..., RunInfo]
PLACES = ("SELECT position, array_id FROM tree_arrays JOIN trees ON id = tree_id "
          "WHERE run_id IS NOT NULL")


def test_every_value_comes_back(path: Path, project: Project, begin: Begin) -> None:
    run = begin()
    rng = np.random.default_rng(5)
    arrays = [
        rng.normal(size=(700, 900)).astype(np.float32), rng.normal(size=(3, 0, 2)),
        np.array(7.5), np.array([True, False]), np.arange(-3, 3, dtype=np.int8),
        np.arange(9, dtype=np.uint16), np.array([np.nan, -0.0, np.inf], np.float16),
        np.array([2**63], np.uint64), rng.random((1 << 19) + 1)]  # one chunk and a number
    tree = {
        "none": None, "on": True, "off": False, "large": 2**127 + 1, "minus": -(2**90), "x": 0.1,
        "odd": [math.inf, -math.inf, -0.0, 5e-324], "text": 'a"\n\ud800é', "list": [[], {}, [1]],
        "": {"a": 1, "d": {"a": 0}}, "arrays": arrays, "again": arrays[0],
        "turned": arrays[0].T, "every second": arrays[0][::2], "big": arrays[1].astype(">f8"),
        "scalar": np.float32(0.1), "count": np.int64(5)}
    project.keep_tree(run.id, "state", tree)
    project.close()
    with open_project(path) as again:
        found = again.tree(run.id, "state")
        info = again.run(run.id)
    assert found is not None
    for name in ("none", "on", "off", "large", "minus", "x", "odd", "text", "list", ""):
        assert found[name] == tree[name]
        assert type(found[name]) is type(tree[name])
    assert math.copysign(1, found["odd"][2]) == -1
    for one, two in zip(found["arrays"], arrays, strict=True):
        assert one.dtype == two.dtype
        assert one.shape == two.shape
        assert one.tobytes() == two.tobytes()
    assert found["again"] is found["arrays"][0]
    np.testing.assert_array_equal(found["turned"], arrays[0].T)
    np.testing.assert_array_equal(found["every second"], arrays[0][::2])
    assert found["scalar"] == float(np.float32(0.1))
    assert (found["count"], type(found["count"])) == (5, int)
    assert info.roles == ("state",)
    assert info.n_bytes > arrays[0].nbytes


@pytest.mark.parametrize("value", [
    {1: 2}, {"x": object()}, {"x": np.array(["text"])}, {"x": np.array([object()], object)},
    {"x": 1j}, {"x": np.zeros(2, complex)}, {"x": {1, 2}}, {"x": b"bytes"}])
def test_what_is_no_plain_value_is_refused_before_anything_is_written(
    project: Project, begin: Begin, value: Any
) -> None:
    run = begin()
    with pytest.raises(TypeError):
        project.keep_tree(run.id, "state", value)
    project.flush()
    assert project.tree(run.id, "state") is None


def count(project: Project, table: str) -> int:
    """Return how many rows the trees of runs have."""
    column = "id" if table == "arrays" else "array_id"
    with project._reading() as connection:
        return int(connection.execute(
            f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT array_id FROM tree_arrays "
            "JOIN trees ON id = tree_id WHERE source_id IS NOT NULL)").fetchone()[0])


def test_arrays_that_are_the_same_object_are_not_written_again(
    project: Project, begin: Begin
) -> None:
    run, other = begin(), begin()
    rng = np.random.default_rng(0)
    best, last = rng.random(1_000_000), rng.random(1_000_000)
    project.keep_tree(run.id, "state", {"best": best, "last": last})
    project.flush()
    assert count(project, "chunks") == 4
    with project._reading() as connection:
        first = dict(connection.execute(PLACES))
    newer = rng.random(1_000_000)
    project.keep_tree(run.id, "state", {"best": best, "last": newer, "epoch": 2})
    project.flush()
    assert count(project, "chunks") == 4  # what was replaced is gone
    with project._reading() as connection:
        second = dict(connection.execute(PLACES))
    assert second[0] == first[0]
    assert second[1] != first[1]
    project.keep_tree(run.id, "result", {"model": best})
    project.keep_tree(other.id, "result", {"model": best})
    project.flush()
    assert count(project, "chunks") == 4
    project.drop_tree(run.id, "state")
    project.drop_tree(run.id, "result")
    project.flush()
    assert count(project, "chunks") == 2
    assert project.run(run.id).roles == ()
    assert project.run(run.id).n_bytes == 0
    found = project.tree(other.id, "result")
    assert found is not None
    np.testing.assert_array_equal(found["model"], best)
    # An array that has gone may have left its place in memory to another one.
    del best
    for _ in range(20):
        fresh = rng.random(1_000_000)
        project.keep_tree(run.id, "result", {"model": fresh})
        project.flush()
        found = project.tree(run.id, "result")
        assert found is not None
        np.testing.assert_array_equal(found["model"], fresh)
        del fresh


def test_of_trees_that_wait_the_newest_is_written_and_one_that_has_begun_is_finished(
    project: Project, begin: Begin
) -> None:
    run, told = begin(), []
    writer = project.writer
    assert writer is not None
    for k in range(30):
        project.keep_tree(run.id, "state", {"k": k, "x": np.full(3_000_000, k)},
                          lambda k=k: told.append(k))  # type: ignore[misc]
    project.flush()
    assert told == list(range(30))
    found = project.tree(run.id, "state")
    assert found is not None
    assert found["k"] == 29
    assert (found["x"] == 29).all()
    assert count(project, "arrays") == 1


def test_records_do_not_wait_for_a_large_tree(
    project: Project, begin: Begin, record: Callable[..., Any]
) -> None:
    run = begin()
    order: list[str] = []
    project.keep_tree(run.id, "state", {"x": np.zeros(12_500_000)}, lambda: order.append("tree"))
    project.add_records(run.id, [record(0)], lambda: order.append("record"))
    project.flush()
    assert order == ["record", "tree"]  # 100 MB take many transactions


def test_a_tree_is_read_whole_while_it_is_replaced(project: Project, begin: Begin) -> None:
    run = begin()
    stop = threading.Event()
    failures: list[str] = []

    def read() -> None:
        while not stop.is_set():
            tree = project.tree(run.id, "state")
            if tree is not None and not (tree["x"] == tree["k"]).all():
                failures.append("two trees in one")

    thread = threading.Thread(target=read)
    thread.start()
    for k in range(30):
        project.keep_tree(run.id, "state", {"k": k, "x": np.full(1_000_000, k)})
        project.flush()
    stop.set()
    thread.join()
    assert not failures


def make_model(**changes: Any) -> FactorModel:
    rng = np.random.default_rng(2)

    def floats(*shape: int) -> Any:
        return rng.random(shape, np.float32)

    values: dict[str, Any] = {
        "user_factors": floats(4, 6), "item_factors": floats(5, 6), "user_bias": floats(4),
        "item_bias": floats(5), "global_mean": 3.5, "scale": (1.0, 5.0), "clip": False,
        "implicit_factors": floats(5, 6), "member_ends": (3, 6), "target": "rating",
        "rules": (FoldInRule(0.1, has_bias=True), FoldInRule(0.2)),
        "member_user_bias": floats(2, 4), "member_item_bias": floats(2, 5),
        "member_means": (3.4, 3.6)}
    return FactorModel(**{**values, **changes})


def test_a_model_comes_back(path: Path, project: Project, begin: Begin) -> None:
    run, model = begin(), make_model()
    project.keep_tree(run.id, "result", model_to_tree(model))
    project.close()
    with open_project(path) as again:
        found = model_from_tree(again.tree(run.id, "result"))
    for name, value in vars(model).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(getattr(found, name), value)
        else:
            assert getattr(found, name) == value


@pytest.mark.parametrize("change", [
    lambda tree: tree["arrays"].pop("item_factors"),
    lambda tree: tree["card"].pop("scale"),
    lambda tree: tree["card"].update(scale=[5.0, 1.0]),
    lambda tree: tree["card"].update(member_ends=[2, 5]),
    lambda tree: tree["card"].update(target="else"),
    lambda tree: tree["card"].update(rules=[{"regularization": -1.0}] * 2),
    lambda tree: tree["arrays"].update(user_bias=np.zeros(3, np.float32)),
    lambda tree: tree["arrays"].update(user_factors=np.full((4, 6), np.nan, np.float32)),
    lambda tree: tree["arrays"].update(odd=np.zeros(3, np.float32)),
    lambda tree: tree["arrays"].update(user_bias=[1, 2, 3, 4]),
    lambda tree: tree.update(card=None),
    lambda tree: tree.update(arrays=[1])])
def test_a_damaged_model_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    tree = model_to_tree(make_model())
    change(tree)
    with pytest.raises(ProjectError, match=r"damaged \(.*: open a backup of it, or train again"):
        model_from_tree(tree)


def test_an_array_whose_tree_is_gone_is_written_again_for_another(
    path: Path, project: Project, begin: Begin
) -> None:
    """A search lets factors go, a person deletes a run: both while the arrays are in use."""
    factors, positions = np.arange(5000.0), np.arange(0, 900, 7)
    first = begin(held_out=positions)
    project.keep_tree(first.id, "result", {"x": factors})
    project.flush()
    project.drop_tree(first.id, "result")
    project.flush()
    second = begin()
    project.keep_tree(second.id, "result", {"x": factors})
    project.change_run(first.id, status="finished")
    project.delete_run(first.id)
    project.compact()
    third = begin(held_out=positions)
    project.flush()
    project.close()
    with open_project(path) as again:
        kept = again.tree(second.id, "result")
        assert kept is not None
        np.testing.assert_array_equal(kept["x"], factors)
        np.testing.assert_array_equal(again.held_out(third.id), positions)


def test_a_tree_that_a_purge_tears_while_it_is_written_is_written_anew(
    path: Path, project: Project, begin: Begin
) -> None:
    run = begin()
    assert project.writer is not None
    torn: list[int] = []

    def tear(connection: Any) -> None:
        # Between two steps of the large one, as when a run is deleted for good meanwhile.
        torn.append(connection.execute(
            "DELETE FROM arrays WHERE id NOT IN (SELECT array_id FROM tree_arrays)").rowcount)

    big = [np.random.default_rng(k).random(1 << 20) for k in range(8)]  # 64 MB: four steps
    project.keep_tree(run.id, "state", {"big": big})
    while not any(torn) and not project.run(run.id).roles:
        project.writer.call(tear)
    assert any(torn)
    project.close()
    with open_project(path) as again:
        tree = again.tree(run.id, "state")
        assert tree is not None
        for one, two in zip(tree["big"], big, strict=True):
            np.testing.assert_array_equal(one, two)
