"""What the words mean that have to do with runs which are kept: projects, searches, reports."""

from __future__ import annotations

RUNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "project": (
        "A file that keeps everything of a session: where the ratings came from and how they were "
        "read, every run with its settings, curve and factors, and what was looked at. Each epoch "
        "is in the file before it is shown. A window begins with a project without a name, which "
        "is kept too; File > Save project as gives it one. On the command line --project names "
        "it, and mfgui runs lists what it holds.", ("run", "continue")),
    "run": (
        "One training, kept in the project with its settings, seed, versions, curve and factors; "
        "nothing has to be saved. What a person calls it, notes and stars stays with it. Deleted "
        "ones come back by Undo until the project is closed.",
        ("project", "continue", "reproducibility", "trial")),
    "continue": (
        "A run that was stopped or interrupted goes on itself from where it was last kept, to the "
        "bits of one that never was interrupted; one that is finished is trained on from by a new "
        "run. Where the ratings have changed since, neither can be.", ("run", "project")),
    "reproducibility": (
        "The same ratings, settings, versions and type of machine give the same numbers, to the "
        "bit, for any number of threads; on another processor or with other versions the RMSE "
        "differs by less than 0.001. A run's card tells what it takes, and is copied as a command "
        "or as a Python script that trains it again. The script also stops where the run was "
        "stopped, trains first what it was trained on from, and takes the part of the ratings "
        "that a fold or a search gave it, which a command cannot.",
        ("fingerprint", "seed", "run report")),
    "fingerprint": (
        "A SHA-256 over all numbers of a model: two models with the same one predict the same, to "
        "the bit. It stands on a run's card, in mfgui runs show and in what mfgui train --json "
        "prints, so that they can be compared.", ("reproducibility",)),
    "run report": (
        "One HTML file that opens in any browser without a network, and prints: ratings and how "
        "they were read, settings, curve, figures beside the simplest models with what has to be "
        "known to believe them, cross-validations, comparisons and the search that belong to the "
        "run, matrices, worst cells, top lists, and how to train it again. File > Report on this "
        "run, or mfgui report.", ("reproducibility", "evaluation", "comparison")),
    "trial": (
        "A run of a search, with settings of its own. All are compared on the same held-out "
        "ratings, so the best one's figure looks better than it is; ratings that the search set "
        "aside, or a test file, tell what it is worth. A pruned trial was cut short because its "
        "curve lagged behind.", ("search", "validation", "test file")),
}
