"""How every loop of this program is compiled.

``nogil`` lets training run beside the window. ``fastmath`` is limited to what lets sums be
vectorised: NaN and infinity keep their meaning, so that divergence can be seen. No
``parallel=True``: numba's default layer aborts the process when two threads enter parallel
kernels at once, so ``core/parallel.py`` hands blocks to its own pool.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile ``function`` at its first call; the result is kept in a cache on disk."""
    compiled: Callable[..., Any] = numba.njit(
        nogil=True, error_model="numpy", cache=True,
        fastmath={"reassoc", "contract", "arcp", "nsz"},
    )(function)
    return compiled
