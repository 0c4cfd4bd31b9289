"""Three hundred damaged files, as `read.py` makes them; ten thousand are its own business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("read.py")


def test_300_damaged_files_end_in_ratings_or_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    ended = subprocess.run(
        [sys.executable, str(PROGRAM), "--cases", "300", "--seed", "7", "--jobs", "2",
         "--keep", str(tmp_path)],
        capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert " 0 failures" in ended.stdout
