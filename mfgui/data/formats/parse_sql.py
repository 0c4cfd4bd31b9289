"""The SQL that splits the lines of a delimited file and judges each one."""

from __future__ import annotations

from mfgui.data.database import quoted
from mfgui.data.formats.layout import Layout

TEXT_LENGTH = 200

# Never in text: makes DuckDB hand out whole lines.
NO_SEPARATOR = "\x1e\x1f\x1e\x1f"

LARGEST = "3.4028234e38"  # of float32
BLANKS = "' \t'"

# What ``verdict`` says of a line, and in words; %s is the rating as written.
RATING, HEADER, BLANK = 0, -1, -2
REASONS = {
    1: "too few columns",
    2: "the user id is empty",
    3: "the item id is empty",
    4: "the rating is empty",
    5: "rating '%s' is not a number",
    6: "rating '%s' is not finite",
    7: "a quotation mark is not closed",
}


def parse_statement(layout: Layout, encoding: str, compression: str) -> str:
    """Return the statement that makes the table ``parsed``: one row a line, with a verdict.

    Parameters
    ----------
    layout : Layout
    encoding : str
        ``utf-8`` or ``latin-1``.
    compression : str
        ``none`` or ``gzip``.

    Returns
    -------
    str
        The path is its one bound value. The columns are ``n`` (the line), ``verdict`` (0 for a
        rating, else see `REASONS`), ``u``, ``i``, ``v``, ``title``, and for rejected lines
        ``r`` (the rating as written) and ``line``.
    """
    place = layout.positions
    title = _clean(f"f[{place['title']}]") if "title" in place else "NULL"
    return f"""
        CREATE TEMP TABLE parsed AS
        WITH lines AS (
            SELECT row_number() OVER () AS n, line
            FROM read_csv(?, auto_detect = false, header = false,
                columns = {{'line': 'VARCHAR'}}, delim = '{NO_SEPARATOR}', quote = '',
                escape = '', strict_mode = false, hive_partitioning = false,
                compression = '{compression}', encoding = '{encoding}')
        ), split AS (
            SELECT n, line, {_untidy(layout.separator)} AS untidy,
                {_split(layout.separator)} AS f
            FROM lines
        ), fields AS (
            SELECT n, line, len(f) AS width, {_clean(f"f[{place['user']}]")} AS u,
                {_clean(f"f[{place['item']}]")} AS i, {_clean(f"f[{place['rating']}]")} AS r,
                {title} AS title
            FROM split
        ), valued AS (
            -- DuckDB would read 1_000 as 1000
            SELECT *, CASE WHEN contains(r, '_') THEN NULL ELSE TRY_CAST(r AS DOUBLE) END AS v
            FROM fields
        ), judged AS (
            SELECT *, {_verdict(layout)} AS verdict FROM valued
        )
        SELECT n, verdict::TINYINT AS verdict, u, i, title,
            CASE WHEN verdict = 0 THEN v::FLOAT END AS v,
            CASE WHEN verdict > 0 THEN left(r, {TEXT_LENGTH}) END AS r,
            CASE WHEN verdict > 0 THEN left(line, {TEXT_LENGTH}) END AS line
        FROM judged"""


def _untidy(separator: str) -> str:
    """Return the condition under which the fields of a line can need trimming or unquoting.

    Trimming every field would double the time of the whole statement.
    """
    signs = {" ": ['"'], "\t": ['"', " "]}.get(separator, ['"', " ", "\t"])
    return " OR ".join(f"contains(line, {quoted(sign)})" for sign in signs)


def _split(separator: str) -> str:
    """Return the expression for a line's fields; only lines with quotes pay for a pattern."""
    if separator == " ":
        plain = f"string_split_regex(trim(line, {BLANKS}), '[ \\t]+')"
        gap, other, start = r"[ \t]+", r"[^ \t]", f"' ' || trim(line, {BLANKS})"
    else:
        plain = f"string_split(line, {quoted(separator)})"
        if len(separator) > 1:
            return plain  # quotation marks are not used with these
        gap, other = _pattern(separator), f"[^{_pattern(separator)}]"
        start = f"{quoted(separator)} || line"
    # Every match begins with a separator, so that an empty field is a match of its own.
    fields = quoted(f'{gap}([ \\t]*"(?:[^"]|"")*"{other}*|{other}*)')
    return f"""CASE WHEN contains(line, '"')
        THEN regexp_extract_all({start}, {fields}, 1) ELSE {plain} END"""


def _pattern(sign: str) -> str:
    """Return one character, written so that it stands for itself in a pattern."""
    return f"\\x{{{ord(sign):x}}}"


def _clean(field: str) -> str:
    """Return the expression for a field without outer blanks and quotation marks."""
    trimmed = f"trim({field}, {BLANKS})"
    return f"""CASE WHEN NOT untidy THEN {field}
        WHEN NOT contains({field}, '"') THEN {trimmed}
        WHEN regexp_full_match({trimmed}, '"([^"]|"")*"')
        THEN replace({trimmed}[2:-2], '""', '"') ELSE {trimmed} END"""


def _verdict(layout: Layout) -> str:
    """Return the expression for the verdict; the common case comes first, for its speed."""
    return f"""CASE
        WHEN n = {layout.header_line} THEN {HEADER}
        WHEN width >= {layout.n_needed} AND u <> '' AND i <> '' AND abs(v) <= {LARGEST}
            AND NOT {_is_open('u')} AND NOT {_is_open('i')} THEN {RATING}
        WHEN line IS NULL OR trim(line, {BLANKS}) = '' THEN {BLANK}
        WHEN width < {layout.n_needed} THEN 1
        WHEN u = '' THEN 2
        WHEN i = '' THEN 3
        WHEN r = '' THEN 4
        WHEN {_is_open('u')} OR {_is_open('i')} THEN 7
        WHEN v IS NULL THEN 5
        ELSE 6 END"""


def _is_open(field: str) -> str:
    return f"(starts_with({field}, '\"') AND NOT ends_with({field}, '\"'))"
