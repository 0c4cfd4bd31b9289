"""Sentences of the rooms below in the window's words: they name options of the command line."""

from __future__ import annotations

import re

from mfgui.data.options import describe_options

_OPTION = re.compile(r"--([a-z][a-z-]*)(?: [A-Z]+\b)?")
# The window has no choice of the folder that public data is kept in, only the variable; and it has
# a button in the place of --locate.
_NO_FOLDER = re.compile(r",? or choose one with --folder|--folder or | or --locate FILE")


def in_window(sentence: str) -> str:
    """Return the sentence with the label of each option in the place of its name."""
    labels = {info.name.replace("_", "-"): info.label for info in describe_options()}
    return _OPTION.sub(lambda match: f"“{labels.get(match[1], match[1])}”",
                       _NO_FOLDER.sub("", sentence))
