"""Runs that last: once by mouse over a program that is killed, once by keyboard alone.

Train three runs, compare two, search ten trials, kill the program during a fourth run, open it
again, continue, export, write the report, and look into the files. By keyboard: the table of runs,
evaluation and cross-validation with Cancel, a search that is paused and gone on with.
"""

from __future__ import annotations

import csv
import html.parser
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from watched import PATIENCE, Watched

from mfgui.store.project import open_project

pytestmark = [
    pytest.mark.journey,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        not os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM") == "offscreen",
        reason="there is no screen"),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed"),
]
N_PAIRS = 300 * 200  # of the ratings of conftest.py
N_TRIALS, N_PAUSED = 10, 4
SOME_EPOCHS = 40  # of the run that is killed, before it is


# -- by mouse -------------------------------------------------------------------------------------


def test_runs_last_by_mouse(started: Callable[..., Watched], ratings: Path, home: Path) -> None:
    program = started()
    open_and_train_three(program, ratings)
    compare_two(program)
    search(program)
    shown = kill_during_a_fourth(program)
    again = started()
    number = find_everything_again(again, shown)
    go_on(again, number, shown)
    take_away(again, home)
    project = Path(again.state()["project"])
    again.key("ctrl+q")
    assert again.process.wait(PATIENCE) == 0
    look_into_the_project(project, number, shown)


def open_and_train_three(program: Watched, ratings: Path) -> None:
    """Open a file, train three times with other settings."""
    program.look("01-start")
    program.key("ctrl+o")
    program.answer("Open ratings", ratings)
    program.until(lambda: program.state()["status"] == "READY", "the ratings")
    for n_factors in (2, 6, 24):
        program.fill("n_factors", str(n_factors))
        program.fill("n_epochs", "12")
        program.train()
    assert [run["settings"]["n_factors"] for run in program.runs()] == [2, 6, 24]
    program.look("02-three-runs")


def compare_two(program: Watched) -> None:
    """Tick two of the runs, and read which is better."""
    for number in (1, 2):
        program.cell("runList", program.row_of(number), at=8)
        program.until(lambda number=number: program.runs()[number - 1]["is_ticked"], "the tick")
    program.look("03-ticked")
    program.click("compareRunsButton")
    sentence = program.until(lambda: program.ask("label", "comparisonSentence"), "the comparison")
    assert "of these two trained models" in sentence.lower()
    program.until(lambda: program.ask("rows", "comparisonRows"), "where they differ")
    program.look("04-compared")
    program.choose("Run")
    program.look("05-run-menu")
    program.choose("Find settings")
    program.until(lambda: program.ask("view", "Find settings"), "the panel")


def search(program: Watched) -> None:
    """Try ten settings."""
    program.until(lambda: program.state()["focus"] == "searchStart", "the panel")
    program.look("06-search-before")
    program.fill("search_n_trials", str(N_TRIALS))
    program.click("searchStart")
    program.until(lambda: program.ask("place", "scatterButton"), "a trial")
    program.look("07-searching")
    program.until(lambda: not program.state()["is_busy"], "the end of the search")
    trials = [run for run in program.runs() if "trial" in run["origin"]]
    assert len(trials) == N_TRIALS
    assert program.until(lambda: program.ask("label", "searchBest"), "the best").startswith(
        "<b>Best: trial ")
    for view in ("scatter", "parallel", "trials", "result"):
        program.click(f"{view}Button")
        program.look(f"08-search-{view}")
    program.click("scatterButton")
    program.click("searchUse")


def kill_during_a_fourth(program: Watched) -> list[list[Any]]:
    """Train a run without end, and kill the program; return the epochs that were shown."""
    program.fill("n_epochs", "1000000")
    program.fill("patience", "0")
    program.click("startButton")
    program.until(lambda: program.state()["running"] is not None, "a run")
    program.until(lambda: program.ask("tab", "Curve"), "the curve's tab")
    program.press(program.ask("tab", "Curve"))
    program.until(lambda: len(program.ask("curve")) > SOME_EPOCHS, "some epochs")
    running = program.state()["running"]
    program.until(lambda: "state" in program.ask("roles", running), "a state to go on from")
    program.look("09-fourth")
    shown: list[list[Any]] = program.ask("curve")
    program.process.send_signal(signal.SIGKILL)
    assert program.process.wait(60) == -signal.SIGKILL
    return shown


def find_everything_again(program: Watched, shown: list[list[Any]]) -> int:
    """Start again: everything is there, and what was shown of the killed run; return its number."""
    program.until(lambda: len(program.runs()) == 4 + N_TRIALS, "the runs of last time")
    program.until(lambda: not program.state()["is_busy"], "the end of opening")
    last = program.runs()[-1]
    assert last["status"] == "interrupted"
    assert [run["is_ticked"] for run in program.runs()[:3]] == [True, True, False]
    assert program.until(lambda: program.state()["shown"], "a run") == last["id"]
    assert program.ask("curve")[:len(shown)] == shown
    assert "was interrupted at epoch" in program.state()["message"]
    program.look("10-again")
    found: int = last["number"]
    return found


