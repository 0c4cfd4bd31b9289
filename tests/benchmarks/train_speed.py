"""Cases of the training benchmark that time an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from train_context import Context
from train_data import Split
from train_ours import epochs_of, settings_of, shown_settings
from train_rivals import LIBMF_ETA, LIBMF_REG
from train_rows import Row, measured

FACTORS = (32, 64, 128)
# Of our side in one repeat, and of LIBMF the two runs whose difference counts.
EPOCHS = {"ML-1M": 10, "20M": 2}
LIBMF_EPOCHS = {"ML-1M": (5, 35), "20M": (2, 8)}


def threads_text(n_threads: int) -> str:
    return f"{n_threads} thread{'s' * (n_threads > 1)}"


def adagrad(context: Context) -> Iterator[Row]:
    """AdaGrad, ms an epoch, against LIBMF."""
    plan = [("ML-1M", n_factors, n_threads) for n_factors in FACTORS for n_threads in (1, 2)]
    for name, n_factors, n_threads in [*plan, ("20M", 64, 1), ("20M", 64, 2)]:
        split = context.split(name)
        settings = settings_of("adagrad", n_factors=n_factors, n_threads=n_threads)
        must = 1.4 if n_threads == 1 and name == "ML-1M" else 1.2
        row = Row("adagrad", name, f"F={n_factors}, {threads_text(n_threads)}", "ms an epoch",
                  "faster", must, 2, ours_settings=shown_settings("adagrad", settings),
                  rival_settings=f"LIBMF eta={LIBMF_ETA} reg={LIBMF_REG}, no biases")
        with epochs_of("adagrad", split.training, settings) as run:
            yield measured(
                row, lambda run=run, n=EPOCHS[name]: 1e3 * run(n),
                lambda split=split, n_factors=n_factors, n_threads=n_threads: (
                    1e3 * context.rivals.libmf_epoch(
                        split, n_factors, n_threads, LIBMF_EPOCHS[split.name])),
                context.repeats)


def sgd(context: Context) -> Iterator[Row]:
    """Blocked SGD on one thread, ns a rating, against the gather of one row."""
    split = context.split("ML-1M")
    for n_factors, must in zip(FACTORS, (3.4, 2.4, 2.3), strict=True):
        for biases in (True, False):  # the bars were measured with biases
            settings = settings_of("sgd", n_factors=n_factors, n_threads=1, order="blocked",
                                   biases=biases)
            row = Row("sgd", split.name, f"F={n_factors}, {'' if biases else 'no '}biases",
                      "ns a rating", "within", must if biases else None, 2 if biases else None,
                      ours_settings=shown_settings("sgd", settings),
                      rival_settings=f"one row gather of {split.training.n_items} rows")
            with epochs_of("sgd", split.training, settings) as run:
                yield measured(
                    row, lambda run=run: 1e9 * run(EPOCHS["ML-1M"]) / split.n,
                    lambda n_factors=n_factors: context.rivals.gather(
                        split.training.n_items, n_factors, 1), context.repeats)


def gradient(context: Context) -> Iterator[Row]:
    """Gradient-descent's gradient on two threads, against the gather of two rows."""
    split = context.split("ML-1M")
    for n_factors, must in zip(FACTORS, (2.5, 1.8, 2.1), strict=True):
        settings = settings_of("gradient-descent", n_factors=n_factors, n_threads=2)
        row = Row("gradient", split.name, f"F={n_factors}, 2 threads", "ns a rating", "within",
                  must, 1.5, ours_settings=shown_settings("gradient-descent", settings),
                  rival_settings=f"a row gather of {split.training.n_items} and one of "
                                 f"{split.training.n_users} rows, 2 threads")
        with epochs_of("gradient-descent", split.training, settings) as run:
            yield measured(
                row, lambda run=run: 1e9 * run(EPOCHS["ML-1M"]) / split.n,
                lambda n_factors=n_factors: sum(
                    context.rivals.gather(n, n_factors, 2)
                    for n in (split.training.n_items, split.training.n_users)), context.repeats)


