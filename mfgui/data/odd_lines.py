"""The odd lines of a part: read by the careful rules, alone or with those that follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.kernels import text
from mfgui.core.ratings import IntArray
from mfgui.data.careful import (
    NO_ITEM,
    NO_RATING,
    NO_USER,
    TEXT_LENGTH,
    TOO_FEW,
    CarefulReader,
    Record,
)
from mfgui.data.import_report import RejectedLine
from mfgui.data.raw import NOT_REJECTED
from mfgui.data.row_blocks import LONGEST_RECORD, Block
from mfgui.data.row_plan import RowPlan
from mfgui.data.row_store import Found
from mfgui.data.times import parse_time

N_SHOWN = 100
LINES_PER_LOOK = 1000
REASONS = {text.TOO_FEW: TOO_FEW, text.NO_USER: NO_USER, text.NO_ITEM: NO_ITEM,
           text.NO_RATING: NO_RATING}
"""Why the kernel itself rejects a line."""


@dataclass
class Settled:
    """What became of the odd lines of a part.

    Parameters
    ----------
    is_kept : ndarray of bool, or None for all
        Which rows are ratings.
    counts : Counter
        The others, by what they are.
    rejected : list of RejectedLine
        The first of each reason.
    n_trimmed : int
    until : int
        Where the last record ends that runs over several lines.
    cut_at : int
        Where a record begins that is not all in the block; -1 for none.
    """

    is_kept: NDArray[np.bool_] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    rejected: list[RejectedLine] = field(default_factory=list)
    n_trimmed: int = 0
    until: int = 0
    cut_at: int = -1


class OddLines:
    """Settles the odd lines of one file's parts.

    Parameters
    ----------
    plan : RowPlan
    n_shown : callable
        How many rejected lines of a reason are kept already.
    """

    def __init__(self, plan: RowPlan, n_shown: Callable[[str], int]) -> None:
        self._plan, self._n_shown = plan, n_shown
        self._careful = CarefulReader(plan)
        self._missing = [
            np.float32(word) for word in plan.missing if is_finite(word)]

    def settle(
        self, block: Block, found: Found, limit: int, until: int, n_lines: int, control: Control
    ) -> Settled:
        """Fill in the rows of odd lines that are ratings, and count the others.

        Parameters
        ----------
        block : Block
        found : Found
        limit : int
            Where the whole lines of the block end.
        until : int
            Where a record ends that began in a part before and runs into this one.
        n_lines : int
            How many lines come before the part.
        control : Control
        """
        result = Settled(until=until)
        n_odd = int(found.state[text.N_ODD])
        if n_odd == 0 and until == 0 and not self._missing:
            return result
        result.is_kept = np.ones(found.n_rows, np.bool_)
        starts = found.spans[text.U_FROM, : found.n_rows].copy()
        odd = found.odd[:n_odd]
        starts[odd[:, text.O_ROW]] = odd[:, text.O_FROM]
        self._swallow(starts, result.is_kept, 0, result)
        for k, (row, line, begin, end, reason) in enumerate(odd.tolist()):
            if k % LINES_PER_LOOK == 0:
                control.checkpoint()
            if begin < result.until:
                continue
            number = n_lines + line + 1
            if reason:
                result.is_kept[row] = False
                kind = REASONS[reason]
                if reason == text.NO_RATING and "" in self._plan.missing:
                    kind = "missing"  # tables that are not text have empty cells
                self._reject(block, begin, number, kind, kind, result)
                continue
            record = self._read(block, found, row, (begin, end), limit)
            if record.kind == "open":
                result.cut_at = begin
                return result
            if record.kind:
                result.is_kept[row] = False
                self._reject(block, begin, number, record.kind, record.reason, result)
            else:
                self._fill_in(block, found, row, record, result)
            if record.n_inner:
                result.until = begin + record.n_chars
                self._swallow(starts, result.is_kept, row + 1, result)
        self._drop_missing(found, result.is_kept, result)
        return result

    def _swallow(
        self, starts: IntArray, is_kept: NDArray[np.bool_], first: int, result: Settled
    ) -> None:
        """Drop the rows that are lines within the record before them."""
        for row in range(first, starts.size):
            if starts[row] >= result.until:
                return
            is_kept[row] = False
            result.counts["continued"] += 1

    def _drop_missing(
        self, found: Found, is_kept: NDArray[np.bool_], result: Settled
    ) -> None:
        """Drop the ratings that are a number which stands for none."""
        for value in self._missing:
            is_missing = is_kept & (found.values[: found.n_rows] == value)
            result.counts["missing"] += int(is_missing.sum())
            is_kept &= ~is_missing

    def _read(
        self, block: Block, found: Found, row: int, span: tuple[int, int], limit: int
    ) -> Record:
        """Return what an odd line is, alone or with those that follow.

        ``n_chars`` of a record over several lines is in bytes.
        """
        begin, end = span
        item = ""
        if self._plan.has_item_lines:
            first = int(found.spans[text.I_FROM, row])
            item = block.decoded(first, first + int(found.spans[text.I_SIZE, row]))
        record = self._careful.read(block.decoded(begin, end), item)
        if not record.is_open or not self._plan.n_columns:
            return record
        stop = min(limit, begin + LONGEST_RECORD)
        content = block.decoded(begin, stop)
        joined = self._careful.join(content, item)
        if joined is None:
            return record
        if joined.is_open:
            # With so much of the next line there and no end of it, the record is too long.
            is_cut = not block.is_last and block.size - begin < LONGEST_RECORD
            return joined if is_cut else record
        return replace(joined, n_chars=len(content[: joined.n_chars].encode("utf-8")))

    def _fill_in(
        self, block: Block, found: Found, row: int, record: Record, result: Settled
    ) -> None:
        """Fill in the row of an odd line that is a rating."""
        result.n_trimmed += record.n_trimmed
        for k, words in ((text.U_FROM, record.user), (text.I_FROM, record.item),
                         (text.T_FROM, record.title)):
            if k == text.I_FROM and self._plan.has_item_lines:
                continue  # it stands once, in a line of its own, and its row knows it
            encoded = words.encode("utf-8")
            found.spans[k, row], found.spans[k + 1, row] = block.beside(encoded)
            if k != text.T_FROM and len(encoded) <= 8:
                found.keys[k // 2, row] = int.from_bytes(encoded, "little")
        found.values[row] = record.value
        if found.times.size > 1:
            found.times[row] = parse_time(record.time)
            found.spans[text.D_SIZE, row] = 0

    def _reject(
        self, block: Block, begin: int, number: int, kind: str, reason: str, result: Settled
    ) -> None:
        """Count why a line is no rating, and keep the line while it is one of the first."""
        result.counts[kind] += 1
        if kind not in NOT_REJECTED and self._n_shown(kind) + result.counts[kind] <= N_SHOWN:
            content = block.decoded(begin, begin + 4 * TEXT_LENGTH)
            result.rejected.append(rejected_line(number, reason, kind, content))


def is_finite(word: str) -> bool:
    """Return whether the text is a finite number."""
    try:
        return abs(float(word)) < np.inf
    except ValueError:
        return False


def rejected_line(number: int, reason: str, kind: str, content: str) -> RejectedLine:
    """Return a rejected line, of which ``content`` is the beginning and perhaps more."""
    first = content.replace("\0", "").partition("\n")[0].partition("\r")[0]
    return RejectedLine(number, reason, first[:TEXT_LENGTH], kind)
