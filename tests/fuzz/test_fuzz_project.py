"""A hundred damaged projects and models, as `project.py` makes them; 2,000 are its own business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("project.py")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded and looked at as in Linux")
def test_100_damaged_projects_and_models_are_read_or_refused_in_one_sentence(
    tmp_path: Path,
) -> None:
    ended = subprocess.run(
        [sys.executable, str(PROGRAM), "--cases", "100", "--seed", "7", "--jobs", "2",
         "--keep", str(tmp_path)],
        capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert " 0 failures" in ended.stdout
