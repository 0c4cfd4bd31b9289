"""The best of many scores, equal ones by number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def best_places(scores: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Return where the ``n`` largest numbers stand, largest first, equal ones by place.

    Minus infinity and NaN are never among them, so there may be fewer than ``n``.

    Parameters
    ----------
    scores : ndarray of float, shape (n_scores,)
    """
    places = np.flatnonzero(scores > -np.inf)
    if n <= 0:
        return places[:0]
    if n < places.size:
        some = scores[places]
        least = np.partition(some, some.size - n)[some.size - n]
        places = places[some >= least]
    return np.asarray(places[np.lexsort((places, -scores[places]))[:n]], np.int64)
