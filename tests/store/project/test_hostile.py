"""Project files come from anybody: refused in one sentence, or read rightly; nothing else."""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.core.ratings import Ratings
from mfgui.errors import MfguiError, ProjectError
from mfgui.store.project import NewRun, create_project, open_project
from mfgui.training.events import Notice

Helper = Callable[..., Any]
N_MUTATED = 150


@pytest.fixture
def filled(path: Path, tiny: Ratings, source_of: Helper, record: Helper) -> Path:
    """Return a closed project with something in every table."""
    with create_project(path) as project:
        source_id = project.add_source(source_of(tiny), tiny, keep_ratings=True)
        project.begin_run(NewRun("als", {"n_factors": 8}, source_id, held_out=np.arange(3)))
        project.add_records(1, [record(epoch, loss=float("nan")) for epoch in range(50)])
        project.add_notice(1, Notice("warning", "Look.", 3, "Halve", (("learning_rate", 0.1),)))
        project.keep_tree(1, "state", {"x": np.arange(20_000), "on": np.array([True]), "k": 2**70})
        project.change_run(1, status="finished", summary={"rmse": 1.0})
        project.add_entry("search", {"trials": []}, 1)
        project.set_value("layout", [1, 2])
    return path


def read_all(path: Path, mode: str = "read") -> int:
    """Read everything that a project gives; return how many things that were."""
    n_read = 0
    with open_project(path, mode) as project:
        for source in project.sources():
            n_read += 1
            project.source_ids(source.id)
            project.source_ratings(source.id)
        for run in project.runs():
            n_read += len(project.history(run.id)) + len(project.notices(run.id))
            project.held_out(run.id)
            for role in run.roles:
                project.tree(run.id, role)
        n_read += len(project.entries())
        project.value("layout")
    return n_read


def change(path: Path, *statements: str, values: tuple[Any, ...] = ()) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    for statement in statements:
        connection.execute(statement, values)
    connection.close()


def is_one_sentence(error: BaseException, path: Path) -> bool:
    text = str(error)
    return path.name in text and text.endswith(".") and "\n" not in text and len(text) < 400


@pytest.mark.parametrize("content", [
    b"", b"SQLite format 3\0", b"PK\x03\x04" + b"\0" * 200, b"user,item,rating\n1,2,3\n" * 50,
    b"SQLite format 3\0" + b"\xff" * 4000])
def test_what_is_no_project_is_refused(path: Path, content: bytes, names: Helper) -> None:
    path.write_bytes(content)
    for mode in ("read", "write"):
        with pytest.raises(ProjectError, match="is not a project of mfgui: choose another file"):
            open_project(path, mode)
    assert path.read_bytes() == content
    assert names(path) == [path.name]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_refused_at_once(path: Path) -> None:
    os.mkfifo(path)
    for mode in ("read", "write"):
        with pytest.raises(ProjectError, match="is no file"):
            open_project(path, mode)


def test_a_database_of_another_program_is_refused_untouched(path: Path, names: Helper) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (id)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="is not a project of mfgui"):
        open_project(path)
    assert (path.read_bytes(), names(path)) == (before, [path.name])
    with pytest.raises(ProjectError, match="cannot be opened"):
        open_project(path.parent)


@pytest.mark.parametrize("statement", [
    "CREATE TRIGGER t AFTER UPDATE ON runs BEGIN DELETE FROM records; END",
    "CREATE VIEW more AS SELECT * FROM runs",
    "CREATE TABLE more (x)",
    "CREATE INDEX more ON runs (name)",
    "CREATE VIRTUAL TABLE more USING fts5 (text)",
    "DROP INDEX notices_run",
    "ALTER TABLE runs ADD COLUMN more TEXT DEFAULT 'x'",
    "CREATE TABLE sqlite_stat_more AS SELECT 1",
    "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', 'NOT NULL CHECK (1)') "
    "WHERE name = 'notices'",
    "UPDATE sqlite_master SET sql = 'CREATE VIEW runs AS SELECT load_extension(''x'')', "
    "type = 'view', rootpage = 0 WHERE name = 'runs'"])
