"""How long the pictures take without a window: the musts, for two threads and for one.

    python tests/benchmarks/view.py --pictures [RATINGS.npz] [--repeats 9] [--json]

RATINGS.npz holds ``u``, ``i`` and ``r`` as shared/bench/synth.py writes them; 162,000 x 59,000 with
25 million ratings are made where none is given. The model has 64 random factors: what is in it
costs nothing. A row is a view, its figures milliseconds: median and least of the repeats.

Must, with two threads: predicted over all cells under 16 ms at any zoom; all three over the rated
cells under 50 ms at full view and under 16 with at most 4 million ratings in view; another order
under 3 s; 100,000 titles found in under 50 ms a key stroke.
"""

from __future__ import annotations

import itertools
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.find import FindIndex, nearest_id
from mfgui.inspection.order import OrderChoice, OrderKey
from mfgui.inspection.painter import Painter, Request
from mfgui.inspection.warm_up import warm_up
from mfgui.training.warm_up import two_ratings

SYNTH = Path(__file__).resolve().parents[3] / "shared/bench/synth.py"
N_USERS, N_ITEMS, N_RATINGS, N_FACTORS, PIXELS = 162_000, 59_000, 25_000_000, 64, 800
Range = tuple[float, float]


def read(path: str | None) -> Ratings:
    """Return the ratings of a file of the synthesizer, or of one it makes."""
    with tempfile.TemporaryDirectory() as folder:
        if path is None:
            path = str(Path(folder) / "ratings.npz")
            subprocess.run(
                [sys.executable, str(SYNTH), path, "--users", str(N_USERS), "--items",
                 str(N_ITEMS), "--n", str(N_RATINGS)], check=True)
        with np.load(path) as arrays:
            users, items, values = (arrays[name] for name in "uir")
    return Ratings(users, items, values, numbers(int(users.max()) + 1),
                   numbers(int(items.max()) + 1))


def numbers(n: int) -> TextArray:
    """Return ids from 1."""
    return TextArray.from_strings(map(str, range(1, n + 1)))


