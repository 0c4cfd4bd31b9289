"""A user or an item by its id, as a person wrote it."""

from __future__ import annotations

from mfgui.core.ratings import TextArray
from mfgui.errors import UnknownIdError
from mfgui.inspection.find import nearest_id
from mfgui.inspection.words import one_line


def position_of(
    texts: TextArray, wanted: str, side: str, titles: TextArray | None = None
) -> int:
    """Return where an id stands.

    Parameters
    ----------
    texts : TextArray
        The ids of users or items.
    wanted : str
    side : str
        "user" or "item".
    titles : TextArray or None
        Names beside the ids: one that was meant as such leads to its id in the sentence.

    Raises
    ------
    UnknownIdError
        If it is not among them; the sentence names the one that is spelled nearest, else any.
    """
    place = texts.positions.get(wanted)
    if place is not None:
        return place
    named = wanted.strip()
    titled = titles.positions.get(named) if titles is not None and named else None
    if titled is not None:
        raise UnknownIdError(f"{one_line(wanted)} is a title: name the {side} by its id, "
                             f"{one_line(texts[titled])}.")
    nearest = nearest_id(texts, wanted)
    hint = (f": did you mean {one_line(nearest)}?" if nearest
            else f"; its ids are written like {one_line(texts[0])}." if len(texts) else ".")
    raise UnknownIdError(f"The model knows no {side} {one_line(wanted) or 'without a name'}{hint}")
