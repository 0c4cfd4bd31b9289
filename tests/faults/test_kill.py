"""Twenty programs killed at random moments; two hundred are `killing.py`'s own business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("killing.py")


@pytest.mark.skipif(sys.platform == "win32",
                    reason="there a program is not forked")
def test_nothing_that_was_shown_is_lost_when_a_program_is_killed() -> None:
    ended = subprocess.run(
        [sys.executable, str(PROGRAM), "--cases", "20", "--seed", "7"],
        capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    assert "20 killed, 0 failures" in ended.stdout