def random_model(n_users: int, n_items: int, seed: int = 0) -> FactorModel:
    """Return a model of random factors."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.2, shape).astype(np.float32)

    return FactorModel(draw(n_users, N_FACTORS), draw(n_items, N_FACTORS), draw(n_users),
                       draw(n_items), 3.5, (0.5, 5.0))


def views(ratings: Ratings) -> Iterator[tuple[str, Range, Range]]:
    """Yield names and ranges of rows and columns, in the order by number of ratings."""
    n, m = ratings.n_users, ratings.n_items
    yield "everything", (0, n), (0, m)
    yield "densest quarter", (0, n / 4), (0, m / 4)
    yield "fullest rows", (0, 3000 / 162_000 * n), (0, m)
    yield "rows of the middle", (n * 0.3, n * 0.5), (0, m)
    yield "few columns, all rows", (0, n), (m * 0.035, m * 0.065)
    yield "rare columns, all rows", (0, n), (m * 0.15, m * 0.35)
    yield "a cell a pixel", (5000 / 162_000 * n, 5000 / 162_000 * n + PIXELS), (3000, 3800)


def timed(work: Callable[[], object], repeats: int) -> list[float]:
    """Return milliseconds of each call, the first left out."""
    work()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begin))
    return times


def measure(path: str | None, repeats: int) -> dict[str, object]:
    """Return all figures by number of threads, row and column."""
    warm_up(two_ratings(), random_model(2, 2))
    ratings = read(path)
    ratings.user_counts, ratings.item_counts, ratings.scale  # noqa: B018 - kept by any window
    model = random_model(ratings.n_users, ratings.n_items)
    by_count = OrderKey("count")
    request = Request(ratings, model, OrderChoice(by_count, by_count), (0, 1), (0, 1), PIXELS,
                      PIXELS)
    figures: dict[str, object] = {}
    for n_threads in (2, 1):
        request = replace(request, n_threads=n_threads)
        figures[f"{n_threads} threads"] = {
            "preparation": prepared(request), "pictures": painted(request, repeats)}
    figures["a million users"] = timed_million(repeats)
    figures["find"] = timed_find(repeats)
    figures["must"] = musts(figures)
    return figures


def musts(figures: dict[str, object]) -> dict[str, bool]:
    """Return which of the musts are kept."""
    two, find = figures["2 threads"], figures["find"]
    rows = two["pictures"].items()
    full = [row for name, row in rows if name.startswith("everything")]
    few = [row for name, row in rows if float(name.split()[-3]) <= 4]
    orders = [seconds for name, seconds in two["preparation"]["seconds"].items()
              if name.startswith("another order")]
    return {
        "predicted": all(np.median(row["predicted"]) < 16 for _, row in rows),
        "full view": all(np.median(row["all three"]) < 50 for row in full),
        "at most 4 M": all(np.median(row["all three"]) < 16 for row in few),
        "another order": max(orders) < 3,
        "find": all(np.median(times) < 50 for times in find["a key stroke, ms"].values())}


def prepared(request: Request) -> dict[str, object]:
    """Return seconds of what comes before the first picture, and the megabytes kept."""
    painter, serial = Painter(), itertools.count(1)
    seconds: dict[str, object] = {}

    def lap(name: str, request: Request) -> None:
        begin = time.perf_counter()
        painter.paint(request)
        seconds[name] = time.perf_counter() - begin

    lap("the first picture of all three", request)
    lap("the next snapshot, same order", replace(request, model=replace(request.model)))
    for rows, columns in (("count", "count"), ("mean", "mean"), ("id", "id"),
                          ("component", "component"), ("cluster", "cluster"),
                          ("residual", "residual")):
        order = OrderChoice(OrderKey(rows), OrderKey(columns), next(serial))
        lap(f"another order: {rows}", replace(request, order=order))
    megabytes = {name: size / 1e6 for name, size in painter.n_bytes.items()}
    return {"seconds": seconds, "megabytes": megabytes}


def painted(request: Request, repeats: int) -> dict[str, dict[str, list[float]]]:
    """Return milliseconds of each view: all predicted cells; the three over rated cells."""
    painter = Painter()
    rows = {}
    for name, visible_rows, visible_columns in views(request.ratings):
        seen = replace(request, rows=visible_rows, columns=visible_columns)
        over_all = replace(seen, views=("predicted",), is_over_all=True)
        over_rated = painter.paint(seen)
        counts = over_rated.blocks.counts
        n_in_view = 0 if counts is None else int(counts.sum())
        rows[f"{name}, {n_in_view / 1e6:.1f} M ratings"] = {
            "predicted": timed(lambda seen=over_all: painter.paint(seen), repeats),
            "all three": timed(lambda seen=seen: painter.paint(seen), repeats)}
    return rows


def timed_million(repeats: int) -> dict[str, object]:
    """Return figures of a model of a million users and 100,000 items without ratings."""
    n_users, n_items = 1_000_000, 100_000
    nothing = Ratings(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32),
                      numbers(n_users), numbers(n_items))
    request = Request(nothing, random_model(n_users, n_items), OrderChoice(), (0, n_users),
                      (0, n_items), PIXELS, PIXELS, n_threads=2)
    painter = Painter()
    begin = time.perf_counter()
    painter.paint(request)
    first = time.perf_counter() - begin
    return {"first picture, s": first, "predicted": timed(lambda: painter.paint(request), repeats),
            "megabytes": {name: size / 1e6 for name, size in painter.n_bytes.items()}}


def timed_find(repeats: int) -> dict[str, object]:
    """Return figures of 100,000 titles and of a million ids."""
    rng = np.random.default_rng(0)
    words = np.array(["the", "story", "of", "love", "night", "Straße", "man", "2", "Amélie"])
    titles = TextArray.from_strings(
        " ".join(row) for row in words[rng.integers(0, words.size, (100_000, 5))])
    ids, many = numbers(100_000), numbers(1_000_000)
    none = np.empty(0, np.int32)
    ratings = Ratings(none, none, np.empty(0, np.float32), numbers(1), ids, titles)
    begin = time.perf_counter()
    index = FindIndex(ratings)
    made = time.perf_counter() - begin
    return {
        "index made, s": made,
        "a key stroke, ms": {text: timed(lambda text=text: index.find(text), repeats)
                             for text in ("s", "story of", "nothing", "999", "love the")},
        "nearest of a million ids, ms": timed(lambda: nearest_id(many, "10000001x"), repeats)}


def show(figures: dict[str, object]) -> None:
    """Print the figures as tables."""
    for threads, part in figures.items():
        if threads == "must":
            print(f"\nmust {part}")
        elif threads == "find":
            strokes = {text: _middle(times) for text, times in part["a key stroke, ms"].items()}
            nearest = _middle(part["nearest of a million ids, ms"])
            print(f"\nfind in 100,000 titles: index {part['index made, s']:.2f} s; key stroke, ms "
                  f"{strokes}; nearest of a million ids {nearest} ms")
        if threads == "a million users":
            print(f"\n1,000,000 x 100,000, predicted alone: first picture "
                  f"{part['first picture, s']:.2f} s, then {_middle(part['predicted'])} ms; MB "
                  f"{_rounded(part['megabytes'])}")
        if "preparation" not in part:
            continue
        print(f"\n{threads}: preparation, s {_rounded(part['preparation']['seconds'], 2)}")
        print(f"held, MB {_rounded(part['preparation']['megabytes'])}")
        print(f"{'ms: median (least)':42} {'predicted, all cells':>20} {'all three, rated':>20}")
        for name, row in part["pictures"].items():
            print(f"{name:42} {_middle(row['predicted']):>20} {_middle(row['all three']):>20}")


def _middle(times: list[float]) -> str:
    return f"{np.median(times):.1f} ({min(times):.1f})"


def _rounded(values: dict[str, float], digits: int = 0) -> dict[str, float]:
    return {name: round(value, digits) for name, value in values.items()}


def run(path: str | None, repeats: int, *, is_json: bool) -> int:
    """Measure and print."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    figures = measure(path, repeats)
    if is_json:
        print(json.dumps(figures))
    else:
        show(figures)
    return 0 if all(figures["must"].values()) else 1
