"""What is said of two models: the issue of a comparison in one sentence, honest digits."""

from __future__ import annotations

from typing import Any

import pytest

from mfgui.inspection.comparison_words import (
    decimals_for,
    interval_note,
    paired_sentence,
    range_text,
    seeds_sentences,
)
from mfgui.inspection.paired import Paired, PairedFigure
from mfgui.inspection.seeds import seed_spread


def paired(low: Any, high: Any, n_ratings: int = 100_021, n_users: int = 5000) -> Paired:
    middle = 0.0 if low is None else (low + high) / 2
    figure = PairedFigure("RMSE", 0.84 + middle, 0.84, low, high)
    return Paired(n_ratings, n_users, figure, figure)


def test_the_better_one_is_named_with_the_interval_and_the_ratings() -> None:
    assert paired_sentence(paired(-0.006, -0.004)) == (
        "Of these two trained models A is better by 0.004 to 0.006 on 100,021 ratings.")
    assert paired_sentence(paired(0.0002, 0.0008, 1)) == (
        "Of these two trained models B is better by 0.0002 to 0.0008 on 1 rating.")


def test_where_0_is_in_the_interval_nothing_sure_is_said() -> None:
    text = paired_sentence(paired(-0.001, 0.002))
    assert "neither is surely better" in text
    assert "−0.001 and +0.002" in text


def test_one_user_and_equal_models_are_told_apart() -> None:
    assert "one user" in paired_sentence(paired(None, None))
    assert "no difference" in paired_sentence(paired(0.0, 0.0))


@pytest.mark.parametrize(("low", "high", "text"), [
    (0.004, 0.006, "0.004 to 0.006"), (0.0002, 0.0008, "0.0002 to 0.0008"),
    (0.00004, 0.002, "0.00004 to 0.00200"), (3.2, 8.9, "3 to 9"), (0.1234567, 0.1234568,
                                                                  "0.123457 to 0.123457")])
def test_digits_tell_the_ends_apart_and_the_nearer_one_from_0(
    low: float, high: float, text: str
) -> None:
    assert range_text(low, high) == text


def test_digits_are_bounded() -> None:
    assert decimals_for(0.0, 0.0) == 4
    assert decimals_for(-1e-12, 1e-12) == 6
    assert decimals_for(-5000, 90_000) == 0


def test_the_interval_is_about_the_models_and_few_users_make_it_rough() -> None:
    note = interval_note(paired(-1, 1, n_users=12))
    assert "not about their settings" in note
    assert "12 users it is rough" in note
    assert "rough" not in interval_note(paired(-1, 1, n_users=120))


def test_seeds_are_told_beside_it() -> None:
    assert seeds_sentences(None) == ()
    alone = " ".join(seeds_sentences(seed_spread({1: 0.9}, {1: 0.8})))
    assert "one seed only" in alone
    single = " ".join(seeds_sentences(seed_spread({1: 0.9, 2: 0.91}, {1: 0.8})))
    assert "Only one seed was trained with both" in single
    sure = " ".join(seeds_sentences(seed_spread({1: 0.90, 2: 0.901}, {1: 0.95, 2: 0.9511})))
    assert "settings A is better" in sure
    assert "seed by seed, 2 seeds" in sure
    unsure = " ".join(seeds_sentences(seed_spread({1: 0.90, 2: 0.95}, {3: 0.91, 4: 0.94})))
    assert "neither is surely better" in unsure
    assert "±" in unsure
    same = " ".join(seeds_sentences(seed_spread({1: 0.9, 2: 0.9008}, {1: 0.9, 2: 0.9008},
                                                is_same=True)))
    assert "chance" in same
    assert "0.9004 ± 0.0006" in same
