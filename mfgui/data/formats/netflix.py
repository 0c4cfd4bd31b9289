"""The layout of the Netflix Prize: a line ``N:`` for an item, below it ``user,rating,date``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mfgui.core.control import Control
from mfgui.data.formats.delimited import read_text
from mfgui.data.look import N_ROWS, Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import Source, head_text, is_binary, settled_encoding
from mfgui.errors import DataError

ITEM_LINE = re.compile(r"[^,:\s]+:")
USER_LINE = re.compile(r"[^,:]+,[^,:]*(,.*)?")
DATE = re.compile(r"\d{4}-\d\d?-\d\d?")
HOW = "Netflix Prize layout: a line for each item, below it its ratings"
N_LOOKED_AT = 200


@dataclass(frozen=True)
class Netflix:
    """Ratings grouped by item."""

    name: str = "netflix"
    label: str = "Netflix Prize layout"
    extensions: tuple[str, ...] = (".txt",)

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return whether it begins with ``N:`` and goes on with lines of two or three fields."""
        if is_binary(source):
            return 0.0
        try:
            lines = _lines(source, options)[:N_LOOKED_AT]
        except DataError:
            return 0.0
        if not lines or not ITEM_LINE.fullmatch(lines[0].strip()):
            return 0.0
        others = [line for line in lines if not ITEM_LINE.fullmatch(line.strip())]
        if len(lines) - len(others) < 2 and not lines[0].strip()[:-1].isdecimal():
            return 0.0  # "Ratings:" may stand above any table
        n_fitting = sum(bool(USER_LINE.fullmatch(line)) for line in others)
        return 0.95 if n_fitting * 2 > len(others) else 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first ratings, each with its item.

        Raises
        ------
        DataError
            If the beginning cannot be looked at.
        """
        rows: list[tuple[str, ...]] = []
        item, has_time = "", _has_time(source, options)
        for line in _lines(source, options):
            if ITEM_LINE.fullmatch(line.strip()):
                item = line.strip()[:-1]
            elif len(rows) < N_ROWS:
                fields = [*line.split(",", 2), "", ""]
                rows.append((item, *(field.strip() for field in fields[: 2 + has_time])))
        encoding = settled_encoding(source, options)
        refusal = _refusal(rows)
        return Look(
            self.name,
            replace(options, format=self.name, part=source.part, encoding=encoding),
            ("encoding",), tuple(rows), ("item", "user", "rating", "date")[: 3 + has_time],
            ("item", "user", "rating", "time")[: 3 + has_time], source.parts,
            self.matches(source, options), (f"{source.name} {refusal}.",) if refusal else ())

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the file.

        Raises
        ------
        DataError
            In one sentence.
        CancelledError
            If the control was stopped.
        """
        refusal = _refusal(self.look(source, options).rows)
        if refusal:
            raise DataError(f"{source.name} {refusal}: choose a file of ratings.")
        roles = ("user", "rating", "time")[: 2 + _has_time(source, options)]
        positions = {role: number for number, role in enumerate(roles, 1)}
        reading = Reading(HOW, ("item", *roles), "comma")
        return read_text(
            source, options, reading, control, separator=",", positions=positions,
            missing=options.missing_texts(), is_quoted=False, has_item_lines=True)


def _lines(source: Source, options: ReadOptions) -> list[str]:
    return [
        line for line in re.split(r"\r\n|\n|\r", head_text(source, options)) if line.strip()]


def _has_time(source: Source, options: ReadOptions) -> bool:
    lines = _lines(source, options)[:N_LOOKED_AT]
    others = [line for line in lines if not ITEM_LINE.fullmatch(line.strip())]
    return sum(line.count(",") >= 2 for line in others) * 2 > len(others)


def _refusal(rows: tuple[tuple[str, ...], ...] | list[tuple[str, ...]]) -> str:
    """Return why there are no ratings, as in the Netflix Prize's probe and qualifying files."""
    if rows and all(DATE.fullmatch(row[2]) or not row[2] for row in rows):
        return "has the Netflix Prize layout, but no ratings"
    return ""
