"""The model of a run of a project, in the place of a model file."""

from __future__ import annotations

from mfgui.core.control import Control
from mfgui.errors import ProjectError
from mfgui.jobs.runs import open_run
from mfgui.store.model_file import SavedModel
from mfgui.store.project import Project


def model_of_run(control: Control, project: Project, word: str) -> tuple[SavedModel, str]:
    """Return a run's model with its ids, its ratings where they can be read, and a note.

    Parameters
    ----------
    word : str
        The run's number or name.

    Returns
    -------
    SavedModel
        ``known`` is None where the ratings cannot be read.
    str
        What a person should know of it, in a sentence or two, or "".

    Raises
    ------
    ProjectError
        If the project has no such run, or keeps no factors of it.
    """
    *_, opened = open_run(control, project, project.find_run(word).id)
    run, ratings = opened.info, opened.ratings
    if opened.model is None:
        raise ProjectError(f"No factors of run {run.number} are kept: train it again, or choose "
                           "another run.")
    card = {"solver": run.solver, "settings": run.settings, "summary": run.summary, "history": []}
    return SavedModel(opened.model, ratings.user_ids, ratings.item_ids, ratings.item_titles, card,
                      opened.known if ratings.n_ratings else None, opened.before_refit
                      ), opened.note
