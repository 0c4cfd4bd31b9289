"""What has to be known to believe a figure, in plain sentences: for window, terminal and report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mfgui.core.settings import SPLITS

_WORDS = {"validation": ("held-out rating", ""), "test": ("rating", " of the test file"),
          "unseen": ("open rating", " that it never saw")}
NEVER_TOUCHED = ("For a figure that nothing was chosen by, evaluate it on a test file of ratings "
                 "never touched.")


@dataclass(frozen=True)
class Facts:
    """What is known of the ratings that a figure was measured on.

    Parameters
    ----------
    part : str
        "validation", "test", or "unseen" where they are open ratings that it never saw.
    n_ratings : int
    n_unseen : int
        How many have a user or an item without a training rating.
    n_unseen_users, n_unseen_items : int or None
        How many of them have such a user, and such an item; None where that was not counted.
    split : str
        How the ratings were held out, a name of ``SPLITS``; "" where that is not known.
    n_left_out : int
        Of each user, where ``split`` is "leave-k".
    share : float
    n_users_left_out : int or None
        Users of whom none is held out; None where that was not counted.
    is_stopped_on : bool
        Whether early stopping, or the choice of the best epoch for a refit, looked at them.
    is_searched : bool
        Whether the run's settings were picked by a search, which looks at held-out ratings.
    is_refit : bool
        Whether the model was trained again on all ratings.
    n_duplicates : int or None
        Ratings of the file that are training ratings too and were left out; None where nobody
        knows.
    is_ranking : bool
        Whether lists are judged: in these an unseen item cannot be found.
    has_biases : bool
        Whether the model has biases to predict an unseen user or item by.
    """

    part: str
    n_ratings: int
    n_unseen: int = 0
    n_unseen_users: int | None = None
    n_unseen_items: int | None = None
    split: str = ""
    n_left_out: int = 1
    share: float = 0.0
    n_users_left_out: int | None = None
    is_stopped_on: bool = False
    is_searched: bool = False
    is_refit: bool = False
    n_duplicates: int | None = 0
    is_ranking: bool = False
    has_biases: bool = True


def honesty_lines(facts: Facts) -> tuple[str, ...]:
    """Return the sentences: which ratings, what they chose, which factors, what was unseen."""
    return tuple(filter(None, (
        _split_line(facts), _chosen_line(facts), _refit_line(facts), _unseen_line(facts),
        _duplicates_line(facts))))


def run_honesty(summary: Mapping[str, Any], origin: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sentences for the figures of a run, from its ``summary`` and its origin.

    First of what was held out, then of a test file, as far as there are any.
    """
    lines: list[str] = []
    for part in ("validation", "test"):
        if (facts := run_facts(summary, origin, part)) is not None:
            lines += honesty_lines(facts)
    return tuple(lines)


def run_facts(
    summary: Mapping[str, Any], origin: Mapping[str, Any], part: str = "validation"
) -> Facts | None:
    """Return what is known of a part of a run's ratings; None where it has none."""
    n, settings = _count(summary, f"n_{part}"), summary.get("settings")
    if not n:
        return None
    own: Mapping[str, Any] = settings if isinstance(settings, Mapping) else {}
    is_held_out, is_refit = part == "validation", summary.get("is_refit") is True
    split = own.get("split", "random") if is_held_out and own else ""
    return Facts(
        part, n, _count(summary, f"n_unseen_{part}"),
        split=split if isinstance(split, str) and split in SPLITS else "",
        n_left_out=_count(own, "n_left_out") or 1,
        share=_number(own, "validation"),
        is_stopped_on=is_held_out and is_stopped_on(own, is_refit),
        is_searched="search" in origin, is_refit=is_refit,
        n_duplicates=0 if is_held_out else None,
        is_ranking=summary.get(f"{part}_ndcg") is not None,
        has_biases=own.get("biases") is not False)


def is_stopped_on(settings: Mapping[str, Any], is_refit: bool) -> bool:
    """Return whether the held-out ratings chose the number of epochs."""
    return is_refit or _number(settings, "patience") > 0


