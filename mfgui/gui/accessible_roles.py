"""What those who do not see the window are told that a drawn widget is: a picture, a chart.

Qt takes what draws itself for a filler, which screen readers pass over, name, description and all.
A widget says otherwise by an attribute ``accessible_role``, one of ``ROLES``.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget
from shiboken6 import isValid

_Role = QAccessible.Role
ROLES = {"picture": _Role.Graphic, "chart": _Role.Chart, "group": _Role.Grouping,
         "scale": _Role.Slider}
# Qt owns them, but does not say so to Python, which would delete what nobody here holds (6.10.3).
_HELD: list[QAccessibleInterface] = []


def install_roles() -> None:
    """Have such widgets presented by their role."""
    QAccessible.installFactory(_interface)


def _interface(_key: str, thing: QObject) -> QAccessibleInterface | None:
    """Return how a widget presents itself; None leaves it to Qt."""
    role = ROLES.get(str(getattr(thing, "accessible_role", "")))
    if role is None or not isinstance(thing, QWidget):
        return None
    made = QAccessibleWidget(thing, role, "")
    _HELD[:] = [held for held in _HELD if isValid(held)]  # those of closed windows are gone
    _HELD.append(made)
    return made
