"""Paints and searches something small in every way, so that each kernel is compiled ahead."""

from __future__ import annotations

from dataclasses import replace

from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.inspection.blocks import rated_means_of_grid
from mfgui.inspection.display import arrange
from mfgui.inspection.find import FindIndex, nearest_id
from mfgui.inspection.grid import make_grid
from mfgui.inspection.order import ORDER_KEYS, OrderChoice, OrderKey
from mfgui.inspection.painter import Painter, Request
from mfgui.inspection.paired import pair_sums
from mfgui.inspection.warm_up_maps import warm_up_maps
from mfgui.inspection.window import window_of


def warm_up(ratings: Ratings, model: FactorModel) -> None:
    """Compile what the views need."""
    request = Request(ratings, model, OrderChoice(), (0, 2), (0, 2), 10, 10, has_margins=True)
    painter = Painter()
    for name in ORDER_KEYS:
        key = OrderKey(name, n_clusters=2)
        order = painter.paint(replace(request, order=OrderChoice(key, key))).order
    painter.paint(replace(request, height=1, width=1))
    grid = make_grid(arrange(ratings, order))  # too many ratings otherwise
    window = window_of(request.rows, request.columns, ratings.n_users, ratings.n_items, 1, 1)
    rated_means_of_grid(grid, None, window.on_grid(1, 1))
    FindIndex(ratings).find("a b")
    nearest_id(ratings.user_ids, "a")
    warm_up_maps(ratings, model)
    # Copies: what is compared is picked out of the ratings, which are read-only themselves.
    pair_sums(model, model, Pairs(
        ratings.user_index.copy(), ratings.item_index.copy(), ratings.value.copy()))
