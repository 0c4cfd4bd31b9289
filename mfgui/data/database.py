"""DuckDB, locked to one file, and stoppable."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from mfgui.core.control import Control
from mfgui.errors import CancelledError

POLL_S = 0.03


class Database:
    """An in-memory database that may read ``path`` and nothing else, for use in ``with``.

    Parameters
    ----------
    path : Path
        Absolute.
    name : str
        What progress calls the file.
    control : Control
        Stopping it interrupts the statement that runs.
    """

    def __init__(self, path: Path, name: str, control: Control) -> None:
        import duckdb  # costs 0.1 s, and the window starts without it

        self.path = path
        self.pattern = escaped(str(path))
        self._control = control
        self._text = f"Reading {name}"
        self._share = (0.0, 0.0)
        self._errors = duckdb.Error
        self._interrupted = duckdb.InterruptException
        self._closed = threading.Event()
        self._connection = duckdb.connect(":memory:", config=_configuration(id(self)))
        self._lock_to_path()
        self._watcher = threading.Thread(target=self._watch, name="duckdb progress", daemon=True)

    def _lock_to_path(self) -> None:
        # Both spellings: DuckDB asks for the pattern before it has resolved it. SET takes no
        # bound values.
        allowed = ", ".join(quoted(text) for text in {str(self.path), self.pattern})
        for statement in (
            f"SET allowed_paths = [{allowed}]",
            "SET enable_external_access = false",
            "SET enable_progress_bar = true",  # without it query_progress stays silent
            "SET enable_progress_bar_print = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(statement)

    def __enter__(self) -> Database:
        self._control.when_stopped(self._interrupt)
        self._watcher.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closed.set()
        self._watcher.join()
        self._connection.close()

    def run(
        self, sql: str, values: Sequence[Any] = (), share: tuple[float, float] = (0.0, 0.0)
    ) -> Any:
        """Execute one statement and return its result.

        Parameters
        ----------
        sql : str
        values : sequence
            Bound to the question marks.
        share : (float, float)
            Which part of the whole job this statement is, for the progress shown.

        Raises
        ------
        CancelledError
            If the control was stopped before or meanwhile.
        duckdb.Error
            For everything else; whoever calls knows the sentence for it.
        """
        self._control.checkpoint()
        self._share = share
        try:
            return self._connection.execute(sql, list(values))
        except self._interrupted as error:
            raise CancelledError("Stopped.") from error
        except self._errors:
            # An interrupt can surface as another error, e.g. of a scan that was cut short.
            self._control.checkpoint()
            raise

    def arrays(self, sql: str, values: Sequence[Any] = ()) -> dict[str, Any]:
        """Return the columns of a small result as NumPy arrays.

        Large tables are fetched by parts: ``fetchnumpy`` holds the GIL, 225 ms for 20M rows.
        """
        result: dict[str, Any] = self.run(sql, values).fetchnumpy()
        return result

    def _interrupt(self) -> None:
        # A control may be stopped long after this file was read.
        with suppress(self._errors):
            self._connection.interrupt()

    def _watch(self) -> None:
        """Report progress, and interrupt again where a stop fell between two statements."""
        while not self._closed.wait(POLL_S):
            if self._control.is_stopped:
                self._interrupt()
            low, high = self._share
            with suppress(self._errors):
                done = max(0.0, min(100.0, float(self._connection.query_progress()))) / 100
                if high > low:
                    self._control.report(self._text, low + (high - low) * done)


def _configuration(number: int) -> dict[str, str | bool | int | float | list[str]]:
    spill = os.path.join(tempfile.gettempdir(), f"mfgui-{os.getpid()}-{number}.tmp")
    return {
        # One core stays free for the window.
        "threads": max(1, (os.cpu_count() or 2) - 1),
        # Made only when memory runs out; the default lies in the folder one happens to be in.
        "temp_directory": spill,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def escaped(path: str) -> str:
    """Return a pattern that matches this path alone: ``a[1].csv`` must not read ``a1.csv``."""
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in path)


def quoted(text: str) -> str:
    """Return the text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
