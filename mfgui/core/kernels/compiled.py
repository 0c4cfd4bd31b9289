"""How every loop of this program is compiled.

``nogil`` lets training run beside the window. ``fastmath`` is limited to what lets sums be
vectorised: NaN and infinity keep their meaning, so that divergence can be seen. No
``parallel=True``: numba's default layer aborts the process when two threads enter parallel
kernels at once, so ``core/parallel.py`` hands blocks to its own pool.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numba

LOG = logging.getLogger("mfgui")


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile ``function`` at its first call; the result is kept in a cache on disk."""
    options: dict[str, Any] = {
        "nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "contract", "arcp", "nsz"}}
    try:
        compiled: Callable[..., Any] = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        # Neither the package's folder nor the user's cache can be written: compile each time.
        LOG.warning("no folder to keep compiled kernels in: %s is compiled anew", function)
        compiled = numba.njit(**options)(function)
    return compiled
