"""An imaginary user's ratings are read as they were written, and what is wrong is one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.ratings import TextArray
from mfgui.errors import CancelledError, DataError, StorageError
from mfgui.jobs.recommend import (
    open_new_user,
    read_new_user,
    save_new_user,
    write_new_user,
)

IDS = TextArray.from_strings(["661", "007", "a,b", "Ünï", "5"])
TITLES = TextArray.from_strings(["Giant Peach", 'Say "yes", or no', "", "שלום 🍑", "Five"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "someone.csv"


def test_what_was_written_is_read_back(path: Path) -> None:
    items, values = np.array([2, 0, 3, 1], np.int32), np.float32([5.1, -0.5, 1e-7, 123456.5])
    for titles in (TITLES, None):
        assert write_new_user(path, items, values, IDS, titles) == 4
        found = read_new_user(path, IDS)
        assert found.items.tolist() == items.tolist()
        assert found.values.tolist() == values.tolist()
        assert (found.name, found.note) == ("someone", "")
    assert path.read_text(encoding="utf-8").splitlines()[:2] == ["item,rating", '"a,b",5.1']


def test_reading_a_long_file_can_be_stopped(path: Path) -> None:
    path.write_text("661,4\n" + "unknown,3\n" * 10)
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        list(open_new_user(control, path, IDS))


def test_the_jobs_do_the_same(path: Path) -> None:
    items, values = np.array([4], np.int32), np.float32([2])
    *_, written = save_new_user(Control(), path, items, values, IDS, TITLES)
    assert (written.path, written.n_rows) == (str(path), 1)
    *_, found = open_new_user(Control(), path, IDS)
    assert found.items.tolist() == [4]


@pytest.mark.parametrize("text", [
    "item,rating\n661,4.5\n5,3\n", "661,4.5\n5,3", "\ufeffItem , RATING\r\n661, 4.5\r\n\r\n5,3\r\n",
    "661;4,5\n5;3\n", "item\trating\n661\t4.5\n5\t3\n", "rating,title,item\n4.5,x,661\n3,,5\n",
    '"item","rating"\n"661","4.5"\n"5","3"\n', "661,4.5,Peach\n5,3\n",
])
def test_ways_to_write_two_ratings(text: str, path: Path) -> None:
    path.write_bytes(text.encode())
    found = read_new_user(path, IDS)
    assert (found.items.tolist(), found.values.tolist()) == ([0, 4], [4.5, 3])


@pytest.mark.parametrize(("text", "message"), [
    (b"", "no ratings"), (b"item,rating\n", "no ratings"), (b"\n\n", "no ratings"),
    (b"661,4\n5\n", r"Line 2 of someone\.csv has no rating"),
    (b"661,4\n5,many\n", "Line 2 .* 'many' where a rating should be"),
    (b"film,stars\n661,4\n", "Line 1 .* 'stars' .* name the columns item and rating"),
    (b"661,nan\n", "'nan'"), (b"661,1e39\n", "'1e39'"), (b"661,inf\n", "'inf'"), (b"661,\n", "''"),
    (b"661,4\n5,3\n661,2\n", "Line 3 .* rates item 661 a second time"),
    (b"\xff\xfe6\x006\x001\x00", "UTF-8"), (bytes(range(256)), "UTF-8|number|no rating"),
])
def test_what_is_wrong_is_said_with_the_line(text: bytes, message: str, path: Path) -> None:
    path.write_bytes(text)
    with pytest.raises(DataError, match=message) as caught:
        read_new_user(path, IDS)
    assert "\n" not in str(caught.value)


def test_items_that_the_model_does_not_know_are_left_out_and_told(path: Path) -> None:
    path.write_text("item,rating\n661,4\n5x,3\nnothing like it,2\n")
    found = read_new_user(path, IDS)
    assert found.items.tolist() == [0]
    assert found.note.startswith("2 lines of someone.csv with items that the model does not know "
                                 "were left out; line 3: The model knows no item 5x: did you mean ")
    path.write_text("5x,3\n")
    with pytest.raises(DataError, match=r"1 line of .* was left out"):
        read_new_user(path, IDS)


def test_a_missing_file_and_a_folder_are_refused(path: Path) -> None:
    with pytest.raises(DataError, match="cannot be opened"):
        read_new_user(path, IDS)
    with pytest.raises(DataError, match="cannot be opened"):
        read_new_user(path.parent, IDS)
    with pytest.raises(StorageError):
        write_new_user(path.parent, np.array([0]), np.float32([1]), IDS)
