"""DuckDB, locked to one file or to none, and stoppable."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from mfgui.core.control import Control
from mfgui.errors import CancelledError


class Database:
    """An in-memory database that may read ``path`` and nothing else, for use in ``with``.

    It works on one thread, so that rows stay in the file's order, while another reads what they
    hold.

    Parameters
    ----------
    path : Path or None
        Absolute; None where there is nothing to read.
    control : Control
        Stopping it interrupts the statement that runs.
    """

    def __init__(self, path: Path | None, control: Control) -> None:
        import duckdb  # costs 0.1 s, and the window starts without it

        self._folder: str | None = None
        path = self._nameable(path) if path else None
        self.path = str(path) if path else ""
        self.pattern = escaped(self.path)
        self.errors: type[Exception] = duckdb.Error
        self._control = control
        self._interrupted = duckdb.InterruptException
        self._connection = duckdb.connect(":memory:", config=_configuration(id(self)))
        self._lock_to_path(path)

    def _nameable(self, path: Path) -> Path:
        """Return the path, or a link to it where DuckDB cannot be told its name.

        That is no text, or on Unix has a backslash, which DuckDB takes for a separator.
        """
        text = str(path)
        with suppress(UnicodeEncodeError):
            text.encode("utf-8")
            if os.sep == "\\" or "\\" not in text:
                return path
        self._folder = tempfile.mkdtemp(prefix="mfgui-")
        link = Path(self._folder) / "file"
        link.symlink_to(path)
        return link

    def _lock_to_path(self, path: Path | None) -> None:
        # Both spellings: DuckDB asks for the pattern before it has resolved it. SET takes no
        # bound values.
        texts = {str(path), self.pattern} if path else set()
        allowed = ", ".join(quoted(text) for text in sorted(texts))
        for statement in (
            f"SET allowed_paths = [{allowed}]",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(statement)

    def __enter__(self) -> Database:
        self._control.when_stopped(self._interrupt)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Execute one statement and return its result.

        Parameters
        ----------
        sql : str
        values : sequence
            Bound to the question marks.

        Raises
        ------
        CancelledError
            If the control was stopped before or meanwhile.
        duckdb.Error
            For everything else (``errors``); whoever calls knows the sentence for it.
        """
        self._control.checkpoint()
        try:
            return self._connection.execute(sql, list(values))
        except self._interrupted as error:
            raise CancelledError("Stopped.") from error
        except self.errors:
            # An interrupt can surface as another error, e.g. of a scan that was cut short.
            self._control.checkpoint()
            raise

    def register(self, name: str, source: object) -> None:
        """Let statements read from an object with ``__arrow_c_stream__`` as from a view."""
        self._connection.register(name, source)

    def _interrupt(self) -> None:
        # A control may be stopped long after this file was read.
        with suppress(self.errors):
            self._connection.interrupt()


def _configuration(number: int) -> dict[str, str | bool | int | float | list[str]]:
    spill = os.path.join(tempfile.gettempdir(), f"mfgui-{os.getpid()}-{number}.tmp")
    return {
        "threads": 1,
        # What a damaged file declares is not to be believed.
        "memory_limit": "1GB",
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


def quoted_name(text: str) -> str:
    """Return the text as an SQL identifier."""
    return '"' + text.replace('"', '""') + '"'
