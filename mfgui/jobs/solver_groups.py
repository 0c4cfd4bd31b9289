"""Where people find each solver: in the window's box and in ``mfgui solvers``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

# By the word in a solver's ``group``, in the order people see them.
HEADINGS = {"recommended": "Recommended", "textbook": "Textbook", "special": "Special"}


class Grouped(Protocol):
    """What has a group."""

    @property
    def group(self) -> str:
        """The group's word."""


Each = TypeVar("Each", bound=Grouped)


def by_heading(solvers: Mapping[str, Each]) -> dict[str, dict[str, Each]]:
    """Return the solvers by name below each heading, headings without any left out."""
    words = dict.fromkeys([*HEADINGS, *(solver.group for solver in solvers.values())])
    found = {
        HEADINGS.get(word, word.capitalize()): {
            name: solver for name, solver in solvers.items() if solver.group == word}
        for word in words}
    return {heading: members for heading, members in found.items() if members}
