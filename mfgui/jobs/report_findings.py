"""What a report shows of a model: matrices, the worst cells, top lists."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.inspection.known import Known
from mfgui.inspection.order import OrderChoice, OrderKey
from mfgui.inspection.painter import Painter, Pictures, Request
from mfgui.inspection.pictures import VIEWS
from mfgui.inspection.recommend import recommend
from mfgui.inspection.residual_table import largest_residuals
from mfgui.inspection.top_memo import Filters, TopMemo
from mfgui.jobs.report_words import decimals_of, fixed, item_name, plain, user_name
from mfgui.jobs.runs import OpenedRun
from mfgui.store.png import enlarged
from mfgui.store.report_page import Columns, Heatmap, Heatmaps, Section, Table, Text

HEIGHT, WIDTH = 300, 400
LEAST_SIDE = 240  # of the picture of a small matrix, in pixels
N_WORST = 15
N_TOP = 10
SHARES = ((1.0, "the most ratings"), (0.75, "more ratings than three in four"),
          (0.5, "as many ratings as the middle one"), (0.25, "fewer ratings than three in four"))


def findings_sections(control: Control, opened: OpenedRun) -> list[Section]:
    """Return the sections that need a model and its ratings; none where there are none."""
    if opened.model is None or opened.known is None:
        return [Section("Matrices", [Text(
            "The run's factors or ratings are not at hand, so there is no matrix to show.")])]
    control.report("Painting the matrices")
    sections = [_matrices(control, opened.model, opened.known.ratings)]
    control.checkpoint()
    control.report("Looking for the worst cells", 0.5)
    sections.append(_worst(control, opened.model, opened.known, opened.before_refit))
    control.report("Ranking items", 0.7)
    lists = list(_top_lists(control, opened.model, opened.known))
    sections.append(Section("Top lists", [Columns(lists)]))
    return sections


def _matrices(control: Control, model: FactorModel, ratings: Ratings) -> Section:
    """Return observed, predicted and residual ratings, whole."""
    by_count = OrderKey("count")
    request = Request(
        ratings, model, OrderChoice(by_count, by_count), (0.0, float(ratings.n_users)),
        (0.0, float(ratings.n_items)), HEIGHT, WIDTH)
    pictures = Painter().paint(request, control)
    maps = [_heatmap(name, pictures) for name in VIEWS if name in pictures.views]
    return Section("Matrices", [
        Heatmaps(maps), Text(f"Rows are users, columns are items, both sorted by their number of "
                             f"ratings; {pictures.legend}.", is_muted=True)])


def _heatmap(name: str, pictures: Pictures) -> Heatmap:
    picture = pictures.views[name]
    unit = pictures.unit
    captions = {"observed": f"{unit}s as they are", "predicted": f"{unit}s as the model says",
                "residual": "observed minus predicted"}
    low, high = (plain(float(f"{end:.3g}")) for end in (picture.levels.low, picture.levels.high))
    return Heatmap(
        name.capitalize(), captions[name], enlarged(picture.rgba, LEAST_SIDE), picture.table,
        low, high, is_exact=max(picture.rgba.shape[:2]) < LEAST_SIDE)


def _worst(
    control: Control, model: FactorModel, known: Known, before: FactorModel | None
) -> Section:
    """Return the ratings that are predicted worst: of held-out ones, where a model never saw them.

    After a refit the factors from before it are asked, as they alone never saw them.
    """
    judge = before if known.is_trained_on_all else model
    if judge is not None and known.held_out.n_ratings:
        where, ratings = "held-out ratings", known.held_out
        if known.is_trained_on_all:
            where += ", by the factors from before the refit"
    else:
        where, ratings, judge = "ratings it was trained on", known.training, model
    if not ratings.n_ratings or model.target == "preference":
        return Section("Worst cells", [Text(
            "There are no ratings that the model's numbers could be held against.")])
    found = largest_residuals(judge, ratings, n_most=N_WORST, checkpoint=control.checkpoint)
    decimals = decimals_of(ratings.scale)
    rows = [(user_name(ratings, user), item_name(ratings, item), plain(observed),
             fixed(predicted, decimals), fixed(residual, decimals, is_signed=True))
            for user, item, observed, predicted, residual in zip(
                found.users.tolist(), found.items.tolist(), found.observed.tolist(),
                found.predicted.tolist(), found.residuals.tolist(), strict=True)]
    return Section("Worst cells", [
        Text(f"The {len(rows)} largest residuals among {ratings.n_ratings:,} {where}; predictions "
             "are not clipped."),
        Table(("user", "item", "observed", "predicted", "residual"), rows, (2, 3, 4))])


def _top_lists(control: Control, model: FactorModel, known: Known) -> Iterator[Text | Table]:
    """Yield the top lists of some users, from the one with the most ratings down."""
    ratings, memo = known.ratings, TopMemo(model, known)
    counts, decimals = known.training.user_counts, decimals_of(ratings.scale)
    order = np.argsort(counts, kind="stable")
    shown: set[int] = set()
    for share, words in SHARES:
        user = int(order[round(share * (order.size - 1))])
        if user in shown:
            continue
        shown.add(user)
        control.checkpoint()
        places = recommend(model, known, user, N_TOP, Filters(), None, memo)
        rows = [(str(place.rank), item_name(ratings, place.item), fixed(place.shown, decimals))
                for place in places]
        title = f"User {user_name(ratings, user)}, {words}: {int(counts[user]):,}"
        if rows:
            yield Table(("place", "item", "predicted"), rows, (0, 2), title)
        else:
            yield Text(f"{title}. There is no item left to recommend.")
