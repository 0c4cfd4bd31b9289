"""Where nothing can be written a project is read, and says that nothing is kept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mfgui.core.ratings import Ratings
from mfgui.store.project import NewRun, create_project, open_project

Helper = Callable[..., Any]
NOBODY = 65534

LOOK = textwrap.dedent("""
    import json, os, sys
    from pathlib import Path
    # All that is loaded later on; the right to read it may be gone then.
    import mfgui.store.project.opening
    from mfgui.core.memory import available_bytes
    available_bytes(), Path("/").as_uri()
    if len(sys.argv) > 2:
        os.setgid(int(sys.argv[2]))
        os.setuid(int(sys.argv[2]))
    from mfgui.errors import MfguiError
    from mfgui.store.project import open_project
    before = sorted(os.listdir(Path(sys.argv[1]).parent))
    project = open_project(sys.argv[1])
    found = {"note": project.note, "is_read_only": project.is_read_only,
             "epochs": [record.epoch for record in project.history(1)],
             "status": project.run(1).status, "tree": project.tree(1, "state")["k"],
             "file": str(project._place.file), "is_immutable": project._place.is_immutable}
    try:
        project.set_value("a", 1)
    except MfguiError as error:
        found["refusal"] = str(error)
    saved = Path(os.environ["TMPDIR"]) / "saved.mfgui"
    project.copy_to(saved)
    project.close()
    found["is_clean"] = before == sorted(os.listdir(Path(sys.argv[1]).parent))
    found["copy_is_left"] = Path(found["file"]).exists()
    with open_project(saved) as copy:
        found["saved"] = len(copy.history(1))
        found["saved_is_read_only"] = copy.is_read_only
    print(json.dumps(found))
""")


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder that anybody may look into; removed in the end."""
    folder = Path(os.path.realpath(tmp_path_factory.mktemp("shared")))
    # The folders of pytest are the user's own: one that others reach lies beside them.
    top = Path(tempfile.gettempdir()) / f"mfgui-test-{os.getpid()}-{folder.name}"
    top.mkdir()
    top.chmod(0o755)
    yield top
    for each in (top, *top.iterdir()):
        each.chmod(0o755)
    shutil.rmtree(top)


def fill(path: Path, tiny: Ratings, source_of: Helper, record: Helper) -> None:
    with create_project(path) as project:
        source_id = project.add_source(source_of(tiny), tiny)
        project.begin_run(NewRun("sgd", {}, source_id))
        project.add_records(1, [record(epoch) for epoch in range(5)])
        project.keep_tree(1, "state", {"k": 7})


LEAVE = textwrap.dedent("""
    import os, sys
    from mfgui.store.project import open_project
    from mfgui.training.events import EpochRecord
    project = open_project(sys.argv[1])
    project.add_records(1, [EpochRecord(
        5, 0, False, 1.0, 1.0, None, None, None, 0.0, None)])
    project.flush()
    os._exit(0)
""")


def look(path: Path, place: Path) -> dict[str, Any]:
    """Return what an ordinary user finds."""
    temporary = place.parent / f"{place.name}-tmp"
    temporary.mkdir(exist_ok=True)
    temporary.chmod(0o777)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        done = subprocess.run(
            [sys.executable, "-c", LOOK, str(path), *([str(NOBODY)] if is_root else [])],
            capture_output=True, text=True, check=False,
            env={**os.environ, "TMPDIR": str(temporary), "HOME": str(temporary)})
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result
    finally:
        shutil.rmtree(temporary)


def says_that_nothing_is_kept(found: dict[str, Any], name: str) -> bool:
    return found["is_read_only"] and found["note"].startswith(
        f"{name} lies where nothing can be written: it is open read-only and keeps nothing; use "
        "Save as to go on with a copy.") and "save it under another name" in found["refusal"]


@pytest.mark.skipif(sys.platform == "win32", reason="there a folder cannot be made read-only so")
@pytest.mark.parametrize("has_log", [False, True], ids=["settled", "with a log"])
def test_a_read_only_folder(
    place: Path, tiny: Ratings, has_log: bool, source_of: Helper, record: Helper
) -> None:
    path = place / "p.mfgui"
    fill(path, tiny, source_of, record)
    if has_log:
        subprocess.run([sys.executable, "-c", LEAVE, str(path)], check=True)
        assert (place / "p.mfgui-wal").exists()
    place.chmod(0o555)
    found = look(path, place)
    assert says_that_nothing_is_kept(found, "p.mfgui"), found
    # The other process has opened it, and taken note, already.
    assert ("Run 1 was interrupted" in found["note"]) != has_log
    assert found["status"] == "interrupted"
    assert found["epochs"] == list(range(5 + has_log))
    assert found["tree"] == 7
    assert found["is_clean"]
    assert found["is_immutable"]
    # As it lies there, or a copy of it and its log, which is gone in the end.
    assert (found["file"] != str(path)) == has_log
    assert found["copy_is_left"] != has_log
    assert (found["saved"], found["saved_is_read_only"]) == (5 + has_log, False)


@pytest.mark.skipif(sys.platform == "win32", reason="there a folder cannot be made read-only so")
def test_a_read_only_file_in_a_folder_that_may_be_written(
    place: Path, tiny: Ratings, source_of: Helper, record: Helper
) -> None:
    path = place / "p.mfgui"
    fill(path, tiny, source_of, record)
    path.chmod(0o444)
    place.chmod(0o777)
    found = look(path, place)
    assert says_that_nothing_is_kept(found, "p.mfgui"), found
    assert found["epochs"] == list(range(5))
    assert found["is_clean"]


def test_reading_by_choice_needs_no_lock_and_leaves_nothing(
    path: Path, tiny: Ratings, source_of: Helper, record: Helper, names: Helper
) -> None:
    fill(path, tiny, source_of, record)
    with open_project(path, "read") as one, open_project(path, "read") as two:
        assert one.is_read_only
        assert one.history(1) == two.history(1)
        assert one.run(1).status == "interrupted"
        with open_project(path) as writer:
            writer.set_value("a", 1)
    assert names(path) == [path.name]
