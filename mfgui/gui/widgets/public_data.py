"""The page of public data sets: what there is, on which terms, and a button to get it."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from mfgui.data.downloads import PUBLIC_DATA, CachedData, bytes_here, bytes_text, cached
from mfgui.data.public_data import PAGE, PublicData
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.two_line_rows import LINES, TwoLineDelegate

TIMES = "\N{MULTIPLICATION SIGN}"


class PublicDataPage(QWidget):
    """A row a data set at the left, its terms at the right, the buttons below.

    Signals
    -------
    download_requested : name of the data set whose terms were accepted
    open_requested : path of a ratings file that is here, and of its titles or ""
    back_requested : the person is done here
    """

    download_requested = Signal(str)
    open_requested = Signal(str, str)
    back_requested = Signal()

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("publicDataPage")
        self._folder = folder
        self._here: dict[str, CachedData | None] = {}
        self._accepted: set[str] = set()
        self._busy = ""
        self.list, self.details = QListWidget(), QTextBrowser()
        self.accept = QCheckBox("I accept these &terms of use")
        self.state = QLabel()
        self.download = _button("Do&wnload", "downloadDataButton", is_primary=True)
        self.open = _button("&Open", "openDataButton", is_primary=True)
        self.back = _button("Bac&k", "backButton")
        self._build()
        self._connect()
        self._fill()
        self.refresh()

    # -- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        title, note = QLabel("Public data"), QLabel(
            "Ratings that others have published for research. Each set is fetched once, checked, "
            "and kept on this computer.")
        title.setProperty("role", "title")
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        self._name_widgets()
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.details, 1)
        right.addWidget(self.accept, 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(self.state)
        buttons = QHBoxLayout()
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        buttons.addWidget(self.download)
        buttons.addWidget(self.open)
        right.addLayout(buttons)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.list, 2)
        middle.addLayout(right, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(4)
        layout.addWidget(title)
        layout.addWidget(note)
        layout.addSpacing(6)
        layout.addLayout(middle, 1)
        stops = (self.list, self.details, self.accept, self.download, self.open, self.back)
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _name_widgets(self) -> None:
        self.list.setObjectName("publicDataList")
        self.list.setAccessibleName("Public data sets")
        self.list.setItemDelegate(TwoLineDelegate(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.details.setObjectName("publicDataTerms")
        self.details.setAccessibleName("Terms of use and citation")
        self.details.setOpenExternalLinks(True)
        self.details.setTabChangesFocus(True)
        self.details.setMinimumWidth(240)
        self.details.document().setIndentWidth(16)
        self.details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
            | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.accept.setObjectName("acceptTerms")
        describe(self.accept, self.accept.text().replace("&", ""),
                 "Say that you keep to the terms above; without that nothing is fetched.")
        self.state.setObjectName("publicDataState")
        self.state.setProperty("role", "muted")
        self.state.setWordWrap(True)
        self.list.setWhatsThis("Data sets that can be had; Enter opens one that is here, or goes "
                               "on to its terms.")
        self.details.setWhatsThis("What the data set is, what its authors ask of whoever uses it, "
                                  "and where it is kept.")
        describe(self.download, "Download", "Fetch this data set and open it.")
        describe(self.open, self.open.text().replace("&", ""),
                 "Open this data set, which is on this computer already.")
        describe(self.back, self.back.text().replace("&", ""), "Go back to where you were (Esc).")

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._show_current)
        self.list.itemActivated.connect(self._on_row_activated)
        self.accept.toggled.connect(self._on_accept_toggled)
        self.download.clicked.connect(self._on_download_clicked)
        self.open.clicked.connect(self._on_open_clicked)
        self.back.clicked.connect(self.back_requested)
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(self.back_requested)

    def _fill(self) -> None:
        """Make a row a data set."""
        for entry in PUBLIC_DATA.values():
            item = QListWidgetItem(entry.label)
            item.setData(Qt.ItemDataRole.UserRole, entry.name)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    # -- showing ------------------------------------------------------------------------------

    @property
    def entry(self) -> PublicData:
        """The data set that is chosen."""
        return PUBLIC_DATA[self.list.currentItem().data(Qt.ItemDataRole.UserRole)]

    def choose(self, name: str) -> None:
        """Choose a data set."""
        self.list.setCurrentRow(list(PUBLIC_DATA).index(name))

    def set_busy(self, name: str) -> None:
        """Show that a data set is being downloaded; "" when none is."""
        self._busy = name
        self.refresh()

    def refresh(self) -> None:
        """Look again at what is on this computer."""
        for row, entry in enumerate(PUBLIC_DATA.values()):
            found = self._here[entry.name] = cached(entry, self._folder)
            numbers = (f"{entry.n_ratings:,} ratings, {entry.n_users:,} users {TIMES} "
                       f"{entry.n_items:,} items")
            state = "on this computer" if found else self._state_in_list(entry)
            item = self.list.item(row)
            item.setData(LINES, (entry.label, numbers, bytes_text(entry.n_bytes), state))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(
                part for part in (entry.label, numbers, bytes_text(entry.n_bytes), state) if part))
        self.list.setMinimumWidth(
            self.list.sizeHintForColumn(0) + 2 * self.list.frameWidth()
            + self.list.verticalScrollBar().sizeHint().width())
        self._show_current()

    def _state_in_list(self, entry: PublicData) -> str:
        """Return what a row says of a data set that is not here whole."""
        if entry.name == self._busy:
            return "downloading"
        n_bytes = bytes_here(entry, self._folder)
        return f"{min(100 * n_bytes / entry.n_bytes, 99):.0f} % has come" if n_bytes else ""

    def _show_current(self) -> None:
        """Show the chosen data set's terms, and what can be done with it."""
        entry, found = self.entry, self._here.get(self.entry.name)
        text = _details(entry, self._folder)
        if self.details.property("shown") != text:
            self.details.setProperty("shown", text)
            self.details.setHtml(text)
        self.accept.blockSignals(True)
        self.accept.setChecked(bool(found) or entry.name in self._accepted)
        self.accept.blockSignals(False)
        self.accept.setEnabled(not found and not self._busy)
        self.download.setEnabled(not found and not self._busy and self.accept.isChecked())
        self.open.setEnabled(bool(found))
        self.state.setText(self._state_text(entry, found))

    def _state_text(self, entry: PublicData, found: CachedData | None) -> str:
        if found:
            return "This data set is on this computer; open it at any time."
        if self._busy:
            return (f"{PUBLIC_DATA[self._busy].label} is being downloaded; progress and Cancel are "
                    "at the bottom right.")
        n_bytes = bytes_here(entry, self._folder)
        if n_bytes:
            return (f"{bytes_text(n_bytes)} of {bytes_text(entry.n_bytes)} have come already; "
                    "the download goes on from there.")
        return (f"{bytes_text(entry.n_bytes)} to download, about "
                f"{bytes_text(entry.n_unpacked_bytes)} on disk.")

    # -- acting -------------------------------------------------------------------------------

    def _on_accept_toggled(self, is_accepted: bool) -> None:
        name = self.entry.name
        self._accepted = self._accepted | {name} if is_accepted else self._accepted - {name}
        self._show_current()

    def _on_download_clicked(self) -> None:
        self.download_requested.emit(self.entry.name)

    def _on_open_clicked(self) -> None:
        found = self._here.get(self.entry.name)
        if found is not None:
            self.open_requested.emit(str(found.ratings), str(found.titles or ""))

    def _on_row_activated(self) -> None:
        """Do what Enter means: open, download, or go on to the terms."""
        for button in (self.open, self.download):
            if button.isEnabled():
                button.click()
                return
        self.accept.setFocus(Qt.FocusReason.OtherFocusReason)


def _button(text: str, name: str, *, is_primary: bool = False) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text.replace("&", ""))
    button.setProperty("isPrimary", is_primary)
    return button


def _details(entry: PublicData, folder: Path) -> str:
    """Return the right side as HTML: what it is, the terms, the citation, the place."""
    bullet = "\N{BULLET} "
    terms = "".join(
        f"<ul><li>{escape(line.removeprefix(bullet))}</li></ul>" if line.startswith(bullet)
        else f"<p>{escape(line)}</p>" for line in entry.terms.splitlines()).replace("</ul><ul>", "")
    return (
        f"<h3>{escape(entry.label)}</h3><p>{escape(entry.summary)}</p>"
        f"<p>{escape(entry.size_text)}.</p>"
        f"<h4>Terms of use</h4>{terms}"
        f"<h4>Citation</h4><p>{escape(entry.citation)}</p>"
        f'<h4>Where it is from, and where it is kept</h4><p><a href="{PAGE}">{PAGE}</a></p>'
        f"<p>{escape(str(folder / entry.name))}</p>")
