"""What the window shows as something to evaluate, and the ratings there are for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mfgui.core.settings import as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.gui.run_model import RunModel
from mfgui.inspection.known import Known
from mfgui.jobs.evaluate import HELD_OUT, UNSEEN, Subject, subject_of
from mfgui.jobs.train import summary

TEST_FILE = "test"


def shown_subject(model: RunModel) -> Subject | None:
    """Return the model that is shown, as its run left it; None where there is none.

    Where a run trains it is the newest copy of its factors.
    """
    snapshot, ratings = model.snapshot, model.ratings
    if snapshot is None or ratings is None:
        return None
    origin = _origin(model)
    if model.opened_model is not None:
        # Matched to the open ratings; what the file itself holds has another numbering.
        return replace(subject_of(model.opened_model, "The opened model", model.known),
                       model=snapshot.model, before_refit=model.before_refit, ids=ratings)
    result = model.result
    if result is not None:
        values: Mapping[str, Any] = summary(result, ratings)
    else:
        settings = as_dict(model.settings) if model.settings is not None else {}
        values = {"settings": settings, "is_refit": snapshot.is_refit,
                  "n_validation": n_marked(model.known, HELD_OUT)}
    return Subject(_name(model), snapshot.model, model.known, ratings, model.before_refit, values,
                   origin)


def parts(model: RunModel) -> dict[str, str]:
    """Return what the shown model can be measured on, by name, in words."""
    words = {}
    if n := n_marked(model.known, HELD_OUT):
        words[HELD_OUT] = f"Its held-out ratings ({n:,})"
    if n := n_marked(model.known, UNSEEN):
        words[UNSEEN] = f"Ratings it never saw ({n:,})"
    if model.test_ratings is not None:
        words[TEST_FILE] = f"{model.test_ratings.name} ({model.test_ratings.n_ratings:,})"
    return words


def n_marked(known: Known | None, part: str) -> int:
    """Return how many ratings a part has."""
    mask = None if known is None else known.is_held_out if part == HELD_OUT else known.is_unseen
    return 0 if mask is None else int(np.count_nonzero(mask))


def _name(model: RunModel) -> str:
    """Return what to call the run that is shown: "Run 3 AdaGrad", or "AdaGrad"."""
    run_id, project = model.track.run_id, model.project
    if run_id is not None and project.has(run_id):
        name = f"Run {project.label(run_id)}"
    else:
        name = SOLVERS[model.solver].label if model.solver in SOLVERS else "The model"
    epoch = model.snapshot.epoch if model.snapshot is not None else 0
    return f"{name}, epoch {epoch}" if epoch else name


def _origin(model: RunModel) -> Mapping[str, Any]:
    """Return what began the run, where the project knows it."""
    run_id, project = model.track.run_id, model.project
    return project.run(run_id).origin if run_id is not None and project.has(run_id) else {}
