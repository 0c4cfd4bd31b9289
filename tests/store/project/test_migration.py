"""Projects of other versions: an older one is converted whole, a newer one is read."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mfgui.core.ratings import Ratings
from mfgui.errors import ProjectError, StorageError
from mfgui.store.project import NewRun, create_project, open_project
from mfgui.store.project import migrate as migrate_module
from mfgui.store.project.migrate import migrate, old_schema, old_statements
from mfgui.store.project.schema import APPLICATION_ID, TABLES, VERSION, expected_schema, schema_of

Helper = Callable[..., Any]
OLD_RUN = ("INSERT INTO runs VALUES (1, 'old', 'a note', 1, 0, 'als', '{\"n_factors\": 8}', 1, "
           "NULL, 1e9, 1e9, 'finished', '{}', '{}', NULL)")
TABLES_KEPT = ("sources", "records", "notices", "trees", "arrays", "tree_arrays", "chunks")


@pytest.fixture
def old(path: Path, tiny: Ratings, source_of: Helper, record: Helper) -> Path:
    """Return a project of version 1: one run with 50 records."""
    new = path.with_name("new.mfgui")
    with create_project(new) as project:
        source_id = project.add_source(source_of(tiny), tiny, keep_ratings=True)
        project.begin_run(NewRun("als", {}, source_id))
        project.add_records(1, [record(epoch, loss=float("nan")) for epoch in range(50)])
        project.add_records(1, [record(0, segment=1, is_refit=True, validation_rmse=0.0)])
        project.change_run(1, status="finished")
    make_old(path, new)
    new.unlink()
    return path


def make_old(path: Path, new: Path) -> None:
    """Write a project of version 1 with the rows of a new one."""
    with sqlite3.connect(path) as connection:
        for statement in old_statements(1):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    connection.execute("ATTACH ? AS new", (str(new),))
    with connection:
        connection.execute(OLD_RUN)
        for table in TABLES_KEPT:
            connection.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
    connection.close()


def test_an_older_project_is_converted_and_what_it_was_lies_beside_it(
    old: Path, record: Helper, names: Helper
) -> None:
    before = old.read_bytes()
    with open_project(old) as project:
        assert project.note == (
            "lab notes.mfgui was made by an older version of mfgui and has been converted; as it "
            "was before, it lies beside it as lab notes (version 1).mfgui.")
        run = project.run(1)
        assert (run.name, run.note, run.is_starred, run.is_ticked, run.origin) == (
            "old", "a note", True, False, {})
        assert (run.n_records, run.best_validation_rmse) == (51, record(49).validation_rmse)
        assert len(project.history(1)) == 51
        assert project.source_ratings(1) is not None
        project.begin_run(NewRun("sgd", {}, 1))
        project.change_run(2, status="stopped")
        with project._reading() as connection:
            assert schema_of(connection) == expected_schema()
    assert names(old) == ["lab notes (version 1).mfgui", "lab notes.mfgui"]
    with open_project(old) as project:
        assert project.note == ""
        assert len(project.runs()) == 2
    copy = old.with_name("lab notes (version 1).mfgui")
    assert len(copy.read_bytes()) == len(before)
    with sqlite3.connect(copy) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert schema_of(connection) == old_schema(1)
    connection.close()
    with open_project(copy) as project:
        assert "lab notes (version 1) (version 1).mfgui" in project.note


def test_to_be_read_an_older_one_is_converted_in_a_copy(old: Path, names: Helper) -> None:
    before = old.read_bytes()
    with open_project(old, "read") as project:
        assert "made by an older version of mfgui: what is shown is a copy" in project.note
        assert project.run(1).n_records == 51
        copy = project._place.file
        assert copy.exists()
    assert not copy.exists()
    assert old.read_bytes() == before
    assert names(old) == [old.name]


KILLED = textwrap.dedent("""
    import os, sys
    from mfgui.store.project import open_project
    import mfgui.store.project.migrate as migrate
    left = int(sys.argv[2])
    step = migrate._STEPS[1]
    def killed(connection):
        def count(statement):
            global left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), 9)
        connection.set_trace_callback(count)
        step(connection)
    migrate._STEPS[1] = killed
    open_project(sys.argv[1]).close()