def test_a_schema_that_is_not_ours_is_refused(filled: Path, statement: str) -> None:
    try:
        change(filled, statement)
    except sqlite3.OperationalError as error:
        pytest.skip(f"SQLite does not make such a one: {error}")
    before = filled.read_bytes()
    for mode in ("read", "write"):
        with pytest.raises(ProjectError) as found:
            open_project(filled, mode)
        assert is_one_sentence(found.value, filled)
    assert filled.read_bytes() == before


@pytest.mark.parametrize("statement", [
    "UPDATE runs SET name = x'ff00'",
    "UPDATE runs SET settings = '[' || replace(hex(zeroblob(50000)), '00', '[')",
    "UPDATE runs SET settings = '[1]'",
    "UPDATE runs SET created = 'yesterday'",
    "UPDATE runs SET created = 9e999",
    "UPDATE runs SET is_starred = 7",
    "UPDATE runs SET id = -1",
    "UPDATE runs SET id = 9223372036854775807",
    "UPDATE runs SET name = CAST(x'ff' AS TEXT)",
    "UPDATE sources SET options = '{' WHERE id = 1",
    "UPDATE sources SET origin = 'elsewhere'",
    "UPDATE sources SET n_users = -5",
    "UPDATE counters SET value = 9223372036854775807",
    "UPDATE entries SET body = 'NaN'",
    "UPDATE settings SET body = '1e999,'",
    "UPDATE tallies SET n_records = 'many'",
    "UPDATE records SET loss = 'a lot' WHERE epoch = 49",
    "UPDATE records SET loss = NULL WHERE epoch = 49",
    "UPDATE records SET loss = x'00' WHERE epoch = 49",
    "UPDATE records SET is_refit = 2 WHERE epoch = 49"])
def test_values_of_another_kind_are_refused_at_opening(filled: Path, statement: str) -> None:
    change(filled, "PRAGMA foreign_keys = OFF", statement)
    for mode in ("read", "write"):
        with pytest.raises(ProjectError, match=r"is damaged \(.*: open a backup of it") as found:
            open_project(filled, mode)
        assert is_one_sentence(found.value, filled)


@pytest.mark.parametrize(("statement", "read"), [
    ("UPDATE records SET test_rmse = 'x' WHERE epoch = 7", "history"),
    ("UPDATE records SET epoch = 7.5 WHERE epoch = 7", "history"),
    ("UPDATE notices SET text = x'ff'", "notices"),
    ("UPDATE notices SET remedy_settings = '[[1, 2]]'", "notices"),
    ("UPDATE notices SET remedy_settings = '{\"a\": 1}'", "notices"),
    ("UPDATE trees SET skeleton = '{\"a\": 99}' WHERE role = 'state'", "tree"),
    ("UPDATE trees SET skeleton = '{\"z\": {}}' WHERE role = 'state'", "tree"),
    ("UPDATE trees SET skeleton = '[]' WHERE role = 'state'", "tree"),
    ("UPDATE trees SET skeleton = '{\"d\": ' || replace(hex(zeroblob(90)), '00', '[') || "
     "replace(hex(zeroblob(90)), '00', ']') || '}' WHERE role = 'state'", "tree"),
    ("UPDATE arrays SET dtype = '|O'", "tree"),
    ("UPDATE arrays SET dtype = '<U9'", "tree"),
    ("UPDATE arrays SET dtype = 'i4,(1000000000,)f8'", "tree"),
    ("UPDATE arrays SET shape = '[1000000, 1000000]'", "tree"),
    ("UPDATE arrays SET shape = '[-1]'", "tree"),
    ("UPDATE arrays SET shape = '[1e3]'", "tree"),
    ("UPDATE arrays SET shape = '[0, 99999999999999999999]'", "tree"),
    ("UPDATE arrays SET shape = '[1000000000000]', n_bytes = 8000000000000", "tree"),
    ("UPDATE chunks SET data = zeroblob(length(data))", "tree"),
    ("UPDATE chunks SET data = CAST(data AS TEXT)", "tree"),
    ("UPDATE chunks SET position = position + 1", "tree"),
    ("UPDATE tree_arrays SET position = position + 100", "tree"),
    ("UPDATE tree_arrays SET array_id = 99", "tree"),
    ("DELETE FROM chunks", "tree"),
    ("DELETE FROM arrays", "tree")])
