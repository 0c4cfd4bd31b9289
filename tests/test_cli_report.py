"""``mfgui report``, as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mfgui.cli import main


def train(project: Path, *more: str) -> None:
    assert main(["train", "--sample", "--solver", "sgd", "--n-epochs", "2", "--n-factors", "2",
                 "--project", str(project), *more]) == 0


def test_a_report_is_written_for_a_run_by_number_or_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "films.mfgui"
    train(project, "--name", "first")
    for word in ("1", "first"):
        target = tmp_path / f"{word}.html"
        assert main(["report", "--project", str(project), "--run", word, str(target)]) == 0
        assert str(target) in capsys.readouterr().out
        assert "<h1>Run 1: first</h1>" in target.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir() if "mfgui" in path.name] == ["films.mfgui"]


def test_a_run_that_is_not_there_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "films.mfgui"
    train(project)
    capsys.readouterr()
    assert main(["report", "--project", str(project), "--run", "7", str(tmp_path / "a.html")]) == 1
    told = capsys.readouterr().err
    assert "7" in told
    assert len(told.strip().splitlines()) == 1
    assert not (tmp_path / "a.html").exists()
