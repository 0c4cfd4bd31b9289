"""``mfgui info``."""

from __future__ import annotations

import json
import shlex
from typing import Any

from mfgui.cli.common import (
    Parser,
    add_ratings,
    open_ratings,
    print_line,
    stopping_on_interrupt,
)
from mfgui.core.control import Control


def info(words: list[str]) -> int:
    """``mfgui info``."""
    parser = Parser(prog="mfgui info", description="Tell how a ratings file is read.")
    add_ratings(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(words)
    control = Control()
    with stopping_on_interrupt(control):
        opened = open_ratings(parser, options, control)
    if options.json:
        print_line(json.dumps(opened.report.as_dict(), allow_nan=False))
        return 0
    _print_report(opened.report)
    return 0


def _print_report(report: Any) -> None:
    """Print how a file was read, for people."""
    from mfgui.data.import_report import counted

    def spread(each: Any) -> str:
        return f"{each.least:,} to {each.most:,}, half have at most {each.median:,.0f}"

    print_line(f"{report.name}: {report.n_ratings:,} ratings by {report.n_users:,} users of "
           f"{report.n_items:,} items ({report.density:.2%} rated)\n"
           f"scale {report.scale[0]:g} to {report.scale[1]:g}, mean {report.mean:.4f}\n"
           f"{report.summary()}\n"
           f"ratings per user {spread(report.per_user)}\n"
           f"ratings per item {spread(report.per_item)}")
    parts = [f"{report.n_ratings:,} ratings", *(f"{n:,} {name}" for name, n in report.losses)]
    print_line(f"{counted(report.n_lines, report.noun)} = {' + '.join(parts)}")
    for step in report.filters:
        print_line(f"filter: {step.text}: {counted(step.n_ratings, 'rating')}, "
               f"{counted(step.n_users, 'user')} and {counted(step.n_items, 'item')} left out")
    for note in report.notes:
        print_line(f"note: {note}")
    for offer in report.offers:
        words = " ".join(f"--{key.replace('_', '-')} {shlex.quote(str(value))}"
                         for key, value in offer.options.items())
        print_line(f"note: {offer.text} {offer.label}: {words}")
    for bad in report.rejected:
        place = f"{report.noun} {bad.line}" if bad.line else bad.text
        print_line(f"{place}: {bad.reason}")
