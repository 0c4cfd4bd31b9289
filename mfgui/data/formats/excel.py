"""Excel workbooks: a sheet is read as the text that a spreadsheet would save of it.

So whatever is true of delimited text and wide tables is true here, and there is one set of rules
for headers, columns and surveys.
"""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mfgui.core.control import Control
from mfgui.data.formats.workbook import Sheet, read_sheet, sheet_names
from mfgui.data.formats.workbook_size import damaged
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings
from mfgui.data.source import EXPECTED, HEAD_BYTES, Source
from mfgui.data.streams import printable
from mfgui.errors import DataError

if TYPE_CHECKING:
    from mfgui.data.formats import Format

TEXT_FORMATS = ("wide", "delimited")
MOST_LOOKED_AT = 8


@dataclass(frozen=True)
class SheetSource(Source):
    """A sheet as if it were a file of comma-separated text."""

    sheet: Sheet | None = None

    def pieces(self, control: Control) -> Iterator[bytes]:
        """Yield the sheet's text."""
        if self.sheet is not None:
            yield from self.sheet.pieces(control)


@dataclass(frozen=True)
class Excel:
    """A sheet of a workbook."""

    name: str = "excel"
    label: str = "Excel workbook"
    extensions: tuple[str, ...] = (".xlsx", ".xlsm")

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return 1 for a ZIP archive that holds a workbook."""
        if not source.head.startswith(b"PK") or source.compression != "none":
            return 0.0
        try:
            with zipfile.ZipFile(source.path) as archive:
                return 1.0 if "xl/workbook.xml" in archive.namelist() else 0.0
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first rows and what each option would be."""
        found = _find(source, options, Control())
        look = found.format.look(found.text, _inner(options))
        filled = dataclasses.replace(
            look.options, format=self.name, part=found.text.part, delimiter=options.delimiter,
            encoding=options.encoding, decimal=options.decimal)
        names = tuple(
            name for name in look.option_names if name not in ("delimiter", "encoding", "decimal"))
        certainty = 0.6 if found.doubts else look.certainty
        return dataclasses.replace(
            look, format=self.name, options=filled, option_names=names, parts=found.parts,
            certainty=certainty, doubts=(*found.doubts, *look.doubts))

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the sheet, row by row."""
        control.report(f"Reading {source.name}")
        found = _find(source, options, control)
        raw = found.format.read(found.text, _inner(options), control)
        how = raw.reading.how.replace("comma-separated, ", "")
        reading = dataclasses.replace(
            raw.reading, how=f"Excel sheet {printable(found.text.part or '')}, {how}",
            separator="", encoding="", doubts=(*found.doubts, *raw.reading.doubts))
        noun = "row" if raw.noun == "line" else raw.noun
        return dataclasses.replace(raw, reading=reading, noun=noun)


@dataclass(frozen=True)
class _Found:
    """The sheet that is read, and as what."""

    text: SheetSource
    format: Format
    parts: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def _inner(options: ReadOptions) -> ReadOptions:
    """Return the options as the sheet's text takes them."""
    return dataclasses.replace(
        options, format=None, part=None, delimiter="comma", encoding="utf-8", decimal="point")


def _find(source: Source, options: ReadOptions, control: Control) -> _Found:
    """Return the sheet that was named, or the likeliest one.

    Raises
    ------
    DataError
        If none holds anything, or there is none of that name.
    """
    parts = sheet_names(source)
    names = _candidates(parts, source, options)
    best: tuple[float, SheetSource, Format] | None = None
    rivals = []
    for name in names[:MOST_LOOKED_AT]:
        text = _as_text(source, read_sheet(source, name, control), control)
        if not text.head.strip(b"\n,\" "):
            continue
        kind, certainty = _kind_of(text, options)
        if certainty >= 0.5 or len(names) == 1:
            rivals.append(name)
        if best is None or certainty > best[0]:
            best = certainty, text, kind
    if best is None:
        raise DataError(f"{source.name} has no sheet with anything in it: {EXPECTED}.")
    chosen = best[1].part or ""
    doubts = () if len(rivals) < 2 else (
        f"The sheet {printable(chosen)} is read, but others could hold ratings too: "
        f"{printable(', '.join(rivals), 200)}.",)
    return _Found(best[1], best[2], parts if len(parts) > 1 else (), doubts)


def _candidates(parts: tuple[str, ...], source: Source, options: ReadOptions) -> tuple[str, ...]:
    if not parts:
        raise damaged(source)
    if options.part is None:
        return parts
    for name in parts:
        if name.lower() == options.part.lower():
            return (name,)
    shown = printable(", ".join(parts), 200)
    raise DataError(
        f"{source.name} has no sheet {printable(options.part)!r}: its sheets are {shown}.")


def _as_text(source: Source, sheet: Sheet, control: Control) -> SheetSource:
    pieces, n_bytes, is_whole = [], 0, True
    for piece in sheet.pieces(control):
        pieces.append(piece)
        n_bytes += len(piece)
        if n_bytes > HEAD_BYTES:
            is_whole = False
            break
    head = b"".join(pieces)[:HEAD_BYTES]
    return SheetSource(
        source.path, source.name, head, is_whole, "none", source.n_bytes, sheet.name, (),
        source.changed_ns, sheet)


def _kind_of(text: SheetSource, options: ReadOptions) -> tuple[Format, float]:
    """Return what the sheet's text is read as, and how sure that is."""
    from mfgui.data.formats import FORMATS  # which knows this format too

    inner = _inner(options)
    kinds = [FORMATS[name] for name in TEXT_FORMATS if name in FORMATS]
    choice = options.column_choice()
    if choice is not None:
        wanted = "wide" if "items" in choice else "delimited"
        kinds = [kind for kind in kinds if kind.name == wanted] or kinds
    sure = [(kind.matches(text, inner), kind) for kind in kinds]
    certainty, kind = max(sure, key=lambda pair: pair[0])
    return kind, certainty
