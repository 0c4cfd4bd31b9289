"""Pages: everything of a person's is text, and nothing comes from elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np

from mfgui.store.report_page import (
    Code,
    Columns,
    Document,
    Heatmap,
    Heatmaps,
    Lines,
    Section,
    Table,
    Text,
    html_page,
)

HOSTILE = "<script>alert(1)</script>\"'&\n=cmd()|'/C calc'!A0 \udcff ‮ </td></style>"


class Reader(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(document: Document) -> Reader:
    page = html_page(document)
    page.encode("utf-8")
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def document(text: str) -> Document:
    picture = Heatmap(text, text, np.zeros((2, 3, 4), np.uint8), np.zeros((256, 4), np.uint8), text,
                      text)
    return Document(text, text, [Section(text, [
        Text(text), Text(text, is_muted=True), Lines([text]), Code(text, text),
        Table((text, "n"), [(text, "1")], (1,), text), Heatmaps([picture]),
        Columns([Text(text), Table((text, "n"), [(text, "1")], (1,), text)])])], [Text(text)])


def test_every_section_is_in_the_list_at_the_top() -> None:
    page = html_page(Document("t", "s", [Section("One & two", []), Section("<three>", [])]))
    assert '<a href="#part-1">One &amp; two</a>' in page
    assert '<a href="#part-2">&lt;three&gt;</a>' in page
    assert page.index("<nav") < page.index('<section id="part-1">') < page.index('id="part-2"')


def test_a_table_that_fits_on_a_page_is_kept_whole_in_print() -> None:
    def page(n: int) -> str:
        return html_page(Document("t", "s", [Section("a", [Table(("x",), [("b",)] * n)])]))

    assert '<div class="whole">' in page(3)
    assert '<div class="whole">' not in page(300)


def test_hostile_text_stays_text() -> None:
    reader, plain = read(document(HOSTILE)), read(document("plain"))
    assert reader.tags == plain.tags
    assert "script" not in reader.tags
    assert reader.text.count("<script>alert(1)</script>") >= 10
    assert [name for name, _ in reader.attributes] == [name for name, _ in plain.attributes]


def test_nothing_is_loaded_from_elsewhere() -> None:
    reader = read(document("plain"))
    for name, value in reader.attributes:
        assert not name.startswith("on")
        if name == "src":
            assert value is not None
            assert value.startswith("data:image/png;base64,")
        if name == "href":
            assert value is not None
            assert value.startswith("#part-")
    policies = [value for name, value in reader.attributes if name == "content" and value]
    assert any("default-src 'none'" in value for value in policies)


def test_numbers_are_set_as_numbers() -> None:
    page = html_page(Document("t", "s", [Section("a", [Table(("x", "n"), [("b", "1")], (1,))])]))
    assert '<td class="number">1</td>' in page
    assert "<td>b</td>" in page
