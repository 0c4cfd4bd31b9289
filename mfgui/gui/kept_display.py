"""How the matrices are drawn, from one start to the next, as far as it does not depend on the data.

Stored as soon as a person chooses it: what the window chose by itself, such as margins where there
is room, is chosen anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mfgui.gui.stored_state import StoredState
from mfgui.inspection.colours import COLOUR_MAPS

SWITCHES = ("is_over_all", "has_margins")
ON, OFF = "on", "off"


def kept_display(stored: StoredState) -> dict[str, Any]:
    """Return what a person chose before; what does not fit any more is left."""
    found: dict[str, Any] = {}
    colour_map = stored.choice("colour_map", "")
    if colour_map in COLOUR_MAPS:
        found["colour_map"] = colour_map
    for name in SWITCHES:
        if (word := stored.choice(name, "")) in (ON, OFF):
            found[name] = word == ON
    return found


def keep_display(stored: StoredState, changes: Mapping[str, Any]) -> None:
    """Store what a person chose."""
    if "colour_map" in changes:
        stored.set_choice("colour_map", changes["colour_map"])
    for name in SWITCHES:
        if name in changes:
            stored.set_choice(name, ON if changes[name] else OFF)
