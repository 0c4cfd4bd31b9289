"""``mfgui help``."""

from __future__ import annotations

import textwrap

from mfgui.cli.common import Parser, print_line

WIDTH = 88


def help_on(words: list[str]) -> int:
    """``mfgui help``."""
    from mfgui.jobs.help_pages import find_page, pages

    parser = Parser(prog="mfgui help", description="Explain a method, setting, panel or term; "
                    "without one, list them.")
    parser.add_argument("term", nargs="*", metavar="TERM")
    options = parser.parse_args(words)
    if options.term:
        paragraphs = find_page(" ".join(options.term)).text.split("\n\n")
        print_line("\n\n".join(textwrap.fill(text, WIDTH) for text in paragraphs))
        return 0
    by_kind: dict[str, list[str]] = {}
    for page in pages().values():
        by_kind.setdefault(page.kind, []).append(page.name)
    for kind, names in by_kind.items():
        print_line(f"{kind}s")
        print_line(textwrap.fill(", ".join(sorted(names, key=str.lower)), WIDTH,
                                 initial_indent="  ", subsequent_indent="  "))
    return 0
