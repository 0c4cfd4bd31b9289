"""Top lists as files: the one that is shown, and those of all users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mfgui.core.control import Control
from mfgui.gui.run_model import RunModel
from mfgui.gui.top_flow import TopAnswer, known_or_none, possible_filters, run_rmse
from mfgui.inspection.top_memo import Filters, TopMemo
from mfgui.jobs.files import Written, export_table
from mfgui.jobs.known_ratings import held_out_rmse
from mfgui.jobs.recommend import recommend_all
from mfgui.store.model_file import SavedModel

HEADER = ("user", "rank", "item", "title", "prediction", "raw", "ratings", "lower_bound", "because")
Job = Callable[[Control], Iterator[Written]]


def list_job(
    path: str, answer: TopAnswer, name: str, *, guards_formulas: bool = False
) -> Job:
    """Return the job that writes a list as CSV; ``name`` is what its user is called."""
    return lambda control: export_table(control, path, HEADER, lambda: _rows(answer, name),
                                        guards_formulas=guards_formulas)


def _rows(answer: TopAnswer, name: str) -> Iterator[tuple[object, ...]]:
    ratings, titles = answer.request.ratings, answer.request.ratings.item_titles
    for line in answer.lines:
        place = line.place
        bound = None if place.lower_bound is None else f"{place.lower_bound:.6g}"
        yield (name, place.rank, ratings.item_ids[place.item],
               None if titles is None else titles[place.item], f"{place.shown:.6g}",
               f"{place.raw:.6g}", place.n_ratings, bound, line.why)


def all_lists_job(
    path: str, run: RunModel, n: int, filters: Filters, *, guards_formulas: bool = False
) -> Job | None:
    """Return the job that writes the top lists of all users by the shown model; None without one.

    Filters that need what is not known are passed over, as the panel does and says.
    """
    saved = shown_model(run)
    if saved is None:
        return None

    def job(control: Control) -> Iterator[Written]:
        memo = TopMemo(saved.model, saved.known, saved.item_titles or saved.item_ids)
        sound, _ = possible_filters(memo, filters, held_out_rmse(saved, saved.known))
        yield from recommend_all(control, saved, path, n, filters=sound,
                                 guards_formulas=guards_formulas)

    return job


def shown_model(run: RunModel) -> SavedModel | None:
    """Return the shown model with what it takes to export it; None without one."""
    model, ratings = run.shown, run.ratings
    if model is None or ratings is None:
        return None
    card: dict[str, Any] = {"summary": {"validation_rmse": run_rmse(run)}}
    if run.opened_model is not None:
        card = run.opened_model.card
    return SavedModel(model, ratings.user_ids, ratings.item_ids, ratings.item_titles, card,
                      known_or_none(run.known), run.before_refit)
