"""Files to `Ratings`: the one way in, whatever the file's kind."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mfgui.core.control import Control
from mfgui.core.memory import available_bytes
from mfgui.core.ratings import Ratings, TextArray
from mfgui.data.formats import FORMATS, Format
from mfgui.data.import_report import ImportReport, Offer
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings
from mfgui.data.source import EXPECTED, Source, open_source, shown_name
from mfgui.errors import DataError

if TYPE_CHECKING:
    from mfgui.data.policies import Outcome

__all__ = ["ReadOptions", "look_at_file", "open_ratings"]

CHUNK_BYTES = 1 << 20
# A row of text becomes 12 bytes, but twice that while it is sorted, and ids besides: a file takes
# about its own size of memory.
MEMORY_SHARE = 0.5
N_TITLES = 200
"""How many items are looked up in a file that may hold their titles."""


def open_ratings(
    path: str | os.PathLike[str],
    options: ReadOptions | None = None,
    control: Control | None = None,
) -> tuple[Ratings, ImportReport]:
    """Read a file of ratings.

    Parameters
    ----------
    path : str or path-like
        Of any kind in `FORMATS`, plain or compressed.
    options : ReadOptions, optional
        What is known about it; the rest is found out.
    control : Control, optional
        Carries progress out and Cancel in.

    Returns
    -------
    ratings : Ratings
    report : ImportReport

    Raises
    ------
    DataError
        In one sentence, if the file cannot be read, or nothing or less than half of it is
        ratings.
    CancelledError
        If the control was stopped.
    """
    from mfgui.data.policies import apply_policies  # numba, and the window starts without it

    options, control = options or ReadOptions(), control or Control()
    control.checkpoint()
    began = time.perf_counter()
    source = open_source(path, options.part)
    control.report(f"Reading {source.name}")
    kind = choose_format(source, options)
    with ThreadPoolExecutor(1, "mfgui-checksum") as executor:
        is_needless = threading.Event()
        checksum = executor.submit(
            file_checksum, source.path, lambda: control.is_stopped or is_needless.is_set())
        try:
            raw = kind.read(source, options, control)
            outcome = apply_policies(raw, options, source.name, control)
        except BaseException:
            is_needless.set()  # or the sentence would wait for the end of a large file
            _end_quietly(checksum.result, control)
            raise
        titles = _attach_names(outcome, options, control)
        report = _report(source, kind, raw, outcome, options)
        digest = _end_quietly(checksum.result, control)
    return outcome.ratings, replace(
        report, checksum=digest or "", titles=titles,
        read_seconds=round(time.perf_counter() - began, 3))


def look_at_file(
    path: str | os.PathLike[str], options: ReadOptions | None = None
) -> Look:
    """Look at the beginning of a file: its first rows, and how it would be read.

    Raises
    ------
    DataError
        In one sentence, if there is nothing that can be looked at.
    """
    options = options or ReadOptions()
    source = open_source(path, options.part)
    look = choose_format(source, options).look(source, options)
    warning = memory_warning(source)
    return replace(look, doubts=(*look.doubts, warning)) if warning else look


def choose_format(source: Source, options: ReadOptions) -> Format:
    """Return the format that was named, or the one that is surest, the first of equals.

    Raises
    ------
    DataError
        If there is no such format, or none matches.
    """
    if options.format is not None:
        if options.format not in FORMATS:
            raise DataError(f"{options.format!r} is no format: choose one of "
                            f"{', '.join(FORMATS)}.")
        return FORMATS[options.format]
    scores = {name: kind.matches(source, options) for name, kind in FORMATS.items()}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] <= 0:
        raise DataError(f"{source.name} is of no kind that can be read: {EXPECTED}.")
    return FORMATS[best]


def memory_warning(source: Source) -> str:
    """Return what to say of a file that is large beside the free memory; empty for others."""
    free = available_bytes()
    if free is None or source.n_bytes <= free * MEMORY_SHARE:
        return ""
    return (f"{source.name} has {source.n_bytes / 2**30:,.1f} GiB and only {free / 2**30:,.1f} "
            "GiB of memory are free: close other programs, or read a part of it.")


def file_checksum(path: Path, is_stopped: Callable[[], bool]) -> str:
    """Return ``sha256:`` and the digest of a file as it lies there; empty if it was stopped."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(CHUNK_BYTES):
            if is_stopped():
                return ""
            digest.update(piece)
    return f"sha256:{digest.hexdigest()}"


