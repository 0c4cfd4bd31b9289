"""The part of a project that keeps runs, their records and notices."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mfgui.errors import ProjectError
from mfgui.store.project import records as rows
from mfgui.store.project.base import Then
from mfgui.store.project.checks import number_out
from mfgui.store.project.project_trees import TreesPart, packed
from mfgui.store.project.records import Tally, key_of
from mfgui.store.project.runs import CHANGED_AS, HELD_OUT, STATUSES, NewRun, RunInfo, insert_run
from mfgui.store.project.state import SET_COUNTER
from mfgui.training.events import EpochRecord, Notice


class RunsPart(TreesPart):
    """Runs of a project."""

    def runs(self) -> list[RunInfo]:
        """Return all runs that are not deleted, by number."""
        with self._lock:
            state = self._fresh()
            return [info for run_id, info in sorted(state.runs.items())
                    if run_id not in state.deleted]

    def run(self, run_id: int) -> RunInfo:
        """Return one run.

        Raises
        ------
        ProjectError
            If there is none with that id, or it is deleted.
        """
        with self._lock:
            state = self._fresh()
            info = state.runs.get(run_id)
            if info is None or run_id in state.deleted:
                raise ProjectError(
                    f"{self.path.name} has no run {run_id}: {self._what_there_is()}.")
            return info

    def find_run(self, word: str) -> RunInfo:
        """Return the run with a number, or with a name.

        Raises
        ------
        ProjectError
            If there is none, or several have the name; the sentence says which there are.
        """
        runs, wanted = self.runs(), word.strip().lstrip("#")
        for match in (
                lambda run: str(run.number) == wanted, lambda run: run.name == word.strip(),
                lambda run: run.name.casefold() == wanted.casefold()):
            found = [run for run in runs if match(run)]
            if len(found) == 1:
                return found[0]
            if found:
                numbers = " and ".join(str(run.number) for run in found)
                raise ProjectError(f"Runs {numbers} are both named {word}: say the number.")
        raise ProjectError(f"{self.path.name} has no run {word}: {self._what_there_is()}.")

    def _what_there_is(self) -> str:
        runs = self.runs()
        if not runs:
            return "it has none yet"
        names = [run.title for run in runs]
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        return f"it has {', '.join(names[:10])}{more}"

    def begin_run(self, new: NewRun) -> RunInfo:
        """Keep a run that begins; it is committed on return."""
        writer = self._writable()
        for source_id in (new.source_id, new.test_source_id):
            if source_id is not None:
                self.source(source_id)
        with self._lock:
            number = self._state.next_number("run")
        info = RunInfo(
            number, number, new.name, "", False, False, new.solver, dict(new.settings),
            new.source_id, new.test_source_id, time.time(), None, "running", {}, dict(new.card),
            continued_from=new.continued_from, origin=dict(new.origin))
        statement, values = insert_run(info)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(statement, values)
            connection.execute(SET_COUNTER, ("run", number))

        writer.call(write)
        with self._lock:
            self._state.runs[number] = info
        if new.held_out is not None:
            self.keep_tree(number, HELD_OUT, self._packed(new.held_out))
            writer.flush_long()
        with self._lock:
            return self._state.runs[number]

    def _packed(self, held_out: Any) -> dict[str, Any]:
        """Return positions as a tree; as the very one of the run before where they are the same."""
        import numpy as np

        tree = packed(held_out)
        with self._lock:
            last = self._last_held_out
            same = last is not None and last.keys() == tree.keys() and all(
                np.array_equal(last[name], tree[name]) for name in tree)
            if not same:
                self._last_held_out = tree
            return dict(self._last_held_out or tree)

    _last_held_out: dict[str, Any] | None = None

    def change_run(self, run_id: int, then: Then | None = None, **changes: Any) -> None:
        """Change a run: name, note, is_starred, is_ticked, status, ended, summary, card, origin.

        Seen at once, and written by the writer.
        """
        if unknown := set(changes) - set(CHANGED_AS):
            raise TypeError(f"{', '.join(sorted(unknown))} of a run cannot be changed")
        if changes.get("status", "running") not in STATUSES:
            raise ValueError(f"{changes['status']} is no status of a run")
        if "ended" in changes and changes["ended"] is None:
            stored: dict[str, Any] = {"ended": None}
        else:
            stored = {}
        stored |= {name: CHANGED_AS[name](value) for name, value in changes.items()
                   if name not in stored}
        writer = self._writable()
        with self._lock:
            self._known_run(run_id)
            self._state.runs[run_id] = replace(self._state.runs[run_id], **changes)
        for position, (name, value) in enumerate(stored.items()):
            writer.submit(_update(name, run_id, value),
                          then if position == len(stored) - 1 else None, ("run", run_id, name))

    def delete_run(self, run_id: int) -> None:
        """Delete a run; it can be had back until the project is closed."""
        self._set_deleted(run_id, is_deleted=True)

    def undelete_run(self, run_id: int) -> None:
        """Have a deleted run back."""
        self._set_deleted(run_id, is_deleted=False)

    def _set_deleted(self, run_id: int, *, is_deleted: bool) -> None:
        writer = self._writable()
        with self._lock:
            self._known_run(run_id)
            (self._state.deleted.add if is_deleted else self._state.deleted.discard)(run_id)
        writer.submit(_update("is_deleted", run_id, int(is_deleted)),
                      key=("run", run_id, "is_deleted"))

    def add_records(self, run_id: int, records: Iterable[EpochRecord], then: Then | None = None
                    ) -> None:
        """Keep records; one of the same segment and epoch replaces the one there is.

        ``then`` is called from the writer's thread once they are committed.
        """
        writer, new = self._writable(), list(records)
        if not new:
            return
        tally = self._tally(run_id)
        with self._lock:
            tally.add(new)
            last = tally.last
            shown: dict[str, Any] = {
                "n_records": tally.n_records, "best_validation_rmse": tally.best,
                "last_record": last, "last_epoch": -1 if last is None else last.epoch}
            values = (run_id, tally.n_records, number_out(tally.best))
            unwritten = self._state.unwritten_records.setdefault(run_id, [])
            unwritten.extend(new)

        def told() -> None:
            with self._lock:
                if run_id in self._state.runs:
                    self._state.runs[run_id] = replace(self._state.runs[run_id], **shown)
            if then is not None:
                then()

        def done() -> None:
            with self._lock:
                del unwritten[: len(new)]

        writer.submit_rows(
            rows.INSERT_RECORDS, [rows.record_row(run_id, record) for record in new], None, done)
        writer.submit(lambda connection: _run(connection, rows.SET_TALLY, values), told,
                      ("tally", run_id))

    def _tally(self, run_id: int) -> Tally:
        """Return the count of a run's records, with what is told of those it has."""
        with self._lock:
            self._known_run(run_id)
            tally, info = self._state.tallies.get(run_id), self._state.runs[run_id]
        if tally is not None:
            return tally
        earlier = frozenset[rows.Key]()
        if info.n_records:
            with self._reading() as connection:
                earlier = rows.read_keys(connection, run_id)
        tally = Tally(info.n_records, info.best_validation_rmse, info.last_record, earlier)
        with self._lock:
            return self._state.tallies.setdefault(run_id, tally)

    def history(self, run_id: int) -> tuple[EpochRecord, ...]:
        """Return the records of a run in their order, those included that cannot be written yet."""
        with self._lock:
            self._known_run(run_id)
            unwritten = (list(self._state.unwritten_records.get(run_id, ()))
                         if self.trouble else [])
        with self._reading() as connection:
            found = rows.read_history(connection, run_id)
        if not unwritten:
            return found
        both = {key_of(record): record for record in (*found, *unwritten)}
        return tuple(both[key] for key in sorted(both))

    def add_notice(self, run_id: int, notice: Notice, then: Then | None = None) -> None:
        """Keep a notice; ``then`` is called once it is committed."""
        writer = self._writable()
        row = rows.notice_row(run_id, notice)
        with self._lock:
            self._known_run(run_id)
            unwritten = self._state.unwritten_notices.setdefault(run_id, [])
            unwritten.append(notice)

        def done() -> None:
            with self._lock:
                del unwritten[:1]

        writer.submit_rows(rows.INSERT_NOTICE, [row], then, done)

    def notices(self, run_id: int) -> tuple[Notice, ...]:
        """Return the notices of a run, those included that cannot be written yet."""
        with self._lock:
            self._known_run(run_id)
            unwritten = (tuple(self._state.unwritten_notices.get(run_id, ()))
                         if self.trouble else ())
        with self._reading() as connection:
            return rows.read_notices(connection, run_id) + unwritten

    def _known_run(self, run_id: int) -> None:
        if run_id not in self._fresh().runs:
            raise ProjectError(f"{self.path.name} has no run {run_id}: {self._what_there_is()}.")


def _update(name: str, run_id: int, value: Any) -> Any:
    """Return what writes one value of a run."""
    return lambda connection: _run(
        connection, f"UPDATE runs SET {name} = ? WHERE id = ?", (value, run_id))


def _run(connection: sqlite3.Connection, statement: str, values: tuple[Any, ...]) -> None:
    connection.execute(statement, values)
