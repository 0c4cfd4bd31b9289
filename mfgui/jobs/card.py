"""The reproducibility card of a run: what it takes to train it again to the same bits."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from mfgui import __version__
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.store.project import SourceInfo, ratings_checksum

LIBRARIES = ("numpy", "numba", "llvmlite")
SAME_BITS = ("versions", "processor", "platform")
"""What of a card may change the bits of a run."""


def run_card(source: SourceInfo, settings: RunSettings, ratings: Ratings) -> dict[str, Any]:
    """Return the card of a run that begins now, as plain values.

    Parameters
    ----------
    source : SourceInfo
        Where the ratings came from and how they were read.
    settings : RunSettings
    ratings : Ratings

    Returns
    -------
    dict
        "versions" (of mfgui, numpy, numba, llvmlite and python), "processor", "platform",
        "n_threads", "seed", "split", "validation", "checksum" (of the file, or of ratings that come
        from none), "ratings_checksum" (of the ratings as they were trained on) and "options" (how
        the file was read).
    """
    return {
        **machine_card(), "n_threads": settings.n_threads, "seed": settings.seed,
        "split": settings.split, "validation": settings.validation,
        "checksum": source.checksum, "ratings_checksum": ratings_checksum(ratings),
        "options": dict(source.options)}


def machine_card() -> dict[str, Any]:
    """Return what of a card depends on this installation and this machine."""
    return {"versions": versions(), "processor": processor_name(), "platform": platform_name()}


def versions() -> dict[str, str]:
    """Return the versions that the bits of a run may depend on."""
    return {"mfgui": __version__, **_libraries(), "python": platform.python_version()}


@lru_cache(1)
def _libraries() -> dict[str, str]:
    """Return the libraries' versions, without loading any."""
    return {name: importlib.metadata.version(name) for name in LIBRARIES}


def platform_name() -> str:
    """Return the kind of machine: "Linux x86_64"."""
    return f"{platform.system()} {platform.machine()}"


@lru_cache(1)
def processor_name() -> str:
    """Return the processor's name as it tells it, or the kind of machine."""
    if sys.platform == "win32":
        return os.environ.get("PROCESSOR_IDENTIFIER", "") or platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # no Linux
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def changed_words(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Return what of two cards differs and may change the bits: "numpy 2.1 then, 2.2 now"."""
    parts = []
    then = before.get("versions")
    for name, version in now.get("versions", {}).items():
        earlier = then.get(name) if isinstance(then, dict) else None
        if isinstance(earlier, str) and earlier != version:
            parts.append(f"{name} {earlier[:40]} then, {version} now")
    for name in SAME_BITS[1:]:
        earlier = before.get(name)
        if isinstance(earlier, str) and earlier != now.get(name):
            parts.append(f"{name} {earlier[:80]} then, {now.get(name)} now")
    return "; ".join(parts)
