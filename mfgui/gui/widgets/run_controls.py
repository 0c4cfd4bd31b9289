"""Train, Pause, Stop and the progress: always visible, and nothing jumps."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.theme import set_role
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.run_progress import RunProgress
from mfgui.training.events import Notice

TRAIN_ON = "Train on"
TRAIN_ON_HELP = ("Train for as many more epochs, from the factors as they are now; the curve "
                 "shows the seam.")
CONTINUE_HELP = ("Take the factors over as they are now and train them with this method, for as "
                 "many more epochs as its settings say; the curve shows the seam.")
REMEDY_HELP = ("Put what helps with the sentence above into the form; nothing is trained before "
               "you press Train.")
# Pixels: the margins beside all, border and padding beside the text of a button.
_MARGIN, _AROUND = 10, 14


class RunControls(QWidget):
    """The buttons of a run, its progress, and one line with one remedy.

    Signals
    -------
    train_clicked, train_on_clicked, pause_requested, resume_requested, stop_requested
    remedy_clicked : the Notice whose button was pressed
    """

    train_clicked = Signal()
    train_on_clicked = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()
    remedy_clicked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = Status.EMPTY
        self._notice: Notice | None = None
        self.train_on_text = TRAIN_ON
        self.start = _button("Train", "startButton", "Alt+T", "Start training with the settings "
                             "above; what was trained before is replaced.")
        self.start.setProperty("isPrimary", True)
        self.pause = _button("Pause", "pauseButton", "Alt+P", "Pause training, or go on with it.")
        self.stop = _button("Stop", "stopButton", "Alt+S", "End training and keep the last whole "
                            "epoch, or the best one where early stopping looks for it.")
        self.train_on = _button(TRAIN_ON, "trainOnButton", "Alt+O", TRAIN_ON_HELP)
        self._message = QLabel()
        self._message.setObjectName("setupMessage")
        self._message.setWordWrap(True)
        self._remedy = QPushButton()
        self._remedy.setObjectName("remedyButton")
        describe(self._remedy, "Remedy", REMEDY_HELP)
        self._bar, self._bar_text = QProgressBar(), QLabel(" ")
        self._build()
        self._connect()

    def _build(self) -> None:
        """Place everything; the message stands above, so that the buttons stay where they are."""
        self._bar.setObjectName("trainingProgress")
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Training progress")
        self._bar_text.setObjectName("progressText")
        grid = QGridLayout()
        grid.setSpacing(6)
        for position, button in enumerate((self.start, self.pause, self.stop)):
            grid.addWidget(button, 0, position)
            grid.setColumnStretch(position, 1)
            button.setMinimumWidth(1)  # else the columns follow the words, and jump with them
        grid.addWidget(self.train_on, 1, 0, 1, 3)
        for button in (self.train_on, self._remedy):
            button.setMinimumWidth(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 6, _MARGIN, 10)
        layout.setSpacing(6)
        for widget in (self._message, self._remedy):
            layout.addWidget(widget)
            widget.hide()
        layout.addLayout(grid)
        layout.addWidget(self._bar)
        layout.addWidget(self._bar_text)

    def _connect(self) -> None:
        self.start.clicked.connect(self.train_clicked)
        self.train_on.clicked.connect(self.train_on_clicked)
        self.stop.clicked.connect(self.stop_requested)
        self.pause.clicked.connect(self._on_pause_clicked)
        self._remedy.clicked.connect(lambda: self.remedy_clicked.emit(self._notice))

    def show_status(
        self, run_model: RunModel, error: str, train_on_refusal: str, other_label: str = ""
    ) -> None:
        """Let the buttons follow the status.

        ``other_label`` names the chosen method where the last run's was another one.
        """
        status = self._status = run_model.status
        is_idle = status in (Status.READY, Status.DONE)
        is_under_way = status in (Status.TRAINING, Status.PAUSED)
        self._enable({
            self.start: is_idle and not error, self.pause: is_under_way, self.stop: is_under_way,
            self.train_on: not error and not train_on_refusal})
        self.train_on_text = f"Continue with {other_label}" if other_label else TRAIN_ON
        help_text = CONTINUE_HELP if other_label else TRAIN_ON_HELP
        told = f"{self.train_on_text}. " if other_label else ""
        self.train_on.setToolTip(told + (train_on_refusal or help_text))
        self.train_on.setWhatsThis(help_text)
        self._write_train_on()
        _set_text(self.pause, "Continue" if status is Status.PAUSED else "Pause", "Alt+P")

    def _enable(self, are_on: dict[QPushButton, bool]) -> None:
        """Switch buttons; the keys stay among them: Qt would hand them to some other panel."""
        if any(button.hasFocus() and not is_on for button, is_on in are_on.items()):
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # until there is one to take them
        for button, is_on in are_on.items():
            button.setEnabled(is_on)
        if self.hasFocus():
            first = next((button for button, is_on in are_on.items() if is_on), None)
            if first is not None:
                first.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Write as much of the longest buttons' texts as there is room for."""
        super().resizeEvent(event)
        self._write_train_on()
        self._write_remedy()

    def _write_train_on(self) -> None:
        button, room = self.train_on, self.train_on.width() - _AROUND
        metrics = button.fontMetrics()
        short = self.train_on_text.replace(" with", ":", 1)
        text = next((text for text in (self.train_on_text, short)
                     if metrics.horizontalAdvance(text) <= room),
                    metrics.elidedText(short, Qt.TextElideMode.ElideRight, room))
        _set_text(button, text.replace("&", "&&"), "Alt+O")
        button.setAccessibleName(self.train_on_text)

    def _write_remedy(self) -> None:
        """Write what the remedy does, on as many lines as it takes, about as long as each other."""
        text, width = self._notice.remedy if self._notice else "", (
            self._remedy.fontMetrics().horizontalAdvance)
        room = self.width() - 2 * _MARGIN - _AROUND
        lines = _broken(text, room, width)
        for narrower in range(width(text) // len(lines), room, 8):
            if len(even := _broken(text, narrower, width)) == len(lines):
                lines = even
                break
        self._remedy.setText("\n".join(lines))
        self._remedy.setAccessibleName(text or "Remedy")

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order."""
        return [self._remedy, self.start, self.pause, self.stop, self.train_on]

    def show_progress(self, progress: RunProgress, *, is_paused: bool = False) -> None:
        """Show how far the run is."""
        text = f"paused at {progress.text}" if is_paused and progress.text else progress.text
        self._bar.setValue(round(1000 * progress.fraction))
        self._bar_text.setText(text or " ")
        self._bar.setAccessibleDescription(text)

    def show_message(self, text: str, kind: str = "error", notice: Notice | None = None) -> None:
        """Show one sentence and, where there is one, its remedy as a button."""
        self._notice = notice
        set_role(self._message, kind if kind in ("error", "warning") else "muted")
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self._write_remedy()
        self._remedy.setVisible(bool(notice and notice.remedy))

    def _on_pause_clicked(self) -> None:
        if self._status is Status.PAUSED:
            self.resume_requested.emit()
        else:
            self.pause_requested.emit()


def _broken(text: str, room: int, width: Callable[[str], int]) -> list[str]:
    """Return a text in lines no wider than the room, but for a single word that is."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _button(text: str, name: str, keys: str, help_text: str) -> QPushButton:
    """Return a button; its keys are set apart, so that its text is the plain word."""
    button = QPushButton()
    button.setObjectName(name)
    button.setToolTip(help_text)
    button.setWhatsThis(help_text)
    _set_text(button, text, keys)
    return button


def _set_text(button: QPushButton, text: str, keys: str) -> None:
    """Write the word; Qt forgets the shortcut when the text changes."""
    if button.text() != text:
        button.setText(text)
        button.setShortcut(keys)
        button.setAccessibleName(text)
