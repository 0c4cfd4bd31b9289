"""What several solvers on the same ratings may share: arrangements of them that none changes.

Nothing is kept unless somebody says that many solvers will come, as a search does: a run by itself
would only hold memory longer.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar, cast

Thing = TypeVar("Thing")

_MOST = 2  # arrangements kept of one kind: trials of one seed all need the same one


class _Shelf:
    """What is shared of one ratings object."""

    def __init__(self) -> None:
        self.lock, self.n_users = threading.Lock(), 0
        self.things: OrderedDict[Hashable, Any] = OrderedDict()


_SHELVES: weakref.WeakKeyDictionary[Any, _Shelf] = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()


@contextlib.contextmanager
def sharing(owner: object) -> Iterator[None]:
    """Keep what is arranged of ``owner``, as training ratings, until the end of the block."""
    with _LOCK:
        shelf = _SHELVES.setdefault(owner, _Shelf())
        shelf.n_users += 1
    try:
        yield
    finally:
        with _LOCK:
            shelf.n_users -= 1
            if not shelf.n_users:
                _SHELVES.pop(owner, None)


def shared(owner: object, key: Hashable, make: Callable[[], Thing]) -> Thing:
    """Return ``make()``, or what it gave for this key before, where ``owner`` is shared.

    Nobody may change what is returned. Who asks while another makes it waits for it.
    """
    with _LOCK:
        shelf = _SHELVES.get(owner)
    if shelf is None:
        return make()
    with shelf.lock:
        if key not in shelf.things:
            shelf.things[key] = make()
            while len(shelf.things) > _MOST:
                shelf.things.popitem(last=False)
        shelf.things.move_to_end(key)
        return cast(Thing, shelf.things[key])
