"""``mfgui download``: terms first, then the data set, once."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from mfgui.cli import main
from mfgui.data.downloads import cached, public_folder


class Terminal(io.StringIO):
    """Somebody sits there."""

    def isatty(self) -> bool:
        return True


def test_without_the_terms_accepted_they_are_shown_and_nothing_is_fetched(
    data_server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["download", "tiny"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    for piece in ("Tiny data: 800 ratings by 40 users of 30 items", "to download", "Be kind.",
                  "Somebody, 2026.", "add --accept-terms to mfgui download tiny."):
        assert piece in told.err
    assert not data_server.requests


def test_with_the_terms_accepted_it_prints_where_the_files_are(
    data_server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["download", "tiny", "--accept-terms"]) == 0
    told = capsys.readouterr()
    place = public_folder() / "tiny"
    assert told.out.splitlines()[1:] == [
        f"ratings  {place / 'ratings.csv'}", f"titles   {place / 'movies.csv'}"]
    assert told.err == ""


def test_what_is_here_needs_neither_terms_nor_network(
    data_server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["download", "tiny", "--accept-terms"])
    capsys.readouterr()
    assert main(["download", "tiny", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["name"] == "tiny"
    assert Path(told["path"]).is_file()
    assert Path(told["titles"]).is_file()
    assert len(data_server.requests) == 1


def test_another_folder_can_be_chosen(
    data_server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "else where"
    assert main(["download", "tiny", "--accept-terms", "--folder", str(folder)]) == 0
    assert str(folder / "tiny" / "ratings.csv") in capsys.readouterr().out
    assert cached(data_server.entry, folder) is not None
    assert cached(data_server.entry, public_folder()) is None


@pytest.mark.parametrize(("said", "code"), [("y\n", 0), ("YES\n", 0), ("\n", 1), ("", 1),
                                            ("n\n", 1)])
def test_at_a_terminal_it_asks(
    data_server: Any, monkeypatch: pytest.MonkeyPatch, said: str, code: int
) -> None:
    stderr = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal(said))
    monkeypatch.setattr("sys.stderr", stderr)
    assert main(["download", "tiny"]) == code
    assert "Do you accept these terms of use? [y/N]" in stderr.getvalue()
    assert len(data_server.requests) == 1 - code


def test_the_list_tells_sizes_and_what_is_here(
    data_server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["download", "--list"]) == 0
    assert "on this computer" not in capsys.readouterr().out
    main(["download", "tiny", "--accept-terms"])
    capsys.readouterr()
    assert main(["download", "--list"]) == 0
    assert capsys.readouterr().out == (
        "tiny             800 ratings by 40 users of 30 items; 4 KB to download, on this "
        "computer\n")
    assert main(["download", "--list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["name"], each["is_cached"]) for each in told] == [("tiny", True)]
    assert told[0]["terms"] == "Be kind."


def test_the_real_list_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["download", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    assert lines[2].startswith(
        "ml-1m            1,000,209 ratings by 6,040 users of 3,706 items; 5.9 MB to download")


def test_a_name_that_is_none_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["download", "ml-1g"]) == 1
    assert capsys.readouterr().err.startswith("mfgui: There is no data set 'ml-1g': choose one of")


@pytest.mark.parametrize("words", [[], ["tiny", "--list"]])
def test_a_name_or_the_list_is_needed(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["download", *words])
    assert caught.value.code == 2
    assert "name either a data set or --list" in capsys.readouterr().err


def test_a_failure_is_one_line_and_code_1(
    data_server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    data_server.then(data_server.answer(503))
    assert main(["download", "tiny", "--accept-terms"]) == 1
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "refuses the download (503 Service Unavailable)" in told.err
