"""Pictures of plots: drawn from a recording, in any size and as lines and letters."""

from __future__ import annotations

import io
import re
import struct
import threading
import zlib
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPen, QPicture
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mfgui.core.control import Control
from mfgui.errors import CancelledError
from mfgui.gui.widgets.picture import Drawing, picture_of
from mfgui.gui.widgets.picture_files import (
    LONGEST,
    copied,
    file_bytes,
    fitting_scale,
    pdf_bytes,
    pixels_of,
    svg_bytes,
    write_picture,
)
from mfgui.gui.widgets.picture_ops import bytes_of, layers, stand_in
from mfgui.gui.widgets.svg_text import mended

RED = np.array([255, 0, 0], np.uint8)


def pixels(image: QImage) -> np.ndarray:
    """Return red, green and blue, shape (height, width, 3)."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def pixels_of_png(content: bytes) -> np.ndarray:
    image = QImage()
    assert image.loadFromData(content, "PNG")
    return pixels(image)


def drawn_at(drawing: Drawing, scale: float) -> np.ndarray:
    return pixels_of_png(file_bytes(drawing, scale))


@pytest.fixture
def plot(qtbot: QtBot) -> pg.PlotWidget:
    """Return a plot of a red line, 2 pixels wide, that leaves the view, over an image."""
    widget = pg.PlotWidget(background="w")
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    item = widget.getPlotItem()
    rgba = np.zeros((2, 3, 4), np.uint8)
    rgba[..., 2] = rgba[..., 3] = 255  # blue
    image = pg.ImageItem(rgba, axisOrder="row-major", levels=None)
    image.setRect(QRectF(0, 0, 1, 1))
    item.addItem(image)
    widget.plot([0, 1, 2], [0, 10, -10], pen=pg.mkPen("#ff0000", width=2))
    item.vb.setRange(xRange=(0, 2), yRange=(-1, 1), padding=0)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def drawn(data: bytes, size: tuple[int, int], scale: float) -> np.ndarray:
    image = QImage(int(size[0] * scale), int(size[1] * scale), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.scale(scale, scale)
    layers(data, scale)[0].play(painter)
    painter.end()
    return pixels(image)


@pytest.mark.parametrize("is_cosmetic", [True, False])
def test_a_line_is_as_thick_as_the_picture_is_large(is_cosmetic: bool, qtbot: QtBot) -> None:
    picture, pen = QPicture(), QPen(QColor("#ff0000"), 2)
    pen.setCosmetic(is_cosmetic)
    painter = QPainter(picture)
    painter.setPen(pen)
    painter.drawLine(0, 10, 20, 10)
    painter.end()
    for scale in (1, 3, 8):
        found = drawn(bytes_of(picture), (20, 20), scale)
        assert (found[:, found.shape[1] // 2] == RED).all(1).sum() == 2 * scale


@pytest.mark.parametrize("style", ["BDiagPattern", "Dense6Pattern", "CrossPattern", "SolidPattern"])
def test_hatching_is_as_coarse_as_the_picture_is_large(style: str, qtbot: QtBot) -> None:
    picture = QPicture()
    painter = QPainter(picture)
    painter.fillRect(0, 0, 64, 64, QBrush(QColor("#ff0000"), getattr(Qt.BrushStyle, style)))
    painter.end()
    shares, edges = [], []
    for scale in (1, 4):
        found = drawn(bytes_of(picture), (64, 64), scale)[..., 1].astype(float) / 255
        shares.append(1 - found.mean())
        edges.append(np.abs(np.diff(found, axis=1)).sum() / (64 * scale))
    # The same share is covered; with 4 times the pixels a line crosses as many edges as before.
    assert shares[1] == pytest.approx(shares[0], abs=0.06)
    assert edges[1] == pytest.approx(edges[0], rel=0.35, abs=0.1)


def test_a_recording_is_cut_at_its_stand_ins(qtbot: QtBot) -> None:
    marks = [stand_in(number) for number in range(2)]
    picture = QPicture()
    painter = QPainter(picture)
    painter.setPen(QPen(QColor("#ff0000"), 4))
    painter.translate(0, 2)
    for place, (image, _) in enumerate(marks):
        painter.drawLine(0, 10 * place, 20, 10 * place)
        painter.drawImage(QRectF(0, 0, 5, 5), image)
    painter.drawLine(0, 20, 20, 20)
    painter.end()
    found = []
    for layer in layers(bytes_of(picture), 1.0, [mark for _, mark in marks]):
        canvas = QImage(20, 30, QImage.Format.Format_RGB32)
        canvas.fill(Qt.GlobalColor.white)
        painter = QPainter(canvas)
        layer.play(painter)
        painter.end()
        found.append(np.flatnonzero((pixels(canvas)[:, 10] == RED).all(1)).tolist())
    # Pen and place, which were set at first, hold in each of them.
    assert found == [[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]


def test_a_png_has_the_size_that_was_chosen_on_any_thread(plot: pg.PlotWidget) -> None:
    drawing = picture_of(plot, "plot.png")
    made: dict[float, bytes] = {}

    def make() -> None:
        for scale in (0.5, 1.0, 2.0, 7.3):
            made[scale] = file_bytes(drawing, scale)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    for scale, content in made.items():
        found = pixels_of_png(content)
        assert found.shape == (round(200 * scale), round(300 * scale), 3)
        n_red = (np.abs(found.astype(int) - RED).max(2) < 60).mean()
        assert 0.002 < n_red < 0.2  # a line, neither a hair nor all of it
    assert (pixels_of_png(made[1.0]) == (0, 0, 255)).all(2).mean() > 0.02


def test_bands_make_one_picture(plot: pg.PlotWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = picture_of(plot, "plot.png")
    whole = pixels_of_png(file_bytes(drawing, 3.0))
    monkeypatch.setattr("mfgui.gui.widgets.picture_files.BAND_PIXELS", 900 * 7)
    banded = pixels_of_png(file_bytes(drawing, 3.0))
    # Letters are set to whole pixels of a band, which may be another one at its edge.
    assert (whole != banded).any(2).mean() < 0.01


def test_no_side_is_longer_than_is_allowed(plot: pg.PlotWidget) -> None:
    drawing = picture_of(plot, "plot.png")
    assert pixels_of(drawing, fitting_scale(drawing, 1000))[0] == LONGEST
    assert fitting_scale(drawing, 2) == 2


def test_drawing_can_be_stopped(plot: pg.PlotWidget) -> None:
    control = Control()
    control.stop()
    for name in ("a.png", "a.svg", "a.pdf"):
        with pytest.raises(CancelledError):
            write_picture(replace(picture_of(plot), path=name), 2, io.BytesIO(), control)


def test_recording_leaves_the_plot_as_it_was(plot: pg.PlotWidget) -> None:
    before = pixels(plot.grab().toImage())
    n_items = len(plot.scene().items())
    for _ in range(3):
        picture_of(plot)
    assert len(plot.scene().items()) == n_items
    assert np.array_equal(pixels(plot.grab().toImage()), before)


def test_svg_clips_and_scales_no_line(plot: pg.PlotWidget) -> None:
    svg = svg_bytes(picture_of(plot, title="A <plot> & more")).decode()
    assert "non-scaling" not in svg
    assert "<title>A &lt;plot&gt; &amp; more</title>" in svg
    (left, top, width, height), = (tuple(map(float, found)) for found in re.findall(
        r'<clipPath id="clip0"><rect x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)"/>',
        svg))
    box = plot.getPlotItem().vb.sceneBoundingRect()
    assert (left, top, width, height) == pytest.approx(
        (box.x(), box.y(), box.width(), box.height()), abs=1)
    inside = svg[svg.index('<g clip-path="url(#clip0)">'):]
    lines = re.findall(
        r'<g [^>]*stroke="#ff0000"[^>]*transform="matrix\(1,0,0,1,0,0\)"[^>]*>(.*?)</g>', inside,
        re.DOTALL)
    number = r"-?[\d.]+(?:e[-+]?\d+)?"
    points = [tuple(map(float, pair.split(","))) for line in lines
              for pair in re.findall(f"{number},{number}", line)]
    xs = [x for x, _ in points]
    assert min(xs) == pytest.approx(left, abs=2)
    assert max(xs) == pytest.approx(left + width, abs=2)
    assert svg.count("<g") == svg.count("</g>")


def test_ids_are_text_in_svg_whatever_they_are(plot: pg.PlotWidget) -> None:
    name = '<script>alert("1")</script> & \'more\''
    plot.addItem(pg.TextItem(name, color="k"))
    svg = svg_bytes(picture_of(plot, title=name)).decode()
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    ElementTree.fromstring(svg)  # well formed


def test_svg_holds_the_matrix_as_one_image(plot: pg.PlotWidget) -> None:
    svg = svg_bytes(picture_of(plot)).decode()
    assert svg.count("<image") == 1
    assert len(re.findall(r"<text", svg)) > 3  # numbers at the axes


def test_a_large_matrix_is_drawn_in_strips_without_seams(qtbot: QtBot) -> None:
    widget = pg.PlotWidget(background="w")
    qtbot.addWidget(widget)
    widget.resize(200, 200)
    rgba = np.random.default_rng(0).integers(0, 256, (700, 600, 4)).astype(np.uint8)
    rgba[..., 3] = 255
    image = pg.ImageItem(rgba, axisOrder="row-major", levels=None)
    widget.addItem(image)
    widget.show()
    qtbot.waitExposed(widget)
    content = pdf_bytes(picture_of(widget))
    n_strips = content.count(b"/Subtype /Image")
    assert n_strips > 5
    heights = [int(each) for each in re.findall(rb"/Height (\d+)", content)]
    assert sum(heights) == 700 + n_strips - 1  # each but the last covers a row of the next
    assert svg_bytes(picture_of(widget)).count(b"<image") == 1


def test_qt_draws_the_svg_as_it_drew_the_plot(plot: pg.PlotWidget) -> None:
    from PySide6.QtSvg import QSvgRenderer

    drawing = picture_of(plot)
    image = QImage(drawing.size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    QSvgRenderer(svg_bytes(drawing)).render(painter)
    painter.end()
    off = np.abs(pixels(image).astype(int) - drawn_at(drawing, 1.0)).max(2) > 100
    assert off.mean() < 0.03  # letters and edges by a pixel


def test_mending_moves_points_by_their_groups_transform() -> None:
    svg = ('<svg version="1.2" baseProfile="tiny"><defs>\n</defs>\n'
           '<g stroke="#123456" transform="matrix(2,0,0,-3,10,20)" >\n'
           '<polyline fill="none" vector-effect="non-scaling-stroke" points="0,0 1.5,2 " />\n'
           '<text x="1" y="2">M1,1</text>\n</g>\n</svg>')
    found = mended(svg)
    assert 'points="10,20 13,14 "' in found
    assert '<text x="1" y="2">M1,1</text>' in found
    assert found.count("matrix(2,0,0,-3,10,20)") == 1  # the text keeps it
    assert found.count("<g") == found.count("</g>") == 2


def test_pdf_is_one_page_of_the_plots_size(plot: pg.PlotWidget) -> None:
    drawing = picture_of(plot, title="Plot")
    content = pdf_bytes(drawing)
    assert content.startswith(b"%PDF-")
    width, height = (float(each) for each in re.findall(
        rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)[0])
    assert (width, height) == pytest.approx(
        (300 * 72 / drawing.dpi, 200 * 72 / drawing.dpi), abs=1)
    assert content.count(b"/Type /Page\n") == 1
    assert b"/DCTDecode" not in content  # no JPEG
    assert b"/Subtype /Image" in content


def test_the_clipboard_gets_an_image_and_its_png(plot: pg.PlotWidget) -> None:
    image, content = copied(picture_of(plot), Control())
    assert image.size() == QSize(600, 400)
    assert np.array_equal(pixels(image), pixels_of_png(content))


def test_widgets_below_each_other_are_one_picture(qtbot: QtBot) -> None:
    class Plain(QWidget):
        """Paints one colour."""

        def __init__(self, colour: str, height: int) -> None:
            super().__init__()
            self._colour = QColor(colour)
            self.resize(40, height)

        def paintEvent(self, event: QPaintEvent) -> None:
            """Paint it."""
            QPainter(self).fillRect(self.rect(), self._colour)

    one, other = Plain("#ff0000", 10), Plain("#0000ff", 20)
    for widget in (one, other):
        qtbot.addWidget(widget)
    drawing = picture_of(one, below=[other])
    found = drawn_at(drawing, 1.0)
    assert found.shape == (30, 40, 3)
    assert (found[:10] == RED).all()
    assert (found[10:] == (0, 0, 255)).all()


def test_finer_images_are_asked_for_at_the_scale_of_the_picture(plot: pg.PlotWidget) -> None:
    asked: list[float] = []

    def finer(scale: float) -> tuple[QImage, ...]:
        asked.append(scale)
        image = QImage(8, 8, QImage.Format.Format_RGBA8888)
        image.fill(QColor("#00ff00"))
        return (image,)

    found = drawn_at(picture_of(plot, finer=finer), 2.5)
    assert asked == [2.5]
    assert (found == (0, 255, 0)).all(2).mean() > 0.02


def chunks_of(content: bytes) -> dict[bytes, bytes]:
    """Return the chunks of a PNG, each checksum right."""
    found: dict[bytes, bytes] = {}
    at = 8
    while at < len(content):
        size, name = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + size]
        assert struct.unpack(">I", content[at + 8 + size : at + 12 + size])[0] == zlib.crc32(
            name + body)
        found[name] = found.get(name, b"") + body
        at += 12 + size
    return found


def test_a_png_tells_its_size_on_paper(plot: pg.PlotWidget) -> None:
    drawing: Any = picture_of(plot, "x.png")
    assert isinstance(drawing, Drawing)
    chunks = chunks_of(file_bytes(drawing, 2.0))
    assert chunks[b"pHYs"][:4] == struct.pack(">I", round(drawing.dpi * 2 * 39.3701))
    assert list(chunks)[-1] == b"IEND"


def test_points_are_drawn_where_they_are_seen_and_sharp(qtbot: QtBot) -> None:
    """A scatter of pyqtgraph sets its own transform, and keeps a picture of each symbol."""
    outer = QWidget()
    qtbot.addWidget(outer)
    outer.resize(300, 300)
    inner = pg.PlotWidget(outer, background="w")
    inner.setGeometry(60, 120, 200, 150)
    inner.getPlotItem().hideAxis("left")
    inner.getPlotItem().hideAxis("bottom")
    inner.addItem(pg.ScatterPlotItem([0.5], [0.5], size=20, brush="#ff0000", pen=None))
    inner.getPlotItem().vb.setRange(xRange=(0, 1), yRange=(0, 1), padding=0)
    outer.show()
    qtbot.waitExposed(outer)
    seen = np.argwhere((pixels(outer.grab().toImage()) == RED).all(2))
    for scale in (1.0, 6.0):
        found = drawn_at(picture_of(outer), scale)
        red = np.argwhere((found == RED).all(2))
        np.testing.assert_allclose(red.mean(0) / scale, seen.mean(0), atol=1.5)
        pink = ((found[..., 0] > 250) & (found[..., 1] > 10) & (found[..., 1] < 245)).sum()
        assert pink < 5 * 20 * scale  # the edge is some pixels wide at any scale
    svg = svg_bytes(picture_of(outer)).decode()
    assert "<image" not in svg
