"""``mfgui search --project P --continue [SEARCH]``: a search of a project goes on."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mfgui.cli.common import Parser, count_up_to, last, say
from mfgui.cli.projects import add_locate, locate, own_options, project_to_write
from mfgui.core.control import Control

if TYPE_CHECKING:
    import argparse

    from mfgui.jobs.search import KeptSearch, SearchRecord

NEWEST = -1
HELP = ("go on with a search of the project where it stood, the newest if no number is given; "
        "--trials and --time may ask for more in all than it did")


def search_to_go_on(
    options: argparse.Namespace, control: Control, stack: ExitStack
) -> tuple[KeptSearch, Any, SearchRecord]:
    """Return a search of a project, its opened ratings, and where it is kept."""
    from mfgui import jobs
    from mfgui.jobs.search import SearchRecord, find_search

    project = stack.enter_context(project_to_write(options.project))
    locate(control, project, options.locate)
    kept = find_search(project, None if options.go_on == NEWEST else options.go_on)
    opened = last(jobs.open_source(control, project, kept.source_id))
    say(f"{len(kept.outcomes):,} trial{'s are' if len(kept.outcomes) != 1 else ' is'} done.")
    return _asked_for(kept, options), opened, SearchRecord(project, kept.source_id)


def options_to_go_on(words: list[str], parser: Parser) -> argparse.Namespace:
    """Return the options of a search that goes on: it has its own ratings and settings.

    Parameters
    ----------
    parser : Parser
        That has the options which both kinds of search know.
    """
    parser.description = (
        "Go on with a search of a project: to the same trials as if it had never stopped. Its "
        "ratings are read again from where they were; ranges, method and settings are its own.")
    parser.add_argument("--n-threads", type=count_up_to(256), metavar="N",
                        help="default: one a core; the trials are the same for any number")
    add_locate(parser)
    options = own_options(parser, words, "a search goes on with its own ratings and settings")
    if not options.project:
        parser.error("--continue needs the --project that the search is in")
    return options


def _asked_for(kept: KeptSearch, options: argparse.Namespace) -> KeptSearch:
    """Return a search with as many trials, or as much time, as is asked for now."""
    plan = kept.plan
    if options.trials is not None:
        plan = replace(plan, n_trials=options.trials, seconds=options.time)
    elif options.time is not None:
        plan = replace(plan, seconds=options.time)
    return replace(kept, plan=plan)
