"""What the commands share: a parser that says one line, output, ratings from options."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from mfgui.core.control import Control
from mfgui.jobs.options import add_reading, reading_from

__all__ = [
    "Parser", "add_ratings", "add_reading", "count_up_to", "last", "open_ratings", "print_line",
    "read_file", "reading_from", "say", "showing", "stopping_on_interrupt",
]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and exits with 2."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit."""
        option = message.removeprefix("argument ").partition(":")[0].split("/")[-1]
        if option.startswith("--") and message.endswith("expected one argument"):
            message += f"; one that begins with - is written {option}=-..."
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def count_up_to(most: int) -> Callable[[str], int]:
    """Return what takes an option that is a whole number from 1."""
    def count(text: str) -> int:
        value = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {most:,}")
        return value

    return count


def say(sentence: str) -> None:
    """Print one line to stderr."""
    print("mfgui: " + " ".join(sentence.split()), file=sys.stderr)


def print_line(text: str) -> None:
    """Print to stdout."""
    print(text)


def add_ratings(parser: argparse.ArgumentParser) -> None:
    """Add FILE or --sample."""
    parser.add_argument("file", nargs="?", metavar="FILE", help="a ratings file")
    parser.add_argument("--sample", action="store_true", help="use the sample data instead")
    add_reading(parser)


def open_ratings(parser: Parser, options: argparse.Namespace, control: Control) -> Any:
    """Return the opened ratings that the options name."""
    from mfgui import jobs

    if bool(options.file) == options.sample:
        parser.error("name a ratings FILE or use --sample")
    if options.sample:
        return last(jobs.open_sample(control))
    return read_file(control, options.file, reading_from(options))


def read_file(control: Control, path: str, reading: Any) -> Any:
    """Return the opened ratings of a file; doubts how to read it are told on stderr."""
    from mfgui import jobs
    from mfgui.data.look import Look

    result = None
    for event in jobs.open_file(control, path, reading):
        if isinstance(event, Look):
            for doubt in event.doubts:
                say(doubt)
        result = event
    return result


def last(events: Iterator[Any]) -> Any:
    """Return a job's result."""
    *_, result = events
    return result


@contextlib.contextmanager
def stopping_on_interrupt(control: Control) -> Iterator[None]:
    """Let the first Ctrl-C stop the job in order, and the second one end the program."""
    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        control.stop()

    try:
        before = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not on the main thread, as in a test: nobody can interrupt it
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def showing(control: Control) -> Iterator[None]:
    """Show a job's progress on a terminal, twice a second."""
    if not sys.stderr.isatty():
        yield
        return
    is_over = threading.Event()

    def show() -> None:
        while not is_over.wait(0.5):
            fraction = control.progress.fraction
            share = "" if fraction is None else f" ({fraction:.0%})"
            sys.stderr.write(f"\r\x1b[K{control.progress.text}{share}")
            sys.stderr.flush()

    thread = threading.Thread(target=show, name="mfgui-progress")
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        sys.stderr.write("\r\x1b[K")
