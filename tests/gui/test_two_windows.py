"""A second start: a window, a process and a project of its own; and a start after a kill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mfgui.store.project import open_project

# Says its project once it has trained, and stays until a line comes on its way in.
STAYS = """
from mfgui.gui.run_model import Status
path = sys.argv[1] if len(sys.argv) > 1 else None

def go(window):
    when(lambda: window.run_model.status is Status.READY and not window.job_runner.is_running,
         lambda: begin(window))

def begin(window):
    window.setup_panel.form.set_value("n_epochs", int(sys.argv[2]))
    window.setup_panel.form.set_value("patience", 0)
    window.setup_panel.controls.start.click()
    when(lambda: len(window.run_model.history) > 2 and window.run_model.project.project,
         lambda: say(window.run_model.project.project.path))

run(go, path)
"""
LOOKS = """
def go(window):
    when(lambda: window.message_bar.text and not window.job_runner.is_running,
         lambda: soon(0.3, lambda: tell(window)))

def tell(window):
    say("bar", window.message_bar.text)
    from PySide6.QtWidgets import QPushButton
    buttons = [window.findChild(QPushButton, name)
               for name in ("messageRemedyButton", "messageOtherButton")]
    say("buttons", [button.text() for button in buttons if button.isVisibleTo(window)])
    say("runs", [(run.number, run.status) for run in window.run_model.project.runs])
    say("epochs", len(window.run_model.history))
    window.close()

run(go, sys.argv[1] if len(sys.argv) > 1 else None)
"""


def ratings_file(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("user,item,rating\n" + "".join(
        f"u{n},i{m},{1 + (n * m) % 5}\n" for n in range(30) for m in range(20)))
    return str(path)


def told(lines: list[str]) -> dict[str, str]:
    return dict(line.partition(" ")[::2] for line in lines)


def test_a_second_start_with_a_file_has_a_project_of_its_own(
    program: Any, tmp_path: Path
) -> None:
    first = program.start(STAYS, ratings_file(tmp_path, "a.csv"), "100000")
    second = program.start(STAYS, ratings_file(tmp_path, "b.csv"), "100000")
    paths = [process.stdout.readline().strip() for process in (first, second)]
    assert len(set(paths)) == 2
    for process in (first, second):
        process.terminate()
        code, lines, errors = program.finish(process)
        assert (code, lines[-1]) == (0, "ended 0"), errors
    for path, name in zip(paths, ("a.csv", "b.csv"), strict=True):
        with open_project(path) as project:
            assert [source.name for source in project.sources()] == [name]
            assert [run.status for run in project.runs()] == ["stopped"]


def test_a_project_that_another_window_has_open_says_so_with_two_ways_out(
    program: Any, tmp_path: Path
) -> None:
    first = program.start(STAYS, ratings_file(tmp_path, "a.csv"), "100000")
    path = first.stdout.readline().strip()
    found = told(program.run(LOOKS, path))
    assert "open" in found["bar"]
    assert str(first.pid) in found["bar"]
    assert found["buttons"] == "['Open read-only', 'Open a copy...']"
    assert found["runs"] == "[]"
    first.terminate()
    assert program.finish(first)[0] == 0


def test_a_start_beside_a_window_does_not_complain_that_its_session_is_open_there(
    program: Any, tmp_path: Path
) -> None:
    first = program.start(STAYS, ratings_file(tmp_path, "a.csv"), "100000")
    first.stdout.readline()
    lines = program.run("""
def go(window):
    when(lambda: not window.job_runner.is_running, lambda: soon(0.5, lambda: tell(window)))

def tell(window):
    say("bar", repr(window.message_bar.text), window.welcome.isVisible())
    window.close()

run(go)
""")
    assert lines[0] == "bar '' True"
    first.terminate()
    assert program.finish(first)[0] == 0


def test_after_a_kill_the_next_start_shows_all_and_offers_to_continue(
    program: Any, tmp_path: Path
) -> None:
    first = program.start(STAYS, ratings_file(tmp_path, "a.csv"), "100000")
    first.stdout.readline()
    first.kill()
    program.finish(first)
    found = told(program.run(LOOKS))
    assert found["bar"].startswith("Run 1 was interrupted at epoch ")
    assert found["buttons"] == "['Continue']"
    assert found["runs"] == "[(1, 'interrupted')]"
    assert int(found["epochs"]) >= 3
