"""Mends the SVG that Qt writes, so that other programs draw what Qt drew.

Qt gives a cosmetic pen as ``vector-effect="non-scaling-stroke"``, which several programs do not
know: within the transform of a plot a curve then is as thick as the plot. Here such lines are put
in their places and their transform is left out. Marked clips (``clip_marks``), which Qt leaves out,
become clip paths. And images take the places of their stand-ins of one pixel.

What Qt writes is flat: one group for each change of pen, brush, font or transform, and in it
shapes, texts and images.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from mfgui.gui.widgets.clip_marks import BEGIN, END

GROUP = re.compile(r"<g ([^>]*?)transform=\"matrix\(([^)]*)\)\"([^>]*)>(.*?)</g>", re.DOTALL)
SHAPE = re.compile(
    r"<(path|polyline|polygon)([^>]*?)vector-effect=\"non-scaling-stroke\"([^>]*?)/>")
COORDINATES = re.compile(r" (d|points)=\"([^\"]*)\"")
PAIR = re.compile(r"(-?[\d.]+(?:e[-+]?\d+)?),(-?[\d.]+(?:e[-+]?\d+)?)")
IMAGE = re.compile(r"(<image [^>]*?data:image/png;base64,)([^\"]*)(\")")
HEAD_LETTERS, SIZE_AT, ONE_PIXEL = 32, 16, b"\0\0\0\1" * 2  # width and height of a PNG
Matrix = tuple[float, ...]
IDENTITY = "matrix(1,0,0,1,0,0)"


def mended(svg: str, images: Sequence[bytes] = ()) -> str:
    """Return the same drawing.

    Parameters
    ----------
    images : sequence of bytes
        PNG files, in the order of their stand-ins.
    """
    parts: list[str] = []
    clips: list[str] = []
    is_open, at = False, 0
    for group in GROUP.finditer(svg):
        before, matrix_text, after, body = group.groups()
        matrix = tuple(float(word) for word in matrix_text.split(","))
        parts.append(svg[at : group.start()])
        at = group.end()
        attributes = before + after
        if f'fill="{BEGIN}"' in attributes:
            clips.append(_clip(body, matrix, len(clips)))
            parts.append(f'<g clip-path="url(#clip{len(clips) - 1})">\n')
            is_open = True
        elif f'fill="{END}"' in attributes:
            parts.append("</g>\n" * is_open)
            is_open = False
        else:
            parts.append(_group(before, matrix_text, after, body, matrix))
    parts.append(svg[at:])
    whole = _with_images("".join(parts), images)
    whole = whole.replace(' version="1.2" baseProfile="tiny"', ' version="1.1"')
    return whole.replace("</defs>", "".join(clips) + "</defs>", 1)


def _group(before: str, matrix_text: str, after: str, body: str, matrix: Matrix) -> str:
    """Return a group; its lines of a cosmetic pen in a group of their own, without a transform."""
    if "non-scaling-stroke" not in body:
        return f'<g {before}transform="matrix({matrix_text})"{after}>{body}</g>'
    made, at = [], 0

    def add(text: str, transform: str) -> None:
        if text.strip():
            made.append(f'<g {before}transform="{transform}"{after}>\n{text.strip()}\n</g>\n')

    for shape in SHAPE.finditer(body):
        add(body[at : shape.start()], f"matrix({matrix_text})")
        name, first, second = shape.groups()
        add(f"<{name}{_placed(first + second, matrix)}/>", IDENTITY)
        at = shape.end()
    add(body[at:], f"matrix({matrix_text})")
    return "".join(made)


def _placed(attributes: str, matrix: Matrix) -> str:
    """Return a shape's attributes with its points where the matrix puts them."""
    def moved(pair: re.Match[str]) -> str:
        x, y = _mapped(matrix, float(pair[1]), float(pair[2]))
        return f"{x:.6g},{y:.6g}"

    return COORDINATES.sub(
        lambda found: f' {found[1]}="{PAIR.sub(moved, found[2])}"', attributes)


def _mapped(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _with_images(svg: str, images: Sequence[bytes]) -> str:
    """Return the drawing with images in the places of those of one pixel."""
    waiting = iter(images)

    def put(found: re.Match[str]) -> str:
        head = base64.b64decode(found[2][:HEAD_LETTERS])
        if head[SIZE_AT : SIZE_AT + 8] != ONE_PIXEL or (image := next(waiting, None)) is None:
            return found[0]
        return f"{found[1]}{base64.b64encode(image).decode()}{found[3]}"

    return IMAGE.sub(put, svg)


def _clip(body: str, matrix: Matrix, number: int) -> str:
    """Return the clip path of a marking rectangle."""
    corners = [_mapped(matrix, float(x), float(y)) for x, y in PAIR.findall(body)]
    if not corners:
        corners = [(0.0, 0.0)]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    return (f'<clipPath id="clip{number}"><rect x="{left:.6g}" y="{top:.6g}" '
            f'width="{right - left:.6g}" height="{bottom - top:.6g}"/></clipPath>\n')
