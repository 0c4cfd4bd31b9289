"""``mfgui train --project P --continue RUN``: a run of a project goes on."""

from __future__ import annotations

import json

from mfgui.cli.common import (
    Parser,
    count_up_to,
    last,
    print_line,
    stopping_on_interrupt,
)
from mfgui.cli.projects import add_locate, locate, own_options, project_to_write
from mfgui.core.control import Control

HELP = ("go on with a run of the project, by number or name: one that was interrupted or stopped "
        "goes on itself, to the same bits; one that is finished is trained on from by a new run")


def wants_to_go_on(words: list[str]) -> bool:
    """Return whether a run is to go on rather than one to begin."""
    return any(word == "--continue" or word.startswith("--continue=") for word in words)


def train_on(words: list[str]) -> int:
    """Go on with a run of a project."""
    from mfgui import jobs
    from mfgui.cli.train import card_text, follow
    from mfgui.jobs.folds import fold_training, origin_of_next
    from mfgui.jobs.train import marked_summary

    parser = Parser(prog="mfgui train", allow_abbrev=False, description=(
        "Go on with a run of a project. Its ratings are read again from where they were, and "
        "refused where they have changed; its settings are its own."))
    parser.add_argument("--project", metavar="P.mfgui", required=True)
    parser.add_argument("--continue", dest="run", metavar="RUN", required=True, help=HELP)
    parser.add_argument("--n-epochs", type=count_up_to(1_000_000), metavar="N",
                        help="go on for so many epochs more than it has; left out: for as many as "
                        "were planned")
    add_locate(parser)
    parser.add_argument("--save", metavar="MODEL.npz", help="write the model to this file")
    parser.add_argument("--no-ratings", action="store_true",
                        help="leave the ratings out of the model file")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = own_options(parser, words, "a run goes on with its own ratings and settings")
    if options.save:
        jobs.check_place(options.save)
    control = Control()
    with project_to_write(options.project) as project, stopping_on_interrupt(control):
        locate(control, project, options.locate)
        run = project.find_run(options.run)
        opened = last(jobs.open_source(control, project, run.source_id))
        result = follow(jobs.continue_run(
            control, project, run.id, opened.ratings, n_epochs=options.n_epochs), control)
        given, origin = fold_training(opened.ratings, run.origin), origin_of_next(run.origin)
        figures = marked_summary(result, given)
        if options.save:
            last(jobs.save_run(Control(), options.save, result, given, opened.report,
                               has_ratings=not options.no_ratings, origin=origin))
    print_line(json.dumps(figures, allow_nan=False) if options.json
               else card_text(figures, origin))
    return 0
