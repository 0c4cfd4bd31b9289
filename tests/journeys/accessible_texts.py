"""Read a program through AT-SPI, as a screen reader does; for the system's Python and its pyatspi.

    python3 accessible_texts.py PROGRAM              a list of [role, name, description, text] of
                                                     all its widgets that have a name, as JSON
    python3 accessible_texts.py PROGRAM press NAME   press the button of that name

The exit code is 3 where there is no such program yet, 4 where there is no such button.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pyatspi

MOST = 5000
NO_PROGRAM, NO_BUTTON = 3, 4


def nodes(root: Any) -> Iterator[Any]:
    """Yield a node and all that lie below it, as far as they are still there."""
    waiting = [root]
    for _ in range(MOST):
        if not waiting:
            return
        node = waiting.pop()
        try:
            yield node
            waiting += [child for k in range(node.childCount - 1, -1, -1)
                        if (child := node.getChildAtIndex(k)) is not None]
        except LookupError:
            continue  # it went away meanwhile


def text_of(node: Any) -> str:
    """Return what stands in a field, "" where a node is none."""
    try:
        return str(node.queryText().getText(0, -1))
    except NotImplementedError:
        return ""


def told(node: Any) -> list[str]:
    """Return what a screen reader can say of a node."""
    return [node.getRoleName(), node.name, node.description, text_of(node)]


def press(node: Any) -> None:
    """Do what a click does."""
    actions = node.queryAction()
    [place] = [k for k in range(actions.nActions) if actions.getName(k).lower() == "press"]
    actions.doAction(place)


def main() -> int:
    """Print or press."""
    name, *order = sys.argv[1:]
    desktop = pyatspi.Registry.getDesktop(0)
    programs = [desktop.getChildAtIndex(k) for k in range(desktop.childCount)]
    [program] = [each for each in programs if each is not None and name in each.name] or [None]
    if program is None:
        return NO_PROGRAM
    if not order:
        json.dump([told(node) for node in nodes(program) if node.name], sys.stdout)
        return 0
    buttons = [node for node in nodes(program)
               if node.getRoleName() in ("push button", "button") and node.name == order[1]]
    if not buttons:
        return NO_BUTTON
    press(buttons[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())
