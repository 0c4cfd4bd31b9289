"""How long a search takes at a key stroke: 100,000 titles, the best of five for each text.

    python tests/benchmarks/find.py

The must: at most 50 ms.
"""

from __future__ import annotations

import time

import numpy as np

from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.find import FindIndex

MUST_S = 0.05
N_TITLES = 100_000
TEXTS = ("s", "st", "the story of", "zzz", "99999")


def main() -> None:
    """Search and tell."""
    rng = np.random.default_rng(0)
    words = np.array(["the", "story", "of", "love", "night", "Straße", "man", "2"])
    titles = [" ".join(row) for row in words[rng.integers(0, words.size, (N_TITLES, 5))]]
    ids = TextArray.from_strings(map(str, range(N_TITLES)))
    none = np.empty(0, np.int32)
    index = FindIndex(Ratings(none, none, np.empty(0, np.float32), ids, ids,
                              TextArray.from_strings(titles)))
    index.find("warm up")
    for text in TEXTS:
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            index.find(text)
            times.append(time.perf_counter() - begin)
        verdict = "met" if min(times) <= MUST_S else "missed"
        print(f"{text:14} {min(times) * 1e3:6.1f} ms, must {MUST_S * 1e3:.0f}: {verdict}")


if __name__ == "__main__":
    main()
