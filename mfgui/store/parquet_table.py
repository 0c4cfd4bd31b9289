"""Tables as Parquet, by DuckDB, which may write this one file and nothing else.

On one thread: so rows stand in the order they came in, and the same table gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mfgui.core.control import Control
from mfgui.data.database import Database, quoted
from mfgui.store.arrow_stream import BlockStream
from mfgui.store.columns import Block, Column, rows_of


def write_parquet(
    path: Path, columns: Sequence[Column], blocks: Iterable[Block], control: Control
) -> int:
    """Write a table and return the number of rows; texts are VARCHAR, numbers FLOAT.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    n_rows = 0

    def counted() -> Iterator[Block]:
        nonlocal n_rows
        for block in blocks:
            control.checkpoint()
            n_rows += rows_of(block)
            yield block

    path.touch()  # where DuckDB is told of it by a link, that must lead somewhere
    with Database(path.absolute(), control) as database:
        stream = BlockStream(columns, counted())
        try:
            database.register("stream", stream)
            database.run(f"COPY (SELECT * FROM stream) TO {quoted(database.path)} "
                         "(FORMAT parquet, USE_TMP_FILE false)")
        except database.errors as error:
            if stream.error is not None:
                raise stream.error from None
            raise OSError(_reason(error)) from error
        finally:
            stream.close()
    return n_rows


def _reason(error: Exception) -> str:
    """Return why it cannot be written: what the system says stands last in the message.

    A write that fails in the background is told as JSON with another message in it.
    """
    text = str(error).partition("\n")[0]
    inner = re.search(r'"exception_message":"((?:[^"\\]|\\.)*)"', text)
    return (inner[1] if inner else text).rpartition(": ")[2] or "the system did not say why"
