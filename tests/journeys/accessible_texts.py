"""Print what AT-SPI tells of a program, as JSON; for the system's Python, which has pyatspi.

python3 accessible_texts.py PROGRAM: a list of [role, name, description, value] of all its widgets
that have a name or a description.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pyatspi

MOST = 5000


def walk(node: Any, found: list[list[str]]) -> None:
    """Collect the widgets below a node."""
    if node is None or len(found) > MOST:
        return
    try:
        value = ""
        try:
            value = str(node.queryText().getText(0, -1))
        except NotImplementedError:
            value = ""  # it has no text of its own
        if node.name or node.description:
            found.append([node.getRoleName(), node.name, node.description, value])
        children = [node.getChildAtIndex(k) for k in range(node.childCount)]
    except LookupError:
        return  # it went away meanwhile
    for child in children:
        walk(child, found)


def main() -> None:
    """Print what there is."""
    desktop = pyatspi.Registry.getDesktop(0)
    programs = [desktop.getChildAtIndex(k) for k in range(desktop.childCount)]
    found: list[list[str]] = []
    for program in programs:
        if program is not None and sys.argv[1] in program.name:
            walk(program, found)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
