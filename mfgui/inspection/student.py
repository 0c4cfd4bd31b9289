"""Student's t: how far a mean of few lies from the truth, without SciPy."""

from __future__ import annotations

import math
from statistics import NormalDist

LEVEL = 0.95
# Of 1 to 9 degrees of freedom, where the series is too coarse.
_FEW = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622)


def t_quantile(degrees: int) -> float:
    """Return the 97.5 % quantile of Student's t, within 0.001.

    Parameters
    ----------
    degrees : int
        Degrees of freedom, at least 1.

    References
    ----------
    Abramowitz, Stegun (1964), Handbook of Mathematical Functions, 26.7.5.
    """
    if degrees <= len(_FEW):
        return _FEW[degrees - 1]
    z = NormalDist().inv_cdf(0.5 + LEVEL / 2)
    return (z + (z**3 + z) / (4 * degrees)
            + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
            + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * degrees**3))


def widened_tail(n: int) -> float:
    """Return the share to cut off each end of bootstrap replicates of ``n`` units for 95 %.

    A bootstrap of few is too narrow twice: it divides by n where n - 1 is right, and knows no t.

    Parameters
    ----------
    n : int
        At least 2.

    References
    ----------
    Hesterberg (2015), What Teachers Should Know About the Bootstrap, The American Statistician
    69(4), section 3.3 (the expanded percentile interval).
    """
    return NormalDist().cdf(-math.sqrt(n / (n - 1)) * t_quantile(n - 1))
