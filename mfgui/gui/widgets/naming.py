"""What an item or a user is called in a table, on one line."""

from __future__ import annotations

from mfgui.core.ratings import Ratings
from mfgui.inspection.words import name_of, one_line


def item_name(ratings: Ratings, item: int) -> str:
    """Return an item's title, else its id."""
    return name_of(ratings.item_titles, item) or one_line(ratings.item_ids[item])


def user_name(ratings: Ratings, user: int) -> str:
    """Return a user's id, with the name where there is one."""
    its_id, name = one_line(ratings.user_ids[user]), name_of(ratings.user_names, user)
    return f"{its_id}  {name}" if name not in ("", its_id) else its_id
