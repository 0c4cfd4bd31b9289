"""A file looked at but not read: its first rows, and what each option would be."""

from __future__ import annotations

from dataclasses import dataclass

from mfgui.data.options import ReadOptions

N_ROWS = 100


@dataclass(frozen=True)
class Look:
    """What the import page shows of a file.

    Parameters
    ----------
    format : str
        The format's name in `FORMATS`.
    options : ReadOptions
        What was found and what was given, filled in as far as it can be told: with these words
        on the command line the file is read just so.
    option_names : tuple of str
        The options that have a meaning for this format, besides those of every format.
    rows : tuple of tuples of str
        The first rows, without the header, each as wide as ``roles``.
    names : tuple of str
        The header's names; where there is none, ``column 1`` and so on.
    roles : tuple of str
        For each column one of `ROLES` or ``""`` for one that is not used.
    parts : tuple of str
        What ``part`` can be; empty where there is nothing to choose.
    certainty : float
        0 to 1: how sure the format and layout are.
    doubts : tuple of str
        What could as well be otherwise, a sentence each; where there is one, the window asks.
    """

    format: str
    options: ReadOptions
    option_names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    roles: tuple[str, ...]
    parts: tuple[str, ...] = ()
    certainty: float = 1.0
    doubts: tuple[str, ...] = ()
