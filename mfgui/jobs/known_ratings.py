"""What is known of the ratings of a model from a file, and what is missing where nothing is."""

from __future__ import annotations

import os

from mfgui.core.control import Control
from mfgui.core.metrics import all_pairs, squared_error_sums
from mfgui.core.parallel import WorkerPool
from mfgui.data.options import ReadOptions
from mfgui.errors import DataError
from mfgui.inspection.known import Known
from mfgui.jobs.models import known_from
from mfgui.store.model_file import SavedModel

Path = str | os.PathLike[str]


def known_ratings(
    control: Control, saved: SavedModel, ratings_path: Path | None = None,
    options: ReadOptions | None = None,
) -> Known | None:
    """Return what is known of a model's ratings: what its file holds, else a ratings file's.

    None where there is neither; a ratings file is read only where it is needed.

    Raises
    ------
    DataError
        If the ratings cannot be read, or have no user and item that the model knows.
    """
    if saved.known is not None or ratings_path is None:
        return known_from(saved)
    from mfgui.data.reader import open_ratings

    control.report(f"Reading {os.fspath(ratings_path)}")
    ratings, _ = open_ratings(ratings_path, options, control)
    known = known_from(saved, ratings)
    if known is None or not known.ratings.n_ratings:
        raise DataError(
            f"{os.path.basename(os.fspath(ratings_path))} has no rating of a user and an item that "
            "the model knows: give the ratings that it was trained on.")
    return known


def held_out_rmse(saved: SavedModel, known: Known | None) -> float | None:
    """Return the model's RMSE on held-out ratings; None where it is not known.

    What the card says, else measured: of a refit on the factors from before it. A model of
    preferences has none.
    """
    if saved.model.target != "rating":
        return None
    summary = saved.card.get("summary")
    said = summary.get("validation_rmse") if isinstance(summary, dict) else None
    if isinstance(said, (int, float)) and not isinstance(said, bool) and 0 <= said < 1e300:
        return float(said)
    model = saved.before_refit if known is not None and known.is_trained_on_all else saved.model
    if known is None or model is None or not known.held_out.n_ratings:
        return None
    return squared_error_sums(model, all_pairs(known.held_out), WorkerPool(1)).rmse
