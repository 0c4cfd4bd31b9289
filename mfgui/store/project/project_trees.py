"""The part of a project that keeps factors, states and held-out positions of runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.store.project.base import Then
from mfgui.store.project.checks import Damage
from mfgui.store.project.connection import reading
from mfgui.store.project.project_sources import SourcesPart
from mfgui.store.project.runs import HELD_OUT
from mfgui.store.project.tree_read import read_tree
from mfgui.store.project.tree_text import take_apart
from mfgui.store.project.trees import Contents, TreeDrop, TreeWrite


class TreesPart(SourcesPart):
    """Trees of a project's runs."""

    def keep_tree(self, run_id: int, role: str, tree: dict[str, Any], then: Then | None = None
                  ) -> None:
        """Keep nested values and arrays of a run in the place of those it had.

        ``tree`` holds None, switches, whole numbers of any size, numbers, texts, lists,
        dictionaries by text, and arrays, which must not be changed afterwards: those that are the
        very arrays of an earlier tree are not written again. Of trees that are not yet written the
        newest counts.
        """
        key = ("run_id", run_id, role)
        skeleton, arrays = take_apart(tree)
        write = TreeWrite(*key, skeleton, arrays, self._kept, self._next_thing)
        writer = self._writable()

        def done() -> None:
            self._forget_unwritten(key, tree)
            self._set_contents(run_id, write.contents)

        with self._lock:
            self._known_run(run_id)
            self._state.unwritten_trees[key] = tree
        writer.submit_long(write, then, ("tree", *key), done)

    def drop_tree(self, run_id: int, role: str) -> None:
        """Remove a tree of a run."""
        key = ("run_id", run_id, role)
        drop = TreeDrop(*key)
        with self._lock:
            self._known_run(run_id)
            self._state.unwritten_trees.pop(key, None)
        self._writable().submit_long(
            drop, None, ("tree", *key), lambda: self._set_contents(run_id, drop.contents))

    def tree(self, run_id: int, role: str) -> dict[str, Any] | None:
        """Return a tree of a run, or None; its arrays must not be changed.

        Raises
        ------
        ProjectError
            If it is damaged or larger than the free memory.
        """
        key = ("run_id", run_id, role)
        with self._lock:
            self._known_run(run_id)
            unwritten = self._state.unwritten_trees.get(key)
        if unwritten is not None:
            return dict(unwritten)
        with self._reading() as connection:
            tree = read_tree(connection, *key)
            if tree is not None and not isinstance(tree, dict):
                raise Damage("a tree is not as it was written")
        return tree

    def held_out(self, run_id: int) -> NDArray[np.int64] | None:
        """Return the rising positions of the ratings that a run holds out, or None."""
        tree = self.tree(run_id, HELD_OUT)
        if tree is None:
            return None
        with reading(self.path):
            return unpacked(tree)

    def _set_contents(self, run_id: int, contents: Contents | None) -> None:
        """Take note of what is kept of a run; None where a newer tree was written instead."""
        if contents is None:
            return
        with self._lock:
            info = self._state.runs.get(run_id)
            if info is not None:
                self._state.runs[run_id] = replace(
                    info, roles=contents.roles, n_bytes=contents.n_bytes)

    def _known_run(self, run_id: int) -> None:
        """See ``RunsPart``."""
        raise NotImplementedError


def packed(positions: NDArray[np.int64]) -> dict[str, Any]:
    """Return rising positions as a tree: as bits where that is shorter."""
    last = int(positions[-1]) if positions.size else -1
    if (last + 1) // 8 >= positions.nbytes:
        return {"positions": positions}
    mask = np.zeros(last + 1, np.bool_)
    mask[positions] = True
    return {"bits": np.packbits(mask)}


def unpacked(tree: dict[str, Any]) -> NDArray[np.int64]:
    """Return the rising positions of a tree."""
    bits, positions = tree.get("bits"), tree.get("positions")
    if isinstance(bits, np.ndarray) and bits.dtype == np.uint8 and bits.ndim == 1:
        return np.flatnonzero(np.unpackbits(bits)).astype(np.int64, copy=False)
    if not isinstance(positions, np.ndarray) or positions.dtype != np.int64 or (
            positions.ndim != 1 or (positions.size and positions[0] < 0)
            or np.any(np.diff(positions) <= 0)):
        raise Damage("positions do not rise")
    return positions
