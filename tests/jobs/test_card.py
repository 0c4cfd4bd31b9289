"""The reproducibility card."""

from __future__ import annotations

import json

from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.jobs.card import changed_words, machine_card, run_card
from mfgui.store.project import SourceInfo


def test_the_card_says_what_the_bits_depend_on(planted: Ratings) -> None:
    source = SourceInfo(1, "file", "/x/r.csv", "r.csv", "sha256:1", {"zeros": "missing"})
    card = run_card(source, SOLVERS["sgd"].settings_type(seed=3, n_threads=2), planted)
    assert set(card["versions"]) == {"mfgui", "numpy", "numba", "llvmlite", "python"}
    assert all(card["versions"].values())
    assert (card["seed"], card["n_threads"], card["split"], card["checksum"]) == (
        3, 2, "random", "sha256:1")
    assert card["options"] == {"zeros": "missing"}
    assert card["ratings_checksum"].startswith("sha256:")
    assert card["processor"]
    assert json.loads(json.dumps(card)) == card


def test_what_changed_between_two_machines_is_told() -> None:
    now = machine_card()
    assert changed_words(now, now) == ""
    before = {**now, "versions": {**now["versions"], "numba": "0.1"}, "processor": "abacus"}
    assert changed_words(before, now) == (
        f"numba 0.1 then, {now['versions']['numba']} now; "
        f"processor abacus then, {now['processor']} now")
    # A card comes from an untrusted file.
    assert changed_words({"versions": 3, "processor": ["x"]}, now) == ""
