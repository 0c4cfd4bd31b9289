"""What a run reached and what it means, in one sentence: for the window and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORDS = {"validation": "held-out", "test": "test"}


def reached_text(figures: Mapping[str, Any]) -> str:
    """Return what a run reached, from its ``summary``; "" where nothing was measured.

    A sentence for what was held out, one for a test file, or where there is neither one for the
    ratings it was trained on.
    """
    told = [_ranking_text(figures, part) if figures[f"{part}_ndcg"] is not None
            else _rmse_text(figures, part) for part in WORDS
            if figures[f"{part}_ndcg"] is not None or figures[f"{part}_rmse"] is not None]
    note = [figures["note"]] if figures.get("note") else []
    if told or figures["train_rmse"] is None:
        return " ".join([*told, *note])
    trained = (f"RMSE {short(figures['train_rmse'])} on the ratings it was trained on; none were "
               "held out, so that of other ratings is not known.")
    return " ".join([trained, *note])


def _rmse_text(figures: Mapping[str, Any], part: str) -> str:
    """Return the RMSE beside those of the simplest models."""
    rmse = figures[f"{part}_rmse"]
    parts = [f"RMSE {short(rmse)} on {_measured_text(figures, part)}"]
    for kind, words in (("mean", "always guessing the average"), ("bias", "user and item bias")):
        simple = figures[f"{kind}_{part}_rmse"]
        if simple is not None:
            better = ", which is better" if simple < rmse else ""
            parts.append(f"{words}: {short(simple)}{better}")
    return "; ".join(parts) + "."


def _ranking_text(figures: Mapping[str, Any], part: str) -> str:
    """Return how high the held-out items stand in each user's order."""
    parts = [f"NDCG@10 {short(figures[f'{part}_ndcg'])}, where 1 is a perfect order, on "
             f"{_measured_text(figures, part)}"]
    parts += [f"{name}@10 {short(figures[f'{part}_{name}'])}" for name in ("precision", "recall")
              if figures[f"{part}_{name}"] is not None]
    return "; ".join(parts) + "."


def _measured_text(figures: Mapping[str, Any], part: str) -> str:
    """Return on what a figure was measured: "100,021 held-out ratings"."""
    n, n_unseen = figures[f"n_{part}"], figures[f"n_unseen_{part}"]
    text = f"{n:,} {WORDS[part]} rating{'s' * (n != 1)}"
    if n_unseen:
        text += f" ({n_unseen:,} of a user or item unseen in training)"
    if part == "validation" and figures["is_refit"]:
        text += ", measured before the final training on all"
    return text


def short(value: float) -> str:
    """Return a figure with three decimals, or as many digits as it takes."""
    return f"{value:.3f}" if 0.01 <= abs(value) < 100 else f"{value:,.3g}"

