"""Where to find what in a line of text, for people and for the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mfgui.core.kernels import text
from mfgui.data.careful import NO_NUL

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


def kernel_arguments(plan: RowPlan) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
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