def go_on(program: Watched, number: int, shown: list[list[Any]]) -> None:
    """Continue the run from where it stood, then stop it."""
    before = program.runs()[-1]["last_epoch"]
    program.click("messageRemedyButton")
    program.until(lambda: program.state()["running"] is not None, "the run")
    program.until(lambda: program.runs()[-1]["last_epoch"] > before + 10, "further epochs")
    program.look("11-going-on")
    program.click("stopButton")
    program.until(lambda: program.state()["running"] is None, "its end")
    [run] = [run for run in program.runs() if run["number"] == number]
    assert run["status"] == "stopped"
    assert len(program.runs()) == 4 + N_TRIALS
    # What was computed again is the same to the bit.
    assert program.ask("curve")[:len(shown)] == shown


def take_away(program: Watched, home: Path) -> None:
    """Export predictions and the curve, write the report; look into the files."""
    program.choose("File", "Export", "Predictions")
    program.until(lambda: "rows: about" in program.ask("label", "exportSizeText"), "the size")
    program.look("12-predictions")
    program.click("savePredictionsButton")
    program.answer("Export predictions", home / "predictions.csv")
    program.until(lambda: "predictions.csv" in program.state()["message"], "the predictions")
    program.look("13-exported")
    with (home / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == N_PAIRS
    assert len({(row["user"], row["item"]) for row in rows}) == len(rows)
    assert all(1 <= float(row["prediction"]) <= 5 for row in rows)
    program.click("closePredictionsButton")  # the dialog stays for further exports
    program.until(lambda: not program.state()["dialogs"], "the window")

    program.key("ctrl+e")
    program.answer("Export Curve as a picture", home / "curve.png")
    program.until((home / "curve.png").exists, "the picture")
    assert (home / "curve.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")

    program.choose("File", "Export", "Report on this run")
    program.answer("Report on run", home / "report.html")
    program.until((home / "report.html").exists, "the report")
    text = (home / "report.html").read_text(encoding="utf-8")
    html.parser.HTMLParser().feed(text)
    for word in ("films.csv", "n_epochs", "<svg", "AdaGrad"):
        assert word in text, word
    assert "http://" not in text.replace("http://www.w3.org", "")


def look_into_the_project(path: Path, number: int, shown: list[list[Any]]) -> None:
    """Look at what the closed project holds."""
    assert not path.with_name(f"{path.name}-wal").exists()
    project = open_project(path, mode="read")
    try:
        run = project.find_run(str(number))
        assert run.status == "stopped"
        records = project.history(run.id)
        assert [[record.epoch, record.train_rmse, record.validation_rmse]
                for record in records[:len(shown)]] == shown
        assert len(project.runs()) == 4 + N_TRIALS
        assert len(project.entries("search")) == 1
    finally:
        project.close()


# -- by keyboard alone ----------------------------------------------------------------------------


def test_runs_by_keyboard_alone(started: Callable[..., Watched], ratings: Path) -> None:
    program = started(str(ratings))
    program.until(lambda: program.state()["status"] == "READY", "the ratings")
    for n_factors in (4, 24, 2):
        program.key("ctrl+1")
        program.enter("n_factors", str(n_factors))
        program.enter("n_epochs", "8")
        n_runs = len(program.runs())
        program.key("ctrl+r")
        program.until(lambda n_runs=n_runs: len(program.runs()) > n_runs, "a run")
        program.until(lambda: program.state()["running"] is None, "its end")
    change_the_table(program)
    evaluate(program)
    cross_validate(program)
    search_with_a_pause(program)
    program.key("ctrl+q")
    assert program.process.wait(PATIENCE) == 0


def column_of(program: Watched, heading: str) -> int:
    """Return where a column of the runs table is."""
    found: int = program.ask("headings", "runsTable").index(heading)
    return found


def listed(program: Watched, heading: str) -> list[str]:
    """Return what stands in a column of the runs table."""
    column = [each.rstrip(" ▴▾") for each in program.ask("headings", "runsTable")].index(heading)
    return [texts[column] for texts in program.ask("rows", "runsTable")]


def change_the_table(program: Watched) -> None:
    """Sort, filter, rename, star, write a note, delete and bring back."""
    program.key("ctrl+shift+l")
    program.until(lambda: program.state()["focus"] == "runsTable", "the table")
    program.until(lambda: listed(program, "Run") == ["3", "2", "1"], "the newest first")
    program.look("21-table")

    while program.ask("current", "runsTable")[1].rstrip(" ▴▾") != "Factors":
        program.key("Right")
    program.key("Menu")
    program.until(lambda: program.ask("entry", "Sort by Factors"), "the menu")
    program.look("22-table-menu")
    program.key("b")
    program.until(lambda: listed(program, "Factors") == ["2", "4", "24"], "the order")

    program.key("Home")
    while program.ask("current", "runsTable")[0] > 0:
        program.key("Up")
    program.key("F2")
    program.until(lambda: program.state()["focus"] not in ("runsTable", ""), "the field")
    program.run("type", "--delay", "12", "smallest")
    program.key("Return")
    program.until(lambda: listed(program, "Name")[0] == "smallest", "the name")
    program.menu_key("Star", "t")
    program.until(lambda: listed(program, "★")[0] == "★", "the star")
    program.menu_key("Note", "n")
    program.until(lambda: program.state()["dialogs"], "the note's field")
    program.run("type", "--delay", "12", "for the paper")
    program.key("Tab", "Return")
    program.until(lambda: "for the paper" in listed(program, "Note"), "the note")
    program.look("23-table-changed")

    program.to("runsFilter", "shift+Tab")
    program.write("runsFilter", "n_factors>3")
    program.until(lambda: listed(program, "Factors") == ["4", "24"], "the filter")
    program.look("24-table-filtered")
    program.write("runsFilter", "")
    program.until(lambda: len(program.ask("rows", "runsTable")) == 3, "all of them")

    program.key("ctrl+shift+l")
    program.until(lambda: program.state()["focus"] == "runsTable", "the table")
    program.key("Delete")
    program.until(lambda: len(program.runs()) == 2, "one less")
    program.look("25-deleted")
    program.key("ctrl+z")
    program.until(lambda: len(program.runs()) == 3, "all again")
    assert program.state()["shown"] == 3
    assert listed(program, "Name")[0] == "smallest"
    assert listed(program, "Factors") == ["2", "4", "24"]


def evaluate(program: Watched) -> None:
    """Measure the shown run."""
    program.key("ctrl+shift+e")
    program.until(lambda: program.ask("view", "Evaluation"), "the panel")
    program.to("evaluateButton")
    program.key("space")
    program.until(lambda: program.ask("rows", "evaluationErrors"), "the errors")
    program.until(lambda: not program.state()["is_busy"], "the end")
    assert "smallest" in program.ask("label", "evaluationTitle")
    program.look("26-evaluated")


def cross_validate(program: Watched) -> None:
    """Begin three folds of a long run, cancel after the first; what is done stays."""
    program.key("ctrl+1")
    program.enter("n_epochs", "400")
    program.enter("patience", "0")
    program.key("ctrl+shift+k")
    program.until(lambda: program.state()["focus"] == "evaluation_n_folds", "the folds")
    program.enter("evaluation_n_folds", "3")
    program.to("crossValidateButton")
    program.key("space")
    program.until(lambda: len(program.ask("rows", "evaluationFolds")) >= 1, "a fold")
    program.look("27-cross-validating")
    program.key("ctrl+shift+x")
    program.until(lambda: not program.state()["is_busy"], "the end")
    n_folds = len(program.ask("rows", "evaluationFolds"))
    assert n_folds >= 1
    program.look("28-cancelled")
    # Each fold that is done is a run of the project.
    assert sum("fold" in run["origin"] for run in program.runs()) >= n_folds


def search_with_a_pause(program: Watched) -> None:
    """Search, pause, go on, cancel, and go on to the end."""
    program.key("ctrl+1")
    program.enter("n_epochs", "1500")  # long enough to be paused in, on a fast machine too
    program.key("ctrl+shift+f")
    program.until(lambda: program.ask("view", "Find settings"), "the panel")
    program.to("search_n_trials")
    program.enter("search_n_trials", str(N_PAUSED))
    program.to("searchStart")
    program.key("space")
    program.until(lambda: program.ask("place", "scatterButton"), "a trial")
    program.to("searchPause")
    program.key("space")
    program.until(lambda: program.ask("label", "searchPause") == "Continue", "the pause")
    program.look("29-paused")
    program.key("space")
    program.until(lambda: program.ask("label", "searchPause") == "Pause", "the end of the pause")
    program.to("searchCancel")
    program.key("space")
    program.until(lambda: not program.state()["is_busy"], "the end")
    program.look("30-search-cancelled")
    program.until(lambda: program.ask("place", "searchGoOn"), "Go on")
    program.to("searchGoOn")
    program.key("space")
    program.until(lambda: program.ask("label", "searchBest").startswith("<b>Best")
                  and not program.state()["is_busy"], "the end of the search", 3 * PATIENCE)
    trials = [run for run in program.runs() if "trial" in run["origin"]]
    assert len({run["origin"]["trial"] for run in trials}) == N_PAUSED
    program.look("31-searched")
