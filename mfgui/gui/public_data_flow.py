"""Getting public data in the window: the page, the job, and opening what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget

from mfgui import jobs
from mfgui.data.downloads import PUBLIC_DATA, public_folder
from mfgui.data.options import ReadOptions
from mfgui.gui.job_watch import JobWatch
from mfgui.gui.widgets.public_data import PublicDataPage

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.jobs.download import Downloaded


class PublicDataFlow(QObject):
    """Shows the page among the window's pages, and leads from there to an open file."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._pages = window, window.pages
        self._before: QWidget | None = None
        self.page = PublicDataPage(public_folder(), window)
        self._pages.addWidget(self.page)
        self.page.download_requested.connect(self.download)
        self.page.open_requested.connect(self.open)
        self.page.back_requested.connect(self.leave)
        window.job_runner.finished.connect(lambda _: self.page.set_busy(""))

    def show(self) -> None:
        """Show the page; Back leads to what is shown now."""
        if self._pages.currentWidget() is not self.page:
            self._before = self._pages.currentWidget()
        self.page.refresh()
        self._pages.setCurrentWidget(self.page)
        self.page.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Show what was shown before; a download that runs goes on."""
        if self._before is not None:
            self._pages.setCurrentWidget(self._before)

    def download(self, name: str) -> None:
        """Start the job, and open what came."""
        window = self._window
        is_free = not window.job_runner.is_running
        window.start_job(
            f"Downloading {PUBLIC_DATA[name].label}",
            lambda control: jobs.download_data(control, name),
            JobWatch(self._on_downloaded, can_go_on=lambda: True))
        if is_free:
            self.page.set_busy(name)

    def _on_downloaded(self, got: Downloaded) -> None:
        """Open what came, unless the person has turned to something else meanwhile."""
        if not self._window.isActiveWindow():
            QApplication.alert(self._window)
        if self._pages.currentWidget() is self.page:
            self.open(got.path, got.titles)
            return
        self._window.tell(
            f"{PUBLIC_DATA[got.name].label} is on this computer now.", "information", "Open it",
            lambda: self.open(got.path, got.titles))

    def open(self, path: str, titles: str = "") -> None:
        """Open a ratings file that is here, with its titles, through the window's own way."""
        self._window.open_path(path, ReadOptions(titles=titles) if titles else None)
