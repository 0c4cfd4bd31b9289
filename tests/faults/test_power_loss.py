"""The power goes at twenty moments; two hundred are `power.py`'s own business."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from power import lose_power, recorded
from shim import HEAD, Disk, calls_of, moments

N_MOMENTS = 20


def test_nothing_that_was_shown_is_lost_when_the_power_goes(tmp_path: Path) -> None:
    calls, folder = recorded(tmp_path)
    counts, failures = lose_power(calls, folder, tmp_path, N_MOMENTS, 7)
    assert not failures
    assert counts["moments"] == N_MOMENTS
    assert counts["with something shown"] > N_MOMENTS / 2


def test_a_writer_that_syncs_nothing_is_found_out(tmp_path: Path) -> None:
    calls, folder = recorded(tmp_path, "OFF")
    counts, _ = lose_power(calls, folder, tmp_path, 8, 7)
    assert counts["failed"] >= 3


def call(op: str, file: int, offset: int = 0, data: bytes = b"") -> bytes:
    return HEAD.pack(op.encode(), file, offset, len(data)) + data


def outcomes(tmp_path: Path, *calls: bytes) -> set[tuple[tuple[str, bytes], ...]]:
    """Return what a disk may hold after the last of some calls."""
    (log := tmp_path / "log").write_bytes(b"".join(calls))
    place = Path(tempfile.mkdtemp(dir=tmp_path))
    disk = Disk()
    for each in calls_of(log):
        disk.take(each)
    found = set()
    for seed in range(60):
        disk.write(target := place / str(seed), tmp_path, np.random.default_rng(seed))
        found.add(tuple((path.name, path.read_bytes()) for path in sorted(target.glob("*"))))
    return found


def test_what_was_not_synced_may_be_there_torn_or_not_at_all(tmp_path: Path) -> None:
    path, folder = os.fsencode(tmp_path / "a"), os.fsencode(tmp_path)
    begin = (call("P", 1, os.O_CREAT, path), call("P", 2, 0, folder), call("S", 2),
             call("W", 1, 0, b"x" * 1024), call("S", 1))
    sure = (("a", b"x" * 1024),)
    assert outcomes(tmp_path, *begin) == {sure}
    torn = outcomes(tmp_path, *begin, call("W", 1, 0, b"y" * 1024))
    assert torn == {sure, (("a", b"y" * 512 + b"x" * 512),), (("a", b"y" * 1024),)}


def test_a_name_that_was_not_synced_may_be_missing(tmp_path: Path) -> None:
    path, new, folder = (os.fsencode(tmp_path / name) for name in ("a", "b", ""))
    folder = folder.rstrip(b"/")
    made = (call("P", 1, os.O_CREAT, path), call("W", 1, 0, b"x"), call("S", 1))
    assert outcomes(tmp_path, *made) == {(), (("a", b"x"),)}
    synced = (*made, call("P", 2, 0, folder), call("S", 2))
    assert outcomes(tmp_path, *synced) == {(("a", b"x"),)}
    renamed = (*synced, call("R", 0, 0, path + b"\0" + new))
    assert outcomes(tmp_path, *renamed) == {(("a", b"x"),), (("b", b"x"),)}
    assert outcomes(tmp_path, *renamed, call("S", 2)) == {(("b", b"x"),)}


def test_a_moment_is_one_of_those_after_something_was_told(tmp_path: Path) -> None:
    told = os.fsencode(tmp_path / "told")
    (log := tmp_path / "log").write_bytes(
        call("P", 1, os.O_CREAT, told) + call("S", 9) * 50 + call("W", 1, 0, b"open\n"))
    ends = [end for end, _ in moments(
        calls_of(log), 2, np.random.default_rng(0), tmp_path / "told")]
    assert 52 in ends
