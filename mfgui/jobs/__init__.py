"""The long things a person can start; window and command line do nothing else.

Each job takes a Control and plain values and yields frozen events, its last one the result.

A job's module is loaded when the job is first asked for: all of them take longer to load than the
window to be painted. A new job is a line of ``JOBS`` and, for the type checker, an import below.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfgui.jobs.compare import compare as compare
    from mfgui.jobs.compare import compare_files as compare_files
    from mfgui.jobs.compare_runs import compare_runs as compare_runs
    from mfgui.jobs.cross_validate import cross_validate as cross_validate
    from mfgui.jobs.download import download_data as download_data
    from mfgui.jobs.evaluate import evaluate as evaluate
    from mfgui.jobs.evaluate import evaluate_file as evaluate_file
    from mfgui.jobs.explain import explain_file as explain_file
    from mfgui.jobs.export import export_all_pairs as export_all_pairs
    from mfgui.jobs.export import export_biases as export_biases
    from mfgui.jobs.export import export_factors as export_factors
    from mfgui.jobs.export import export_pairs as export_pairs
    from mfgui.jobs.export_stream import export_stream as export_stream
    from mfgui.jobs.export_stream import table_text as table_text
    from mfgui.jobs.files import check_place as check_place
    from mfgui.jobs.files import export_bytes as export_bytes
    from mfgui.jobs.files import export_table as export_table
    from mfgui.jobs.files import look_file as look_file
    from mfgui.jobs.files import open_file as open_file
    from mfgui.jobs.files import open_model_file as open_model_file
    from mfgui.jobs.files import open_sample as open_sample
    from mfgui.jobs.files import open_text as open_text
    from mfgui.jobs.files import open_textbook as open_textbook
    from mfgui.jobs.files import save_model_file as save_model_file
    from mfgui.jobs.files import save_run as save_run
    from mfgui.jobs.files import write_sample as write_sample
    from mfgui.jobs.find_rate import find_rate as find_rate
    from mfgui.jobs.open_project import compact_project as compact_project
    from mfgui.jobs.open_project import copy_project_file as copy_project_file
    from mfgui.jobs.open_project import find_source as find_source
    from mfgui.jobs.open_project import open_run_with_source as open_run_with_source
    from mfgui.jobs.open_project import open_whole_project as open_whole_project
    from mfgui.jobs.open_project import save_project_as as save_project_as
    from mfgui.jobs.predict import predict_file as predict_file
    from mfgui.jobs.projects import locate_file as locate_file
    from mfgui.jobs.projects import locate_source as locate_source
    from mfgui.jobs.projects import open_source as open_source
    from mfgui.jobs.recommend import recommend_all as recommend_all
    from mfgui.jobs.recommend import recommend_file as recommend_file
    from mfgui.jobs.recording import continue_run as continue_run
    from mfgui.jobs.report import report as report
    from mfgui.jobs.run_again import run_again as run_again
    from mfgui.jobs.runs import export_run as export_run
    from mfgui.jobs.runs import open_run as open_run
    from mfgui.jobs.search import find_settings as find_settings
    from mfgui.jobs.similar import similar_file as similar_file
    from mfgui.jobs.train import train as train

Job = Callable[..., Iterator[Any]]

_JOBS = {
    "open": "files.open_file",
    "look": "files.look_file",
    "open-sample": "files.open_sample",
    "open-text": "files.open_text",
    "open-textbook": "files.open_textbook",
    "write-sample": "files.write_sample",
    "train": "train.train",
    "search": "search.find_settings",
    "continue-run": "recording.continue_run",
    "open-run": "runs.open_run",
    "run-again": "run_again.run_again",
    "report": "report.report",
    "open-project": "open_project.open_whole_project",
    "save-project-as": "open_project.save_project_as",
    "copy-project": "open_project.copy_project_file",
    "compact-project": "open_project.compact_project",
    "open-source": "projects.open_source",
    "locate-source": "projects.locate_source",
    "locate-file": "projects.locate_file",
    "export-run": "runs.export_run",
    "find-rate": "find_rate.find_rate",
    "save-run": "files.save_run",
    "save-model": "files.save_model_file",
    "open-model": "files.open_model_file",
    "predict": "predict.predict_file",
    "explain": "explain.explain_file",
    "recommend": "recommend.recommend_file",
    "recommend-all": "recommend.recommend_all",
    "similar": "similar.similar_file",
    "export-table": "files.export_table",
    "export-bytes": "files.export_bytes",
    "export-stream": "export_stream.export_stream",
    "export-pairs": "export.export_pairs",
    "export-all-pairs": "export.export_all_pairs",
    "export-factors": "export.export_factors",
    "export-biases": "export.export_biases",
    "download": "download.download_data",
    "compare": "compare.compare",
    "compare-files": "compare.compare_files",
    "compare-runs": "compare_runs.compare_runs",
    "evaluate": "evaluate.evaluate",
    "evaluate-file": "evaluate.evaluate_file",
    "cross-validate": "cross_validate.cross_validate",
}
_FURTHER = (
    "export_stream.table_text",
    "files.check_place",
    "open_project.find_source",
    "open_project.open_run_with_source",
)
_PLACES = {place.partition(".")[2]: place for place in (*_JOBS.values(), *_FURTHER)}


def _loaded(place: str) -> Any:
    """Return a function by its module and name, ``"train.train"``."""
    module, _, name = place.partition(".")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)


class _Jobs(Mapping[str, Job]):
    """The jobs by name, each loaded when it is asked for."""

    def __getitem__(self, name: str) -> Job:
        job: Job = _loaded(_JOBS[name])
        return job

    def __iter__(self) -> Iterator[str]:
        return iter(_JOBS)

    def __len__(self) -> int:
        return len(_JOBS)


JOBS: Mapping[str, Job] = _Jobs()


class _Package(ModuleType):
    """The package itself: its functions are loaded when they are first used.

    Some share their name with the module they are in. The import system sets each module that it
    loads as an attribute of its package; here that must not take the place of the function.
    """

    def __getattr__(self, name: str) -> Any:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = _loaded(_PLACES[name])
        super().__setattr__(name, found)
        return found

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _PLACES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_PLACES})


sys.modules[__name__].__class__ = _Package
