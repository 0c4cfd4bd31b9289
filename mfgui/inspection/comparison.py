"""Two models side by side, the second brought to the numbering of the first.

A figure of both is honest on ratings alone that neither was trained on: those that either held
out or never had, less those that the other trained on. Where a model was refit, the factors from
before it are measured; where a model does not know its ratings, nobody can know. Of preferences
there is no such figure, least of all beside one of ratings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.parallel import no_checkpoint
from mfgui.inspection.differences import RowDifferences, SettingDifference
from mfgui.inspection.known import Known, cell_keys, places_among
from mfgui.inspection.paired import Paired, compare_pairs, pair_sums
from mfgui.inspection.seeds import SeedSpread
from mfgui.inspection.unseen import REFIT_NOTE, judged, neither_saw, remedy

OPEN_MODEL = "the open model"


@dataclass(frozen=True)
class HeldOutFigures:
    """Both models on ratings that neither was trained on.

    Parameters
    ----------
    n_ratings : int
        0 where there is none, or nobody can know.
    rmse, other_rmse : float or None
    note : str
        Which ratings and factors, or why there is no figure.
    paired : Paired or None
        RMSE and MAE with the intervals of their differences; None where there is no figure.
    users, items : RowDifferences or None
        Where the two differ; None where there is no figure.
    """

    n_ratings: int
    rmse: float | None
    other_rmse: float | None
    note: str
    paired: Paired | None = None
    users: RowDifferences | None = None
    items: RowDifferences | None = None


@dataclass(frozen=True, eq=False)
class OtherModel:
    """The model that the shown one is compared with, in the shown one's numbering.

    Parameters
    ----------
    name : str
    model : FactorModel
        Rows of 0 where it does not know a user or item.
    has_user, has_item : ndarray of bool, shapes (n_users,), (n_items,)
        What it knows.
    n_unmatched_users, n_unmatched_items : int
        Its own that the shown one does not know.
    known : Known or None
        Its ratings in the same numbering, as far as their users and items are known here.
    before_refit : FactorModel or None
    figures : HeldOutFigures or None
        Of both, on ratings that neither was trained on.
    shown_name : str
        What the shown model is called beside it.
    settings : tuple of SettingDifference or None
        In which the two differ, the shown one's value first; None where one does not know its own.
    seeds : SeedSpread or None
        How both settings vary from seed to seed; None where that is not known.
    caveats : tuple of str
        What a person should know before trusting the figures, a sentence each.
    run_ids : (int, int) or None
        The runs of the project that the shown one and this one are.
    shown_model : FactorModel or None
        The shown one as it was when both were measured.
    """

    name: str
    model: FactorModel
    has_user: NDArray[np.bool_]
    has_item: NDArray[np.bool_]
    n_unmatched_users: int = 0
    n_unmatched_items: int = 0
    known: Known | None = None
    before_refit: FactorModel | None = None
    figures: HeldOutFigures | None = None
    shown_name: str = OPEN_MODEL
    settings: tuple[SettingDifference, ...] | None = None
    seeds: SeedSpread | None = None
    caveats: tuple[str, ...] = ()
    run_ids: tuple[int, int] | None = None
    shown_model: FactorModel | None = None

    @property
    def text(self) -> str:
        """What was matched, in a sentence."""
        n_users, n_items = int(self.has_user.sum()), int(self.has_item.sum())
        text = f"{self.name}: {n_users:,} users and {n_items:,} items matched by id"
        left = [f"{n:,} {side}{'s' * (n != 1)} {which}" for n, side, which in (
            (self.n_unmatched_users, "user", "of its own"),
            (self.n_unmatched_items, "item", "of its own"),
            (self.has_user.size - n_users, "user", "it does not know"),
            (self.has_item.size - n_items, "item", "it does not know")) if n]
        return f"{text}; left out: {', '.join(left)}." if left else f"{text}."


def compare_held_out(
    model: FactorModel, known: Known | None, before_refit: FactorModel | None, other: OtherModel,
    checkpoint: Callable[[], None] = no_checkpoint,
) -> HeldOutFigures:
    """Return the figures of both on the ratings that neither saw, of users and items both know.

    Parameters
    ----------
    model : FactorModel
        The shown one.
    known : Known or None
        Its ratings; None where it does not know them.
    before_refit : FactorModel or None
        Its factors from before a refit.
    other : OtherModel
    checkpoint : callable
        Called between parts; what it raises ends the work.
    """
    if reason := _refusal(model, known, other):
        return HeldOutFigures(0, None, None, reason)
    assert known is not None
    assert other.known is not None
    own = judged(model, known, before_refit, other.shown_name)
    theirs = judged(other.model, other.known, other.before_refit, other.name)
    pairs = neither_saw(own, theirs, other.has_user, other.has_item)
    if not pairs.value.size:
        return HeldOutFigures(0, None, None, (
            "There is no rating that one of the two held out and the other was not trained on, so "
            f"neither figure would be honest.{remedy(own, theirs)}"))
    note = (REFIT_NOTE.format("both") if own.note and theirs.note else own.note or theirs.note)
    return _measured(own.model, theirs.model, pairs, other, (
        f"On {pairs.value.size:,} ratings that neither model was trained on. {note}").strip(),
        checkpoint)


def compare_test(
    model: FactorModel, known: Known | None, other: OtherModel, test: Pairs, name: str,
    checkpoint: Callable[[], None] = no_checkpoint,
) -> HeldOutFigures:
    """Return the figures of both on given ratings, less those that either was trained on.

    Parameters
    ----------
    model : FactorModel
        The shown one, as it is: after its refit, where there was one.
    known : Known or None
        Its ratings; None where it does not know them.
    other : OtherModel
    test : Pairs
        In the shown one's numbering.
    name : str
        What the test ratings are called.
    checkpoint : callable
        Called between parts; what it raises ends the work.
    """
    if reason := _kinds_refusal(model, other):
        return HeldOutFigures(0, None, None, reason)
    users, items = test.user_index, test.item_index
    is_left = (users >= 0) & (items >= 0)
    is_left &= other.has_user[users] & other.has_item[items]
    n_known = int(is_left.sum())
    keys = users.astype(np.int64) * model.n_items + items
    unsure = []
    for whose, each in ((other.shown_name, known), (other.name, other.known)):
        if each is None:
            unsure.append(f"{_capital(whose)} does not know its ratings: that it never saw these "
                          "is taken on trust.")
        else:
            checkpoint()
            is_left &= places_among(cell_keys(each.training), keys) < 0
    pairs = Pairs(users[is_left], items[is_left], test.value[is_left])
    n_seen, n_strange = n_known - pairs.value.size, users.size - n_known
    left_out = [f"{n:,} {why}" for n, why in (
        (n_seen, "that one of the two was trained on"),
        (n_strange, "of users or items that one of the two does not know")) if n]
    parts = [f"Left out: {' and '.join(left_out)}." if left_out else "", *unsure]
    if not pairs.value.size:
        return HeldOutFigures(0, None, None, " ".join(filter(None, (
            f"There is no rating of {name} that both can be measured on.", *parts))))
    return _measured(model, other.model, pairs, other, " ".join(filter(None, (
        f"On {pairs.value.size:,} ratings of {name}.", *parts))), checkpoint)


def _measured(
    model: FactorModel, others: FactorModel, pairs: Pairs, other: OtherModel, note: str,
    checkpoint: Callable[[], None],
) -> HeldOutFigures:
    """Return the figures of two models on some ratings."""
    sums = pair_sums(model, others, pairs, checkpoint)
    paired = compare_pairs(sums, checkpoint=checkpoint)
    if paired is None:
        whose = other.shown_name if np.isnan(sums.total[1]) else other.name
        return HeldOutFigures(0, None, None, (
            f"{_capital(whose)} predicts what is no finite number: it has diverged."))
    return HeldOutFigures(
        paired.n_ratings, paired.rmse.value, paired.rmse.other_value, note, paired,
        RowDifferences(sums.users), RowDifferences(sums.items))


def _refusal(model: FactorModel, known: Known | None, other: OtherModel) -> str:
    """Return why there can be no figures of both; "" where there can."""
    if reason := _kinds_refusal(model, other):
        return reason
    if known is None or other.known is None:
        whose = other.shown_name if known is None else other.name
        return (f"{_capital(whose)} does not know its ratings, so nobody can know which ones "
                "neither model was trained on.")
    return ""


def _kinds_refusal(model: FactorModel, other: OtherModel) -> str:
    """Return why what they predict has no error of both; "" where it has."""
    if model.target != other.model.target:
        return ("One of the two predicts ratings and the other preferences: no error measures "
                "both.")
    if model.target == "preference":
        return ("Both predict preferences, and all that was held out is of one kind: its error "
                "would tell nothing.")
    return ""


def _capital(name: str) -> str:
    """Return a name as a sentence begins with it."""
    return name[:1].upper() + name[1:]
