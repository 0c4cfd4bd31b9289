"""Event filters whose bugs do no harm.

What a slot or a painting raises comes to the hook for bugs. What an event filter raises while
Python itself called into Qt is put aside and raised by the next call, whichever that is, and two
of them end the process (PySide6 6.10.3, segmentation fault). So it is taken where it arises.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

Filter = TypeVar("Filter", bound=Callable[..., bool])


def sound_filter(method: Filter) -> Filter:
    """Return an ``eventFilter`` that hands its bugs to the hook, and the event on."""

    @functools.wraps(method)
    def sound(*arguments: Any) -> bool:
        try:
            return method(*arguments)
        except Exception as error:  # noqa: BLE001  the hook logs and shows it
            sys.excepthook(type(error), error, error.__traceback__)
            return False

    return sound  # type: ignore[return-value]  # the same call