def _end_quietly(result: Callable[[], str], control: Control) -> str | None:
    """Return a checksum; None where there is none, as of a file that has gone meanwhile."""
    from concurrent.futures import CancelledError

    control.report("Finishing")
    try:
        return result()
    except (OSError, CancelledError):
        return None


def _attach_names(outcome: Outcome, options: ReadOptions, control: Control) -> str:
    """Attach titles and names from the files that were chosen; return the titles file's name."""
    if options.titles is None and options.user_names is None:
        return ""
    ratings = outcome.ratings
    name = ""
    if options.titles is not None:
        texts, name = _names(options.titles, ratings.item_ids, "items", outcome, control)
        ratings = replace(ratings, item_titles=texts)
    if options.user_names is not None:
        texts, _ = _names(options.user_names, ratings.user_ids, "users", outcome, control)
        ratings = replace(ratings, user_names=texts)
    outcome.ratings = ratings
    return name


def _names(
    path: str, ids: TextArray, noun: str, outcome: Outcome, control: Control
) -> tuple[TextArray, str]:
    """Return a name for each id, from a file, and the file's name."""
    from mfgui.data.policies import with_ids
    from mfgui.data.titles import read_titles, titles_for

    titles = read_titles(path, None, control)
    texts, n_matched = titles_for(ids, titles)
    if not n_matched:
        raise DataError(f"{titles.name} names none of the {len(ids):,} {noun}: choose the file "
                        "that belongs to these ratings.")
    outcome.notes.append(f"{titles.name} names {n_matched:,} of {len(ids):,} {noun}.")
    return with_ids(texts, ids), titles.name


def _titles_offers(
    source: Source, ratings: Ratings, options: ReadOptions
) -> tuple[Offer, ...]:
    """Return the offer to attach the titles in a file beside the ratings, if there is one."""
    if options.titles is not None or ratings.item_titles is not None:
        return ()
    from mfgui.data.titles import find_titles

    first = (ratings.item_ids[k] for k in range(min(ratings.n_items, N_TITLES)))
    found = find_titles(source.path, first, options)
    if found is None:
        return ()
    return (Offer(f"{shown_name(found)} beside it names the items.", "Attach the titles",
                  {"titles": str(found)}),)


def _report(
    source: Source, kind: Format, raw: RawRatings, outcome: Outcome, options: ReadOptions
) -> ImportReport:
    from mfgui.data import statistics
    from mfgui.data.policies import is_rejection

    ratings, reading, losses = outcome.ratings, raw.reading, outcome.losses
    notes = [*raw.notes, *outcome.notes]
    if raw.n_bad_times and raw.time is not None:
        notes.append(f"{raw.n_bad_times:,} times could not be read.")
    if statistics.looks_like_counts(ratings):
        notes.append("These look like counts rather than ratings: a few are far larger than the "
                     "rest. The method Implicit ALS (implicit-als) is made for them.")
    return statistics.described(ImportReport(
        path=source.path, name=source.name, n_lines=raw.n_read, n_ratings=ratings.n_ratings,
        n_users=ratings.n_users, n_items=ratings.n_items, separator=reading.separator,
        has_header=reading.has_header, columns=reading.columns, scale=ratings.scale,
        losses=tuple((name, number) for name, number in losses.items() if number),
        n_rejected=sum(n for loss, n in losses.items() if is_rejection(loss)),
        rejected=tuple(sorted(outcome.rejected, key=lambda bad: bad.line)),
        n_duplicates=losses["duplicates"], n_header_lines=losses["header"],
        n_blank_lines=losses["blank"], n_missing=losses["missing"], n_zeros=outcome.n_zeros,
        n_trimmed=raw.n_trimmed, encoding=reading.encoding, compression=source.compression,
        decimal=reading.decimal, noun=raw.noun, format=kind.name, how=reading.how,
        doubts=reading.doubts, notes=tuple(notes),
        offers=(*statistics.offers(ratings, outcome.n_zeros, options),
                *_titles_offers(source, ratings, options)), n_bytes=source.n_bytes,
        modified_at=source.changed_ns / 1e9,
        read_at=datetime.now(UTC).isoformat(timespec="seconds"), filters=outcome.filters,
        options=options.as_dict(), has_times=ratings.time is not None,
        n_bad_times=raw.n_bad_times), ratings)
