"""RecBole's atomic files: a header whose names carry types, such as ``user_id:token``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mfgui.core.control import Control
from mfgui.data.formats.delimited import Found, find_layout, look_at, read_found
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings
from mfgui.data.source import Source, head_text, is_binary
from mfgui.errors import DataError

_TYPED = re.compile(r"[^:]+:(token|float|token_seq|float_seq)")


@dataclass(frozen=True)
class RecBole:
    """Lines of an ``.inter`` file; tab-separated unless its header shows another separator."""

    name: str = "recbole"
    label: str = "RecBole interactions"
    extensions: tuple[str, ...] = (".inter",)

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return whether every name of the first line carries a type."""
        if is_binary(source):
            return 0.0
        try:
            return 0.95 if _separator(_first_line(source, options)) else 0.0
        except DataError:
            return 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first rows and what the header says of the columns.

        Raises
        ------
        DataError
            If there are no columns.
        """
        found = _find(source, options)
        return look_at(found, self.name, source, options, self.matches(source, options))

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the file.

        Raises
        ------
        DataError
            In one sentence.
        CancelledError
            If the control was stopped.
        """
        return read_found(_find(source, options), source, options, control)


def _find(source: Source, options: ReadOptions) -> Found:
    separator = options.delimiter or _separator(_first_line(source, options)) or "tab"
    told = replace(options, delimiter=separator, header=True)
    return replace(find_layout(source, told), is_quoted=False)


def _first_line(source: Source, options: ReadOptions) -> str:
    return re.split(r"\r\n|\n|\r", head_text(source, options).lstrip("\r\n"), maxsplit=1)[0]


def _separator(line: str) -> str:
    """Return what separates typed names, or nothing where some name has no type."""
    for separator in ("\t", ",", "|", " "):
        fields = line.strip().split(separator)
        if len(fields) > 1 and all(_TYPED.fullmatch(field.strip()) for field in fields):
            return separator
    return ""
