"""Paints a small factor map and measures small errors, so that each kernel is compiled ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.inspection.error_tables import error_tables
from mfgui.inspection.factor_map import MapAxes
from mfgui.inspection.known import Known
from mfgui.inspection.map_canvas import FEW
from mfgui.inspection.map_colours import COLOURINGS
from mfgui.inspection.map_labels import Font
from mfgui.inspection.map_painter import MapPainter
from mfgui.inspection.map_picture import MapColours, MapRequest


def warm_up_maps(ratings: Ratings, model: FactorModel) -> None:
    """Compile what the factor map and the errors need."""
    known = Known(ratings)
    error_tables(model, known)
    request = MapRequest(
        model, known, "users", MapAxes(), "plain", 2, None, 40, 30, 1.0, "viridis",
        MapColours("#ffffff", "#666666", "#0000aa", "#aa5500"), Font((7.0,) * 95, 7.0, 14.0),
        selected=np.zeros(1, np.int32), lasso=np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]))
    painter = MapPainter()
    for name in COLOURINGS:
        painter.paint(replace(request, colouring=name))
    many = np.zeros((FEW + 1, model.n_factors), np.float32)  # these are drawn in another way
    painter.paint(replace(
        request, known=None, selected=request.found,
        model=replace(model, user_factors=many, user_bias=many[:, 0].copy())))
