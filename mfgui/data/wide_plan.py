"""What is known of a wide table before it is read, and its text in blocks of whole lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfgui.core.kernels import wide
from mfgui.errors import DataError

LONGEST_LINE = 16 << 20


@dataclass(frozen=True)
class WidePlan:
    """Where to find what in a line.

    Parameters
    ----------
    separator : str
        A blank stands for any run of blanks and tabs.
    items : dict of int to str
        The id of each item column, by its number from 1.
    user : int
        The column of the user's id, from 1; 0 where users are numbered by line.
    first_line : int
        The first line that can be a user, from 1.
    decimal : str
        ``point`` or ``comma``.
    comment : str
        Lines that begin with this sign are comments.
    missing : tuple of str
        Texts, in lower case, that stand for a missing rating; a number means its value.
    n_columns : int
        How many columns a whole line has, 0 where it is not known. A quoted field may run over
        several lines only where the joined line has exactly so many.
    """

    separator: str
    items: dict[int, str]
    user: int = 0
    first_line: int = 1
    decimal: str = "point"
    comment: str = ""
    missing: tuple[str, ...] = ()
    n_columns: int = 0


def blocks(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield whole lines, the last one with an end."""
    kept: list[bytes] = []
    n_kept = 0
    for piece in pieces:
        # A CR at the very end may have its LF in the next piece.
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r", 0, max(len(piece) - 1, 0)))
        if end < 0:
            kept.append(piece)
            n_kept += len(piece)
            if n_kept > LONGEST_LINE:
                raise DataError(f"{name} has a line of over 16 million bytes: choose another "
                                "separator or file.")
            continue
        yield b"".join((*kept, piece[: end + 1]))
        kept, n_kept = [piece[end + 1 :]], len(piece) - end - 1
    rest = b"".join(kept)
    if rest:
        yield rest if rest.endswith((b"\n", b"\r")) else rest + b"\n"


def arguments_of(plan: WidePlan, columns: Sequence[int]) -> tuple[Any, ...]:
    """Return what the kernel is told of the plan."""
    roles = np.full(max([*columns, plan.user]), wide.UNUSED, np.int32)
    for number, column in enumerate(columns):
        roles[column - 1] = number
    if plan.user:
        roles[plan.user - 1] = wide.USER
    words = [word.encode() for word in plan.missing]
    numbers = []
    for word in plan.missing:
        try:
            numbers.append(float(word.replace(",", ".")))
        except ValueError:
            continue
    return (
        np.frombuffer(plan.separator.encode(), np.uint8), plan.separator == " ",
        len(plan.separator) == 1, ord(plan.comment) if plan.comment else -1, roles,
        ord("," if plan.decimal == "comma" else "."),
        np.frombuffer(b"".join(words) or b"\0", np.uint8),
        np.cumsum([len(word) for word in words], dtype=np.int64),
        np.array([number for number in numbers if np.isfinite(number)], np.float64))
