"""Text of one rating a line: user, item, rating and any further columns.

DuckDB reads the lines whole, one column wide, and splits them in SQL. Its own CSV parser skips
blank lines, so that numbers drift, and lets a quotation mark that is never closed swallow the
rest; whole lines keep the number an editor shows, and a damaged line costs itself only. The
price: a quoted field cannot run over several lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.data.assemble import fetch_ratings
from mfgui.data.database import Database
from mfgui.data.formats.layout import Layout, find_layout
from mfgui.data.formats.parse_sql import BLANK, HEADER, RATING, REASONS, parse_statement
from mfgui.data.import_report import ImportReport, RejectedLine, counted
from mfgui.data.options import ReadOptions
from mfgui.data.source import EXPECTED, Source
from mfgui.data.survey import Survey, readable_path, survey
from mfgui.errors import DataError

N_SHOWN = 100


@dataclass(frozen=True)
class Delimited:
    """Comma, tab, semicolon, blanks, ``|`` or ``::`` between the columns."""

    name: str = "delimited"
    label: str = "Delimited text"
    extensions: tuple[str, ...] = (".csv", ".tsv", ".txt", ".dat", ".data", ".inter", ".gz")

    def matches(self, head: bytes) -> bool:
        """Return True: text of any kind may be tried, and says itself why it cannot be read."""
        return bool(head)

    def read(
        self, source: Source, options: ReadOptions, control: Control
    ) -> tuple[Ratings, ImportReport]:
        """Return the ratings of the file and how it was understood.

        Raises
        ------
        DataError
            In one sentence.
        CancelledError
            If the control was stopped.
        """
        found = survey(source, control)
        layout = find_layout(_whole_lines(source, found.encoding), source.name, options)
        return _read(source, layout, found, control)


def _whole_lines(source: Source, encoding: str) -> str:
    """Return the beginning of the file up to its last line end."""
    head = source.head.removeprefix(b"\xef\xbb\xbf")
    if not source.is_whole:
        end = max(head.rfind(b"\n"), head.rfind(b"\r"))
        if end < 0:
            raise DataError(f"{source.name} has a line of over a million bytes: {EXPECTED}.")
        head = head[: end + 1]
    return head.decode(encoding)


def _read(
    source: Source, layout: Layout, found: Survey, control: Control
) -> tuple[Ratings, ImportReport]:
    import duckdb  # costs 0.1 s, and the window starts without it

    try:
        with (
            readable_path(source, found, control) as (path, compression),
            Database(path, source.name, control) as database,
        ):
            database.run(
                parse_statement(layout, found.encoding, compression),
                [database.pattern], share=(0.0, 0.6),
            )
            counts = _verdict_counts(database)
            rejected = _rejected(database)
            _refuse_unless_ratings(counts, rejected, source.name)
            _refuse_unless_complete(sum(counts.values()), found.n_lines, source.name)
            ratings = fetch_ratings(database, source.name, "title" in layout.positions, control)
    except duckdb.Error as error:
        raise _translated(error, source.name) from error
    return ratings, _report(source, layout, found.encoding, ratings, counts, rejected)


def _verdict_counts(database: Database) -> dict[int, int]:
    table = database.arrays("SELECT verdict, count(*) AS k FROM parsed GROUP BY verdict")
    return dict(zip(table["verdict"].tolist(), table["k"].tolist(), strict=True))


def _rejected(database: Database) -> tuple[RejectedLine, ...]:
    rows = database.run(
        "SELECT n, verdict, r, line FROM parsed WHERE verdict > 0 ORDER BY n LIMIT ?", [N_SHOWN]
    ).fetchall()
    return tuple(RejectedLine(n, _reason(verdict, r), line or "") for n, verdict, r, line in rows)


def _reason(verdict: int, rating: str | None) -> str:
    words = REASONS[verdict]
    return words % shortened(rating or "") if "%s" in words else words


def shortened(text: str, length: int = 40) -> str:
    """Return the text as one printable line of at most ``length`` characters."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    return shown if len(shown) <= length else shown[: length - 3] + "..."


def _refuse_unless_ratings(
    counts: dict[int, int], rejected: Sequence[RejectedLine], name: str
) -> None:
    n_good = counts.get(RATING, 0)
    bad = {verdict: number for verdict, number in counts.items() if verdict > 0}
    n_bad = sum(bad.values())
    if not n_good and not n_bad:
        raise DataError(f"{name} holds a header and no ratings: {EXPECTED}.")
    first = f"{name}, line {rejected[0].line}: {rejected[0].reason}" if rejected else name
    if not n_good:
        raise DataError(f"{first}; no line of the file is a rating: {EXPECTED}.")
    if n_bad > n_good:
        commonest = REASONS[max(bad, key=bad.__getitem__)].replace(" '%s'", "")
        raise DataError(
            f"{first}; {n_bad:,} of {counted(n_good + n_bad, 'line')} are no ratings, most often "
            f"because {commonest}: {EXPECTED}, so check the separator and the columns."
        )


def _refuse_unless_complete(n_read: int, n_lines: int, name: str) -> None:
    """Refuse a file of which lines were lost on the way, rather than train on the rest."""
    if n_read != n_lines:
        raise DataError(
            f"{name} has {counted(n_lines, 'line')}, of which {n_read:,} could be told apart: it "
            "changed meanwhile, or holds unusual line ends; save it anew as plain text."
        )


def _translated(error: Any, name: str) -> DataError:
    """Return the sentence for what DuckDB says."""
    text = str(error)
    if "line size" in text.lower():
        return DataError(f"{name} has a line of over two million bytes: {EXPECTED}.")
    if "memory" in text.lower():
        return DataError(f"{name} needs more memory than there is: read a part of it.")
    first = shortened(text.partition("\n")[0], 120)
    return DataError(f"{name} cannot be read to its end ({first}): copy or export it again.")


def _report(
    source: Source, layout: Layout, encoding: str, ratings: Ratings,
    counts: dict[int, int], rejected: tuple[RejectedLine, ...],
) -> ImportReport:
    return ImportReport(
        path=source.path,
        name=source.name,
        n_lines=sum(counts.values()),
        n_ratings=ratings.n_ratings,
        n_users=ratings.n_users,
        n_items=ratings.n_items,
        separator=layout.separator_name,
        has_header=layout.header_line > 0,
        columns=layout.roles,
        scale=ratings.scale,
        n_rejected=sum(number for verdict, number in counts.items() if verdict > 0),
        rejected=rejected,
        n_duplicates=counts.get(RATING, 0) - ratings.n_ratings,
        n_header_lines=counts.get(HEADER, 0),
        n_blank_lines=counts.get(BLANK, 0),
        encoding={"utf-8": "UTF-8", "latin-1": "Latin-1"}[encoding],
        compression=source.compression,
    )
