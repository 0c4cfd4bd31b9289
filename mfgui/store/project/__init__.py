"""The project file ``.mfgui``: one SQLite file that loses nothing that was shown.

``create_project`` and ``open_project`` give a ``Project``; what it holds: ``schema``.
"""

from mfgui.errors import HeldError, ProjectError
from mfgui.store.project.copying import copy_project
from mfgui.store.project.entries import Entry
from mfgui.store.project.model_tree import model_from_tree, model_to_tree
from mfgui.store.project.opening import create_project, open_project
from mfgui.store.project.project import Project
from mfgui.store.project.runs import NewRun, RunInfo
from mfgui.store.project.sources import SourceInfo, ratings_checksum
from mfgui.store.project.writer import ProjectWriter

__all__ = [
    "Entry", "HeldError", "NewRun", "Project", "ProjectError", "ProjectWriter", "RunInfo",
    "SourceInfo", "copy_project", "create_project", "model_from_tree", "model_to_tree",
    "open_project", "ratings_checksum",
]
