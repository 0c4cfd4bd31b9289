"""The part of a project that knows where ratings came from."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from mfgui.core.ratings import Ratings, TextArray
from mfgui.errors import ProjectError
from mfgui.store.project.base import ProjectBase
from mfgui.store.project.connection import reading
from mfgui.store.project.sources import (
    IDS,
    RATINGS,
    SourceInfo,
    ids_from,
    ids_tree,
    is_same_source,
    ratings_from,
    ratings_tree,
    source_row,
)
from mfgui.store.project.state import SET_COUNTER
from mfgui.store.project.tree_read import read_tree
from mfgui.store.project.tree_text import take_apart
from mfgui.store.project.trees import TreeWrite

_CHANGED = ("path", "name", "report", "options")


class SourcesPart(ProjectBase):
    """Sources of a project."""

    def sources(self) -> list[SourceInfo]:
        """Return all sources."""
        with self._lock:
            return list(self._fresh().sources.values())

    def source(self, source_id: int) -> SourceInfo:
        """Return one source.

        Raises
        ------
        ProjectError
            If there is none with that id.
        """
        with self._lock:
            info = self._fresh().sources.get(source_id)
        if info is None:
            raise ProjectError(f"{self.path.name} has no ratings with the number {source_id}.")
        return info

    def add_source(
        self, info: SourceInfo, ratings: Ratings, *, keep_ratings: bool = False
    ) -> int:
        """Keep where ratings came from, with ids and titles; return its id once it is committed.

        The same ratings, read in the same way, are the same source again.
        """
        self._writable()
        with self._lock:
            same = [each for each in self._state.sources.values() if is_same_source(each, info)]
            if same:
                kept = same[0]
                new = replace(kept, path=info.path or kept.path, name=info.name or kept.name)
            else:
                new = replace(info, id=self._state.next_number("source"), has_ratings=False)
            number = self._state.counters["source"]
            self._state.sources[new.id] = new
        if not same or new != same[0]:
            self._write_source(new, number)
        if not same:
            self._keep_source_tree(new.id, IDS, ids_tree(ratings))
        if keep_ratings and not new.has_ratings:
            self.change_source(new.id, ratings=ratings)
        return new.id

    def change_source(self, source_id: int, **changes: Any) -> None:
        """Change ``path``, ``name``, ``options`` or ``report``; ``ratings`` keeps those.

        Raises
        ------
        ProjectError
            If there is no such source.
        """
        ratings = changes.pop("ratings", None)
        if unknown := set(changes) - set(_CHANGED):
            raise TypeError(f"{', '.join(sorted(unknown))} of a source cannot be changed")
        self.source(source_id)
        if ratings is not None:
            self._keep_source_tree(source_id, RATINGS, ratings_tree(ratings))
            changes["has_ratings"] = True
        with self._lock:
            info = replace(self._state.sources[source_id], **changes)
            self._state.sources[source_id] = info
            number = self._state.counters["source"]
        self._write_source(info, number)

    def _write_source(self, info: SourceInfo, number: int) -> None:
        """Write a source and the last number given, and wait for it."""
        statement, values = source_row(info)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(statement, values)
            connection.execute(SET_COUNTER, ("source", number))

        self._writable().call(write)

    def source_ids(self, source_id: int) -> tuple[TextArray, TextArray, TextArray | None]:
        """Return ids of users, ids of items and titles of items (or None)."""
        with reading(self.path):
            users, items, titles, _ = ids_from(self._source_tree(source_id, IDS))
        return users, items, titles

    def source_ratings(self, source_id: int) -> Ratings | None:
        """Return the ratings that are kept in the project, or None."""
        info = self.source(source_id)
        if not info.has_ratings:
            return None
        tree = self._source_tree(source_id, RATINGS)
        with reading(self.path):
            return ratings_from(tree, self._source_tree(source_id, IDS), info.name)

    def _source_tree(self, source_id: int, role: str) -> Any:
        self.source(source_id)
        with self._lock:
            unwritten = self._state.unwritten_trees.get(("source_id", source_id, role))
        if unwritten is not None:
            return unwritten
        with self._reading() as connection:
            return read_tree(connection, "source_id", source_id, role)

    def _keep_source_tree(self, source_id: int, role: str, tree: Any) -> None:
        """Write a tree of a source and wait for it."""
        key = ("source_id", source_id, role)
        skeleton, arrays = take_apart(tree)
        write = TreeWrite(*key, skeleton, arrays, self._kept, self._next_thing)
        with self._lock:
            self._state.unwritten_trees[key] = tree
        self._writable().submit_long(
            write, key=("tree", *key), done=lambda: self._forget_unwritten(key, tree))
        self._writable().flush_long()

    def _forget_unwritten(self, key: tuple[str, int, str], tree: Any) -> None:
        """Take note that a tree is in the file."""
        with self._lock:
            if self._state.unwritten_trees.get(key) is tree:
                del self._state.unwritten_trees[key]
