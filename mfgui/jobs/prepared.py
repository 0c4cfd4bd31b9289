"""What an earlier start has compiled already, noted beside the compiled kernels.

To ask numba itself whether its cache is full takes a second, most of it for importing it. The
note holds for the same versions and the same sources; where another processor has made it void,
what is missing is compiled where it is needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

_KERNELS = Path(__file__).parents[1] / "core" / "kernels"


def note_path() -> Path:
    """Return where the note stands: the folder that numba looks in first."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    return (Path(folder) if folder else _KERNELS / "__pycache__") / "prepared.json"


def noted_parts() -> frozenset[str]:
    """Return the parts that need not be compiled; none where there is no note that holds."""
    try:
        note = json.loads(note_path().read_text(encoding="utf-8"))
        return frozenset(note["parts"]) if note["key"] == _key() else frozenset()
    except (OSError, ValueError, TypeError, KeyError):
        return frozenset()


def note_parts(parts: Iterable[str]) -> None:
    """Note what is compiled; where the folder cannot be written there is no note."""
    path = note_path()
    beside = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps({"key": _key(), "parts": sorted(parts)}), encoding="utf-8")
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()


def _key() -> str:
    """Return what changes with the versions, the machine and the kernels' sources."""
    told = [sys.version, platform.machine(), metadata.version("numba")]
    for path in sorted(_KERNELS.glob("*.py")):
        status = path.stat()
        told.append(f"{path.name} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
