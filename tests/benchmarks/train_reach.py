"""Cases of the training benchmark that train until a held-out RMSE is reached."""

from __future__ import annotations

from collections.abc import Iterator

from train_context import Context
from train_data import Split
from train_ours import crossing, curve, settings_of, shown_settings
from train_rivals import LIBMF_ETA, LIBMF_REG
from train_rows import MissingError, Row, measured

from mfgui.core.settings import RunSettings

MOST_EPOCHS = 60
MOST_STEPS = 300


def reach(context: Context) -> Iterator[Row]:
    """Seconds of training to a held-out RMSE, between epochs in proportion."""
    for name, target, must, aim in (("ML-1M", 0.85, 1.4, 2), ("20M", 0.7497, 1.8, 2.5)):
        split = context.split(name)
        settings = settings_of("adagrad", n_factors=64, n_threads=2, learning_rate=0.1)
        row = Row("reach", name, f"RMSE {target}, F=64, 2 threads", "s", "faster", must, aim,
                  ours_settings=shown_settings("adagrad", settings),
                  rival_settings=f"LIBMF eta={LIBMF_ETA} reg={LIBMF_REG}, seconds inside mf_train")
        try:
            yield _reach_row(context, row, split, settings, target)
        except MissingError as error:
            row.note = str(error)
            yield row


def _reach_row(
    context: Context, row: Row, split: Split, settings: RunSettings, target: float
) -> Row:
    """Run both sides in turn until they reach ``target``."""
    bracket = context.rivals.libmf_bracket(split, 64, 2, target)

    def ours() -> float:
        points = curve("adagrad", split, settings, target, MOST_EPOCHS)
        row.note = (f"ours {points[0][0]:.3f} s before the first epoch, {len(points) - 1} epochs; "
                    f"LIBMF {bracket[1]} epochs")
        return crossing(points, target)

    return measured(row, ours, lambda: context.rivals.libmf_reach(split, 64, 2, target, bracket),
                    context.repeats)


def steps(context: Context) -> Iterator[Row]:
    """Epochs of gradient-descent to a held-out RMSE of 0.87; the same each time, so once."""
    split = context.split("ML-1M")
    for step, must, aim in (("line", 50, 40), ("conjugate", 15, 11)):
        for centre in (True, False):
            settings = settings_of(
                "gradient-descent", n_factors=32, n_threads=2, step=step, centre=centre,
                biases=False, regularization=10.0, initial_sd=0.1)
            row = Row("steps", split.name, f"{step}, {'centred' if centre else 'plain form'}",
                      "epochs to RMSE 0.87", "at most", must if centre else None,
                      aim if centre else None,
                      ours_settings=shown_settings("gradient-descent", settings))
            points = curve("gradient-descent", split, settings, 0.87, MOST_STEPS)
            if points[-1][1] <= 0.87:
                row.ours.append(len(points) - 1)
            row.note = (f"RMSE {points[-1][1]:.4f} after {len(points) - 1} epochs, "
                        f"{points[-1][0]:.2f} s")
            yield row
