"""What two models are compared by, bit for bit."""

from __future__ import annotations

import hashlib

import numpy as np

from mfgui.core.model import ARRAYS, FactorModel


def fingerprint(model: FactorModel) -> str:
    """Return a SHA-256 over all numbers of a model, as ``sha256:`` and 64 digits.

    Two models with the same fingerprint predict the same, to the bit; how they were trained takes
    no part in it.
    """
    digest = hashlib.sha256()
    for name in ARRAYS:
        array = getattr(model, name)
        if array is not None:
            digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    plain = (model.global_mean, *model.scale, *model.member_means)
    digest.update(np.array(plain, np.float64).tobytes())
    digest.update(f"{model.clip} {model.member_ends} {model.target}".encode())
    return f"sha256:{digest.hexdigest()}"
