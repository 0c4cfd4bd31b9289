"""Text of a wide table to `RawRatings`: a line a user, a column an item, a cell a rating.

Lines come in blocks of some megabytes, so a table of any size passes through bounded memory; what
grows is only what is kept, the ratings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.kernels import wide
from mfgui.core.ratings import TextArray
from mfgui.data.careful import parse_value, shortened
from mfgui.data.import_report import RejectedLine, counted
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.wide_join import LineJoiner
from mfgui.data.wide_plan import WidePlan, arguments_of, blocks
from mfgui.errors import DataError

N_SHOWN = 100
TEXT_LENGTH = 200
CHECK_EVERY = 2000


def read_wide(
    pieces: Iterable[bytes], plan: WidePlan, reading: Reading, name: str, control: Control
) -> RawRatings:
    """Read UTF-8 text that comes in pieces of any size, cut anywhere.

    Users and items without any rating do not appear; items stand in the order of their columns.
    What is counted are the cells of item columns in all lines of users.

    Raises
    ------
    DataError
        If there are more users or ratings than arrays here can hold.
    CancelledError
        If the control was stopped.
    """
    scan = _WideScan(plan, name, control)
    pending = blocks(pieces, name)
    block, rest = next(pending, b""), b""
    while block or rest:
        control.checkpoint()
        following = next(pending, b"")
        rest = scan.read(rest + block, not following)
        block = following
    return scan.result(reading)


class _WideScan:
    """The state of one file's reading."""

    def __init__(self, plan: WidePlan, name: str, control: Control) -> None:
        self._plan, self._name, self._control = plan, name, control
        self._columns = sorted(plan.items)
        self._arguments = arguments_of(plan, self._columns)
        self._missing = frozenset(self._arguments[-1].tolist())
        self._users: dict[bytes, int] = {}
        self._parts: list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]] = []
        self._losses: dict[str, int] = {}
        self._rejected: dict[str, list[RejectedLine]] = {}
        self._numbers = np.empty(0, np.int64)
        can_join = plan.n_columns > 1 and len(plan.separator) == 1 and plan.separator != " "
        self._joiner = LineJoiner(plan.separator, plan.n_columns) if can_join else None
        self._n_continued = 0
        self._n_lines = self._n_data = self._n_ratings = self._n_trimmed = 0
        self._n_others = dict.fromkeys((wide.HEADER, wide.BLANK, wide.COMMENT), 0)

    def read(self, block: bytes, is_last: bool) -> bytes:
        """Read some whole lines; return the record at their end that goes on in the next ones."""
        skip = max(self._plan.first_line - 1 - self._n_lines, 0)
        found = self._scanned(block, skip)
        rest = b""
        inner: tuple[tuple[int, int], ...] = ()
        is_open = found[0][:, wide.L_KIND] == wide.OPEN_QUOTE
        if self._joiner and is_open.any():
            joined = self._joiner.join(block, found[0][is_open, wide.L_FROM].tolist(), is_last)
            block, rest, inner = joined.block, joined.rest, joined.inner
            found = self._scanned(block, skip)
        lines = found[0]
        self._numbers = self._n_lines + 1 + np.arange(len(lines))
        n_before = np.cumsum([0, *(n_ends for _, n_ends in inner)])
        self._numbers += n_before[np.searchsorted(
            [start for start, _ in inner], lines[:, wide.L_FROM])]
        self._keep(block, *found)
        self._n_lines += len(lines) + sum(n_ends for _, n_ends in inner)
        self._n_continued += sum(n_ends for _, n_ends in inner)
        return rest

    def _scanned(
        self, block: bytes, skip: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]]:
        """Return lines, items, values and odd cells of a block; see `wide.scan_cells`."""
        buffer = np.frombuffer(block, np.uint8)
        n_ends = block.count(b"\n") + block.count(b"\r")
        capacity = buffer.size // 2 + 2 + n_ends
        items, values = np.empty(capacity, np.int32), np.empty(capacity, np.float32)
        lines = np.empty((n_ends, wide.LINE_SIZE), np.int64)
        odd = np.empty((capacity, 4), np.int64)
        counts = np.zeros(3, np.int64)
        separator, is_run, is_quoted, comment, *others = self._arguments
        wide.scan_cells(buffer, separator, is_run, is_quoted, skip, comment, *others, items,
                        values, lines, odd, counts)
        n_lines, n_cells, n_odd = counts.tolist()
        return lines[:n_lines], items[:n_cells], values[:n_cells], odd[:n_odd]

    def _keep(
        self, block: bytes, lines: NDArray[np.int64], items: NDArray[np.int32],
        values: NDArray[np.float32], odd: NDArray[np.int64],
    ) -> None:
        kinds = lines[:, wide.L_KIND]
        for kind in self._n_others:
            self._n_others[kind] += int((kinds == kind).sum())
        added = self._judge(block, lines, odd)
        is_data = (kinds == wide.DATA) | (kinds == wide.OPEN_QUOTE)
        first_row = self._n_data
        self._n_data += int(is_data.sum())
        self._reject_short(block, lines, kinds)
        codes = self._number(block, lines, is_data, first_row, added)
        rows = np.repeat(np.arange(len(lines)), lines[:, wide.L_RATINGS])
        if added:
            # A stable sort puts them into the file's order; they are few.
            extra = np.array(added, np.float64).reshape(-1, 3)
            rows = np.concatenate((rows, extra[:, 0].astype(np.int64)))
            items = np.concatenate((items, extra[:, 1].astype(np.int32)))
            values = np.concatenate((values, extra[:, 2].astype(np.float32)))
            order = np.lexsort((items, rows))
            rows, items, values = rows[order], items[order], values[order]
        users = codes[rows]
        is_kept = users >= 0
        if not is_kept.all():
            users, items, values = users[is_kept], items[is_kept], values[is_kept]
        self._parts.append((users, items.copy(), values.copy()))
        self._n_ratings += users.size

    def _judge(
        self, block: bytes, lines: NDArray[np.int64], odd: NDArray[np.int64]
    ) -> list[tuple[int, int, float]]:
        """Read or reject the cells that are not plain; return line, item and value of ratings."""
        added = []
        for count, (line, item, begin, end) in enumerate(odd.tolist()):
            if count % CHECK_EVERY == 0:
                self._control.checkpoint()
            text = block[begin:end].decode("utf-8", "replace")
            value, fault = parse_value(text, self._plan.decimal)
            if not fault and value in self._missing:
                continue
            if fault:
                self._reject(block, lines, line, f"rating {fault}",
                             f"rating '{shortened(text)}' {fault}")
            else:
                added.append((line, item, value))
        return added

    def _reject(
        self, block: bytes, lines: NDArray[np.int64], place: int, kind: str, reason: str,
        n_cells: int = 1,
    ) -> None:
        if not n_cells:
            return
        self._losses[kind] = self._losses.get(kind, 0) + n_cells
        shown = self._rejected.setdefault(kind, [])
        if len(shown) < N_SHOWN:
            begin = int(lines[place, wide.L_FROM])
            end = min(int(lines[place, wide.L_TO]), begin + 4 * TEXT_LENGTH)
            text = block[begin:end].decode("utf-8", "replace")[:TEXT_LENGTH]
            shown.append(RejectedLine(int(self._numbers[place]), reason, text, kind))

    def _reject_short(
        self, block: bytes, lines: NDArray[np.int64], kinds: NDArray[np.int64]
    ) -> None:
        for place in np.flatnonzero(kinds == wide.OPEN_QUOTE).tolist():
            reason = "a quotation mark is not closed"
            self._reject(block, lines, place, reason, reason,
                         len(self._columns))
        for place in np.flatnonzero(lines[:, wide.L_ABSENT] > 0).tolist():
            reason = "too few columns"
            self._reject(block, lines, place, reason, reason,
                         int(lines[place, wide.L_ABSENT]))

    def _number(
        self, block: bytes, lines: NDArray[np.int64], is_data: NDArray[np.bool_], first_row: int,
        added: Sequence[tuple[int, int, float]],
    ) -> NDArray[np.int32]:
        """Return each line's user, -1 where it has none or no rating."""
        n_added = np.zeros(len(lines), np.int64)
        for line, _, _ in added:
            n_added[line] += 1
        codes = np.full(len(lines), -1, np.int32)
        row_numbers = first_row + np.cumsum(is_data)
        places = np.flatnonzero(lines[:, wide.L_KIND] == wide.DATA).tolist()
        for count, place in enumerate(places):
            if count % CHECK_EVERY == 0:
                self._control.checkpoint()
            user = self._user_of(block, lines[place], int(row_numbers[place]))
            if not user or b"\0" in user:
                reason = "the line holds a NUL byte" if user else "the user id is empty"
                n_told = lines[place, wide.L_ABSENT] + lines[place, wide.L_ODD] - n_added[place]
                self._reject(block, lines, place, reason, reason,
                             len(self._columns) - int(n_told))
            elif lines[place, wide.L_RATINGS] + n_added[place]:
                codes[place] = self._users.setdefault(user, len(self._users))
        return codes

    def _user_of(self, block: bytes, line: NDArray[np.int64], row: int) -> bytes:
        if not self._plan.user:
            return str(row).encode()
        begin, end = int(line[wide.L_USER_FROM]), int(line[wide.L_USER_TO])
        self._n_trimmed += int(line[wide.L_USER_TRIMMED])
        return block[begin:end].replace(b'""', b'"') if end > begin else b""

    def result(self, reading: Reading) -> RawRatings:
        """Return what was read."""
        if self._n_ratings > 2**31 - 2:
            raise DataError(f"{self._name} holds more ratings than can be kept: read a part.")
        users, items, values = (
            np.concatenate([part[k] for part in self._parts]) if self._parts
            else np.empty(0, (np.int32, np.int32, np.float32)[k]) for k in range(3))
        n_read = self._n_data * len(self._columns)
        n_missing = n_read - values.size - sum(self._losses.values())
        losses = {**({"missing": n_missing} if n_missing else {}), **self._losses}
        is_rated = np.bincount(items, minlength=len(self._columns)) > 0
        new_number = np.cumsum(is_rated).astype(np.int32) - 1
        ids = [self._plan.items[column] for column, rated in zip(
            self._columns, is_rated.tolist(), strict=True) if rated]
        rejected = sorted(
            (line for lines in self._rejected.values() for line in lines),
            key=lambda line: line.line)
        return RawRatings(
            users.astype(np.int32), new_number[items], values.astype(np.float32),
            TextArray.from_strings(user.decode("utf-8", "replace") for user in self._users),
            TextArray.from_strings(ids), reading, n_read, losses, rejected, noun="cell",
            n_trimmed=self._n_trimmed, notes=self._notes(len(ids)))

    def _notes(self, n_rated: int) -> tuple[str, ...]:
        words = {wide.HEADER: "header line", wide.BLANK: "blank line",
                 wide.COMMENT: "comment line"}
        others = [counted(number, words[kind]) for kind, number in self._n_others.items()
                  if number]
        if self._n_continued:
            others.append(counted(self._n_continued, "continued line"))
        n_empty = self._n_data - len(self._users)
        notes = [f"{counted(self._n_data, 'line')} of {counted(len(self._columns), 'cell')} "
                 "were read."]
        if others:
            notes.append(f"Not counted as cells: {', '.join(others)}.")
        if n_empty > 0:
            notes.append(f"{counted(n_empty, 'line')} held no rating or a user met before.")
        if n_rated < len(self._columns):
            notes.append(f"{counted(len(self._columns) - n_rated, 'column')} held no rating.")
        return tuple(notes)


