"""How much memory may still be taken, so that too much is refused before it is asked for."""

from __future__ import annotations

import os
from pathlib import Path

from mfgui.errors import TrainingError


def available_bytes() -> int | None:
    """Return the bytes that can be taken without swapping; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return _physical_bytes()
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line}
    return sizes.get("MemAvailable")


def _physical_bytes() -> int | None:
    """Return half the memory built in, where there is no better figure."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def require_memory(n_bytes: int, purpose: str, remedy: str) -> None:
    """Refuse what does not fit.

    Raises
    ------
    TrainingError
        If ``n_bytes`` is more than can be taken; the sentence ends in ``remedy``.
    """
    free = available_bytes()
    if free is not None and n_bytes > free:
        raise TrainingError(
            f"{purpose} would take {n_bytes / 2**30:,.1f} GiB of memory, but only "
            f"{free / 2**30:,.1f} GiB are free: {remedy}.")