def als(context: Context) -> Iterator[Row]:
    """Explicit ALS with 3 conjugate gradient steps, against cmfrec with as many."""
    musts = (1.9, 1.9, 1.35)
    yield from against_peer(context, "als", "cmfrec", musts, 2.5, {"inner": "cg", "cg_steps": 3},
                            "cmfrec CMF use_cg=True max_cg_steps=3 float32, biases; BLAS held to "
                            "one thread", (2, 8), "cg=1")


def implicit_als(context: Context) -> Iterator[Row]:
    """Implicit ALS with 3 conjugate gradient steps, against implicit with as many."""
    musts = (1.5, 1.5, 1.1)
    yield from against_peer(context, "implicit-als", "implicit", musts, 2,
                            {"inner": "cg", "cg_steps": 3},
                            "implicit AlternatingLeastSquares use_cg=True cg_steps=3; BLAS held "
                            "to one thread", (2, 6), "cg=1")


def against_peer(
    context: Context, solver: str, peer: str, musts: tuple[float, ...], aim: float,
    values: dict[str, Any], text: str, n_epochs: tuple[int, int], *options: str,
) -> Iterator[Row]:
    """Compare with a peer of the rivals' scripts, for all numbers of factors, 1 and 2 threads."""
    split = context.split("ML-1M")
    for n_factors, must in zip(FACTORS, musts, strict=True):
        for n_threads in (1, 2):
            settings = settings_of(solver, n_factors=n_factors, n_threads=n_threads, **values)
            row = Row(solver, split.name, f"F={n_factors}, {threads_text(n_threads)}",
                      "ms an epoch", "faster", must, aim,
                      ours_settings=shown_settings(solver, settings), rival_settings=text)

            def rival(n_factors: int = n_factors, n_threads: int = n_threads) -> float:
                return 1e3 * context.rivals.peer_epoch(
                    peer, split, n_factors, n_threads, n_epochs, *options)

            with epochs_of(solver, split.training, settings) as run:
                yield measured(row, lambda run=run: 1e3 * run(4), rival, context.repeats)


def threads(context: Context) -> Iterator[Row]:
    """Two threads against one."""
    for solver in ("adagrad", "als"):
        for name, must, aim in (("ML-1M", 1.65, 1.8), ("20M", 1.9, 1.95)):
            yield _threads_row(context, solver, context.split(name), must, aim)


def _threads_row(context: Context, solver: str, split: Split, must: float, aim: float) -> Row:
    """Time both in turn; the rival is the single thread."""
    values = [settings_of(solver, n_factors=64, n_threads=n_threads) for n_threads in (2, 1)]
    row = Row("threads", split.name, f"{solver}, F=64", "ms an epoch", "faster", must, aim,
              ours_settings=shown_settings(solver, values[0]),
              rival_settings=shown_settings(solver, values[1]))
    with ExitStack() as stack:
        two, one = (stack.enter_context(epochs_of(solver, split.training, each))
                    for each in values)
        n = EPOCHS[split.name]
        return measured(row, lambda: 1e3 * two(n), lambda: 1e3 * one(n), context.repeats)


def svdpp(context: Context) -> Iterator[Row]:
    """SVD++ with 20 factors, an epoch, against Surprise, which has one thread."""
    split = context.split("ML-1M")

    def rival() -> float:
        return 1e3 * float(context.rivals.peer("surprise-svdpp", split, 20, 1, 1)["fit_s"])

    for n_threads, must, aim in ((1, 250, 400), (2, None, None)):
        settings = settings_of("svd++", n_factors=20, n_threads=n_threads)
        row = Row("svd++", split.name, f"F=20, {threads_text(n_threads)}", "ms an epoch", "faster",
                  must, aim, ours_settings=shown_settings("svd++", settings),
                  rival_settings="Surprise SVDpp n_factors=20, 1 thread, one epoch")
        with epochs_of("svd++", split.training, settings) as run:
            yield measured(row, lambda run=run: 1e3 * run(4), rival, context.repeats,
                           min(context.slow_repeats, context.repeats))
