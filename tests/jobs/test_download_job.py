"""The job that gets a public data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mfgui.core.control import Control
from mfgui.data.downloads import public_folder
from mfgui.errors import CancelledError, DataError
from mfgui.jobs import JOBS, download_data, open_file


def test_the_job_ends_with_the_paths_and_the_file_opens(data_server: Any) -> None:
    *_, got = JOBS["download"](Control(), "tiny")
    assert Path(got.folder) == public_folder() / "tiny"
    assert Path(got.titles).name == "movies.csv"
    *_, opened = open_file(Control(), got.path)
    assert (opened.ratings.n_users, opened.ratings.n_items) == (40, 30)


def test_the_job_takes_a_folder(data_server: Any, tmp_path: Path) -> None:
    *_, got = download_data(Control(), "tiny", str(tmp_path))
    assert Path(got.path) == tmp_path / "tiny" / "ratings.csv"


def test_a_data_set_without_titles_says_so(data_server: Any) -> None:
    data_server.offer(titles="")
    *_, got = download_data(Control(), "tiny")
    assert got.titles == ""


def test_a_name_that_is_none_is_an_error() -> None:
    with pytest.raises(DataError, match="choose one of ml-100k"):
        list(download_data(Control(), "tiny"))


def test_a_stopped_job_has_no_result(data_server: Any) -> None:
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        list(download_data(control, "tiny"))
