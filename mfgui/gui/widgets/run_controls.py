"""Train, Pause, Stop and the progress: always visible, and nothing jumps."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.theme import set_role
from mfgui.training.events import EpochRecord, Notice, RunResult, StopReason

TRAIN_ON_HELP = ("Train for as many more epochs, from the factors as they are now; the curve "
                 "shows the seam.")


class RunProgress:
    """How far a run is, as a share that never falls, and in words.

    A refit is a second part: where one is to come, the first ends at half.
    """

    def __init__(self) -> None:
        self.begin("")

    def begin(self, text: str) -> None:
        """Begin anew."""
        self.fraction, self.text = 0.0, text
        self._floor, self._first, self._segment = 0.0, 0, -1

    def add(self, record: EpochRecord, n_epochs: int, best_epoch: int | None, *,
            is_refit_to_come: bool) -> None:
        """Take the newest record."""
        if record.segment != self._segment:
            self._segment, self._first, self._floor = record.segment, record.epoch, self.fraction
        if record.is_refit and best_epoch:
            n_epochs = best_epoch
        done, last = record.epoch - self._first, self._first + n_epochs
        ceiling = 0.5 if is_refit_to_come and not record.is_refit else 1.0
        share = min(done / n_epochs, 1.0)
        self.fraction = max(self.fraction, self._floor + (ceiling - self._floor) * share)
        word = "refit epoch" if record.is_refit else "epoch"
        self.text = f"{word} {record.epoch:,} of {max(last, record.epoch):,}"

    def end(self, result: RunResult) -> None:
        """Be full where the run came to its end; one that was cut short keeps its share."""
        n_epochs = result.n_epochs_run
        word = {StopReason.STOPPED: "stopped after", StopReason.DIVERGED: "diverged after"}.get(
            result.stopped_because, "done,")
        self.text = f"{word} {n_epochs:,} epoch{'' if n_epochs == 1 else 's'}"
        if result.stopped_because in (StopReason.FINISHED, StopReason.EARLY_STOPPING):
            self.fraction = 1.0


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
        self.start = _button("Train", "startButton", "Alt+T", "Start training with the settings "
                             "above; what was trained before is replaced.")
        self.start.setProperty("isPrimary", True)
        self.pause = _button("Pause", "pauseButton", "Alt+P", "Pause training, or go on with it.")
        self.stop = _button("Stop", "stopButton", "Alt+S", "End training and keep the last whole "
                            "epoch, or the best one where early stopping looks for it.")
        self.train_on = _button("Train on", "trainOnButton", "Alt+O", TRAIN_ON_HELP)
        self._message = QLabel()
        self._message.setObjectName("setupMessage")
        self._message.setWordWrap(True)
        self._remedy = QPushButton()
        self._remedy.setObjectName("remedyButton")
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
        for position, button in enumerate((self.start, self.train_on, self.pause, self.stop)):
            grid.addWidget(button, position // 2, position % 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        widest = max(button.sizeHint().width() for button in (self.start, self.train_on, self.stop))
        self.pause.setText("Continue")
        widest = max(widest, self.pause.sizeHint().width())
        self.pause.setText("Pause")
        for button in (self.start, self.train_on, self.pause, self.stop):
            button.setMinimumWidth(widest)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 10)
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

    def show_status(self, run_model: RunModel, error: str, train_on_refusal: str) -> None:
        """Let the buttons follow the status."""
        status = self._status = run_model.status
        is_idle = status in (Status.READY, Status.DONE)
        self.start.setEnabled(is_idle and not error)
        self.train_on.setEnabled(not error and not train_on_refusal)
        self.train_on.setToolTip(train_on_refusal or TRAIN_ON_HELP)
        self.pause.setEnabled(status in (Status.TRAINING, Status.PAUSED))
        _set_text(self.pause, "Continue" if status is Status.PAUSED else "Pause", "Alt+P")
        self.stop.setEnabled(status in (Status.TRAINING, Status.PAUSED))

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order."""
        return [self._remedy, self.start, self.train_on, self.pause, self.stop]

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
        self._remedy.setText(notice.remedy if notice else "")
        self._remedy.setVisible(bool(notice and notice.remedy))

    def _on_pause_clicked(self) -> None:
        if self._status is Status.PAUSED:
            self.resume_requested.emit()
        else:
            self.pause_requested.emit()


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
