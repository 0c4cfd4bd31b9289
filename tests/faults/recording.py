"""A program that trains into a project where things go wrong, and tells what came of it.

    python tests/faults/recording.py FOLDER TOLD [--room FILE] [--switch FILE] [--has-room-again]

What it tells is one line of JSON: which troubles were told, whether the run came to the same bits
as one that nothing happens to, and what closing said.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE))
sys.path.append(str(HERE.parents[1]))

from material import (  # noqa: E402 - stands beside this program
    Told,
    differences,
    keep_often,
    show,
    train_into,
    undisturbed,
)

from mfgui.errors import StorageError  # noqa: E402
from mfgui.store.project import create_project, writer_loop  # noqa: E402

SOLVER = "sgd"


def record(
    folder: Path, told_in: Path, room: Path | None, switch: Path | None, *,
    has_room_again: bool,
) -> dict[str, Any]:
    """Train one run and return what came of it.

    Parameters
    ----------
    folder : Path
    told_in : Path
        Where it is written down what was shown.
    room : Path or None
        A file that takes all room of the disk from the twentieth epoch on.
    switch : Path or None
        A file made then that has the shim refuse all writes.
    has_room_again : bool
        Whether these are removed later on, and waited for the trouble's end.
    """
    keep_often()
    writer_loop.RETRY_S, writer_loop.CLOSE_S = 0.05, 0.3
    troubles: list[str] = []
    project = create_project(folder / "P.mfgui")
    project.when_trouble(troubles.append)
    told = Told(told_in)
    result = show(told, _with_less_room(
        train_into(project, SOLVER), room, switch))
    shown = [record.epoch for record in project.history(1)]
    found = {"differences": differences(result, undisturbed(SOLVER)), "shown": len(shown),
             "is_in_trouble": bool(project.trouble), "closing": ""}
    if has_room_again:
        for each in filter(None, (room, switch)):
            each.unlink()
        end = time.monotonic() + 30
        while project.trouble and time.monotonic() < end:
            time.sleep(0.02)
    try:
        project.close()
    except StorageError as error:
        found["closing"] = str(error)
    return {**found, "troubles": troubles}


def _with_less_room(events: Any, room: Path | None, switch: Path | None) -> Any:
    """Yield events; at the twentieth the disk gets full."""
    for number, event in enumerate(events):
        if number == 20 and room is not None:
            _take_all(room)
        if number == 20 and switch is not None:
            switch.touch()
        yield event


def _take_all(room: Path) -> None:
    """Write a file until there is no room for another byte."""
    with room.open("wb", buffering=0) as file:
        size = 1 << 16
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2


def main() -> None:
    """Train, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("told", type=Path)
    parser.add_argument("--room", type=Path)
    parser.add_argument("--switch", type=Path)
    parser.add_argument("--has-room-again", action="store_true")
    given = parser.parse_args()
    undisturbed(SOLVER)
    print(json.dumps(record(given.folder, given.told, given.room, given.switch,
                            has_room_again=given.has_room_again)))


if __name__ == "__main__":
    main()
