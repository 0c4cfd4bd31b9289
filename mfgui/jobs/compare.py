"""A second model beside the one that is shown: matched by id, measured on what neither saw."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mfgui.core.control import Control
from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.splits import match_ids
from mfgui.data.options import ReadOptions
from mfgui.errors import ModelFileError
from mfgui.inspection.comparison import (
    OPEN_MODEL,
    HeldOutFigures,
    OtherModel,
    compare_held_out,
    compare_test,
)
from mfgui.inspection.comparison_words import sentences
from mfgui.inspection.differences import (
    RowDifferences,
    SettingDifference,
    setting_differences,
)
from mfgui.inspection.known import Known
from mfgui.jobs.models import match_model, ratings_of
from mfgui.store.foreign_models import is_foreign, open_foreign
from mfgui.store.model_file import SavedModel, open_model

Path = str | os.PathLike[str]
MEASURING = "Measuring both on ratings that neither saw"


@dataclass(frozen=True, eq=False)
class Shown:
    """The model that another is compared with, in the numbering of ``ratings``.

    Parameters
    ----------
    model : FactorModel
    ratings : Ratings
    known : Known or None
        None where it does not know its ratings.
    before_refit : FactorModel or None
    name : str
    solver : str
        "" where it is not known.
    settings : mapping
        Plain values.
    """

    model: FactorModel
    ratings: Ratings
    known: Known | None
    before_refit: FactorModel | None = None
    name: str = OPEN_MODEL
    solver: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


def read_model(paths: Sequence[Path], ratings: Ratings | None = None) -> SavedModel:
    """Return a model of ours, or factors of another program.

    Raises
    ------
    ModelFileError
        If they cannot be read.
    """
    return open_foreign(paths, ratings) if is_foreign(paths) else open_model(paths[0])


def compare(
    control: Control, paths: Sequence[Path], shown: Shown,
) -> Iterator[OtherModel]:
    """Read another model and bring it beside the shown one.

    Raises
    ------
    ModelFileError
        If it cannot be read, or has no user or no item in common with the ratings.
    """
    name = " and ".join(os.path.basename(os.fspath(path)) for path in paths)
    control.report(f"Opening {name}")
    saved = read_model(paths, shown.ratings)
    control.checkpoint()
    other = brought_beside(name, saved, shown)
    control.report(MEASURING)
    yield replace(other, figures=compare_held_out(
        shown.model, shown.known, shown.before_refit, other, control.checkpoint))


@dataclass(frozen=True, eq=False)
class FilesComparison:
    """Two models in files.

    Parameters
    ----------
    ratings : Ratings
        In whose numbering all is: those of the first.
    other : OtherModel
        The second, measured.
    """

    ratings: Ratings
    other: OtherModel


def compare_files(
    control: Control, path: Path, other_path: Path, test_path: Path | None = None,
    options: ReadOptions | None = None,
) -> Iterator[FilesComparison]:
    """Compare two models in files, on what neither saw or on a file of test ratings.

    Raises
    ------
    ModelFileError, DataError
        If one of the files cannot be read, or they have no user or no item in common.
    """
    names = [os.path.basename(os.fspath(each)) for each in (path, other_path)]
    control.report(f"Opening {names[0]}")
    saved = open_model(path)
    solver, settings = card_settings(saved.card)
    shown = Shown(saved.model, ratings_of(saved), saved.known,
                  saved.before_refit, names[0], solver, settings)
    if test_path is None:
        for other in compare(control, [other_path], shown):
            yield FilesComparison(shown.ratings, other)
        return
    control.report(f"Opening {names[1]}")
    other = brought_beside(names[1], read_model([other_path], shown.ratings), shown)
    control.checkpoint()
    figures = measured_on(control, shown, other, test_path, options)
    yield FilesComparison(shown.ratings, replace(other, figures=figures))


def measured_on(
    control: Control, shown: Shown, other: OtherModel, path: Path, options: ReadOptions | None
) -> HeldOutFigures:
    """Return the figures of both on a file of test ratings."""
    from mfgui.data.reader import open_ratings

    test, _ = open_ratings(path, options, control)
    users, items, values = match_ids(test, shown.ratings)
    control.report(f"Measuring both on {test.name}")
    return compare_test(shown.model, shown.known, other, Pairs(users, items, values), test.name,
                        control.checkpoint)


def brought_beside(name: str, saved: SavedModel, shown: Shown) -> OtherModel:
    """Return a model in the numbering of the shown one's ratings, not yet measured.

    Raises
    ------
    ModelFileError
        If it has no user or no item in common with them.
    """
    matched = match_model(saved, shown.ratings)
    if matched is None:
        raise ModelFileError(f"{name} has no user or no item in common with {shown.ratings.name}: "
                             "the ids of both must be written alike to be compared.")
    users, items = matched.users >= 0, matched.items >= 0
    return OtherModel(
        name, matched.model, users, items, saved.model.n_users - int(users.sum()),
        saved.model.n_items - int(items.sum()), matched.known, matched.before_refit,
        shown_name=shown.name, settings=_settings(shown, saved), shown_model=shown.model)


def _settings(shown: Shown, saved: SavedModel) -> tuple[SettingDifference, ...] | None:
    """Return in which settings two models differ; None where one does not know its own."""
    solver, settings = card_settings(saved.card)
    if not (solver and shown.solver):
        return None
    return setting_differences(shown.solver, shown.settings, solver, settings)


def card_settings(card: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return solver and settings of a model's card, which is untrusted; "" and none of neither."""
    solver, settings = card.get("solver"), card.get("settings")
    plain = {name: value for name, value in settings.items()
             if value is None or isinstance(value, (bool, int, float, str))
             } if isinstance(settings, dict) else {}
    return (solver if isinstance(solver, str) else ""), plain


