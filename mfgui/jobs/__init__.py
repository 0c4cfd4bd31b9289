"""The long things a person can start; window and command line do nothing else.

Each job takes a Control and plain values and yields frozen events, its last one the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mfgui.jobs.compare import compare, compare_files
from mfgui.jobs.compare_runs import compare_runs
from mfgui.jobs.cross_validate import cross_validate
from mfgui.jobs.download import download_data
from mfgui.jobs.evaluate import evaluate, evaluate_file
from mfgui.jobs.explain import explain_file
from mfgui.jobs.export import export_all_pairs, export_biases, export_factors, export_pairs
from mfgui.jobs.export_stream import export_stream, table_text
from mfgui.jobs.files import (
    check_place,
    export_bytes,
    export_table,
    look_file,
    open_file,
    open_model_file,
    open_sample,
    open_text,
    open_textbook,
    save_model_file,
    save_run,
    write_sample,
)
from mfgui.jobs.find_rate import find_rate
from mfgui.jobs.open_project import (
    compact_project,
    copy_project_file,
    find_source,
    open_run_with_source,
    open_whole_project,
    save_project_as,
)
from mfgui.jobs.predict import predict_file
from mfgui.jobs.projects import locate_file, locate_source, open_source
from mfgui.jobs.recommend import recommend_all, recommend_file
from mfgui.jobs.recording import continue_run
from mfgui.jobs.report import report
from mfgui.jobs.run_again import run_again
from mfgui.jobs.runs import export_run, open_run
from mfgui.jobs.search import find_settings
from mfgui.jobs.similar import similar_file
from mfgui.jobs.train import train

JOBS: dict[str, Callable[..., Iterator[Any]]] = {
    "open": open_file,
    "look": look_file,
    "open-sample": open_sample,
    "open-text": open_text,
    "open-textbook": open_textbook,
    "write-sample": write_sample,
    "train": train,
    "search": find_settings,
    "continue-run": continue_run,
    "open-run": open_run,
    "run-again": run_again,
    "report": report,
    "open-project": open_whole_project,
    "save-project-as": save_project_as,
    "copy-project": copy_project_file,
    "compact-project": compact_project,
    "open-source": open_source,
    "locate-source": locate_source,
    "locate-file": locate_file,
    "export-run": export_run,
    "find-rate": find_rate,
    "save-run": save_run,
    "save-model": save_model_file,
    "open-model": open_model_file,
    "predict": predict_file,
    "explain": explain_file,
    "recommend": recommend_file,
    "recommend-all": recommend_all,
    "similar": similar_file,
    "export-table": export_table,
    "export-bytes": export_bytes,
    "export-stream": export_stream,
    "export-pairs": export_pairs,
    "export-all-pairs": export_all_pairs,
    "export-factors": export_factors,
    "export-biases": export_biases,
    "download": download_data,
    "compare": compare,
    "compare-files": compare_files,
    "compare-runs": compare_runs,
    "evaluate": evaluate,
    "evaluate-file": evaluate_file,
    "cross-validate": cross_validate,
}

__all__ = [
    "JOBS",
    "check_place",
    "compact_project",
    "compare",
    "compare_files",
    "compare_runs",
    "continue_run",
    "copy_project_file",
    "cross_validate",
    "download_data",
    "evaluate",
    "evaluate_file",
    "export_all_pairs",
    "export_biases",
    "export_bytes",
    "export_factors",
    "export_pairs",
    "export_run",
    "export_stream",
    "export_table",
    "find_rate",
    "find_settings",
    "find_source",
    "locate_file",
    "locate_source",
    "look_file",
    "open_file",
    "open_model_file",
    "open_run",
    "open_run_with_source",
    "open_sample",
    "open_source",
    "open_text",
    "open_textbook",
    "open_whole_project",
    "predict_file",
    "report",
    "run_again",
    "save_model_file",
    "save_project_as",
    "save_run",
    "table_text",
    "train",
    "write_sample",
]
