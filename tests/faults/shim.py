"""Builds the shim, runs programs behind it, and says what a disk could hold after power was lost.

What a file system promises is only this: what was written before a sync of the file that came back
is there; of what was written since, any part may be there, torn within a sector's borders, in any
order. A copy of the files at some moment shows none of that: it would pass without any sync.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
HEAD = struct.Struct("<cIQQ")
SECTOR = 512


def built_shim(folder: Path) -> Path:
    """Return the compiled shim; skip the test where there is no C compiler or no Linux."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("faults are made by a shim that needs Linux and a C compiler")
    target = folder / "shim.so"
    if not target.exists():
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-w", "-o", str(target),
                        str(HERE / "shim.c"), "-ldl", "-lpthread"], check=True)
    return target


def environment(shim: Path, prefix: Path, **faults: object) -> dict[str, str]:
    """Return what a program's environment must be, e.g. ``log=path, every=50``."""
    more = {f"FAULTS_{name.upper()}": str(value) for name, value in faults.items()}
    return {**os.environ, "LD_PRELOAD": str(shim), "FAULTS_PREFIX": str(prefix), **more}


@dataclass(frozen=True)
class Call:
    """One call of the log."""

    op: str
    file: int
    offset: int
    data: bytes


def calls_of(log: Path) -> list[Call]:
    """Return the whole calls of a log, in their order; a torn last one is left out."""
    content, place, calls = log.read_bytes(), 0, []
    while place + HEAD.size <= len(content):
        op, file, offset, length = HEAD.unpack_from(content, place)
        has_data = op in b"PWUR"
        end = place + HEAD.size + (length if has_data else 0)
        if end > len(content):
            break
        calls.append(Call(op.decode(), file, offset, content[place + HEAD.size : end]))
        place = end
    return calls


@dataclass
class DiskFile:
    """A file as the disk may hold it: what is sure, and what was written since the last sync."""

    sure: bytearray = field(default_factory=bytearray)
    pending: list[Call] = field(default_factory=list)

    def sync(self) -> None:
        """Make sure of all that was written."""
        for call in self.pending:
            _apply(self.sure, call)
        self.pending.clear()

    def after_power_loss(self, rng: np.random.Generator) -> bytes:
        """Return what may be there: any of the pending writes, some of them torn."""
        content = bytearray(self.sure)
        share = rng.choice([0.0, 0.3, 0.7, 1.0])
        chosen = [call for call in self.pending if rng.random() < share]
        for position in rng.permutation(len(chosen)) if rng.random() < 0.5 else range(len(chosen)):
            call = chosen[position]
            _apply(content, _torn(call, rng) if rng.random() < 0.3 else call)
        return bytes(content)


def _apply(content: bytearray, call: Call) -> None:
    """Do a write or a truncation."""
    if call.op == "T":
        del content[call.offset :]
        content.extend(bytes(max(call.offset - len(content), 0)))
        return
    end = call.offset + len(call.data)
    content.extend(bytes(max(end - len(content), 0)))
    content[call.offset : end] = call.data


def _torn(call: Call, rng: np.random.Generator) -> Call:
    """Return a write of which only some sectors came to the disk: a part from the beginning."""
    n_sectors = len(call.data) // SECTOR
    kept = int(rng.integers(0, n_sectors + 1)) * SECTOR
    return Call(call.op, call.file, call.offset, call.data[:kept]) if call.op == "W" else call


class Disk:
    """Plays a log back, call by call.

    Names are the folder's: a file that was made, renamed or removed may be found as it was before,
    until the folder is synced. They come to the disk in their order, as file systems with a journal
    have it.
    """

    def __init__(self) -> None:
        self.files: dict[str, DiskFile] = {}
        self._sure: dict[str, DiskFile] = {}
        self._pending: list[tuple[str, str, DiskFile | None]] = []  # name before, after, made
        self._paths: dict[int, str] = {}

    def take(self, call: Call) -> None:
        """Do one call."""
        if call.op == "P":
            self._paths[call.file] = path = call.data.decode()
            # A folder is opened too, to be synced.
            if call.offset & os.O_CREAT and path not in self.files:
                self._name("", path, DiskFile())
        elif call.op in "WT":
            # A file that was removed while open keeps its number and is nobody's any more.
            if (path := self._paths.get(call.file)) in self.files:
                self.files[path].pending.append(call)
        elif call.op == "S":
            self._sync(self._paths.get(call.file, ""))
        elif call.op == "U":
            self._name(call.data.decode(), "", None)
        elif call.op == "R":
            before, after = call.data.decode().split("\0")
            self._name(before, after, None)
            for number, path in self._paths.items():
                if path == before:
                    self._paths[number] = after

    def _sync(self, path: str) -> None:
        """Make sure of a file's content, or of the names in a folder."""
        if path in self.files:
            self.files[path].sync()
        elif os.path.isdir(path):
            for each in self._pending:
                _rename(self._sure, *each)
            self._pending.clear()

    def _name(self, before: str, after: str, made: DiskFile | None) -> None:
        """Make, rename or remove a file."""
        _rename(self.files, before, after, made)
        self._pending.append((before, after, made))

    def write(self, folder: Path, prefix: Path, rng: np.random.Generator) -> None:
        """Write the files below ``prefix`` into a folder as they may be after power was lost."""
        names = dict(self._sure)
        for each in self._pending[: rng.choice([0, len(self._pending), rng.integers(
                len(self._pending) + 1)])]:
            _rename(names, *each)
        for path, file in names.items():
            target = folder / Path(path).relative_to(prefix)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.after_power_loss(rng))


def _rename(files: dict[str, DiskFile], before: str, after: str, made: DiskFile | None) -> None:
    """Make a file, or give it another name, or none."""
    file = files.pop(before, None) if made is None else made
    if file is not None and after:
        files[after] = file


def moments(
    calls: list[Call], n: int, rng: np.random.Generator, told: Path | None = None
) -> Iterator[tuple[int, Disk]]:
    """Yield the disk after each of ``n`` calls drawn at random, with the number of calls done.

    With ``told`` every second one is right after something was written to that file: as it is shown
    it must not depend on what comes later.
    """
    some: list[int] = []
    if told is not None:
        numbers = _numbers_of(calls, told)
        shown = [position for position, call in enumerate(calls)
                 if call.op == "W" and call.file in numbers]
        some = rng.choice(shown, min(n // 2, len(shown)), replace=False).tolist()
    others = np.setdiff1d(np.arange(len(calls)), some)
    wanted = {*some, *rng.choice(others, min(n - len(some), others.size), replace=False).tolist()}
    disk = Disk()
    for position, call in enumerate(calls):
        disk.take(call)
        if position in wanted:
            yield position + 1, disk


def told_until(calls: list[Call], end: int, path: Path) -> str:
    """Return what a program had written to ``path``, where it tells what it showed, until then."""
    numbers = _numbers_of(calls, path)
    return b"".join(call.data for call in calls[:end]
                    if call.op == "W" and call.file in numbers).decode()


def _numbers_of(calls: list[Call], path: Path) -> set[int]:
    """Return the numbers under which a file was open."""
    return {call.file for call in calls if call.op == "P" and call.data.decode() == str(path)}
