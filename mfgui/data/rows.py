"""Lines of text to `RawRatings`: the one engine under every format that is or becomes rows.

The text is read in blocks of 4 MB, cut into parts at line ends; parts are read at once by the
kernel, and then, in order, ids get their numbers (users and items at once). Cuts depend on the
text only, so the result is the same for any number of threads.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.kernels import text
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import IntArray, TextArray
from mfgui.data.careful import TEXT_LENGTH, TOO_LONG
from mfgui.data.id_table import IdTable
from mfgui.data.import_report import RejectedLine
from mfgui.data.odd_lines import N_SHOWN, OddLines, Settled, rejected_line
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.row_blocks import Block, Bytes, blocks, last_line_end, next_line
from mfgui.data.row_plan import RowPlan, kernel_arguments
from mfgui.data.row_store import Found, GrowingColumns
from mfgui.data.times import parse_times, scaled_times
from mfgui.errors import DataError

__all__ = ["RowPlan", "read_rows", "reading_threads"]

PART = 1 << 18
"""How much one call of the kernel reads: some milliseconds, and its results fit the cache."""
USUAL_LINE = 6
"""The shortest line that there is room for at once: 1,2,3 and its end."""
MOST_RATINGS = 2**31 - 1


def read_rows(
    pieces: Iterable[bytes], plan: RowPlan, reading: Reading, name: str, control: Control,
) -> RawRatings:
    """Read UTF-8 text that comes in pieces of any size, cut anywhere.

    Parameters
    ----------
    pieces : iterable of bytes
        Without a byte order mark.
    plan : RowPlan
    reading : Reading
        Handed on.
    name : str
        The file's name for sentences.
    control : Control

    Raises
    ------
    DataError
        If there are more ratings than can be numbered.
    CancelledError
        If the control was stopped.
    """
    scan = _Scan(plan, name)
    with WorkerPool(reading_threads()) as pool:
        for block in blocks(pieces, lambda: scan.rest):
            control.checkpoint()
            scan.read_block(pool, block, control)
    return scan.result(reading)


def reading_threads() -> int:
    """Return how many threads read: all cores but one, which stays free for the window."""
    return max(1, (os.cpu_count() or 2) - 1)


class _Scan:
    """The state of one file's reading.

    Parameters
    ----------
    plan : RowPlan
    name : str
        The file's name for sentences.
    """

    def __init__(self, plan: RowPlan, name: str) -> None:
        self._plan, self._name = plan, name
        self._before, self._after = kernel_arguments(plan)
        self._odd_lines = OddLines(plan, lambda kind: len(self._rejected.get(kind, ())))
        self._has_time = "time" in plan.positions
        self._users, self._items = IdTable(), IdTable()
        self._columns = GrowingColumns(self._has_time)
        self._titles: dict[int, str] = {}
        self._is_titled = np.zeros(0, np.bool_)
        self._counts: Counter[str] = Counter()
        self._rejected: dict[str, list[RejectedLine]] = {}
        self._n_lines = self._n_trimmed = self._n_ratings = 0
        self._outputs: list[Found] = []
        self._is_skipping = False
        self._item = b""  # of the item line that holds for what comes
        self.rest = 0

    def read_block(self, pool: WorkerPool, block: Block, control: Control) -> None:
        """Read the whole lines of a block; ``rest`` then says where the others begin."""
        buffer, size = block.buffer, block.size
        begin = self._skip_long_line(buffer, size) if self._is_skipping else 0
        limit = size if block.is_last else last_line_end(buffer, begin, size)
        self.rest = begin
        if limit > begin:
            edges = self._edges(buffer, begin, limit)
            self._scan_all(pool, block, edges, control)
            self._settle_all(pool, block, edges, limit, control)
        elif not block.is_last and not self._is_skipping and begin == 0:
            self._reject_long_line(block)
            self.rest = size

    def _edges(self, buffer: Bytes, begin: int, limit: int) -> list[int]:
        """Return where the parts begin, and the end."""
        if self._n_lines < self._plan.first_line - 1 or self._plan.has_item_lines:
            return [begin, limit]
        edges = [begin]
        while edges[-1] + PART < limit:
            edge = next_line(buffer, edges[-1] + PART, limit)
            if edge >= limit:
                break
            edges.append(edge)
        return [*edges, limit]

    def _scan_all(
        self, pool: WorkerPool, block: Block, edges: list[int], control: Control
    ) -> None:
        longest = max(b - a for a, b in itertools.pairwise(edges))
        n_rows = longest // USUAL_LINE + 2
        if self._outputs and self._outputs[0].values.size < n_rows:
            self._outputs = []
        while len(self._outputs) < len(edges) - 1:
            size = max(n_rows, self._outputs[0].values.size if self._outputs else 0)
            self._outputs.append(Found.of_size(size, self._has_time))
        item = block.beside(self._item)

        def work(k: int, _: int) -> None:
            self._scan(block.buffer, edges[k], edges[k + 1], k, item)

        pool.run(work, [(k, k + 1) for k in range(len(edges) - 1)], control.checkpoint)

    def _scan(
        self, buffer: Bytes, begin: int, end: int, k: int, item: tuple[int, int]
    ) -> None:
        """Read part ``k``; where its lines are very short, once more with room for all of them."""
        skip = max(self._plan.first_line - 1 - self._n_lines, 0)
        while True:
            found = self._outputs[k]
            text.scan_lines(
                buffer, begin, end, skip, *self._before, *self._after, *item, found.spans,
                found.keys, found.values, found.times, found.odd, found.state)
            if found.state[text.ENDED] >= end:
                return
            self._outputs[k] = Found.of_size((end - begin) // 2 + 2, self._has_time)

    def _settle_all(
        self, pool: WorkerPool, block: Block, edges: list[int], limit: int, control: Control
    ) -> None:
        """Deal with the odd lines of each part, count, and number the ids."""
        until = 0
        for k, (begin, end) in enumerate(itertools.pairwise(edges)):
            control.checkpoint()
            side = block.side
            settled = self._settle(block, k, limit, until, control)
            if settled.cut_at >= 0:
                if settled.cut_at > begin:
                    block.side = side  # what was put beside is put there again
                    self._scan(block.buffer, begin, settled.cut_at, k, block.beside(self._item))
                    again = self._settle(block, k, settled.cut_at, until, control)
                    self._take(pool, block.buffer, self._outputs[k], again)
                self.rest = settled.cut_at
                return
            self._take(pool, block.buffer, self._outputs[k], settled)
            until = settled.until
            self.rest = end

    def _settle(
        self, block: Block, k: int, limit: int, until: int, control: Control
    ) -> Settled:
        return self._odd_lines.settle(
            block, self._outputs[k], limit, until, self._n_lines, control)

    def _take(self, pool: WorkerPool, buffer: Bytes, found: Found, settled: Settled) -> None:
        """Count what a part holds, number its ids and keep its ratings."""
        state = found.state
        for name, place in (("header", text.N_HEADER), ("blank", text.N_BLANK),
                            ("comment", text.N_COMMENT), ("item line", text.N_ITEM_LINES)):
            self._counts[name] += int(state[place])
        self._counts.update(settled.counts)
        for bad in settled.rejected:
            self._rejected.setdefault(bad.kind, []).append(bad)
        self._n_lines += int(state[text.N_LINES])
        self._n_trimmed += settled.n_trimmed + int(state[text.N_TRIMMED])
        if state[text.ITEM_TO] > 0:
            self._item = buffer[int(state[text.ITEM_FROM]) : int(state[text.ITEM_TO])].tobytes()
        if settled.is_kept is not None and not settled.is_kept.all():
            found = found.kept(settled.is_kept)
        if found.n_rows:
            self._number(pool, buffer, found)

    def _number(self, pool: WorkerPool, buffer: Bytes, found: Found) -> None:
        """Give numbers to the ids of the rows, and keep the ratings."""
        n = found.n_rows
        self._n_ratings += n
        if self._n_ratings > MOST_RATINGS:
            raise DataError(
                f"{self._name} has more than {MOST_RATINGS:,} ratings: read a part of it.")
        user, item, value, time = self._columns.more(n)
        sides = ((self._users, user), (self._items, item))

        def work(side: int, _: int) -> None:
            table, codes = sides[side]
            table.number(
                buffer, found.spans[2 * side], found.spans[2 * side + 1], found.keys[side], n,
                codes)

        pool.run(work, [(0, 1), (1, 2)])
        if "title" in self._plan.positions:
            self._keep_titles(buffer, found, item)
        value[:] = found.values[:n]
        if self._has_time:
            time[:] = self._times_of(buffer, found)

    def _times_of(self, buffer: Bytes, found: Found) -> NDArray[np.float64]:
        times = found.times[: found.n_rows]
        is_text = found.spans[text.D_SIZE, : found.n_rows] > 0
        if is_text.any():
            starts, sizes = found.spans[[text.D_FROM, text.D_SIZE], : found.n_rows][:, is_text]
            times[is_text] = parse_times(buffer, starts, sizes)
        if np.nanmax(times, initial=0.0) > 1e11:
            times = scaled_times(times)
        return times

    def _keep_titles(self, buffer: Bytes, found: Found, codes: IntArray) -> None:
        """Keep the first title of each item that is not empty."""
        if self._is_titled.size < len(self._items):
            grown = np.zeros(2 * len(self._items), np.bool_)
            grown[: self._is_titled.size] = self._is_titled
            self._is_titled = grown
        sizes = found.spans[text.T_SIZE, : codes.size]
        rows = np.flatnonzero((sizes > 0) & ~self._is_titled[codes])
        for code, first in zip(*np.unique(codes[rows], return_index=True), strict=True):
            row = int(rows[first])
            begin = int(found.spans[text.T_FROM, row])
            title = buffer[begin : begin + int(sizes[row])].tobytes()
            self._titles[int(code)] = title.decode("utf-8", "replace")
            self._is_titled[code] = True

    def _reject_long_line(self, block: Block) -> None:
        """Reject the line that fills the whole block, and pass over the rest of it."""
        kept = self._rejected.setdefault(TOO_LONG, [])
        if len(kept) < N_SHOWN:
            content = block.decoded(0, 4 * TEXT_LENGTH)
            kept.append(rejected_line(self._n_lines + 1, TOO_LONG, TOO_LONG, content))
        self._counts[TOO_LONG] += 1
        self._n_lines += 1
        self._is_skipping = True

    def _skip_long_line(self, buffer: Bytes, size: int) -> int:
        """Return where the line after the one that is passed over begins."""
        begin = next_line(buffer, 0, size)
        is_found = begin < size or (size > 0 and buffer[size - 1] in (text.LF, text.CR))
        self._is_skipping = not is_found
        return begin

    def result(self, reading: Reading) -> RawRatings:
        """Return what was read."""
        user, item, value, time = self._columns.whole()
        titles = None
        if "title" in self._plan.positions:
            titles = TextArray.from_strings(
                self._titles.get(code, "") for code in range(len(self._items)))
        rejected = [bad for kept in self._rejected.values() for bad in kept]
        return RawRatings(
            user=user, item=item, value=value, time=time if self._has_time else None,
            user_ids=self._users.texts(), item_ids=self._items.texts(), reading=reading,
            n_read=self._n_lines,
            losses={name: number for name, number in self._counts.items() if number},
            rejected=tuple(sorted(rejected, key=lambda bad: bad.line)), item_titles=titles,
            noun=self._plan.noun, n_trimmed=self._n_trimmed,
            n_bad_times=int(np.isnan(time).sum()))
