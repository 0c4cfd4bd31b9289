"""The program's own start: painted first, then all the rest, and nothing left behind."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window, spare_collector
from mfgui.gui.run_model import Status

CODE = """
from mfgui.gui.run_model import Status
processes = []

def close(window):
    processes.extend(window.preparation.processes)
    window.close()

def go(window):
    when(lambda: window.run_model.status is Status.READY, lambda: close(window))

at_end.append(lambda: say([process.poll() is not None for process in processes]))
run(go, is_sample=True)
"""


def test_kernels_are_compiled_from_the_first_paint_on_until_the_window_closes(
    program: Any
) -> None:
    assert program.run(CODE) == ["left nothing", "[True]", "ended 0"]


def test_what_lives_as_long_as_the_program_is_not_collected_again_and_again(qtbot: QtBot) -> None:
    window = create_window()
    qtbot.addWidget(window)
    try:
        spare_collector(window)
        n_frozen = gc.get_freeze_count()
        assert n_frozen > 10_000
        kernels = [[k] for k in range(1000)]
        window.run_model.records_added.emit([])
        n_with_kernels = gc.get_freeze_count()
        assert n_with_kernels >= n_frozen + len(kernels)
        more = [[k] for k in range(1000)]
        window.run_model.records_added.emit([])  # only the first record freezes
        assert gc.get_freeze_count() <= n_with_kernels
        assert len(more) == len(kernels)
    finally:
        gc.unfreeze()
        window.close()


def test_a_run_that_another_took_the_place_of_is_let_go_of_all_the_same(qtbot: QtBot) -> None:
    """What is frozen while a run begins must not keep its factors alive for ever."""
    window = create_window()
    qtbot.addWidget(window)
    model = window.run_model

    def train(seed: int) -> None:
        window.setup_panel.form.set_value("n_epochs", 2)
        window.setup_panel.form.set_value("seed", seed)
        with qtbot.waitSignal(window.training.runner.finished, timeout=60_000):
            window.setup_panel.controls.start.click()
        qtbot.waitUntil(lambda: model.status is Status.DONE)

    try:
        spare_collector(window)
        window.open_sample()
        qtbot.waitUntil(lambda: model.status is Status.READY, timeout=60_000)
        qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=60_000)
        train(1)
        assert model.result is not None
        refs = {"result": weakref.ref(model.result), "model": weakref.ref(model.result.model),
                "track": weakref.ref(model.track)}
        train(2)
        train(3)  # a panel may still hold what it compares the second with

        def is_gone() -> bool:
            gc.collect()
            return all(ref() is None for ref in refs.values())

        qtbot.waitUntil(is_gone, timeout=20_000)
    finally:
        gc.unfreeze()
        window.close()
