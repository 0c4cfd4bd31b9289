"""Reports, and runs done again: by the job, by the command and by the script."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.fingerprint import fingerprint
from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.data.options import ReadOptions
from mfgui.errors import CancelledError, MfguiError, ProjectError
from mfgui.jobs.evaluate import Subject
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.projects import keep_source, open_or_create
from mfgui.jobs.recording import RunRecord
from mfgui.jobs.replay import steps_of
from mfgui.jobs.report_words import decimals_of, fixed, name_text, plain
from mfgui.jobs.reproducibility import card_lines
from mfgui.jobs.reproduction import command_of
from mfgui.jobs.run_again import Again
from mfgui.jobs.run_script import script_of
from mfgui.jobs.search import SearchPlan, SearchRecord
from mfgui.store.project import Project
from mfgui.training.events import EpochRecord
from mfgui.training.search_words import space_from

N_NONSENSE = 25
QUICK: dict[str, Any] = {"n_factors": 4, "n_epochs": 6}


def last(events: Iterator[Any]) -> Any:
    *_, result = events
    return result


@pytest.fixture
def ratings_file(tmp_path: Path) -> Path:
    """Return a file of 30 x 20 ratings; ids with markup and signs of a shell among them."""
    rng = np.random.default_rng(3)
    path = tmp_path / "films & 'more'.csv"
    users = [f"u{k}" for k in range(29)] + ["<script>alert(1)</script>"]
    items = [f"film {k}" for k in range(19)] + ["$(id); =cmd()"]
    lines = ["user;item;rating"] + [
        f"{users[n]};{items[m]};{rng.integers(1, 6)}" for n in range(30) for m in range(20)
        if rng.random() < 0.6]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def opened(ratings_file: Path) -> OpenedRatings:
    return last(jobs.open_file(Control(), ratings_file, ReadOptions(delimiter="semicolon")))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = open_or_create(tmp_path / "films.mfgui")
    yield project
    project.close()


def trained(
    project: Project, opened: OpenedRatings, solver: str = "adagrad", *, start: Any = None,
    continued_from: int | None = None, control: Control | None = None, stop_at: int = -1,
    **settings: Any,
) -> int:
    """Train a run of the project and return its id."""
    source = keep_source(project, opened, ReadOptions(delimiter="semicolon"))
    kind = SOLVERS[solver].settings_type
    control = control or Control()
    record = RunRecord(project, source, continued_from=continued_from)
    for event in jobs.train(control, solver, kind(**{**QUICK, **settings}), opened.ratings,
                            start=start, record=record):
        if isinstance(event, EpochRecord) and event.epoch == stop_at:
            control.stop()
    return project.runs()[-1].id


def model_of(project: Project, run: int, ratings: Ratings) -> Any:
    return last(jobs.open_run(Control(), project, run, ratings)).result.model


def run_script(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "again.py"
    path.write_text(script, encoding="utf-8")
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, cwd=folder,
                          timeout=200, check=False)


@pytest.mark.parametrize("solver", ["adagrad", "sgd", "als"])
def test_a_run_done_again_has_the_same_bits(
    solver: str, project: Project, opened: OpenedRatings
) -> None:
    run = trained(project, opened, solver)
    again = last(jobs.run_again(Control(), project, run, opened.ratings))
    assert isinstance(again, Again)
    assert again.is_same
    assert again.largest_difference == 0
    assert again.first_epoch is None
    assert "to the bit" in again.text


def test_a_run_that_comes_out_otherwise_is_told_with_the_epoch(
    project: Project, opened: OpenedRatings
) -> None:
    run = trained(project, opened)
    other = np.array(opened.ratings.value)
    other[0] += 1
    ratings = Ratings(opened.ratings.user_index, opened.ratings.item_index, other,
                      opened.ratings.user_ids, opened.ratings.item_ids)
    again = last(jobs.run_again(Control(), project, run, ratings))
    assert not again.is_same
    assert again.largest_difference > 0
    assert again.first_epoch == 0
    assert "epoch 0" in again.text


def test_the_command_comes_to_the_same_model(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    run = trained(project, opened, biases=False, learning_rate=0.0312)
    command = command_of(project, project.run(run))
    target = tmp_path / "again.npz"
    words = command.replace("mfgui train", f'"{sys.executable}" -m mfgui train', 1)
    subprocess.run(f"{words} --save '{target}'", shell=True, check=True, timeout=200,
                   executable=shutil.which("sh"))
    saved = last(jobs.open_model_file(Control(), target, opened.ratings)).saved
    assert fingerprint(saved.model) == fingerprint(model_of(project, run, opened.ratings))
    assert "--no-biases" in command
    assert "--delimiter semicolon" in command


def test_the_script_comes_to_the_same_model_and_says_so(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    run = trained(project, opened)
    mark = fingerprint(model_of(project, run, opened.ratings))
    done = run_script(script_of(project, project.run(run), mark), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the same bits" in done.stdout
    assert mark in done.stdout


def test_a_script_against_another_fingerprint_fails(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    run = trained(project, opened)
    done = run_script(script_of(project, project.run(run), "sha256:0"), tmp_path)
    assert done.returncode == 1
    assert "another model" in done.stdout


def test_a_script_refuses_a_file_that_was_changed(
    project: Project, opened: OpenedRatings, tmp_path: Path, ratings_file: Path
) -> None:
    run = trained(project, opened)
    script = script_of(project, project.run(run))
    with ratings_file.open("a", encoding="utf-8") as file:
        file.write("u0;new;3\n")
    done = run_script(script, tmp_path)
    assert done.returncode == 1
    assert "is not the one" in done.stderr


def test_a_chain_of_continuations_is_replayed_by_the_script_but_by_no_command(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    first = trained(project, opened, "sgd", refit=False)
    for _ in range(2):
        *_, result = jobs.continue_run(Control(), project, first, opened.ratings, n_epochs=3)
        first = project.runs()[-1].id
    run = project.run(first)
    assert [step.settings.n_epochs for step in steps_of(project, run)] == [6, 3, 3]
    with pytest.raises(ProjectError, match="2 earlier runs"):
        command_of(project, run)
    mark = fingerprint(result.model)
    done = run_script(script_of(project, run, mark), tmp_path)
    assert done.returncode == 0, done.stderr + done.stdout


def test_a_chain_with_a_missing_link_says_why_not(
    project: Project, opened: OpenedRatings
) -> None:
    first = trained(project, opened, "sgd", refit=False)
    last(jobs.continue_run(Control(), project, first, opened.ratings, n_epochs=3))
    project.delete_run(first)
    with pytest.raises(ProjectError, match="no longer in the project"):
        script_of(project, project.runs()[-1])


def test_a_run_that_was_stopped_by_hand_is_stopped_again(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    run = trained(project, opened, "sgd", stop_at=3, n_epochs=5000)
    info = project.run(run)
    assert info.status == "stopped"
    with pytest.raises(ProjectError, match="stopped by hand"):
        command_of(project, info)
    mark = fingerprint(model_of(project, run, opened.ratings))
    done = run_script(script_of(project, info, mark), tmp_path)
    assert done.returncode == 0, done.stderr + done.stdout
    assert last(jobs.run_again(Control(), project, run, opened.ratings)).is_same


def test_the_sample_is_made_again(project: Project) -> None:
    opened = last(jobs.open_sample(Control()))
    source = keep_source(project, opened)
    kind = SOLVERS["sgd"].settings_type
    last(jobs.train(Control(), "sgd", kind(n_factors=2, n_epochs=2), opened.ratings,
                    record=RunRecord(project, source)))
    run = project.runs()[-1]
    assert command_of(project, run).startswith("mfgui train --sample ")
    assert "open_sample" in script_of(project, run)


def test_a_pasted_matrix_is_read_from_the_project_by_the_script(
    project: Project, tmp_path: Path
) -> None:
    opened = last(jobs.open_text(Control(), "5 3 ?\n4 ? 1\n1 1 5\n? 2 4\n"))
    source = keep_source(project, opened)
    kind = SOLVERS["gradient-descent"].settings_type
    last(jobs.train(Control(), "gradient-descent",
                    kind(n_factors=2, n_epochs=5, validation=0.0), opened.ratings,
                    record=RunRecord(project, source)))
    run = project.runs()[-1]
    mark = fingerprint(model_of(project, run.id, opened.ratings))
    with pytest.raises(ProjectError, match="come from no file"):
        command_of(project, run)
    script = script_of(project, run, mark)
    project.close()
    done = run_script(script, tmp_path)
    assert done.returncode == 0, done.stderr + done.stdout


def test_the_card_tells_what_it_takes(project: Project, opened: OpenedRatings) -> None:
    run = project.run(trained(project, opened))
    lines = dict(card_lines(run, project.source(run.source_id)))
    assert lines["solver"] == "adagrad"
    assert lines["seed"] == "0"
    assert "numpy" in lines["versions"]
    assert lines["processor"]
    assert len(lines["checksum"].removeprefix("sha256:")) == 64


class Page(HTMLParser):
    """Collects tags and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("src", "href") or str(value).startswith(("data:", "#part-"))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_tells_all_parts_and_shows_hostile_ids_as_text(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    run = trained(project, opened, validation=0.3)
    target = tmp_path / "run.html"
    written = last(jobs.report(Control(), target, project, run, opened.ratings))
    assert written.path == str(target)
    page = Page(target.read_text(encoding="utf-8"))
    for word in ("Ratings", "Settings", "Curve", "Figures", "Matrices", "Worst cells", "Top lists",
                 "How to train it again", "As a command", "As a Python script", "Measured on"):
        assert word in page.text, word
    assert page.tags.count("img") == 6
    assert page.tags.count("svg") == 2
    assert "script" not in page.tags
    assert "alert(1)" in page.text
    info = project.run(run)
    assert f"{info.summary['validation_rmse']:.4f}" in page.text


def test_a_report_without_the_ratings_file_says_so(
    project: Project, opened: OpenedRatings, tmp_path: Path, ratings_file: Path
) -> None:
    run = trained(project, opened)
    ratings_file.unlink()
    target = tmp_path / "run.html"
    last(jobs.report(Control(), target, project, run))
    page = Page(target.read_text(encoding="utf-8"))
    assert "Shown without its ratings" in page.text


def test_the_bar_of_a_report_never_goes_back(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    class Watched(Control):
        seen: ClassVar[list[float]] = []

        def report(self, text: str, fraction: float | None = None) -> None:
            super().report(text, fraction)
            self.seen.append(fraction or 0.0)

    run = trained(project, opened, validation=0.3)
    control = Watched()
    last(jobs.report(control, tmp_path / "run.html", project, run))
    assert control.seen == sorted(control.seen)
    assert len(set(control.seen)) > 5


ODD: tuple[Any, ...] = (None, True, -1, 1e400, "", "<b>", [], [1, [2]], {}, {"a": {"b": 1}}, 10**30)


def mutated(value: Any, rng: np.random.Generator, depth: int = 0) -> Any:
    """Return plain values with some of them others."""
    if rng.random() < 0.12 and depth:
        return ODD[rng.integers(len(ODD))]
    if isinstance(value, dict):
        return {key: mutated(each, rng, depth + 1) for key, each in value.items()
                if rng.random() > 0.03}
    if isinstance(value, list):
        return [mutated(each, rng, depth + 1) for each in value]
    return value


def test_a_project_that_says_nonsense_is_reported_or_refused_in_a_sentence(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    one = trained(project, opened, validation=0.3)
    last(jobs.compare_runs(Control(), project, one, trained(project, opened), opened.ratings))
    last(jobs.run_again(Control(), project, one, opened.ratings))
    kind = SOLVERS["adagrad"].settings_type
    source = keep_source(project, opened, ReadOptions(delimiter="semicolon"))
    last(jobs.cross_validate(Control(), "adagrad", kind(**QUICK), opened.ratings, n_folds=2,
                             project=project, source_id=source))
    last(jobs.find_settings(
        Control(), SearchPlan("adagrad", kind(**QUICK), space_from("n_factors=1:4", kind),
                              n_trials=2),
        opened.ratings, record=SearchRecord(project, source)))
    runs, entries = project.runs(), project.entries()
    for seed in range(N_NONSENSE):
        rng = np.random.default_rng(seed)
        run = runs[rng.integers(len(runs))]
        project.change_run(run.id, **{
            name: mutated(getattr(run, name), rng) if rng.random() < share else getattr(run, name)
            for name, share in (("summary", 1), ("card", 1), ("settings", 0.2), ("origin", 0.2))})
        project.change_source(source, report=mutated(project.source(source).report, rng))
        for entry in entries:
            project.change_entry(entry.id, mutated(entry.body, rng))
        project.flush()
        with contextlib.suppress(MfguiError):  # refused in a sentence
            page = page_of(project, run.id, tmp_path, opened.ratings)
            assert "script" not in page.tags


def test_a_cancelled_report_leaves_no_file(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    run = trained(project, opened)
    control = Control()
    control.stop()
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(CancelledError):
        last(jobs.report(control, tmp_path / "run.html", project, run, opened.ratings))
    assert sorted(os.listdir(tmp_path)) == before


def page_of(project: Project, run: int, folder: Path, ratings: Ratings | None = None) -> Page:
    target = folder / f"run-{run}.html"
    last(jobs.report(Control(), target, project, run, ratings))
    return Page(target.read_text(encoding="utf-8"))


def test_the_report_tells_what_the_run_was_validated_and_compared_with(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    one = trained(project, opened, validation=0.3)
    other = trained(project, opened, validation=0.3, n_factors=2)
    alone = trained(project, opened, "als", validation=0.3)
    info = project.run(one)
    kind = SOLVERS["adagrad"].settings_type
    last(jobs.cross_validate(
        Control(), "adagrad", kind(**info.settings), opened.ratings, n_folds=2, project=project,
        source_id=info.source_id))
    compared = last(jobs.compare_runs(Control(), project, one, other, opened.ratings))
    page = page_of(project, one, tmp_path, opened.ratings)
    for word in ("Cross-validation", "2 folds", "Comparisons", "A: Run 1 AdaGrad; B: Run 2 AdaGrad",
                 "User and item bias", "Most popular", "± is the standard deviation"):
        assert word in page.text, word
    assert compared.other.figures is not None
    assert compared.other.figures.paired is not None
    assert f"{compared.other.figures.paired.rmse.value:.4f}" in page.text
    page = page_of(project, alone, tmp_path, opened.ratings)
    assert "Cross-validation" not in page.text  # of other settings
    assert "Comparisons" not in page.text
    fold = project.runs()[-1]
    assert "2 folds" in page_of(project, fold.id, tmp_path, opened.ratings).text


def test_the_report_on_a_trial_tells_of_its_search_and_of_ratings_never_touched(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    kind = SOLVERS["adagrad"].settings_type
    source = keep_source(project, opened, ReadOptions(delimiter="semicolon"))
    found = last(jobs.find_settings(
        Control(), SearchPlan("adagrad", kind(**QUICK),
                              space_from("learning_rate=0.01:0.5:log", kind), n_trials=4),
        opened.ratings, holdout=0.2, record=SearchRecord(project, source)))
    assert found.best_run is not None
    page = page_of(project, found.best_run, tmp_path, opened.ratings)
    for word in ("Search", "in place 1 of 4", "(this run)", "which no trial saw",
                 "so its figure looks better than it is", "chose the settings"):
        assert word in page.text, word
    others = [run.id for run in project.runs() if run.id != found.best_run]
    page = page_of(project, others[0], tmp_path, opened.ratings)
    assert "this run was not" in page.text
    assert "which no trial saw, its model has" not in page.text


def test_an_evaluation_that_is_kept_is_told_and_none_is_made(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    run = trained(project, opened, validation=0.3)
    page = page_of(project, run, tmp_path, opened.ratings)
    assert "On its held-out ratings:" in page.text
    assert project.entries("evaluation") == []  # a report changes nothing
    *_, shown = jobs.open_run(Control(), project, run, opened.ratings)
    subject = Subject("Run 1", shown.model, shown.known, shown.ratings, shown.before_refit,
                      shown.info.summary)
    last(jobs.evaluate(Control(), subject, n=3, project=project, run_id=run))
    page = page_of(project, run, tmp_path, opened.ratings)
    assert "NDCG@3" in page.text
    assert "Recall@10" not in page.text


def test_a_test_file_is_measured_for_the_report(
    project: Project, opened: OpenedRatings, tmp_path: Path
) -> None:
    path = tmp_path / "never touched.csv"
    path.write_text("user;item;rating\nu0;film 18;3\nu1;film 17;4\nnobody;film 1;5\n",
                    encoding="utf-8")
    options = ReadOptions(delimiter="semicolon")
    test = last(jobs.open_file(Control(), path, options))
    kind = SOLVERS["adagrad"].settings_type
    last(jobs.train(
        Control(), "adagrad", kind(**QUICK), opened.ratings, test=test.ratings,
        record=RunRecord(project, keep_source(project, opened, options),
                         keep_source(project, test, options, is_test=True))))
    page = page_of(project, project.runs()[-1].id, tmp_path, opened.ratings)
    assert "On never touched.csv:" in page.text
    assert "test RMSE" in page.text
    assert "of a file of their own" in page.text


def test_names_are_cut_short_and_do_not_turn_what_stands_around_them() -> None:
    assert name_text("plain") == "plain"
    assert name_text("x" * 500) == "x" * 120 + "..."
    assert name_text("two\nlines") == "two lines"
    for turning in ("\u202eabc", "שלום"):
        assert name_text(turning) == f"\u2068{turning}\u2069"


def test_numbers_have_sensible_digits_and_a_minus_sign() -> None:
    minus = "\N{MINUS SIGN}"
    assert fixed(-3.456, 2, is_signed=True) == f"{minus}3.46"
    assert fixed(3.456, 2, is_signed=True) == "+3.46"
    assert [plain(value) for value in (1, 0.5, 12345.678, -1e13, 1 / 3)] == [
        "1", "0.5", "12,346", f"{minus}1e+13", "0.33333"]
    assert [decimals_of(scale) for scale in ((1, 5), (0, 1), (0, 100), (-10, 10), (0, 1e6),
                                             (3, 3))] == [2, 3, 1, 1, 0, 2]
