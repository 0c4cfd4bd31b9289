"""Help: a short page for each method, setting, panel and term, beside what it explains."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QUrl
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLineEdit, QTextBrowser, QVBoxLayout, QWidget

from mfgui.errors import MfguiError
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import Theme
from mfgui.gui.view_state import ViewState
from mfgui.gui.widgets.described import describe
from mfgui.jobs.help_pages import Page, find_page, pages


class HelpPanel(Panel):
    """Shows one page at a time; links lead to others, typing searches."""

    title = "Help"
    area = "right"
    keys = "Ctrl+Shift+H"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("helpPanel")
        self._shown: tuple[str, str] | None = None
        self._keys = ""
        self.search, self.browser = QLineEdit(), QTextBrowser()
        tip = "Type a method, setting or term and press Enter; empty: all pages."
        self.search.setObjectName("helpSearch")
        self.search.setPlaceholderText("Method, setting or term")
        describe(self.search, "Search the help", tip)
        self.search.setClearButtonEnabled(True)
        self.search.returnPressed.connect(lambda: self.show_page(self.search.text()))
        self.browser.setOpenLinks(False)
        self.browser.setAccessibleName("Page of help")
        self.browser.setWhatsThis("A page of help: Tab goes from link to link, Enter follows one, "
                                  "Up and Down scroll.")
        self.browser.anchorClicked.connect(self._on_link)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(self.browser, 1)

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Show the contents; the pages do not depend on what is open."""
        self.show_page("")

    def set_theme(self, theme: Theme) -> None:
        """Draw the page again: links and headings have the theme's colours."""
        self.browser.document().setDefaultStyleSheet(
            f"a {{ color: {theme.accent}; text-decoration: none; }} h2 {{ font-size: 12pt; }}"
            f"h3 {{ font-size: 10pt; }} .kind {{ color: {theme.muted}; }}")
        if self._shown is not None:
            self.show_page(*self._shown)

    def set_keys(self, keys: str) -> None:
        """Take the list of keys, as HTML, for the page of contents."""
        self._keys = keys

    def show_page(self, word: str, about: str = "") -> None:
        """Show the page of a word, below what a control says of itself; "": the contents."""
        self._shown = word, about
        try:
            html = _html(find_page(word)) if word.strip() else self._contents()
        except MfguiError as error:
            html = f"<p>{escape(str(error))}</p>{self._contents()}"
        about = about if Qt.mightBeRichText(about) else f"<p><b>{escape(about)}</b></p>"
        own = about if self._shown[1] else ""
        self.browser.setHtml(own + html)

    @property
    def text(self) -> str:
        """What is read, as plain text."""
        return self.browser.toPlainText()

    def _contents(self) -> str:
        """Return links to all pages, by kind, and the keys."""
        by_kind: dict[str, list[Page]] = {}
        for page in pages().values():
            by_kind.setdefault(page.kind, []).append(page)
        parts = []
        for kind, group in by_kind.items():
            links = ", ".join(_link(page.name, page.title)
                              for page in sorted(group, key=lambda page: page.title.lower()))
            parts.append(f"<h3>{kind}s</h3><p>{links}</p>")
        return "".join(parts) + (f"<h3>Keys</h3>{self._keys}" if self._keys else "")

    def _on_link(self, url: QUrl) -> None:
        self.show_page(url.path())


def _html(page: Page) -> str:
    """Return a page with links."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in page.paragraphs)
    see = ", ".join(_link(name, pages()[name].title) for name in page.see)
    tail = f"<p>See also: {see}</p>" if see else ""
    contents = f"<p>{_link('', 'All pages')}</p>"
    return (f"<h2>{escape(page.title)} <span class='kind'>{page.kind.lower()}</span></h2>{text}"
            f"{tail}{contents}")


def _link(name: str, title: str) -> str:
    return f"<a href='help:{escape(name)}'>{escape(title)}</a>"
