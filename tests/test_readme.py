"""Every command of the README works, or is the one that CI runs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
            for line in block.splitlines()]
JOBS = [line for line in COMMANDS if line.startswith("mfgui ")]


def test_the_jobs_of_the_readme_run_in_their_order(tmp_path: Path) -> None:
    assert len(JOBS) >= 7
    for line in JOBS:
        done = subprocess.run(
            [sys.executable, "-m", "mfgui", *shlex.split(line)[1:]], cwd=tmp_path, timeout=120,
            capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"
    assert {"sample.csv", "model.npz", "predictions.csv"} <= set(os.listdir(tmp_path))


def test_the_test_line_is_the_one_that_ci_runs() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "sh tests/run" in COMMANDS
    assert "sh tests/run" in lines


def test_the_install_lines_are_one_line_each_and_end_in_the_window() -> None:
    installs = [line for line in COMMANDS if "pip install" in line]
    assert len(installs) == 2
    for line in installs:
        assert line.endswith("&& .venv/bin/pip install . && .venv/bin/mfgui --sample")


def test_apt_lines_name_only_packages_that_ci_installs() -> None:
    known = set((ROOT / ".ci" / "run").read_text(encoding="utf-8").split())
    for line in COMMANDS:
        if line.startswith("apt-get"):
            names = line.split("install -y ")[1].split(" && ")[0].split()
            assert set(names) <= known


def test_every_file_that_the_readme_shows_is_there() -> None:
    for name in re.findall(r"\]\((assets/[^)]+)\)", README):
        assert (ROOT / name).is_file(), name


@pytest.mark.parametrize("path", [".ci/run", "tests/run"])
def test_the_scripts_can_be_run(path: str) -> None:
    assert subprocess.run(["bash", "-n", str(ROOT / path)], check=False).returncode == 0


def test_the_top_level_is_the_one_that_was_fixed() -> None:
    git = shutil.which("git")
    done = git and subprocess.run(
        [git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if not done or done.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in done.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= {
        "pyproject.toml", "README.md", "LICENSE", "mfgui", "tests", "assets"}
