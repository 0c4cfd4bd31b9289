"""What the colour of a point on the factor map stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.preferences import preferences
from mfgui.core.ratings import FloatArray, Ratings
from mfgui.inspection.clusters import Clusters, k_means
from mfgui.inspection.colours import Levels, luminance, rgb, sequential_table
from mfgui.inspection.known import Known
from mfgui.inspection.row_errors import row_means, row_rmse

COUNT, MEAN, RESIDUAL, CLUSTER, PLAIN = "count", "mean", "residual", "cluster", "plain"
COLOURINGS = {COUNT: "number of ratings", MEAN: "mean rating", RESIDUAL: "RMSE of its ratings",
              CLUSTER: "cluster", PLAIN: "one colour"}
NEED_RATINGS = (COUNT, MEAN, RESIDUAL)
MOST_CLUSTERS = 12
LEAST_CONTRAST = 1.9  # of the palest colour used, against the ground
Bytes = NDArray[np.uint8]

# Okabe and Ito's set (jfly.uni-koeln.de/color) first, darkened for a light ground, lightened for a
# dark one; then four more that are told from them and from each other.
_CLUSTERS = {
    False: ("0072b2", "c24f00", "007a58", "a3447f", "8a7000", "2f97c8", "3f4a5a", "b3261e",
            "6a3fb5", "5f8f1f", "8c564b", "d1458c"),
    True: ("56b4e9", "f0a03c", "35c49a", "e08fc0", "e6d84a", "2f7fd0", "c3cad4", "ff7b72",
           "b39bf5", "a8d65c", "c9967f", "ff5fae"),
}


@dataclass(frozen=True, eq=False)
class MapValues:
    """A number for each point, and its colours.

    Parameters
    ----------
    name : str
        A key of ``COLOURINGS``.
    values : ndarray of float32, shape (n,)
        NaN where there is none.
    levels : Levels
        Values of the first and the last colour; of clusters so that each has one colour.
    unit : str
        What the numbers are, in words; "" of one colour.
    is_log : bool
        Whether the values are logarithms to base 10 of what is shown.
    clusters : Clusters or None
    """

    name: str
    values: FloatArray
    levels: Levels
    unit: str
    is_log: bool = False
    clusters: Clusters | None = None


def map_values(
    model: FactorModel, known: Known | None, side: str, name: str, n_clusters: int = 8,
    before: MapValues | None = None,
) -> MapValues:
    """Return what the points of a side are coloured by.

    Ratings counted, averaged and measured are those the model was trained on. RMSE takes a pass
    over all of them.

    Parameters
    ----------
    name : str
        A key of ``COLOURINGS``; what needs ratings is one colour where there are none.
    n_clusters : int
    before : MapValues or None
        The ones before: clusters keep their numbers.
    """
    factors = model.user_factors if side == "users" else model.item_factors
    if name == CLUSTER:
        start = before.clusters.centres if before is not None and before.clusters is not None and (
            before.clusters.n_clusters == n_clusters) else None
        clusters = k_means(factors, n_clusters, start=start)
        levels = Levels(0.0, float(clusters.n_clusters))
        return MapValues(name, clusters.labels.astype(np.float32), levels, "cluster",
                         clusters=clusters)
    ratings = known.training if known is not None else None
    if name not in NEED_RATINGS or ratings is None or not ratings.n_ratings:
        return MapValues(PLAIN, np.zeros(factors.shape[0], np.float32), Levels(0, 1), "")
    if name == COUNT:
        counts = ratings.user_counts if side == "users" else ratings.item_counts
        with np.errstate(divide="ignore"):
            values = np.where(counts > 0, np.log10(counts), np.nan).astype(np.float32)
        return MapValues(name, values, _levels(values), "number of ratings", is_log=True)
    return _of_ratings(model, ratings, side, name)


def _of_ratings(model: FactorModel, ratings: Ratings, side: str, name: str) -> MapValues:
    """Return each row's mean rating or RMSE."""
    if name == MEAN:
        values = row_means(ratings, side).astype(np.float32)
        return MapValues(name, values, Levels(*ratings.scale), "mean rating")
    unit = "RMSE of its ratings"
    if model.target == "preference":
        ratings, unit = preferences(ratings), "RMSE of its preferences"
    values = row_rmse(model, ratings, side).astype(np.float32)
    known = values[np.isfinite(values)]
    # A few rows with one odd rating would leave one colour to all others.
    low, high = np.percentile(known, [2, 98]).tolist() if known.size else (0.0, 1.0)
    return MapValues(name, values, Levels(low, high), unit)


def _levels(values: FloatArray) -> Levels:
    known = values[np.isfinite(values)]
    return Levels(float(known.min()), float(known.max())) if known.size else Levels(0.0, 1.0)


def colours_on(ground: str, values: MapValues, colour_map: str) -> Bytes:
    """Return the colours of values on a ground: those of a colour map that stand out from it.

    Parameters
    ----------
    ground : str
        As ``#rrggbb``.
    colour_map : str
        A key of ``colours.COLOUR_MAPS``.

    Returns
    -------
    ndarray of uint8, shape (n_colours, 4)
        256 colours; of clusters one each, of one colour one.
    """
    is_dark = sum(rgb(ground)) < 384
    if values.name in (CLUSTER, PLAIN):
        n_colours = values.clusters.n_clusters if values.clusters is not None else 1
        colours = [_CLUSTERS[is_dark][k % MOST_CLUSTERS] for k in range(n_colours)]
        return np.array([[*rgb(colour), 255] for colour in colours], np.uint8)
    table = sequential_table(colour_map)
    light = luminance(rgb(ground))
    lights = np.array([luminance((r, g, b)) for r, g, b, _ in table.tolist()])
    contrasts = (np.maximum(lights, light) + 0.05) / (np.minimum(lights, light) + 0.05)
    stands_out = np.flatnonzero(contrasts >= LEAST_CONTRAST)
    places = np.linspace(stands_out[0], stands_out[-1], 256).round().astype(int)
    return np.asarray(table[places])
