"""Ratings as preferences: 1 where a user has anything to do with an item."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mfgui.core.ratings import Ratings


def preferences(ratings: Ratings) -> Ratings:
    """Return the same pairs with the preference as value: 1 where r > 0, else 0.

    Hu, Koren, Volinsky (2008), Collaborative Filtering for Implicit Feedback Datasets, ICDM: what
    is missing is a preference of 0 too.
    """
    return replace(ratings, value=(ratings.value > 0).astype(np.float32), given_scale=(0.0, 1.0))
