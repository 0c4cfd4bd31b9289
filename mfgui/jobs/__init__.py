"""The long things a person can start; window and command line do nothing else.

Each job takes a Control and plain values and yields frozen events, its last one the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mfgui.jobs.compare import compare
from mfgui.jobs.download import download_data
from mfgui.jobs.explain import explain_file
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
from mfgui.jobs.predict import predict_file
from mfgui.jobs.recommend import recommend_all, recommend_file
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
    "download": download_data,
    "compare": compare,
}

__all__ = [
    "JOBS", "check_place", "compare", "download_data", "export_bytes", "export_table", "find_rate",
    "look_file", "open_file", "open_model_file", "open_sample", "open_text", "open_textbook",
    "predict_file", "save_model_file", "save_run", "train", "write_sample",
]
