"""A document of plain parts as one HTML file: no script, no network, and it prints well.

Whatever comes from the ratings, an id ``<script>`` or a title with quotes, is written as text; the
page forbids scripts and addresses to itself as well (Content-Security-Policy).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from mfgui.store.png import png_bytes

ONE_PAGE = 30  # rows of a table
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1a1d21; background: #ffffff;
  max-width: 1000px; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #c9ced6;
  padding-bottom: .2rem; }
h3 { font-size: 1rem; margin: 1rem 0 .3rem; }
p { white-space: pre-line; }
.muted { color: #545b66; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
a { color: #1f5fa8; }
table { border-collapse: collapse; margin: .6rem 0; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; vertical-align: top;
  border-bottom: 1px solid #e4e7ec; min-width: 3.5rem; }
th { color: #545b66; font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap;
  min-width: 0; }
pre { background: #f4f5f7; padding: .7rem; white-space: pre-wrap; overflow-wrap: anywhere;
  font-size: 13px; }
svg { width: 100%; height: auto; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 1rem; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr));
  gap: 0 2.5rem; }
figure { margin: 0; max-width: 420px; }
figure img { width: 100%; border: 1px solid #c9ced6; }
figure img.exact { image-rendering: pixelated; }
.bar { display: flex; align-items: center; gap: .5rem; font-size: 13px; }
.bar img { height: 12px; flex: 1; width: auto; min-width: 0; }
figcaption { font-size: 13px; }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 10.5pt; }
  nav { display: none; }
  h2, h3, section > p { break-after: avoid; }
  .whole, figure, tr, svg { break-inside: avoid; }
  .columns { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .pictures { grid-template-columns: repeat(3, minmax(0, 1fr)); }
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
    is_exact : bool
        Whether its cells are to stay squares however large they are shown.
    """

    title: str
    caption: str
    rgba: NDArray[np.uint8]
    bar: NDArray[np.uint8]
    low: str
    high: str
    is_exact: bool = False


@dataclass(frozen=True)
class Heatmaps:
    """Matrices side by side."""

    maps: Sequence[Heatmap]


@dataclass(frozen=True)
class Columns:
    """Tables and texts beside each other, where there is room."""

    parts: Sequence[Text | Table]


Part = Text | Lines | Code | Table | Drawing | Heatmaps | Columns


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Document:
    """A title, a line below it, a list of the sections, what comes first, and these."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    intro: Sequence[Part] = ()


def html_page(document: Document) -> str:
    """Return the document as one HTML page that needs nothing else."""
    title = _text(document.title)
    parts = ["<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">",
             f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
             '<meta name="viewport" content="width=device-width">',
             f"<title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>",
             f"<h1>{title}</h1>\n<p class=\"muted\">{_text(document.subtitle)}</p>"]
    parts.append('<nav aria-label="Contents"><ul>' + "".join(
        f'<li><a href="#{_anchor(place)}">{_text(section.title)}</a></li>'
        for place, section in enumerate(document.sections)) + "</ul></nav>")
    parts += [_part(part) for part in document.intro]
    for place, section in enumerate(document.sections):
        parts += _section(section, _anchor(place))
    return "\n".join([*parts, "</body>\n</html>\n"])


def _anchor(place: int) -> str:
    """Return what a section is called within the page; its title may be of anybody."""
    return f"part-{place + 1}"


def _section(section: Section, anchor: str) -> Iterator[str]:
    yield f'<section id="{anchor}">\n<h2>{_text(section.title)}</h2>'
    for part in section.parts:
        yield _part(part)
    yield "</section>"


def _part(part: Part) -> str:
    make: Callable[[Part], str] = _PARTS[type(part)]  # type: ignore[assignment]
    return make(part)


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
    whole = f"{title}<table>\n{shown}<tbody>\n{rows}\n</tbody></table>"
    # A table that fits stays on its page when the page is printed, below its title.
    return f"<div class=\"whole\">{whole}</div>" if len(part.rows) <= ONE_PAGE else whole


def _columns(part: Columns) -> str:
    return '<div class="columns">' + "\n".join(
        f"<div>{_part(each)}</div>" for each in part.parts) + "</div>"


def _drawing(part: Drawing) -> str:
    return part.svg


def _heatmaps(part: Heatmaps) -> str:
    return '<div class="pictures">' + "\n".join(map(_heatmap, part.maps)) + "</div>"


def _heatmap(each: Heatmap) -> str:
    kind = ' class="exact"' if each.is_exact else ""
    bar = np.ascontiguousarray(each.bar[np.newaxis])
    return (f'<figure><figcaption><b>{_text(each.title)}</b></figcaption>'
            f'<img{kind} alt="{_text(each.title)}" src="{_data(each.rgba)}">'
            f'<div class="bar"><span>{_text(each.low)}</span><img alt="colours" '
            f'src="{_data(bar)}"><span>{_text(each.high)}</span></div>'
            f'<figcaption class="muted">{_text(each.caption)}</figcaption></figure>')


def _data(rgba: NDArray[np.uint8]) -> str:
    """Return a picture as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png_bytes(rgba)).decode("ascii")


_PARTS = {Text: _paragraph, Lines: _lines, Code: _code, Table: _table, Drawing: _drawing,
          Heatmaps: _heatmaps, Columns: _columns}
