"""What the inspector says, in words and numbers: for its labels and for "Copy"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mfgui.inspection.bars import value_text
from mfgui.inspection.cells import observed_rating
from mfgui.inspection.explanation import Card, Explanation, Waterfall
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import NewUser
from mfgui.inspection.rounding import decimals_of, number_text
from mfgui.inspection.words import name_of, one_line

Cell = tuple[int, int]
Scale = tuple[float, float]
_MINUS = "\N{MINUS SIGN}"
NOT_RATED = "not rated"
UNSEEN = ", not trained on"
NO_RATINGS = ("The ratings it was trained on are not known here, so nothing is told by them: open "
              "the ratings, then the model.")


@dataclass(frozen=True)
class CellWords:
    """A cell as it can be told without a model.

    Parameters
    ----------
    user, item : str
        "User 12", "Item 661".
    user_name, item_title : str
        "" where there is none beside the id.
    rated : str
        The rating, or that there is none.
    """

    user: str
    user_name: str
    item: str
    item_title: str
    rated: str

    @property
    def lines(self) -> tuple[str, str]:
        """User and item, each with its name, on a line."""
        return (f"{self.user}  {self.user_name}".rstrip(),
                f"{self.item}  {self.item_title}".rstrip())


def words_of(known: Known, cell: Cell, new_user: NewUser | None) -> CellWords:
    """Return a cell in words; of a new user where one is given."""
    ratings, (user, item) = known.ratings, cell
    if new_user is not None:
        whose, name, observed = new_user.name.capitalize(), "", new_user.rating(item)
    else:
        whose = f"User {one_line(ratings.user_ids[user])}"
        name = name_of(ratings.user_names, user)
        observed = observed_rating(ratings, user, item)
    rated = NOT_RATED if observed is None else minus(rating(observed))
    if new_user is None and known.is_unseen is not None and (
            (place := known.place_of(user, item)) is not None and known.is_unseen[place]):
        rated += UNSEEN
    return CellWords(one_line(whose), name, f"Item {one_line(ratings.item_ids[item])}",
                     name_of(ratings.item_titles, item), rated)


def figures_of(
    words: CellWords, explanation: Explanation | None, scale: Scale, *, is_narrow: bool = False
) -> dict[str, str]:
    """Return the lines of the head with their values; those that say nothing are left out.

    Parameters
    ----------
    scale : tuple of float
        Of the model: how many decimals tell its numbers apart.
    is_narrow : bool
        The typical error has a line of its own.
    """
    rated = words.rated
    if explanation is None:
        return {"Rated": rated}
    decimals = decimals_of(scale)
    if explanation.observed is None and not explanation.knows_ratings:
        rated = "not known"
    if explanation.is_held_out:
        rated += ", held out"
    if explanation.unit == "preference" and explanation.target is not None:
        rated += f" (preference {explanation.target:g})"
    error = explanation.typical_error
    beside = f" ± {number_text(error.value, decimals)}" if error is not None else ""
    predicted = explanation.parts.printed_total
    if is_narrow and beside:
        figures = {"Rated": rated, "Predicted": predicted, "Typical error": beside.strip()}
    else:
        figures = {"Rated": rated, "Predicted": predicted + beside}
    if (raw := number_text(explanation.raw, decimals)) != explanation.parts.printed_total:
        figures["Unclipped"] = raw
    if explanation.residual is not None:
        figures["Residual"] = number_text(explanation.residual, decimals, is_signed=True)
    return figures


def typical_error_text(explanation: Explanation, scale: Scale) -> str:
    """Return how the typical error was measured; "" where there is none."""
    error = explanation.typical_error
    if error is None:
        return ""
    return f"± {number_text(error.value, decimals_of(scale))}: {error.how}."


def card_figures(
    card: Card, scale: Scale, rating_scale: Scale, *, has_model: bool = True,
    knows_ratings: bool = True,
) -> dict[str, str]:
    """Return the lines of a card with their values; those that say nothing are left out.

    Parameters
    ----------
    scale, rating_scale : tuple of float
        Of what the model predicts, which may be preferences, and of the ratings.
    """
    decimals = decimals_of(scale)
    figures = {"Ratings": f"{card.n_ratings:,}"} if knows_ratings else {}
    if card.mean is not None:
        figures["Mean"] = number_text(card.mean, decimals_of(rating_scale))
    if not has_model:
        return figures
    figures["Bias"] = number_text(card.bias, decimals, is_signed=True)
    if card.rmse is not None:
        figures["RMSE"] = number_text(card.rmse, decimals)
    is_plain = 0.1 <= card.norm < 100
    return figures | {"Norm": f"{card.norm:.2f}" if is_plain else f"{card.norm:.3g}"}


def rating(value: float) -> str:
    """Return a rating as it was given: "4", "3.5"."""
    return value_text(value)


def minus(text: str) -> str:
    """Return the text with signs of subtraction as wide as the plus."""
    return text.replace("-", _MINUS)


# -- the explanation as text ------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What one model says of a cell.

    Parameters
    ----------
    name : str
        Of the model.
    explanation : Explanation
    scale, rating_scale : tuple of float
        Of what it predicts, and of the ratings.
    """

    name: str
    explanation: Explanation
    scale: Scale
    rating_scale: Scale


def copied_text(words: CellWords, models: Sequence[Told]) -> str:
    """Return everything that the models say of a cell as text; of two, each under its name."""
    lines = [*words.lines]
    for told in models:
        explanation, scale = told.explanation, told.scale
        lines += ["", f"{told.name}:"] if len(models) > 1 else [""]
        lines += [f"{word}: {value}" for word, value
                  in figures_of(words, explanation, scale).items()]
        lines += filter(None, [typical_error_text(explanation, scale)])
        for waterfall in waterfalls_of(explanation).values():
            lines += ["", *waterfall_text(waterfall)]
        lines.append("")
        for word, card in (("User", explanation.user_card), ("Item", explanation.item_card)):
            figures = [f"{name} {text}" for name, text in card_figures(
                card, scale, told.rating_scale,
                knows_ratings=explanation.knows_ratings).items()]
            lines.append(f"{word}: {', '.join(figures)}")
    if not models:
        lines += [f"{word}: {value}" for word, value in figures_of(words, None, (0, 1)).items()]
    return "\n".join(lines) + "\n"


def waterfalls_of(explanation: Explanation) -> dict[str, Waterfall]:
    """Return the waterfalls that there are, by the key of their choice."""
    found = {"parts": explanation.parts, "own": explanation.own_ratings,
             "raters": explanation.raters}
    found |= {f"member {k + 1}": each for k, each in enumerate(explanation.members)}
    return {key: waterfall for key, waterfall in found.items() if waterfall is not None}


def waterfall_text(waterfall: Waterfall) -> list[str]:
    """Return a waterfall as lines, numbers first and their signs below each other."""
    width = max([len(bar.printed) for bar in waterfall.bars] + [len(waterfall.printed_total)])
    lines = [f"{waterfall.name.capitalize()}:"]
    lines += [f"  {bar.printed:>{width}}  {bar.label}" for bar in waterfall.bars]
    lines += [f"  {waterfall.printed_total:>{width}}  predicted"]
    return [*lines, waterfall.note] if waterfall.note else lines
