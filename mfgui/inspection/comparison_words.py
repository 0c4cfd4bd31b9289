"""What is said of two compared models, in the same words in the window and on the command line."""

from __future__ import annotations

import math

from mfgui.inspection.comparison import OtherModel
from mfgui.inspection.paired import FEW_USERS, Paired, PairedFigure
from mfgui.inspection.seeds import SeedSpread

MOST_DECIMALS = 6
NAMES = ("A", "B")


def decimals_for(low: float, high: float) -> int:
    """Return how many decimals tell the ends of an interval apart, and each from 0.

    0.004 to 0.006 has three, 0.0002 to 0.0008 four.
    """
    width = abs(high - low)
    decimals = math.ceil(-math.log10(width / 2)) if width > 0 else 4
    decimals = min(max(decimals, 0), MOST_DECIMALS)
    nearer = min((abs(end) for end in (low, high) if end), default=1.0)
    while decimals < MOST_DECIMALS and round(nearer, decimals) == 0:
        decimals += 1
    return decimals


def range_text(low: float, high: float, *, is_signed: bool = False) -> str:
    """Return two ends of an interval in words: "0.004 to 0.006"."""
    decimals = decimals_for(low, high)
    sign = "+" if is_signed else ""
    return " to ".join(f"{end:{sign}.{decimals}f}".replace("-", "\u2212") for end in (low, high))


def better_text(figure: PairedFigure | SeedSpread) -> str:
    """Return by how much the better one is better, "" where neither is surely."""
    if figure.winner is None or figure.low is None or figure.high is None:
        return ""
    ends = sorted((abs(figure.low), abs(figure.high)))
    return f"{NAMES[figure.winner]} is better by {range_text(*ends)}"


def paired_sentence(paired: Paired) -> str:
    """Return what can be said of two trained models, in a sentence.

    "Of these two trained models A is better by 0.004 to 0.006 on 100,021 ratings."
    """
    figure, where = paired.rmse, f"on {counted(paired.n_ratings, 'rating')}"
    if figure.low is None or figure.high is None:
        return (f"Of these two trained models nothing sure can be said {where}: all are of one "
                "user.")
    if figure.low == figure.high == 0:
        return f"These two trained models predict alike {where}: there is no difference."
    if better := better_text(figure):
        return f"Of these two trained models {better} {where}."
    return (f"Of these two trained models neither is surely better {where}: the difference lies "
            f"between {_between(figure.low, figure.high)}, and 0 is among that.")


def _between(low: float, high: float) -> str:
    return range_text(low, high, is_signed=True).replace(" to ", " and ")


def interval_note(paired: Paired) -> str:
    """Return what the interval is, and how far it goes."""
    rough = (f" With {counted(paired.n_users, 'user')} it is rough."
             if 1 < paired.n_users < FEW_USERS else "")
    return (f"95 % interval of the difference of the RMSE, from {paired.n_resamples:,} draws of "
            f"{counted(paired.n_users, 'user')}.{rough} It is about these two trained models, not "
            "about their settings: another seed trains another model.")


def seeds_sentences(spread: SeedSpread | None) -> tuple[str, ...]:
    """Return what is known of how both settings vary from seed to seed."""
    if spread is None:
        return ()
    if spread.is_same:
        return _same_settings(spread)
    sides = [f"{name} {mean:.4f}{_deviation(deviation)} ({counted(n, 'seed')})"
             for name, mean, deviation, n in (
                 ("A", spread.mean, spread.deviation, spread.n),
                 ("B", spread.other_mean, spread.other_deviation, spread.other_n))]
    told = (f"Validation RMSE over seeds: {', '.join(sides)}; each seed holds out other ratings, "
            "too.")
    if spread.low is None or spread.high is None:
        if spread.n != spread.other_n:
            return told, ("Only one seed was trained with both settings: train both with more of "
                          "the same seeds to say which settings are better.")
        return (("Each of these settings was trained with one seed only. Two seeds of the same "
                 "settings can differ surely, too: train more seeds of both to say which settings "
                 "are better."),)
    how = (f"seed by seed, {spread.n_paired} seeds" if spread.n_paired else "of the means")
    if better := better_text(spread):
        return told, f"Of the settings {better} over seeds ({how}, 95 %)."
    return told, (f"Of the settings neither is surely better: over seeds the difference ({how}) "
                  f"lies between {_between(spread.low, spread.high)} (95 %), and 0 is among that.")


def _same_settings(spread: SeedSpread) -> tuple[str, ...]:
    """Return what is to be said where only the seeds differ."""
    said = ("A and B have the same settings but for the seed: what sets them apart is chance, "
            "however sure the interval looks.")
    if spread.deviation is None:
        return (said,)
    return said, (f"Over {counted(spread.n, 'seed')} of these settings the validation RMSE is "
                  f"{spread.mean:.4f}{_deviation(spread.deviation)}; each seed holds out other "
                  "ratings, too.")


def _deviation(deviation: float | None) -> str:
    """Return a standard deviation behind its mean, "" where there is none."""
    if deviation is None:
        return ""
    decimals = min(max(4, -math.floor(math.log10(deviation))), 6) if deviation > 0 else 4
    return f" \u00b1 {deviation:.{decimals}f}"


def counted(n: int, word: str) -> str:
    """Return a number of things: "1 rating", "1,200 ratings"."""
    return f"{n:,} {word}{'s' * (n != 1)}"


def sentences(other: OtherModel) -> tuple[str, ...]:
    """Return all that is to be said of a comparison, the result first."""
    figures = other.figures
    told: list[str] = []
    if figures is not None and figures.paired is not None:
        told += [paired_sentence(figures.paired), interval_note(figures.paired)]
    if figures is not None:
        told.append(figures.note)
    return (*told, *seeds_sentences(other.seeds), *other.caveats)