def comparison_dict(other: OtherModel, ratings: Ratings, n_rows: int = 20) -> dict[str, Any]:
    """Return a comparison as plain values, A being the shown model and B the other.

    Parameters
    ----------
    other : OtherModel
        Measured.
    ratings : Ratings
        Whose numbering it is in.
    n_rows : int
        How many users and items there are at most where each is better by most.
    """
    figures, paired = other.figures, other.figures.paired if other.figures is not None else None
    measures = {} if paired is None else {
        figure.name.lower(): {
            "a": figure.value, "b": figure.other_value, "difference": figure.difference,
            "low": figure.low, "high": figure.high} for figure in (paired.rmse, paired.mae)}
    return {
        "a": other.shown_name, "b": other.name,
        "n_ratings": paired.n_ratings if paired is not None else 0,
        "n_users": paired.n_users if paired is not None else 0, **measures,
        "better": None if paired is None or paired.rmse.winner is None
        else "ab"[paired.rmse.winner],
        "sentences": list(sentences(other)), "matched": other.text,
        "settings": [{"name": each.name, "label": each.label, "a": each.value,
                      "b": each.other_value} for each in other.settings or ()],
        "seeds": None if other.seeds is None else asdict(other.seeds),
        "users": _rows(figures.users if figures else None, ratings.user_ids, n_rows),
        "items": _rows(figures.items if figures else None, ratings.item_ids, n_rows),
    }


def _rows(rows: RowDifferences | None, ids: TextArray, n_most: int) -> dict[str, Any]:
    """Return the users or items that each model is better at, by sum of squared errors."""
    if rows is None:
        return {"a_better": [], "b_better": []}
    return {f"{name}_better": [
        {"id": ids[line.index], "n_ratings": line.n_ratings, "rmse_a": line.rmse,
         "rmse_b": line.other_rmse, "squared_errors_a_less_b": line.squares}
        for line in rows.lines(better=place, n_most=n_most)] for place, name in enumerate("ab")}