def test_values_of_another_kind_are_refused_where_they_are_read(
    filled: Path, statement: str, read: str
) -> None:
    change(filled, "PRAGMA foreign_keys = OFF", statement)
    with open_project(filled, "read") as project:
        arguments = {"tree": ("state",)}.get(read, ())
        tracemalloc.start()
        with pytest.raises(ProjectError, match=r"is damaged \(.*: open a backup of it") as found:
            getattr(project, read)(1, *arguments)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert is_one_sentence(found.value, filled)
    assert most < 32 << 20  # what it claims to be is not asked for


def test_a_name_with_anything_in_it_is_told_of_in_one_line(filled: Path) -> None:
    name = "a\n\x1b[31m\ud800" + "x" * 10_000
    with open_project(filled) as project:
        project.change_run(1, name=name, status="running")
    with open_project(filled) as project:
        assert project.run(1).name == name
        assert project.note.isprintable()
        assert len(project.note) < 200
        with pytest.raises(ProjectError, match=r"has no run 9: it has 1 \(a \?\[31m") as found:
            project.find_run("9")
    assert is_one_sentence(found.value, filled)


def test_a_tree_that_names_no_number_keeps_nobody_from_writing(filled: Path) -> None:
    change(filled, "PRAGMA foreign_keys = OFF",
           "UPDATE tree_arrays SET array_id = '../x' WHERE tree_id = 1")
    with open_project(filled) as project:
        project.keep_tree(1, "result", {"x": np.arange(5)})
        project.flush()
        assert project.trouble == ""
        tree = project.tree(1, "result")
        assert tree is not None
        np.testing.assert_array_equal(tree["x"], np.arange(5))


@pytest.mark.parametrize("change_tree", [
    "UPDATE trees SET skeleton = '{\"d\":{}}' WHERE role = 'ids'",
    "UPDATE trees SET skeleton = replace(skeleton, '\"users\":', '\"us\":') WHERE role = 'ids'",
    "UPDATE trees SET skeleton = replace(skeleton, '\"a\":0', '\"a\":1') WHERE role = 'ids'",
    "DELETE FROM trees WHERE role = 'ids'"])
def test_ids_that_are_not_what_they_say_are_refused(filled: Path, change_tree: str) -> None:
    change(filled, change_tree)
    with open_project(filled, "read") as project:
        for read in (project.source_ids, project.source_ratings):
            with pytest.raises(ProjectError, match="is damaged"):
                read(1)


@pytest.mark.parametrize(("old", "new"), [
    ('"value"', '"valve"'), ('"a":0', '"a":1'), ('"time":null', '"time":"now"'),
    ('"given_scale":null', '"given_scale":[1]'), ('"given_scale":null', '"given_scale":[1,NaN]')])
def test_ratings_that_are_not_what_they_say_are_refused(filled: Path, old: str, new: str) -> None:
    change(filled, "UPDATE trees SET skeleton = replace(skeleton, ?, ?) WHERE role = 'ratings'",
           values=(old, new))
    with open_project(filled, "read") as project, pytest.raises(ProjectError, match="is damaged"):
        project.source_ratings(1)


