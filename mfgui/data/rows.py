"""Lines of text to `RawRatings`: the one engine under every format that is or becomes rows.

The text is read in blocks of 4 MB, cut into parts at line ends; parts are read at once by the
kernel, and then, in order, ids get their numbers (users and items at once). Cuts depend on the
text only, so the result is the same for any number of threads.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.kernels import text
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import FloatArray, IntArray, TextArray
from mfgui.data.careful import (
    NO_ITEM,
    NO_NUL,
    NO_RATING,
    NO_USER,
    TEXT_LENGTH,
    TOO_FEW,
    TOO_LONG,
    CarefulReader,
    Record,
)
from mfgui.data.id_table import IdTable
from mfgui.data.import_report import RejectedLine
from mfgui.data.raw import NOT_REJECTED, RawRatings, Reading
from mfgui.data.times import parse_time, parse_times, scaled_times
from mfgui.errors import DataError

Bytes = NDArray[np.uint8]

BLOCK = 4 << 20
"""How much is read at a time; a line longer than this is rejected."""
PART = 1 << 18
"""How much one call of the kernel reads: some milliseconds, and its results fit the cache."""
USUAL_LINE = 6
"""The shortest line that there is room for at once: 1,2,3 and its end."""
LONGEST_RECORD = 1 << 16
"""A record that runs over several lines is at most so long, in bytes."""

N_SHOWN = 100
MOST_RATINGS = 2**31 - 1

REASONS = {text.TOO_FEW: TOO_FEW, text.NO_USER: NO_USER, text.NO_ITEM: NO_ITEM,
           text.NO_RATING: NO_RATING}
ROLE_CODES = {
    "user": text.USER, "item": text.ITEM, "rating": text.VALUE, "time": text.TIME,
    "title": text.TITLE,
}


@dataclass(frozen=True)
class RowPlan:
    """Where to find what in a line.

    Parameters
    ----------
    separator : str
        A blank stands for any run of blanks and tabs.
    positions : dict of str to int
        The column, from 1, of ``user``, ``item``, ``rating``, ``time``, ``title``; without
        ``rating`` every line is a rating of 1.
    first_line : int
        The first line that can be a rating, from 1; those before are header lines.
    n_columns : int
        How many columns a whole line has, 0 where it is not known. A quoted field may run over
        several lines only where the joined line has exactly so many.
    decimal : str
        ``point`` or ``comma``.
    comment : str
        Lines that begin with this sign are comments.
    missing : tuple of str
        Texts, in lower case, that stand for a missing rating; numbers go by their value.
    is_quoted : bool
        Whether quotation marks have a meaning.
    has_item_lines : bool
        Whether a line ``N:`` names the item of the lines that follow (Netflix Prize).
    nul_reason : str
        Why a line with a NUL byte is rejected; a format that writes its own lines marks with
        NUL those that it could not read.
    noun : str
        What a line stands for: ``line``, ``entry``, ``row`` or ``record``.
    """

    separator: str
    positions: dict[str, int]
    first_line: int = 1
    n_columns: int = 0
    decimal: str = "point"
    comment: str = ""
    missing: tuple[str, ...] = ()
    is_quoted: bool = True
    has_item_lines: bool = False
    nul_reason: str = NO_NUL
    noun: str = "line"


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
        for block in _blocks(pieces, scan):
            control.checkpoint()
            scan.read_block(pool, block, control)
    return scan.result(reading)


def reading_threads() -> int:
    """Return how many threads read: all cores but one, which stays free for the window."""
    return max(1, (os.cpu_count() or 2) - 1)


@dataclass(frozen=True)
class _Block:
    """Some text that begins with a line.

    Parameters
    ----------
    buffer : ndarray of uint8
        Its second half is room for ids that do not stand in the text as they are.
    size : int
        How many bytes of it are text; behind them is room for one more.
    is_last : bool
    """

    buffer: Bytes
    size: int
    is_last: bool


def _blocks(pieces: Iterable[bytes], scan: _Scan) -> Iterator[_Block]:
    """Yield the text in blocks; what the scan leaves of one is put before the next."""
    room = BLOCK + LONGEST_RECORD
    buffer = np.empty(2 * room + 1, np.uint8)
    filled = 0
    source = iter(pieces)
    piece: bytes | None = b""
    used = 0
    while True:
        while filled < room and piece is not None:
            if used >= len(piece):
                piece, used = next(source, None), 0
                continue
            take = min(room - filled, len(piece) - used)
            buffer[filled : filled + take] = np.frombuffer(piece, np.uint8, take, used)
            filled, used = filled + take, used + take
        is_last = piece is None
        yield _Block(buffer, filled, is_last)
        if is_last:
            return
        carried = np.concatenate((scan.repeated, buffer[scan.rest : filled]))
        filled = carried.size
        buffer[:filled] = carried


@dataclass
class _Found:
    """What one call of the kernel found; its arrays are used again for later blocks."""

    spans: NDArray[np.int32]
    keys: NDArray[np.uint64]
    values: FloatArray
    times: NDArray[np.float64]
    odd: NDArray[np.int32]
    state: NDArray[np.int64]

    @classmethod
    def of_size(cls, n_rows: int, has_time: bool) -> _Found:
        """Return room for so many rows."""
        return cls(
            np.empty((text.N_SPANS, n_rows), np.int32), np.empty((2, n_rows), np.uint64),
            np.empty(n_rows, np.float32), np.empty(n_rows if has_time else 1, np.float64),
            np.empty((n_rows, text.N_ODD_COLUMNS), np.int32), np.zeros(text.STATE_SIZE, np.int64))

    def kept(self, is_kept: NDArray[np.bool_]) -> _Found:
        """Return the rows that are kept, in arrays of their own."""
        n = is_kept.size
        times = self.times[:n][is_kept] if self.times.size > 1 else self.times
        state = self.state.copy()
        state[text.N_ROWS] = int(is_kept.sum())
        return _Found(self.spans[:, :n][:, is_kept], self.keys[:, :n][:, is_kept],
                      self.values[:n][is_kept], times, self.odd, state)

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return int(self.state[text.N_ROWS])


@dataclass
class _Settled:
    """What became of the odd lines of a part."""

    is_kept: NDArray[np.bool_] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    rejected: list[RejectedLine] = field(default_factory=list)
    n_trimmed: int = 0
    until: int = 0  # a record that runs over several lines ends here
    cut_at: int = -1  # the record that begins here is not all in the block


class _Scan:
    """The state of one file's reading."""

    def __init__(self, plan: RowPlan, name: str) -> None:
        self._plan, self._name = plan, name
        self._careful = CarefulReader(plan)
        self._before, self._after = _arguments(plan)
        self._missing_values = [float(word) for word in plan.missing if _is_finite(word)]
        self._has_time = "time" in plan.positions
        self._users, self._items = IdTable(), IdTable()
        self._columns = _Columns(self._has_time)
        self._titles: dict[int, str] = {}
        self._is_titled = np.zeros(0, np.bool_)
        self._counts: Counter[str] = Counter()
        self._rejected: dict[str, list[RejectedLine]] = {}
        self._n_lines = self._n_trimmed = self._n_ratings = 0
        self._outputs: list[_Found] = []
        self._is_skipping = False
        self._side = 0
        self.rest = 0
        self.repeated = np.empty(0, np.uint8)

    def read_block(self, pool: WorkerPool, block: _Block, control: Control) -> None:
        """Read the whole lines of a block; ``rest`` then says where the others begin."""
        buffer, size = block.buffer, block.size
        begin = self._skip_long_line(buffer, size) if self._is_skipping else 0
        limit = size if block.is_last else last_line_end(buffer, begin, size)
        self.rest = begin
        if limit <= begin:
            if not block.is_last and not self._is_skipping and begin == 0:
                self._reject_long_line(buffer)
                self.rest = size
            return
        if block.is_last:
            buffer[size] = text.LF
        self._side = size + 1
        repeated, self.repeated = self.repeated.size > 0, np.empty(0, np.uint8)
        if repeated:
            self._n_lines -= 1
            self._counts["item line"] -= 1
        edges = self._edges(buffer, begin, limit)
        self._scan_all(pool, buffer, edges, control)
        self._settle_all(pool, block, edges, limit, control)

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
        self, pool: WorkerPool, buffer: Bytes, edges: list[int], control: Control
    ) -> None:
        longest = max(b - a for a, b in itertools.pairwise(edges))
        n_rows = longest // USUAL_LINE + 2
        if self._outputs and self._outputs[0].values.size < n_rows:
            self._outputs = []
        while len(self._outputs) < len(edges) - 1:
            size = max(n_rows, self._outputs[0].values.size if self._outputs else 0)
            self._outputs.append(_Found.of_size(size, self._has_time))

        def work(k: int, _: int) -> None:
            self._scan(buffer, edges[k], edges[k + 1], k)

        pool.run(work, [(k, k + 1) for k in range(len(edges) - 1)], control.checkpoint)

    def _scan(self, buffer: Bytes, begin: int, end: int, k: int) -> None:
        """Read part ``k``; where its lines are very short, once more with room for all of them."""
        skip = max(self._plan.first_line - 1 - self._n_lines, 0)
        while True:
            found = self._outputs[k]
            text.scan_lines(
                buffer, begin, end, skip, *self._before, *self._after, found.spans, found.keys,
                found.values, found.times, found.odd, found.state)
            if found.state[text.ENDED] >= end:
                return
            self._outputs[k] = _Found.of_size((end - begin) // 2 + 2, self._has_time)

    def _settle_all(
        self, pool: WorkerPool, block: _Block, edges: list[int], limit: int, control: Control
    ) -> None:
        """Deal with the odd lines of each part, count, and number the ids."""
        until = 0
        for k in range(len(edges) - 1):
            control.checkpoint()
            found = self._outputs[k]
            settled = self._settle(block, found, limit, until, control)
            if settled.cut_at >= 0:
                if settled.cut_at > edges[k]:
                    self._scan(block.buffer, edges[k], settled.cut_at, k)
                    found = self._outputs[k]
                    redone = self._settle(block, found, settled.cut_at, until, control)
                    self._take(pool, block.buffer, found, redone)
                self.rest = settled.cut_at
                return
            self._take(pool, block.buffer, found, settled)
            until = settled.until
            self.rest = edges[k + 1]

    def _settle(
        self, block: _Block, found: _Found, limit: int, until: int, control: Control
    ) -> _Settled:
        """Read the odd lines of one part by the careful rules."""
        result = _Settled(until=until)
        n_odd = int(found.state[text.N_ODD])
        if n_odd == 0 and until == 0 and not self._missing_values:
            return result
        is_kept = np.ones(found.n_rows, np.bool_)
        starts = found.spans[text.U_FROM, : found.n_rows].copy()
        odd = found.odd[:n_odd]
        starts[odd[:, text.O_ROW]] = odd[:, text.O_FROM]
        if until:
            self._swallow(starts, is_kept, 0, result)
        for k, (row, line, begin, end, reason) in enumerate(odd.tolist()):
            if k % 1000 == 0:
                control.checkpoint()
            if begin < result.until:
                continue
            if reason:
                is_kept[row] = False
                kind = REASONS[reason]
                if reason == text.NO_RATING and "" in self._plan.missing:
                    kind = "missing"
                self._reject(block.buffer, begin, line, kind, kind, result)
                continue
            record = self._read_odd(block, found, row, begin, end, limit)
            if record.kind == "open":
                result.cut_at = begin
                return result
            self._place(block, found, row, line, begin, record, is_kept, result)
            if record.n_inner:
                result.until = begin + record.n_chars
                self._swallow(starts, is_kept, row + 1, result)
        for value in self._missing_values:
            is_missing = is_kept & (found.values[: found.n_rows] == np.float32(value))
            result.counts["missing"] += int(is_missing.sum())
            is_kept &= ~is_missing
        result.is_kept = is_kept
        return result

    def _swallow(
        self, starts: IntArray, is_kept: NDArray[np.bool_], first: int, result: _Settled
    ) -> None:
        """Drop the rows that are lines within the record before them."""
        for row in range(first, starts.size):
            if starts[row] >= result.until:
                return
            is_kept[row] = False
            result.counts["continued"] += 1

    def _read_odd(
        self, block: _Block, found: _Found, row: int, begin: int, end: int, limit: int
    ) -> Record:
        """Return what an odd line is, alone or with those that follow."""
        buffer = block.buffer
        item = self._item_of(found, row, buffer) if self._plan.has_item_lines else ""
        record = self._careful.read(_decoded(buffer, begin, end), item)
        if not record.is_open or not self._plan.n_columns:
            return record
        stop = min(limit, begin + LONGEST_RECORD)
        joined = self._careful.join(_decoded(buffer, begin, stop), item)
        if joined is None:
            return record
        if joined.is_open:
            is_cut = stop == limit and not block.is_last
            return joined if is_cut else record
        n_bytes = len(_decoded(buffer, begin, stop)[: joined.n_chars].encode("utf-8"))
        return Record(**{**vars(joined), "n_chars": n_bytes})

    def _item_of(self, found: _Found, row: int, buffer: Bytes) -> str:
        begin, size = int(found.spans[text.I_FROM, row]), int(found.spans[text.I_SIZE, row])
        return _decoded(buffer, begin, begin + size)

    def _place(
        self, block: _Block, found: _Found, row: int, line: int, begin: int, record: Record,
        is_kept: NDArray[np.bool_], result: _Settled,
    ) -> None:
        """Fill in the row of an odd line that is a rating, or count why it is none."""
        if record.kind:
            is_kept[row] = False
            self._reject(block.buffer, begin, line, record.kind, record.reason, result)
            return
        result.n_trimmed += record.n_trimmed
        for k, words in ((text.U_FROM, record.user), (text.I_FROM, record.item),
                         (text.T_FROM, record.title)):
            encoded = words.encode("utf-8")
            self._beside(block.buffer, encoded, found.spans, k, row)
            if k != text.T_FROM and len(encoded) <= 8:
                found.keys[k // 2, row] = int.from_bytes(encoded, "little")
        found.values[row] = record.value
        if self._has_time:
            found.times[row] = parse_time(record.time)
            found.spans[text.D_SIZE, row] = 0

    def _reject(
        self, buffer: Bytes, begin: int, line: int, kind: str, reason: str, result: _Settled
    ) -> None:
        """Count why a line is no rating, and keep the line while it is one of the first."""
        result.counts[kind] += 1
        n_before = len(self._rejected.get(kind, ()))
        if kind not in NOT_REJECTED and n_before + result.counts[kind] <= N_SHOWN:
            content = _decoded(buffer, begin, begin + 4 * TEXT_LENGTH)
            result.rejected.append(_rejected(self._n_lines + line + 1, reason, kind, content))

    def _beside(
        self, buffer: Bytes, encoded: bytes, spans: NDArray[np.int32], k: int, row: int
    ) -> None:
        """Put a text into the buffer's second half, and its span into the row."""
        end = self._side + len(encoded)
        buffer[self._side : end] = np.frombuffer(encoded, np.uint8)
        spans[k, row], spans[k + 1, row] = self._side, len(encoded)
        self._side = end

    def _take(self, pool: WorkerPool, buffer: Bytes, found: _Found, settled: _Settled) -> None:
        """Count what a part holds, number its ids and keep its ratings."""
        state = found.state
        for name, place in (("header", text.N_HEADER), ("blank", text.N_BLANK),
                            ("comment", text.N_COMMENT), ("item line", text.N_ITEM_LINES)):
            self._counts[name] += int(state[place])
        self._counts.update(settled.counts)
        for bad in settled.rejected:
            kept = self._rejected.setdefault(bad.kind, [])
            if len(kept) < N_SHOWN:
                kept.append(bad)
        self._n_lines += int(state[text.N_LINES])
        self._n_trimmed += settled.n_trimmed + int(state[text.N_TRIMMED])
        if state[text.ITEM_TO] > 0:
            begin, end = int(state[text.ITEM_FROM]), int(state[text.ITEM_TO])
            self.repeated = np.append(buffer[begin:end], np.uint8(text.LF))
        if settled.is_kept is not None and not settled.is_kept.all():
            found = found.kept(settled.is_kept)
        if found.n_rows:
            self._number(pool, buffer, found)

    def _number(self, pool: WorkerPool, buffer: Bytes, found: _Found) -> None:
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

    def _times_of(self, buffer: Bytes, found: _Found) -> NDArray[np.float64]:
        times = found.times[: found.n_rows]
        is_text = found.spans[text.D_SIZE, : found.n_rows] > 0
        if is_text.any():
            starts, sizes = found.spans[[text.D_FROM, text.D_SIZE], : found.n_rows][:, is_text]
            times[is_text] = parse_times(buffer, starts, sizes)
        if np.nanmax(times, initial=0.0) > 1e11:
            times = scaled_times(times)
        return times

    def _keep_titles(self, buffer: Bytes, found: _Found, codes: IntArray) -> None:
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
            self._titles[int(code)] = _decoded(buffer, begin, begin + int(sizes[row]))
            self._is_titled[code] = True

    def _reject_long_line(self, buffer: Bytes) -> None:
        """Reject the line that fills the whole block, and pass over the rest of it."""
        kept = self._rejected.setdefault(TOO_LONG, [])
        if len(kept) < N_SHOWN:
            content = _decoded(buffer, 0, 4 * TEXT_LENGTH)
            kept.append(_rejected(self._n_lines + 1, TOO_LONG, TOO_LONG, content))
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


class _Columns:
    """Four columns that grow in place: their pages move, their content is not copied."""

    STEP = 1 << 20

    def __init__(self, has_time: bool) -> None:
        self._arrays: list[Any] = [
            np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32)]
        if has_time:
            self._arrays.append(np.empty(0, np.float64))
        self._n = 0

    def more(self, n: int) -> tuple[Any, Any, Any, Any]:
        """Return room for ``n`` more rows: views that are good until the next call."""
        begin, self._n = self._n, self._n + n
        if self._n > self._arrays[0].size:
            size = max(self._n, self._arrays[0].size + self.STEP)
            for array in self._arrays:
                array.resize(size, refcheck=False)
        return self._padded([array[begin : self._n] for array in self._arrays])

    def whole(self) -> tuple[Any, Any, Any, Any]:
        """Return the columns, cut to what is in them."""
        for array in self._arrays:
            array.resize(self._n, refcheck=False)
        return self._padded(self._arrays)

    @staticmethod
    def _padded(arrays: list[Any]) -> tuple[Any, Any, Any, Any]:
        user, item, value, *rest = arrays
        return user, item, value, rest[0] if rest else np.empty(0)


def next_line(buffer: Bytes, position: int, limit: int) -> int:
    """Return where the first line after ``position`` begins, or ``limit``."""
    for low in range(position, limit, 4096):
        part = buffer[low : min(low + 4096, limit)]
        ends = np.flatnonzero((part == text.LF) | (part == text.CR))
        if ends.size:
            end = low + int(ends[0])
            is_pair = buffer[end] == text.CR and end + 1 < limit and buffer[end + 1] == text.LF
            return end + (2 if is_pair else 1)
    return limit


def last_line_end(buffer: Bytes, begin: int, size: int) -> int:
    """Return where the last line begins that is not whole: what follows the last line end.

    A CR at the very end does not count: its LF may follow.
    """
    for edge in range(size, begin, -65536):
        low = max(begin, edge - 65536)
        part = buffer[low:edge]
        ends = np.flatnonzero((part == text.LF) | (part == text.CR))
        if ends.size and low + int(ends[-1]) == size - 1 and buffer[size - 1] == text.CR:
            ends = ends[:-1]
        if ends.size:
            return low + int(ends[-1]) + 1
    return begin


def _arguments(plan: RowPlan) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the plan as the kernel takes it: what comes before and after the roles."""
    separator = np.frombuffer(plan.separator.encode("utf-8"), np.uint8).copy()
    kinds = np.zeros(512, np.uint8)
    kinds[separator[0]] = text.SEPARATOR
    if plan.separator == " ":
        kinds[text.TAB] = text.SEPARATOR
    if plan.is_quoted:
        kinds[256 + text.QUOTE] = text.ODD
    for base in (0, 256):
        kinds[[base + text.LF, base + text.CR]] = text.LINE_END
        kinds[base + text.NUL] = text.ODD
    roles = np.zeros(max(plan.positions.values()), np.int8)
    for role, column in plan.positions.items():
        roles[column - 1] = ROLE_CODES[role]
    return (
        (kinds, separator, plan.separator == " ", plan.is_quoted, roles),
        (ord("," if plan.decimal == "comma" else "."), ord(plan.comment) if plan.comment else -1,
         plan.has_item_lines))


def _is_finite(word: str) -> bool:
    try:
        return abs(float(word)) < np.inf
    except ValueError:
        return False


def _decoded(buffer: Bytes, begin: int, end: int) -> str:
    return buffer[begin:end].tobytes().decode("utf-8", "replace")


def _rejected(line: int, reason: str, kind: str, content: str) -> RejectedLine:
    first = content.replace("\0", "").partition("\n")[0].partition("\r")[0]
    return RejectedLine(line, reason, first[:TEXT_LENGTH], kind)
