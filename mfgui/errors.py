"""Failures that a user can cause, each told in one sentence that names the way out.

Everything else that goes wrong is a bug and keeps its traceback.
"""


class MfguiError(Exception):
    """A failure a user can cause: ``str(error)`` is one sentence to be shown as it stands."""


class DataError(MfguiError):
    """A ratings file that cannot be read as ratings."""


class SettingsError(MfguiError):
    """A setting outside what it may be.

    Parameters
    ----------
    message : str
        One sentence: what is wrong and what would be right.
    field : str or None
        The name of the setting, so that a form can show the sentence beside it.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class TrainingError(MfguiError):
    """A run that cannot begin or go on with these ratings and settings."""


class StepError(MfguiError):
    """A step by hand that cannot be taken."""


class ModelFileError(MfguiError):
    """A model file that is damaged, incomplete or not ours."""


class StorageError(MfguiError):
    """A file that cannot be written; what stood there before is untouched."""


class CancelledError(MfguiError):
    """The person stopped a job before it had a result."""


class UnknownIdError(MfguiError):
    """A user or an item that a model does not know."""


class ProjectError(MfguiError):
    """A project file that is damaged, not ours, of a newer version, or lacks what is asked for."""


class HeldError(ProjectError):
    """A project that another process has open.

    Parameters
    ----------
    message : str
        One sentence.
    holder : str
        Who has it, for people: "process 4711 on lab-3, since 14:02".
    """

    def __init__(self, message: str, holder: str) -> None:
        super().__init__(message)
        self.holder = holder