def _split_line(facts: Facts) -> str:
    """Say which ratings were measured on."""
    if facts.part == "test":
        return f"Measured on {_counted(facts.n_ratings, 'rating')} of a file of their own."
    if facts.part == "unseen":
        return (f"Measured on {_counted(facts.n_ratings, 'open rating')} that the model never saw, "
                "not even to stop on.")
    text = f"Measured on {_counted(facts.n_ratings, 'held-out rating')}"
    if facts.split == "leave-k":
        text += f": {facts.n_left_out:,} of each user's"
    elif facts.split:
        text += f": {SPLITS[facts.split][0].lower()}{SPLITS[facts.split][1:]}"
        text += f", {facts.share:.3g} of them" if facts.share else ""
    if facts.n_users_left_out and facts.split not in ("", "random", "time"):
        text += (f"; {_counted(facts.n_users_left_out, 'user')} had too few ratings to hold any "
                 "out")
    return text + "."


def _chosen_line(facts: Facts) -> str:
    """Say what was chosen by these ratings, which makes figures look better than they are."""
    if facts.part != "validation":
        return ("The run's settings were picked by a search on its held-out ratings; these here "
                "chose nothing.") if facts.is_searched else ""
    if facts.is_searched:
        also = " and the number of epochs" if facts.is_stopped_on else ""
        return (f"These ratings chose the settings{also}: of many runs the best was picked by "
                f"them, so the figures look better than they are. {NEVER_TOUCHED}")
    if facts.is_stopped_on:
        return ("These ratings chose the number of epochs, so the figures look a little better "
                f"than they are. {NEVER_TOUCHED}")
    return ""


def _refit_line(facts: Facts) -> str:
    """Say which factors the figures belong to, where there are two sets."""
    if not facts.is_refit:
        return ""
    if facts.part == "validation":
        return ("The model was trained again on all ratings; the figures belong to the factors "
                "from before that, which never saw these ratings.")
    return "The model was trained again on all of its own ratings; the figures belong to it."


def _unseen_line(facts: Facts) -> str:
    """Say how many have an unseen user or item, and how they were scored."""
    if not facts.n_unseen:
        return "Every user and item among them has training ratings." if facts.n_ratings else ""
    kinds = [f"{n:,} {word}" for n, word in (
        (facts.n_unseen_users, "by user"), (facts.n_unseen_items, "by item")) if n]
    word, tail = _WORDS[facts.part]
    text = (f"{_counted(facts.n_unseen, word)}{tail} {_have(facts.n_unseen)} a user or "
            "item without a training rating")
    if facts.n_unseen_users is not None and kinds:
        text += f" ({' and '.join(kinds)})"
    how = ("predicted by the mean and the bias that is known" if facts.has_biases
           else "predicted by the mean alone, or as 0 where the method has none")
    if facts.is_ranking:
        how = "such users are left out, and such items cannot be found in any list"
    return f"{text}: {how}."


def _duplicates_line(facts: Facts) -> str:
    """Say how many were trained on, too."""
    if facts.part != "test":
        return ""
    if facts.n_duplicates is None:
        return ""
    if not facts.n_duplicates:
        return "None of them is a rating that the model was trained on."
    return (f"{_counted(facts.n_duplicates, 'rating')} of the file {_are(facts.n_duplicates)} of a "
            "user and an item that the model was trained on: left out.")


def _counted(n: int, noun: str) -> str:
    """Return "1 rating", "2 ratings"."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def _have(n: int) -> str:
    return "has" if n == 1 else "have"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _count(values: Mapping[str, Any], name: str) -> int:
    """Return a whole number of untrusted values, 0 where there is none."""
    value = values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _number(values: Mapping[str, Any], name: str) -> float:
    """Return a number of untrusted values, 0 where there is none."""
    value = values.get(name)
    return float(value) if isinstance(value, (int, float)) and abs(value) < 1e300 else 0.0
