"""A document of plain parts as one HTML file: no script, no network, and it prints well.

Whatever comes from the ratings, an id ``<script>`` or a title with quotes, is written as text; the
page forbids scripts and addresses to itself as well (Content-Security-Policy).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from mfgui.store.png import png_bytes

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1a1d21; background: #ffffff;
  max-width: 1000px; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #c9ced6;
  padding-bottom: .2rem; }
h3 { font-size: 1rem; margin-bottom: .3rem; }
.muted { color: #545b66; }
table { border-collapse: collapse; margin: .6rem 0; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; vertical-align: top;
  border-bottom: 1px solid #e4e7ec; }
th { color: #545b66; font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { background: #f4f5f7; padding: .7rem; white-space: pre-wrap; overflow-wrap: anywhere;
  font-size: 13px; }
svg { width: 100%; height: auto; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 1rem; }
figure { margin: 0; max-width: 420px; }
figure img { width: 100%; image-rendering: pixelated; border: 1px solid #c9ced6; }
.bar { display: flex; align-items: center; gap: .5rem; font-size: 13px; }
.bar img { height: 12px; flex: 1; width: auto; min-width: 0; }
figcaption { font-size: 13px; }
@media print {
  body { margin: 0; max-width: none; font-size: 11pt; }
  section, figure, tr { break-inside: avoid; }
  section.long { break-inside: auto; }
}
""".strip()


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    is_muted: bool = False


@dataclass(frozen=True)
class Lines:
    """A list of sentences."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Code:
    """What is to be copied as it stands, below a heading of its own."""

    title: str
    text: str


@dataclass(frozen=True)
class Table:
    """Rows of text; columns named in ``numbers`` (by position) are set as numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()
    title: str = ""


@dataclass(frozen=True)
class Drawing:
    """An SVG picture that this program drew."""

    svg: str


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A matrix with its colour bar.

    Parameters
    ----------
    title, caption : str
    rgba : ndarray of uint8, shape (h, w, 4)
    bar : ndarray of uint8, shape (256, 4)
    low, high : str
        What the two ends of the bar stand for.
    """

    title: str
    caption: str
    rgba: NDArray[np.uint8]
    bar: NDArray[np.uint8]
    low: str
    high: str


@dataclass(frozen=True)
class Heatmaps:
    """Matrices side by side."""

    maps: Sequence[Heatmap]


Part = Text | Lines | Code | Table | Drawing | Heatmaps


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Document:
    """A title, a line below it, and sections."""

    title: str
    subtitle: str
    sections: Sequence[Section]


def html_page(document: Document) -> str:
    """Return the document as one HTML page that needs nothing else."""
    title = _text(document.title)
    parts = ["<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">",
             f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
             '<meta name="viewport" content="width=device-width">',
             f"<title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>",
             f"<h1>{title}</h1>\n<p class=\"muted\">{_text(document.subtitle)}</p>"]
    for section in document.sections:
        parts += _section(section)
    return "\n".join([*parts, "</body>\n</html>\n"])


def _section(section: Section) -> Iterator[str]:
    is_long = any(isinstance(part, Table) and len(part.rows) > 12 for part in section.parts)
    kind = ' class="long"' if is_long else ""
    yield f"<section{kind}>\n<h2>{_text(section.title)}</h2>"
    for part in section.parts:
        yield _PARTS[type(part)](part)  # type: ignore[operator]
    yield "</section>"


def _text(text: str) -> str:
    """Return text as text: nothing in it is markup, and no sign leaves the page's encoding."""
    return escape(text.encode("utf-8", "replace").decode("utf-8"))


def _paragraph(part: Text) -> str:
    kind = ' class="muted"' if part.is_muted else ""
    return f"<p{kind}>{_text(part.text)}</p>"


def _lines(part: Lines) -> str:
    return "<ul>" + "".join(f"<li>{_text(line)}</li>" for line in part.lines) + "</ul>"


def _code(part: Code) -> str:
    return f"<h3>{_text(part.title)}</h3>\n<pre>{_text(part.text)}</pre>"


def _table(part: Table) -> str:
    kinds = [' class="number"' if column in part.numbers else ""
             for column in range(len(part.head))]
    head = "".join(f"<th{kind}>{_text(word)}</th>"
                   for kind, word in zip(kinds, part.head, strict=True))
    rows = "\n".join(
        "<tr>" + "".join(f"<td{kind}>{_text(word)}</td>"
                         for kind, word in zip(kinds, row, strict=True)) + "</tr>"
        for row in part.rows)
    title = f"<h3>{_text(part.title)}</h3>\n" if part.title else ""
    shown = f"<thead><tr>{head}</tr></thead>\n" if any(part.head) else ""
    return f"{title}<table>\n{shown}<tbody>\n{rows}\n</tbody></table>"


def _drawing(part: Drawing) -> str:
    return part.svg


def _heatmaps(part: Heatmaps) -> str:
    return '<div class="pictures">' + "\n".join(map(_heatmap, part.maps)) + "</div>"


def _heatmap(each: Heatmap) -> str:
    bar = np.ascontiguousarray(each.bar[np.newaxis])
    return (f'<figure><figcaption><b>{_text(each.title)}</b></figcaption>'
            f'<img alt="{_text(each.title)}" src="{_data(each.rgba)}">'
            f'<div class="bar"><span>{_text(each.low)}</span><img alt="colours" '
            f'src="{_data(bar)}"><span>{_text(each.high)}</span></div>'
            f'<figcaption class="muted">{_text(each.caption)}</figcaption></figure>')


def _data(rgba: NDArray[np.uint8]) -> str:
    """Return a picture as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png_bytes(rgba)).decode("ascii")


_PARTS = {Text: _paragraph, Lines: _lines, Code: _code, Table: _table, Drawing: _drawing,
          Heatmaps: _heatmaps}
