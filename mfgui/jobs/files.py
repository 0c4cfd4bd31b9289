"""Jobs that read and write files: ratings, samples, models, tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.data.import_report import ImportReport
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.errors import StorageError
from mfgui.inspection.known import Known
from mfgui.jobs.models import match_model, ratings_of, sound_history, with_unseen
from mfgui.jobs.train import saved_model
from mfgui.store.exports import write_csv
from mfgui.store.files import write_beside
from mfgui.store.model_file import SavedModel, open_model, save_model
from mfgui.training.events import EpochRecord, RunResult

Path = str | os.PathLike[str]


@dataclass(frozen=True, eq=False)
class OpenedRatings:
    """Ratings, the report on how they were read, and where they came from ("" for the sample)."""

    ratings: Ratings
    report: ImportReport
    path: str = ""


@dataclass(frozen=True)
class Written:
    """A file that was written whole."""

    path: str
    n_rows: int = 0


def open_file(
    control: Control, path: Path, options: ReadOptions | None = None, is_asking: bool = False
) -> Iterator[Look | OpenedRatings]:
    """Read a ratings file: first how it begins, then the ratings.

    Where ``is_asking`` is set and there are doubts how to read it, the look is all there is.

    Raises
    ------
    DataError
        In one sentence, if it cannot be read as ratings.
    CancelledError
        If the control was stopped.
    """
    from mfgui.data.reader import look_at_file, open_ratings

    look = look_at_file(path, options)
    yield look
    if is_asking and look.doubts:
        return
    ratings, report = open_ratings(path, options, control)
    yield OpenedRatings(ratings, report, os.path.abspath(os.fspath(path)))


def look_file(
    control: Control, path: Path, options: ReadOptions | None = None
) -> Iterator[Look]:
    """Look at how a ratings file begins.

    Raises
    ------
    DataError
        In one sentence, if there is nothing that can be looked at.
    """
    from mfgui.data.reader import look_at_file

    control.checkpoint()
    yield look_at_file(path, options)


def open_sample(control: Control) -> Iterator[OpenedRatings]:
    """Make the sample: 3,000 people, 400 films, made up."""
    from mfgui.data.sample import sample_ratings

    control.report("Making the sample data")
    ratings, report = sample_ratings()
    yield OpenedRatings(ratings, report)


def open_textbook(control: Control) -> Iterator[OpenedRatings]:
    """Open the example that textbooks begin with: a 4 x 5 matrix with gaps."""
    from mfgui.data.textbook import textbook_ratings

    control.report("Opening the textbook example")
    yield OpenedRatings(*textbook_ratings())


def open_text(control: Control, text: str) -> Iterator[OpenedRatings]:
    """Read a small matrix from pasted text; blank or ``?`` is missing."""
    from mfgui.data.small_matrix import parse_matrix

    control.report("Reading the matrix")
    yield OpenedRatings(*parse_matrix(text))


def write_sample(control: Control, path: Path) -> Iterator[Written]:
    """Write the sample data as CSV."""
    from mfgui.data import sample

    control.report(f"Writing {path}")
    sample.write_sample(path)
    yield Written(os.fspath(path), sample.sample_ratings()[0].n_ratings)


def check_place(path: Path) -> None:
    """Refuse a place where no file can be written, before the work that it is for.

    Raises
    ------
    StorageError
        If the folder is not there or is not one, or may not be written to.
    """
    folder = os.path.dirname(os.path.abspath(os.fspath(path)))
    if os.path.isdir(os.fspath(path)) or not os.path.basename(os.fspath(path)):
        raise StorageError(f"{os.fspath(path)} is a folder: name a file in it.")
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise StorageError(
            f"{os.fspath(path)} cannot be written: there is no folder {folder} that may be "
            "written to; choose another place.")


def save_model_file(
    control: Control, path: Path, saved: SavedModel, *, has_ratings: bool = True
) -> Iterator[Written]:
    """Write a model file; ``has_ratings`` off leaves the ratings out."""
    control.report(f"Saving {path}")
    save_model(path, saved if has_ratings else replace(saved, known=None))
    yield Written(os.fspath(path))


def save_run(
    control: Control, path: Path, result: RunResult, ratings: Ratings,
    report: ImportReport | None = None, *, has_ratings: bool = True,
    origin: Mapping[str, Any] | None = None,
) -> Iterator[Written]:
    """Write the model of a run with its card, and with the report of how its ratings were read.

    ``has_ratings`` off leaves the ratings out, for those who may not pass them on; ``origin`` is
    what began the run, as a project knows it.
    """
    control.report(f"Saving {path}")
    save_model(path, saved_model(
        result, ratings, report, has_ratings=has_ratings, origin=origin))
    yield Written(os.fspath(path))


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A model from a file, and the ratings it is shown with.

    Parameters
    ----------
    saved : SavedModel
        As it stands in the file.
    model : FactorModel
        In the numbering of ``ratings``.
    ratings : Ratings
        The open ones where the ids meet, else the model's own, else its users and items without
        any rating.
    known : Known
        What the model was trained on, as far as the file says, and the open ratings, marked where
        it never saw them; else the open ratings are taken for what it was trained on.
    before_refit : FactorModel or None
    history : tuple of EpochRecord
        The curve of the run that made it, as far as the card tells it soundly.
    note : str
        What of the open ratings it does not know, in a sentence or two; else "".
    """

    saved: SavedModel
    model: FactorModel
    ratings: Ratings
    known: Known
    before_refit: FactorModel | None = None
    history: tuple[EpochRecord, ...] = ()
    note: str = ""


def open_model_file(
    control: Control, path: Path, ratings: Ratings | None = None
) -> Iterator[OpenedModel]:
    """Read a model file and match it with the open ratings, where there are any.

    Raises
    ------
    ModelFileError
        If it cannot be opened.
    """
    control.report(f"Opening {path}")
    saved = open_model(path)
    matched = match_model(saved, ratings) if ratings is not None else None
    name, history = os.path.basename(os.fspath(path)), sound_history(saved)
    if ratings is None or matched is None:
        own = ratings_of(saved)
        note = "" if ratings is None else (
            f"{name} has no user or no item in common with {ratings.name}: it is shown by itself, "
            "in the place of these ratings.")
        yield OpenedModel(saved, saved.model, own, saved.known or Known(own), saved.before_refit,
                          history, note)
        return
    known = Known(ratings) if matched.known is None else with_unseen(matched.known, ratings)
    yield OpenedModel(saved, matched.model, ratings, known, matched.before_refit, history,
                      matched.text and f"{name} was opened. {matched.text}")


def export_bytes(control: Control, path: Path, make: Callable[[], bytes]) -> Iterator[Written]:
    """Write a file whose content ``make()`` returns; it is called on the job's own thread."""
    control.report(f"Writing {path}")
    content = make()
    control.checkpoint()
    with write_beside(path) as temporary:
        temporary.write_bytes(content)
    yield Written(os.fspath(path))


def export_table(
    control: Control, path: Path, header: Sequence[str],
    rows: Callable[[], Iterable[Sequence[Any]]], *, guards_formulas: bool = False,
) -> Iterator[Written]:
    """Write a table as CSV; ``rows()`` is called on the job's own thread.

    ``guards_formulas`` as ``write_csv`` says.
    """
    control.report(f"Writing {path}")

    def checked() -> Iterator[Sequence[Any]]:
        for position, row in enumerate(rows()):
            if position % 1000 == 0:
                control.checkpoint()
            yield row

    yield Written(os.fspath(path), write_csv(path, header, checked(),
                                             guards_formulas=guards_formulas))
