"""Why a number is what it is, as plain values: what a panel draws and the command line prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Bar:
    """One signed addend of a prediction.

    Parameters
    ----------
    kind : str
        "mean", "offset", "user_bias", "item_bias", "implicit", "factor", "factors" (the rest of
        them), "rating", "implicit_share" (that something was rated at all), "ratings" (the rest
        of both), "remainder" or "clipped".
    label : str
        Words for people, on one line.
    value : float
        In the units of the prediction.
    printed : str
        The value in words, rounded so that the printed bars of a waterfall add up to its
        ``printed_total``.
    index : int or None
        Number of the factor, item or user.
    observed : float or None
        The rating that was given, of the kind "rating".
    """

    kind: str
    label: str
    value: float
    printed: str
    index: int | None = None
    observed: float | None = None


@dataclass(frozen=True)
class Waterfall:
    """Bars that add up to a prediction as it is shown.

    Parameters
    ----------
    name : str
        What the bars are, in words: "by parts", "by own ratings", ...
    bars : tuple of Bar
    total : float
    printed_total : str
    note : str
        One sentence where something is missing or special; else "".
    """

    name: str
    bars: tuple[Bar, ...]
    total: float
    printed_total: str
    note: str = ""


@dataclass(frozen=True)
class Card:
    """What is known of a user or an item.

    Parameters
    ----------
    id, name : str
    n_ratings : int
        Training ratings.
    histogram : tuple of (float, int)
        Each value, or the lower end of each range of values, and how many ratings it has.
    mean : float or None
        Of its training ratings; None where there are none.
    bias : float
        The model's.
    rmse : float or None
        Of its training ratings' residuals, unclipped; None where there are none.
    norm : float
        Length of its row of factors.
    """

    id: str
    name: str
    n_ratings: int
    histogram: tuple[tuple[float, int], ...]
    mean: float | None
    bias: float
    rmse: float | None
    norm: float


@dataclass(frozen=True)
class TypicalError:
    """How far predictions like this one were from held-out ratings.

    Parameters
    ----------
    value : float
        Root mean square, in the units of the ratings.
    n_ratings : int
        Held-out ratings it was measured on.
    how : str
        Which ratings these were, in words.
    """

    value: float
    n_ratings: int
    how: str


@dataclass(frozen=True)
class Explanation:
    """A cell of the matrix, rated or not, and why the model predicts what it does.

    Parameters
    ----------
    user, item : int
        The user is -1 where it is a new one.
    user_name, item_title : str
        On one line; "" where there is none.
    observed : float or None
        The rating, of preferences the number as it stands in the ratings; None where there is
        none.
    is_held_out : bool or None
        Whether that rating was held out, of a refit before it; None where there is no rating, or
        nobody knows.
    predicted : float
        As shown: clipped where the model clips.
    raw : float
        Unclipped.
    residual : float or None
        ``target`` minus raw.
    parts : Waterfall
        Mean, biases, factors.
    own_ratings, raters : Waterfall or None
        One share for each of the user's ratings; for each rating of the item. None where the
        training ratings are not known.
    members : tuple of Waterfall
        Of an average, each member's parts.
    typical_error : TypicalError or None
    user_card, item_card : Card
    unit : str
        What is predicted.
    """

    user: int
    item: int
    user_id: str
    item_id: str
    user_name: str
    item_title: str
    observed: float | None
    is_held_out: bool | None
    predicted: float
    raw: float
    residual: float | None
    parts: Waterfall
    own_ratings: Waterfall | None
    raters: Waterfall | None
    members: tuple[Waterfall, ...]
    typical_error: TypicalError | None
    user_card: Card
    item_card: Card
    unit: Literal["rating", "preference"]

    @property
    def knows_ratings(self) -> bool:
        """Whether training ratings were known: else counts and means of the cards say nothing."""
        return self.raters is not None

    @property
    def target(self) -> float | None:
        """What the prediction is compared with: the rating; a preference of 1 where it is > 0."""
        if self.unit == "preference" and (self.knows_ratings or self.observed is not None):
            return float(self.observed is not None and self.observed > 0)
        return self.observed
