"""Reads the lines of runs, one after another, and keeps what there is room for.

A line takes 24 bytes a record: epoch, second and value. Those of 50 runs of 100,000 records are
120 MB. What is drawn, and what was drawn last, is kept as long as it all stays under
``MOST_BYTES``; then the ones that have not been drawn for longest go, and are read again when
they are wanted. Lines that do not fit beside the others are not drawn, and the legend says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from mfgui.errors import MfguiError
from mfgui.gui.background import LatestWorker
from mfgui.inspection.envelopes import Line
from mfgui.jobs.run_curves import read_line

if TYPE_CHECKING:
    from mfgui.store.project import Project

MOST_BYTES = 400_000_000
READING = "reading"
TOO_LONG = "too long"
FAILED = "not readable"
Name = tuple[int, str]  # run and measure


@dataclass(frozen=True)
class Wanted:
    """A column of a run, as it was when it had so many records."""

    run_id: int
    measure: str
    n_records: int

    @property
    def name(self) -> Name:
        """Run and measure."""
        return self.run_id, self.measure


@dataclass(frozen=True, eq=False)
class _Answer:
    project: Project
    wanted: Wanted
    line: Line | None
    error: str = ""


class CurveReader(QObject):
    """Keeps the lines that are wanted; a run that has trained on since is read anew.

    Signals
    -------
    came : there is another line, or it is known why not
    """

    came = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._wanted: list[Wanted] = []
        self._lines: dict[Name, tuple[Wanted, Line]] = {}  # the newest used is the last
        self._failed: dict[Wanted, str] = {}
        self._too_long: set[Wanted] = set()
        self._reading: Wanted | None = None
        self._worker = LatestWorker(self, takes_turns=False)
        self._worker.done.connect(self._on_done)
        self._worker.failed.connect(self._on_failed)

    def set_project(self, project: Project | None) -> None:
        """Read from another project; lines of the one before are let go."""
        self._project, self._wanted, self._reading = project, [], None
        self._lines, self._failed, self._too_long = {}, {}, set()

    def want(self, wanted: Sequence[Wanted]) -> None:
        """Read these, in this order."""
        if {each.run_id for each in wanted} != {each.run_id for each in self._wanted}:
            self._too_long.clear()  # there may be room now
        self._wanted = list(wanted)
        self._read_next()

    # what there is

    def line(self, wanted: Wanted) -> tuple[Wanted, Line] | None:
        """Return a line, perhaps as it was some records ago; None where there is none yet."""
        return self._lines.get(wanted.name)

    def has(self, run_id: int, measure: str) -> bool:
        """Say whether a run is known to have values in a column."""
        found = self._lines.get((run_id, measure))
        return found is not None and found[1].size > 0

    def note(self, wanted: Wanted) -> tuple[str, str]:
        """Return why there is no line, in a word and in a sentence."""
        if wanted in self._failed:
            return FAILED, self._failed[wanted]
        if wanted in self._too_long:
            return TOO_LONG, ("It has too many records to be drawn beside the others; untick some "
                              "of them.")
        return READING, "Its records are being read."

    # reading

    def _read_next(self) -> None:
        """Have the next line read that is not there, or not as it is now."""
        if self._project is None or self._reading is not None:
            return
        for wanted in self._wanted:
            found = self._lines.get(wanted.name)
            if found is not None:
                self._lines[wanted.name] = self._lines.pop(wanted.name)
            is_there = found is not None and found[0] == wanted
            if not (is_there or wanted in self._failed or wanted in self._too_long):
                self._reading = wanted
                self._worker.ask(partial(_read, self._project, wanted))
                return

    def _on_done(self, answer: _Answer) -> None:
        """Keep a line, and go on to the next one."""
        if answer.project is not self._project or answer.wanted != self._reading:
            return
        self._reading = None
        if answer.line is None:
            self._failed[answer.wanted] = answer.error
        else:
            self._keep(answer.wanted, answer.line)
        self._read_next()
        self.came.emit()

    def _keep(self, wanted: Wanted, line: Line) -> None:
        """Keep a line where there is room for it beside those that are drawn."""
        self._lines.pop(wanted.name, None)
        drawn = {each.name for each in self._wanted}
        for name in [name for name in self._lines if name not in drawn]:
            if self._n_bytes + line.n_bytes <= MOST_BYTES:
                break
            del self._lines[name]
        if self._n_bytes + line.n_bytes <= MOST_BYTES:
            self._lines[wanted.name] = wanted, line
        else:
            self._too_long.add(wanted)

    @property
    def _n_bytes(self) -> int:
        return sum(line.n_bytes for _, line in self._lines.values())

    def _on_failed(self, error: Exception) -> None:
        self._reading = None
        raise error  # a bug: the hook shows it

    def shut_down(self) -> None:
        """End the thread."""
        self._worker.shut_down()


def _read(project: Project, wanted: Wanted) -> _Answer:
    """Read a line; why it could not be read, where that is nobody's fault here."""
    try:
        return _Answer(project, wanted, read_line(project, wanted.run_id, wanted.measure))
    except MfguiError as error:
        return _Answer(project, wanted, None, str(error))