@pytest.mark.parametrize("seed", range(4))
def test_mutated_bytes_are_refused_in_a_sentence_or_read(filled: Path, seed: int) -> None:
    content = filled.read_bytes()
    rng = random.Random(seed)
    n_refused = 0
    for _ in range(N_MUTATED // 4):
        filled.write_bytes(mutated(content, rng))
        before = sorted(os.listdir(filled.parent))
        for mode in ("read", "write"):
            refusal = refusal_of(filled, mode)
            n_refused += bool(refusal)
            assert not refusal or re.fullmatch(r"[^\n]*[:;] [^\n]*\.", refusal), refusal
        # Reading a project that says that it has a log may leave that beside it.
        left = set(os.listdir(filled.parent)) - set(before)
        assert left <= {filled.name + ending for ending in ("-wal", "-shm", "-journal")}
        for name in left:
            filled.with_name(name).unlink()
    assert n_refused


def refusal_of(path: Path, mode: str) -> str:
    """Return why a project could not be read, "" where it could."""
    try:
        read_all(path, mode)
    except MfguiError as error:
        return str(error)
    return ""


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return a file with something wrong in it."""
    changed = bytearray(content)
    kind = rng.randrange(6)
    if kind == 0:
        return bytes(changed[: rng.randrange(len(changed))])
    if kind == 1:
        begin = rng.randrange(len(changed))
        return bytes(changed[:begin] + changed[begin + rng.randrange(1, 9000) :])
    if kind == 2:  # the head of a page, where its cells are told
        begin = rng.randrange(len(changed) // 8192) * 8192 + rng.randrange(12)
        changed[begin] = rng.randrange(256)
        return bytes(changed)
    if kind == 3:
        one, two = (rng.randrange(1, len(changed) // 8192) * 8192 for _ in range(2))
        changed[one : one + 8192], changed[two : two + 8192] = (
            changed[two : two + 8192], changed[one : one + 8192])
        return bytes(changed)
    for _ in range(rng.choice((1, 10, 300))):
        changed[rng.randrange(100 if kind == 4 else len(changed))] = rng.randrange(256)
    changed[:16] = content[:16]
    changed[68:72] = content[68:72]
    return bytes(changed)


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal", ".lock"])
def test_a_link_beside_it_is_not_written_through(
    filled: Path, tmp_path: Path, ending: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    filled.with_name(filled.name + ending).symlink_to(victim)
    for mode in ("read", "write"):
        with pytest.raises(ProjectError, match=r"beside lab notes.mfgui is a link: remove it"):
            open_project(filled, mode)
    assert victim.read_text() == "precious"


def test_a_journal_that_names_another_file_deletes_nothing(filled: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    name = os.fsencode(victim)
    journal = (b"\0" * 512 + (1).to_bytes(4, "big") + name + len(name).to_bytes(4, "big")
               + sum(name).to_bytes(4, "big") + bytes.fromhex("d9d505f920a163d7"))
    filled.with_name(filled.name + "-journal").write_bytes(journal)
    for mode in ("read", "write"):
        with pytest.raises(ProjectError, match="names another file"):
            open_project(filled, mode)
    assert victim.read_text() == "precious"


def test_a_log_of_another_file_is_not_taken_for_its_own(
    filled: Path, tmp_path: Path, tiny: Ratings, source_of: Helper
) -> None:
    other = tmp_path / "other.mfgui"
    with create_project(other) as project:
        project.add_source(source_of(tiny), tiny)
        project.flush()
        shutil.copyfile(f"{other}-wal", f"{filled}-wal")
    refusal = refusal_of(filled, "write")
    assert refusal == "" or "damaged" in refusal


def test_a_damaged_page_that_is_met_while_writing_is_told(
    filled: Path, record: Helper
) -> None:
    # Larger than what is looked through as a whole at opening.
    with open_project(filled) as project:
        project.keep_tree(1, "large", {"x": np.random.default_rng(0).random(5_000_000)})
    content = bytearray(filled.read_bytes())
    connection = sqlite3.connect(filled)
    (page,) = connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'notices'").fetchone()
    connection.close()
    content[(page - 1) * 8192 : page * 8192] = b"\xff" * 8192
    filled.write_bytes(content)
    with open_project(filled) as project:
        with pytest.raises(ProjectError, match="is damaged"):
            project.notices(1)
        project.add_records(1, [record(50)])
        project.flush()
        assert project.trouble == ""
        assert len(project.history(1)) == 51
