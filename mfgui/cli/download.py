"""``mfgui download``."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from mfgui.cli.common import Parser, last, print_line, say, showing, stopping_on_interrupt
from mfgui.core.control import Control


def download(words: list[str]) -> int:
    """``mfgui download``."""
    from mfgui import jobs
    from mfgui.data.downloads import PUBLIC_DATA, cached, find_entry, public_folder

    parser = Parser(prog="mfgui download", description="Get a public data set: fetched once, "
                     "checked, unpacked and kept in the user's data folder.")
    parser.add_argument("name", nargs="?", metavar="NAME", help=", ".join(PUBLIC_DATA))
    parser.add_argument("--folder", metavar="F", help="keep it there; default: a folder of the "
                        "user's, or the one that the variable MFGUI_DATA names")
    parser.add_argument("--accept-terms", action="store_true",
                        help="accept the terms of use, which are shown without this")
    parser.add_argument("--list", action="store_true", help="list the data sets")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(words)
    if options.list == (options.name is not None):
        parser.error("name either a data set or --list")
    folder = Path(options.folder).absolute() if options.folder else public_folder()
    if options.list:
        return _list_data(folder, is_json=options.json)
    entry = find_entry(options.name)
    if not (options.accept_terms or cached(entry, folder)) and not _accepts(entry):
        return 1
    control = Control()
    with stopping_on_interrupt(control), showing(control):
        got = last(jobs.download_data(control, entry.name, folder))
    print_line(json.dumps(dataclasses.asdict(got)) if options.json else
           f"{entry.label}: {entry.size_text}\nratings  {got.path}"
           + (f"\ntitles   {got.titles}" if got.titles else ""))
    return 0


def _list_data(folder: Path, *, is_json: bool) -> int:
    """List the public data sets with what is here already."""
    from mfgui.data.downloads import PUBLIC_DATA, bytes_text, cached

    here = {name: cached(entry, folder) for name, entry in PUBLIC_DATA.items()}
    if is_json:
        print_line(json.dumps([
            {**dataclasses.asdict(entry), "is_cached": here[name] is not None}
            for name, entry in PUBLIC_DATA.items()]))
        return 0
    for name, entry in PUBLIC_DATA.items():
        tail = ", on this computer" if here[name] else ""
        print_line(f"{name:<16} {entry.size_text}; {bytes_text(entry.n_bytes)} to download{tail}")
    return 0


def _accepts(entry: Any) -> bool:
    """Show the terms of a data set; return whether the person at the terminal accepts them."""
    from mfgui.data.downloads import bytes_text

    print(f"{entry.label}: {entry.size_text}; {bytes_text(entry.n_bytes)} to download, about "
          f"{bytes_text(entry.n_unpacked_bytes)} on disk\n\nTerms of use\n{entry.terms}\n\n"
          f"Citation\n{entry.citation}\n", file=sys.stderr)
    if sys.stdin.isatty() and sys.stderr.isatty():
        print("Do you accept these terms of use? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            return True
    say(f"Nothing was downloaded: to accept the terms of use, add --accept-terms to mfgui "
         f"download {entry.name}.")
    return False
