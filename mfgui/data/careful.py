"""The rules for lines that are not plain: quotation marks, blanks, numbers of any form.

The compiled kernel reads the plain lines and leaves the others to this module, which must agree
with it on plain ones (a test holds both to the same result on any line).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mfgui.data.row_plan import RowPlan

LARGEST = 3.4028234663852886e38  # of float32
TEXT_LENGTH = 200
BLANKS = " \t"

NO_NUL = "the line holds a NUL byte"
TOO_FEW = "too few columns"
NO_USER, NO_ITEM = "the user id is empty", "the item id is empty"
NO_RATING = "the rating is empty"
TOO_LONG = "the line is longer than 4 MB"
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:([,.' ])[0-9]{3})(?:\1[0-9]{3})*(?:[.,][0-9]*)?")


@dataclass(frozen=True)
class Record:
    """What a line is.

    Parameters
    ----------
    kind : str
        ``""`` for a rating, ``missing`` for one that is missing, else the reason to reject it.
    reason : str
        The same with the value in it.
    user, item, title : str
    value : float
    time : str
        As written.
    n_trimmed : int
        Ids that had blanks at their ends.
    n_chars : int
        How long the record is, without its line end.
    n_inner : int
        How many line ends lie within it.
    is_open : bool
        Whether a quoted field is not closed at its end: more text might close it.
    """

    kind: str
    reason: str = ""
    user: str = ""
    item: str = ""
    value: float = 1.0
    time: str = ""
    title: str = ""
    n_trimmed: int = 0
    n_chars: int = 0
    n_inner: int = 0
    is_open: bool = False


class CarefulReader:
    """Reads one record after the other by the rules of a plan."""

    def __init__(self, plan: RowPlan) -> None:
        self._plan = plan
        positions = plan.positions
        self._needed = max(positions[role] for role in ("user", "item", "rating")
                           if role in positions)
        self._is_run = plan.separator == " "
        sign = "[ \t]" if self._is_run else re.escape(plan.separator)
        self._stop = re.compile(f"{sign}|[\r\n]")
        self._gap = re.compile("[ \t]+")
        blanks = BLANKS.replace(plan.separator[0], "") if not self._is_run else BLANKS
        self._quoted = re.compile(rf'[{blanks}]*"([^"]*(?:""[^"]*)*)"(?!")')
        self._opening = re.compile(rf'[{blanks}]*"')
        self._blanks = re.compile(f"[{blanks}]*")

    def read(self, text: str, item: str = "") -> Record:
        """Return what the line ``text`` is; ``item`` where the plan takes it from other lines."""
        fields, end, is_open = self._split(text, may_join=False)
        return self._judge(text, fields, item, end, 0, is_open)

    def join(self, text: str, item: str = "") -> Record | None:
        """Return the record at the beginning of ``text`` that runs over several lines.

        None where it has not just as many columns as there are; ``is_open`` is set where more
        text might give it these.
        """
        fields, end, is_open = self._split(text, may_join=True)
        n_inner = len(re.findall("\r\n|\r|\n", text[:end]))
        if is_open:
            return Record("open", is_open=True)
        if len(fields) != self._plan.n_columns or not n_inner:
            return None
        return self._judge(text[:end], fields, item, end, n_inner, False)

    def _split(self, text: str, may_join: bool) -> tuple[list[tuple[str, bool]], int, bool]:
        """Return the fields with whether each was quoted, where they end, and whether one is open.

        The line ends at a line break outside quotes.
        """
        if not self._is_run and '"' not in text and not may_join:
            return [(each, False) for each in text.split(self._plan.separator)], len(text), False
        fields: list[tuple[str, bool]] = []
        position = len(text) - len(text.lstrip(BLANKS)) if self._is_run else 0
        is_open = False
        while True:
            field, position, is_unclosed = self._field(text, position, may_join)
            is_open |= is_unclosed
            fields.append(field)
            if position >= len(text) or text[position] in "\r\n" or (may_join and is_open):
                return fields, position, is_open
            if self._is_run:
                gap = self._gap.match(text, position)
                position = gap.end() if gap else position
                if position >= len(text) or text[position] in "\r\n":
                    return fields, position, is_open
            else:
                position += len(self._plan.separator)

    def _field(
        self, text: str, position: int, may_join: bool
    ) -> tuple[tuple[str, bool], int, bool]:
        """Return (text, was quoted), where it stops, and whether its quotation mark is open."""
        start = position
        is_unclosed = False
        if self._plan.is_quoted and (quoted := self._quoted.match(text, position)):
            position = quoted.end()  # "a" disc: the marks are part of the text
            gap = None if self._is_run else self._blanks.match(text, position)
            rest = gap.end() if gap else position
            if rest >= len(text) or self._stop.match(text, rest):
                return (quoted[1].replace('""', '"'), True), rest, False
        elif self._plan.is_quoted and self._opening.match(text, position):
            if may_join:
                return ("", True), len(text), True
            is_unclosed = True
        stop = self._stop.search(text, position)
        end = stop.start() if stop else len(text)
        return (text[start:end], False), end, is_unclosed

    def _judge(
        self, text: str, fields: list[tuple[str, bool]], item: str, n_chars: int, n_inner: int,
        is_open: bool,
    ) -> Record:
        """Return the record that the fields make."""
        if "\0" in text:
            return self._rejected(self._plan.nul_reason, n_chars, n_inner, is_open)
        if len(fields) < self._needed:
            return self._rejected(TOO_FEW, n_chars, n_inner, is_open)
        found = {
            role: fields[column - 1][0] for role, column in self._plan.positions.items()
            if column <= len(fields)}
        trimmed = {role: words.strip(BLANKS) for role, words in found.items()}
        trimmed.setdefault("item", item)
        reason = self._fault(trimmed, fields, is_open)
        if reason:
            return self._rejected(reason, n_chars, n_inner, is_open)
        kind, reason, value = self._value(trimmed.get("rating"))
        n_trimmed = sum(found.get(role, "") != trimmed[role] for role in ("user", "item")
                        if role in found)
        return Record(
            kind, reason, trimmed["user"], trimmed["item"], value, trimmed.get("time", ""),
            trimmed.get("title", ""), n_trimmed, n_chars, n_inner, is_open)

    def _fault(
        self, trimmed: dict[str, str], fields: list[tuple[str, bool]], is_open: bool
    ) -> str:
        """Return what is wrong with the ids; empty where nothing is."""
        for role in ("user", "item"):
            if not trimmed[role]:
                return NO_USER if role == "user" else NO_ITEM
        for role in ("user", "item"):
            words = trimmed[role]
            column = self._plan.positions.get(role, 0)
            is_marked = is_open and words.startswith('"') and not words.endswith('"')
            if column and is_marked and not fields[column - 1][1]:
                return "a quotation mark is not closed"
        return ""

    def _value(self, words: str | None) -> tuple[str, str, float]:
        """Return kind, reason and value of the rating."""
        if words is None:
            return "", "", 1.0
        if words.lower() in self._plan.missing:
            return "missing", "missing", 0.0
        if not words:
            return NO_RATING, NO_RATING, 0.0
        value, fault = parse_value(words, self._plan.decimal)
        if fault:
            return f"rating {fault}", f"rating '{shortened(words)}' {fault}", 0.0
        return "", "", value

    def _rejected(self, reason: str, n_chars: int, n_inner: int, is_open: bool) -> Record:
        return Record(reason, reason, n_chars=n_chars, n_inner=n_inner, is_open=is_open)


def parse_value(words: str, decimal: str = "point") -> tuple[float, str]:
    """Return the number that ``words`` are, and what is wrong with them; "" where nothing is."""
    plain = words
    if decimal == "comma":
        plain = words.replace(",", ".") if "." not in words and words.count(",") <= 1 else "?"
    if NUMBER.fullmatch(plain):
        value = float(plain)
        return (value, "") if abs(value) <= LARGEST else (0.0, "is not finite")
    if NOT_FINITE.fullmatch(words):
        return 0.0, "is not finite"
    return 0.0, "has a thousands sign" if THOUSANDS.fullmatch(words) else "is not a number"


def shortened(words: str, length: int = 40) -> str:
    """Return the text as one printable line of at most ``length`` characters."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in words[: 4 * length])
    return shown if len(shown) <= length else shown[: length - 3] + "..."
