"""What the import report says, line by line, without Qt: for its panel and for "Copy as text"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mfgui.data.import_report import DUPLICATE_WORDS, Bin, ImportReport, RejectedLine, Spread
from mfgui.data.import_report import counted as counted_noun

_MINUS = "\N{MINUS SIGN}"
_COMPRESSIONS = {"none": "not compressed"}


def short(value: float) -> str:
    """Return a number with at most six digits: "3.5", "−10", "2,698", "0.000123"."""
    is_whole = abs(value) < 1e15 and value == int(value)
    return (f"{int(value):,}" if is_whole else f"{value:.6g}").replace("-", _MINUS)


def percent(share: float) -> str:
    """Return a share as per cent with three digits: "1.70 %", "0.00412 %"."""
    return f"{100 * share:.3g} %"


def bytes_text(n_bytes: int) -> str:
    """Return a size for people: "1,234 bytes", "24.6 MB"."""
    size, unit = float(n_bytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{n_bytes:,} bytes" if unit == "bytes" else f"{size:.3g} {unit} ({n_bytes:,} bytes)"


def sum_line(report: ImportReport) -> str:
    """Return the account: "100,837 lines = 100,836 ratings + 1 header"."""
    parts = [counted_noun(report.n_ratings, "rating")]
    kinds = {line.kind for line in report.rejected}
    parts += [f"{count:,} rejected ({name})" if name in kinds else f"{count:,} {name}"
              for name, count in report.losses if count]
    return f"{counted_noun(report.n_lines, report.noun)} = {' + '.join(parts)}"


def adds_up(report: ImportReport) -> bool:
    """Return whether ratings and losses make up all lines."""
    return report.n_lines == report.n_ratings + sum(count for _, count in report.losses)


def facts(report: ImportReport) -> list[tuple[str, str]]:
    """Return label and value of each line about file, reading and size."""
    lines = [*_file_facts(report), *_reading_facts(report)]
    lines += [
        ("Account", sum_line(report)),
        ("Ratings", f"{report.n_ratings:,}"),
        ("Users", f"{report.n_users:,}"),
        ("Items", f"{report.n_items:,}"),
        ("Density", f"{percent(report.density)} of all cells are rated"),
        ("Scale", f"{short(report.scale[0])} to {short(report.scale[1])}, "
                  f"mean {short(float(f'{report.mean:.4g}'))}"),
        ("Ratings of 0", f"{report.n_zeros:,}" + (_zeros_taken(report) if report.n_zeros else "")),
        ("Duplicates", f"{report.n_duplicates:,}" + (
            f" ({DUPLICATE_WORDS[report.options.get('duplicates', 'last')]})"
            if report.n_duplicates else "")),
        ("Rejected", counted_noun(report.n_rejected, report.noun)),
        ("Trimmed", f"{counted_noun(report.n_trimmed, 'id')} had blanks at an end"),
        ("Ratings a user", spread_text(report.per_user)),
        ("Ratings an item", spread_text(report.per_item)),
    ]
    if report.has_times or report.n_bad_times:
        lines.append(("Times", "read" if not report.n_bad_times else
                      f"{report.n_bad_times:,} could not be read"))
    if report.titles:
        lines.append(("Titles", f"from {report.titles}"))
    return [(label, value) for label, value in lines if value]


def _zeros_taken(report: ImportReport) -> str:
    is_missing = report.options.get("zeros") == "missing"
    return ", taken as missing" if is_missing else ", kept as ratings"


def _file_facts(report: ImportReport) -> list[tuple[str, str]]:
    lines = [("File", str(report.path) if report.path else report.name)]
    if report.n_bytes:
        packed = _COMPRESSIONS.get(report.compression, f"{report.compression}-compressed")
        lines.append(("Size", f"{bytes_text(report.n_bytes)}, {packed}"))
    if report.modified_at:
        lines.append(("Changed", _moment(datetime.fromtimestamp(report.modified_at))))
    lines.append(("Checksum", report.checksum))
    if report.read_at:
        lines.append(("Read", f"{_moment(datetime.fromisoformat(report.read_at))}, in "
                              f"{report.read_seconds:.3g} s"))
    return lines


def _moment(time: datetime) -> str:
    """Return a moment in the time of this place, with its distance from UTC."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def _reading_facts(report: ImportReport) -> list[tuple[str, str]]:
    lines = [("How read", report.how), ("Columns", ", ".join(report.columns))]
    if report.encoding:
        decimal = "decimal comma" if report.decimal == "comma" else "decimal point"
        lines.append(("Encoding", f"{report.encoding}, {decimal}"))
    if report.options:
        lines.append(("Set by hand", ", ".join(
            f"{name} {value}" for name, value in report.options.items())))
    return lines


def spread_text(spread: Spread) -> str:
    """Return "1 to 2,698, median 70"; "" where nothing was counted."""
    if not spread.most:
        return ""
    return f"{spread.least:,} to {spread.most:,}, median {short(spread.median)}"


def bin_label(each: Bin) -> str:
    """Return what a bar stands for: "3", "4 to 7"."""
    if each.low == each.high:
        return short(each.low)
    return f"{edge_text(each.low)} to {edge_text(each.high)}"


def edge_text(value: float) -> str:
    """Return where a bar begins, no finer than an eye can tell: "4.99", "−0.025"."""
    return short(value if value == int(value) else float(f"{value:.3g}"))


def reasons(report: ImportReport) -> list[tuple[str, int, list[RejectedLine]]]:
    """Return each reason for which lines were rejected, how many, and the first of them."""
    kept: dict[str, list[RejectedLine]] = {}
    for line in report.rejected:
        kept.setdefault(line.kind or line.reason, []).append(line)
    counts = dict(report.losses)
    found = [(kind, counts.get(kind, len(lines)), lines) for kind, lines in kept.items()]
    return sorted(found, key=lambda each: -each[1])


def as_text(report: ImportReport) -> str:
    """Return the whole report as text."""
    lines = [f"{label}: {value}" for label, value in facts(report)]
    lines += _bars("Ratings by value", report.histogram)
    lines += _bars("Users by number of ratings", report.per_user.bins)
    lines += _bars("Items by number of ratings", report.per_item.bins)
    for kind, count, rejected in reasons(report):
        lines += ["", f"Rejected, {kind}: {count:,}"]
        lines += [f"  {report.noun} {each.line:,}: {each.text}" for each in rejected]
    if report.filters:
        lines += ["", "Filters"]
        lines += [f"  {filter_text(step.text, step.n_ratings, step.n_users, step.n_items)}"
                  for step in report.filters]
    lines += _sentences("Doubts", report.doubts) + _sentences("Notes", report.notes)
    lines += _sentences("Other readings", (offer.text for offer in report.offers))
    return "\n".join(lines) + "\n"


def filter_text(text: str, n_ratings: int, n_users: int, n_items: int) -> str:
    """Return what a filter removed, in one sentence."""
    removed = ", ".join(counted_noun(number, noun) for number, noun in (
        (n_ratings, "rating"), (n_users, "user"), (n_items, "item")))
    return f"{text}: {removed} left out"


def _bars(title: str, bins: Iterable[Bin]) -> list[str]:
    rows = [f"  {bin_label(each)}: {each.count:,}" for each in bins]
    return ["", title, *rows] if rows else []


def _sentences(title: str, sentences: Iterable[str]) -> list[str]:
    rows = [f"  {sentence}" for sentence in sentences]
    return ["", title, *rows] if rows else []
