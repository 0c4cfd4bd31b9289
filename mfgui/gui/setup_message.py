"""The one sentence above the buttons of a run: of all that could be said, what matters most."""

from __future__ import annotations

from dataclasses import dataclass

from mfgui.core.settings import RunSettings, describe
from mfgui.errors import SettingsError
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.settings_form import SettingsForm
from mfgui.gui.widgets.setting_row import value_text
from mfgui.jobs.train import Refusal, refusal
from mfgui.training.events import Notice


@dataclass(frozen=True)
class Message:
    """A sentence, its kind, and the notice whose remedy is a button below it."""

    text: str
    kind: str = "error"
    notice: Notice | None = None


class SetupMessage:
    """Keeps what was told last and chooses what is shown.

    Attributes
    ----------
    notice : Notice or None
        What the run told last.
    error : str
        Why a run could not begin, until something about that changes.
    """

    def __init__(self, form: SettingsForm) -> None:
        self._form = form
        self.notice: Notice | None = None
        self.error = ""

    def clear(self) -> None:
        """Forget what was told."""
        self.notice, self.error = None, ""

    def take(self, notice: Notice, model: RunModel | None) -> bool:
        """Take what a run tells; return whether it is one: a file's trouble is told elsewhere."""
        is_running = model is not None and model.status.is_running
        if is_running or notice.epoch is not None or notice.remedy:
            self.notice = notice
            return True
        return False

    def forget_mended(self, model: RunModel | None) -> None:
        """Let go of what a change of the form may have put right."""
        self.error = ""
        if self.notice is not None and self._is_mended(self.notice, model):
            self.notice = None

    def _is_mended(self, notice: Notice, model: RunModel | None) -> bool:
        """Return whether a setting that a remedy would change was changed by hand."""
        try:
            now, run = self._form.settings(), model and model.live.settings
        except SettingsError:
            return False
        return any(getattr(now, name, None) != getattr(run, name, None)
                   for name, _ in notice.remedy_settings)

    def chosen(
        self, model: RunModel, solver: str, refused: Refusal | None, train_on_text: str
    ) -> Message:
        """Return what is to be shown beside this solver; ``refused`` is why "train on" is off."""
        is_running = model.status.is_running
        if error := self._form.error_text:
            return Message(
                f"{'The next run' if is_running else 'Train'} needs this put right: {error}")
        if self.error:
            return Message(self.error)
        if self.notice is not None:
            return Message(self.notice.text, self.notice.kind, self.notice)
        if is_running and model.live.solver != solver:
            return Message("The chosen method is for the next run.", "information")
        if model.ratings is None:
            return Message("Open a ratings file to train on.", "information")
        if model.status is Status.DONE and model.result and refused:
            return Message(f"“{train_on_text}” is off. {refused.reason}", "information",
                           self._way_back(refused))
        return Message("")

    def _way_back(self, refused: Refusal) -> Notice | None:
        """Return what a button does where settings alone stand in the way."""
        if not refused.remedy:
            return None
        infos = {info.name: info for info in describe(self._form.settings_type or RunSettings)}
        told = [f"{infos[name].label} to {value_text(infos[name], value)}"
                for name, value in refused.remedy]
        return Notice("information", refused.reason, None, f"Set {' and '.join(told)}",
                      refused.remedy)


def find_refusal(model: RunModel, error: str) -> tuple[str, str]:
    """Return in a word and in a sentence why no rate can be found now; "" where one can."""
    if model.ratings is None:
        return "needs ratings", "Open a ratings file to try rates on."
    if model.status.is_running:
        return "not during a run", "A run is under way: find a rate when it is over."
    if error:
        return "not with these settings", f"This is to be put right first: {error}"
    return "", ""


def train_on_refusal(model: RunModel, solver: str, form: SettingsForm) -> Refusal | None:
    """Return why the factors of the last run cannot be gone on from, or None."""
    if model.result is None or model.ratings is None or model.status is not Status.DONE:
        return Refusal("There is nothing to train on from yet: press Train first.")
    try:
        settings = form.settings()
    except SettingsError as error:
        return Refusal(str(error))
    return refusal(model.result, solver, settings, model.ratings)
