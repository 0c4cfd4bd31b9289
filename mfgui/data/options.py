"""What a person may say about a file when the guess is wrong: separator, header, columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mfgui.errors import DataError

ROLES = ("user", "item", "rating", "time", "title")

SEPARATOR_WORDS = {
    "comma": ",", "tab": "\t", "semicolon": ";", "blank": " ", "blanks": " ", "space": " ",
    "colons": "::", "double colon": "::", "bar": "|", "pipe": "|", "\\t": "\t",
}

WAY_OUT = "write for example user=1,item=2,rating=3, with column numbers or header names"


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file; what is None is found out from the file.

    Parameters
    ----------
    delimiter : str or None
        The separator itself or its name (``comma``, ``tab``, ``semicolon``, ``blank``, ``::``).
        A blank stands for any run of blanks and tabs.
    header : bool or None
        Whether the first line names the columns.
    columns : str, mapping, sequence or None
        Where user, item and rating stand: ``"user=1,item=2,rating=3"``, the same as a mapping
        (numbers from 1 or header names), or the roles in the order of the columns, with an
        empty string for a column that is not wanted. Further roles: ``time``, ``title``.
    """

    delimiter: str | None = None
    header: bool | None = None
    columns: str | Mapping[str, int | str] | Sequence[str] | None = None

    def separator(self) -> str | None:
        """Return the separator as it stands in the file, or None to find it out.

        Raises
        ------
        DataError
            If it is longer than four bytes or nothing that can separate columns.
        """
        if self.delimiter is None:
            return None
        separator = SEPARATOR_WORDS.get(self.delimiter.lower(), self.delimiter)
        if not 1 <= len(separator.encode("utf-8", "replace")) <= 4 or any(
            sign in separator for sign in '"\n\r\0'
        ):
            raise DataError(
                f"{self.delimiter!r} cannot separate columns: choose comma, tab, semicolon, "
                "blank or another short text."
            )
        return separator

    def column_choice(self) -> dict[str, int | str] | None:
        """Return for each role its column number (from 1) or header name, or None.

        Raises
        ------
        DataError
            If a role is unknown or given twice, or user, item or rating is left out.
        """
        if self.columns is None:
            return None
        choice = _checked(_pairs(self.columns))
        missing = [role for role in ROLES[:3] if role not in choice]
        if missing:
            raise DataError(f"The columns leave out {' and '.join(missing)}: {WAY_OUT}.")
        return choice


def _pairs(columns: str | Mapping[str, int | str] | Sequence[str]) -> list[tuple[str, int | str]]:
    if isinstance(columns, str):
        pieces = [piece.partition("=") for piece in columns.split(",") if piece.strip()]
        if all(not equals for _, equals, _ in pieces):
            return _pairs([piece.strip() for piece in columns.split(",")])
        return [(role.strip(), place.strip()) for role, _, place in pieces]
    if isinstance(columns, Mapping):
        return list(columns.items())
    return [(role, number) for number, role in enumerate(columns, 1) if role]


def _checked(pairs: list[tuple[str, int | str]]) -> dict[str, int | str]:
    choice: dict[str, int | str] = {}
    for role, place in pairs:
        if role not in ROLES:
            raise DataError(
                f"{role!r} is no kind of column ({', '.join(ROLES)} are): {WAY_OUT}."
            )
        place = int(place) if isinstance(place, str) and place.isdecimal() else place
        if place == "" or (isinstance(place, int) and place < 1):
            raise DataError(f"The column of {role} needs a number from 1 or a name: {WAY_OUT}.")
        if role in choice or place in choice.values():
            raise DataError(f"The column {place} or the role {role} is given twice: {WAY_OUT}.")
        choice[role] = place
    return choice
