"""Tables as CSV, at the disk's speed: compiled loops write the lines, block by block on the pool.

Fields are quoted where they hold a comma, a quotation mark or a line end, as Python's ``csv`` does;
numbers are as short as read back to the same float32.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mfgui.core.parallel import WorkerPool, even_blocks
from mfgui.core.ratings import TextArray
from mfgui.store.columns import Block, Coded, Column, SoundTexts, rows_of

NUMBERS_PER_PART = 1 << 15  # some milliseconds of work: stop and pause answer between two
Fields = tuple[NDArray[np.int64], NDArray[np.uint8]]


class CsvLines:
    """Makes the lines of blocks.

    Parameters
    ----------
    pool : WorkerPool
        Open; the lines are the same for any number of threads.
    is_guarded : bool
        Whether texts that a spreadsheet may take for formulas get an apostrophe in front.
    """

    def __init__(self, pool: WorkerPool, *, is_guarded: bool = False) -> None:
        self._pool, self._is_guarded = pool, is_guarded
        self._fields: dict[int, tuple[TextArray, Fields]] = {}
        self._sound = SoundTexts()

    def of(self, block: Block, checkpoint: Callable[[], None]) -> list[NDArray[np.uint8]]:
        """Return the lines of a block in pieces."""
        texts = {id(values.texts): values.texts for values in block if isinstance(values, Coded)}
        self._fields = {
            number: self._fields.get(number) or (
                each, quoted_fields(self._sound.of(each), self._is_guarded))
            for number, each in texts.items()}
        self._sound.keep_only(block)
        n_numbers = sum(values.shape[1] if values.ndim == 2 else 1
                        for values in block if not isinstance(values, Coded))

        def work(begin: int, end: int) -> NDArray[np.uint8]:
            return self._lines(block, slice(begin, end))

        parts = even_blocks(rows_of(block), max(NUMBERS_PER_PART // max(n_numbers, 1), 64))
        return self._pool.run(work, parts, checkpoint)

    def _lines(self, block: Block, rows: slice) -> NDArray[np.uint8]:
        """Return the lines of some rows: how long each is, then what stands in it."""
        from mfgui.core.kernels import csv_text

        ends = np.zeros(rows.stop - rows.start, np.int64)
        columns: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        for values in block:
            if isinstance(values, Coded):
                codes, (offsets, fields) = values.codes[rows], self._fields[id(values.texts)][1]
                csv_text.add_text_sizes(codes, offsets, ends)
                columns.append((csv_text.put_texts, (codes, offsets, fields)))
            else:
                slots, sizes = _written(values[rows])
                csv_text.add_slot_sizes(sizes, ends)
                columns.append((csv_text.put_slots, (slots, sizes)))
        np.cumsum(ends, out=ends)
        lines = np.empty(int(ends[-1]) if ends.size else 0, np.uint8)
        at = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
        for put, parts in columns:
            put(*parts, at, lines)
        csv_text.end_lines(at, lines)
        return lines


def _written(values: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return numbers as text, each in a slot, and their sizes."""
    from mfgui.core.kernels import csv_text

    is_whole = np.issubdtype(values.dtype, np.integer)
    values = np.ascontiguousarray(values, np.int64 if is_whole else np.float32)
    values = values.reshape(values.shape[0], -1)
    slots = np.empty((*values.shape, csv_text.SLOT), np.uint8)
    sizes = np.empty(values.shape, np.uint8)
    if is_whole:
        csv_text.whole_texts(values, slots, sizes)
    else:
        csv_text.number_texts(values, values.view(np.uint32), slots, sizes)
    return slots, sizes


def quoted_fields(texts: TextArray, is_guarded: bool) -> Fields:
    """Return each text as it stands in a CSV file: offsets, and the fields end to end."""
    from mfgui.core.kernels import csv_text

    offsets = np.zeros(len(texts) + 1, np.int64)
    csv_text.field_sizes(texts.data, texts.offsets, is_guarded, offsets[1:])
    np.cumsum(offsets, out=offsets)
    fields = np.empty(int(offsets[-1]), np.uint8)
    csv_text.write_fields(texts.data, texts.offsets, is_guarded, offsets, fields)
    return offsets, fields


def header_line(columns: Sequence[Column]) -> bytes:
    """Return the first line."""
    names = TextArray.from_strings(column.name for column in columns)
    offsets, fields = quoted_fields(names, False)
    parts = [fields[begin:end].tobytes() for begin, end in itertools.pairwise(offsets)]
    return b",".join(parts) + b"\n"


def write_lines(
    file: BinaryIO, columns: Sequence[Column], blocks: Iterable[Block], lines: CsvLines,
    checkpoint: Callable[[], None],
) -> int:
    """Write header and blocks, and return the number of rows."""
    file.write(header_line(columns))
    n_rows = 0
    for block in blocks:
        for part in lines.of(block, checkpoint):
            checkpoint()
            file.write(part.data)
        n_rows += rows_of(block)
    return n_rows