""")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no signal 9 there")
def test_a_program_killed_while_converting_leaves_the_old_one_whole(old: Path) -> None:
    ended = -1
    n_kills = n_old = 0
    while ended != 0 and n_kills < 40:
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, str(old), str(n_kills)], check=False).returncode
        if ended != 0:
            assert ended == -9
            connection = sqlite3.connect(old)
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            assert schema_of(connection) == (old_schema(1) if version == 1 else expected_schema())
            assert connection.execute("SELECT count(*) FROM records").fetchone() == (51,)
            connection.close()
            n_old += version == 1
            n_kills += 3
    assert ended == 0
    assert n_old >= 3
    with open_project(old) as project:
        assert project.run(1).n_records == 51


def test_a_conversion_that_fails_changes_nothing(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE notices")
        raise sqlite3.OperationalError("disk I/O error")

    before = old.read_bytes()
    with monkeypatch.context() as patch:
        patch.setitem(migrate_module._STEPS, 1, fill)
        with pytest.raises(ProjectError):
            open_project(old)
    assert old.read_bytes() == before
    with open_project(old) as project:
        assert project.run(1).n_records == 51


def test_every_older_version_leads_to_this_one() -> None:
    for version in range(1, VERSION):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        for statement in old_statements(version):
            connection.execute(statement)
        migrate(connection, version)
        assert schema_of(connection) == expected_schema()
        connection.close()


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_a_newer_project_is_read_as_far_as_it_can_be(old: Path, names: Helper) -> None:
    open_project(old).close()
    change(old, f"PRAGMA user_version = {VERSION + 3}", "ALTER TABLE runs ADD COLUMN colour TEXT",
           "CREATE TABLE themes (id INTEGER PRIMARY KEY, body TEXT)",
           "CREATE INDEX themes_body ON themes (body)")
    before = old.read_bytes()
    with open_project(old) as project:
        assert project.is_read_only
        assert project.note == (
            "lab notes.mfgui was made by a newer version of mfgui: it is open read-only, and what "
            "this version does not know is not shown; update to change it.")
        assert len(project.history(1)) == 51
    assert old.read_bytes() == before
    assert old.name + ".lock" not in names(old)


@pytest.mark.parametrize(("statement", "reason"), [
    ("DROP TABLE notices", "which this one cannot read: update to open it"),
    ("ALTER TABLE runs RENAME COLUMN note TO remark", "which this one cannot read"),
    ("CREATE VIEW more AS SELECT * FROM runs", "holds what this one does not run"),
    ("CREATE TRIGGER more AFTER INSERT ON runs BEGIN DELETE FROM runs; END",
     "holds what this one does not run"),
    ("CREATE VIRTUAL TABLE more USING fts5 (text)", "holds what this one does not run")])
def test_a_newer_one_that_cannot_be_read_says_so(
    old: Path, statement: str, reason: str
) -> None:
    open_project(old).close()
    change(old, statement, f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(ProjectError, match=f"made by a newer version of mfgui.*{reason}"):
        open_project(old)


def test_a_version_that_never_was_is_refused(old: Path) -> None:
    for version in (0, -5):
        change(old, f"PRAGMA user_version = {version}")
        with pytest.raises(ProjectError, match="holds tables that no project of mfgui has"):
            open_project(old)


def test_the_tables_of_this_version_have_not_changed() -> None:
    # Where they have to, VERSION becomes one more, and migrate.py learns what they were.
    text = re.sub(r"\s+", " ", " ".join(TABLES.values()))
    assert (VERSION, len(TABLES)) == (2, 12)
    assert hash_of(text) == "a0773531ea838b60"


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_where_the_copy_cannot_be_made_nothing_is_converted(old: Path) -> None:
    long = old.with_name("p" * 240 + ".mfgui")  # with more behind it, longer than a name may be
    old.rename(long)
    before = long.read_bytes()
    with pytest.raises(StorageError, match="could not be written"):
        open_project(long)
    assert long.read_bytes() == before
