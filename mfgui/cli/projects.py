"""What the commands share that work with a project."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mfgui.cli.common import last, say
from mfgui.core.control import Control

if TYPE_CHECKING:
    from argparse import Namespace

    from mfgui.cli.common import Parser
    from mfgui.data.options import ReadOptions
    from mfgui.jobs.files import OpenedRatings
    from mfgui.store.project import Project


@contextlib.contextmanager
def project_to_write(path: str, *, may_create: bool = False) -> Iterator[Project]:
    """Open a project, or create it; what a person should know of it is told."""
    from mfgui.jobs.projects import open_or_create
    from mfgui.store.project import open_project

    project = open_or_create(path) if may_create else open_project(path)
    yield from _watched(project)


@contextlib.contextmanager
def project_to_read(path: str) -> Iterator[Project]:
    """Open a project that is only looked at: another process may be writing into it."""
    from mfgui.store.project import open_project

    yield from _watched(open_project(path, mode="read"))


def open_for_runs(
    path: str, opened: OpenedRatings, options: ReadOptions | None = None
) -> tuple[Project, int]:
    """Open or create a project to record runs in; return it and the id of the ratings there.

    Whoever calls it closes it.
    """
    from mfgui.jobs.projects import keep_source, open_or_create

    project = open_or_create(path)
    _tell(project)
    try:
        return project, keep_source(project, opened, options)
    except BaseException:
        project.close()
        raise


def _tell(project: Project) -> None:
    """Tell what a person should know of a project now, and trouble as it comes and goes."""
    if project.note:
        say(project.note)
    project.when_trouble(lambda sentence: say(sentence or "Writing goes on again."))


def _watched(project: Project) -> Iterator[Project]:
    """Yield a project and close it."""
    _tell(project)
    try:
        yield project
    except BaseException:
        with contextlib.suppress(Exception):  # what ended it is told, not what followed
            project.close()
        raise
    project.close()


def own_options(parser: Parser, words: list[str], why: str) -> Namespace:
    """Return the options of a command that goes on with something, and refuse all others."""
    options, others = parser.parse_known_args(words)
    if others:
        parser.error(f"{why}: leave {' '.join(others)} out")
    return options


def add_locate(parser: Parser) -> None:
    """Add the option that says where a ratings file has gone."""
    parser.add_argument("--locate", metavar="FILE", help="where a ratings file of the project is "
                        "now; it is known by its content")


def locate(control: Control, project: Project, path: str | None) -> None:
    """Note where a ratings file of the project is now."""
    from mfgui import jobs

    if path is not None:
        located = last(jobs.locate_file(control, project, path))
        say(f"{', '.join(located.names)}: now at {located.path}")
