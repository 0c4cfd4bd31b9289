"""The threads that talk to Qt: lists of events, one end, no thread left."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from mfgui.core.control import Control
from mfgui.gui.background import NICENESS, JobRunner, LatestWorker


def counting(n: int) -> Callable[[Control], Iterator[int]]:
    def job(control: Control) -> Iterator[int]:
        yield from range(n)

    return job


def waiting(control: Control) -> Iterator[str]:
    yield "begun"
    while True:
        control.pause()
        control.checkpoint()


def test_every_event_comes_once_in_order_and_in_few_lists(qtbot: QtBot) -> None:
    runner, lists = JobRunner(), []
    runner.events.connect(lists.append)
    with qtbot.waitSignal(runner.finished) as end:
        runner.start(counting(20_000))
    assert end.args == [None]
    assert [event for batch in lists for event in batch] == list(range(20_000))
    assert len(lists) < 200


def test_the_end_comes_once_and_last(qtbot: QtBot) -> None:
    runner, order = JobRunner(), []
    runner.events.connect(lambda batch: order.append("events"))
    runner.finished.connect(lambda error: order.append("finished"))
    with qtbot.waitSignal(runner.finished):
        runner.start(counting(3))
    qtbot.wait(100)
    assert order[-1] == "finished"
    assert order.count("finished") == 1
    assert not runner.is_running


def test_an_error_is_handed_on_with_what_came_before(qtbot: QtBot) -> None:
    def job(control: Control) -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    runner, seen = JobRunner(), []
    runner.events.connect(seen.extend)
    with qtbot.waitSignal(runner.finished) as end:
        runner.start(job)
    assert seen == [1]
    assert isinstance(end.args[0], ValueError)


def test_a_second_start_is_refused(qtbot: QtBot) -> None:
    runner = JobRunner()
    runner.start(waiting)
    with pytest.raises(RuntimeError):
        runner.start(counting(1))
    runner.shut_down()


def test_a_runner_can_be_used_again(qtbot: QtBot) -> None:
    runner = JobRunner()
    for _ in range(3):
        with qtbot.waitSignal(runner.finished):
            runner.start(counting(2))


def test_shutting_down_ends_a_paused_job_and_tells_nothing(qtbot: QtBot) -> None:
    runner, told = JobRunner(), []
    runner.finished.connect(told.append)
    with qtbot.waitSignal(runner.events):
        runner.start(waiting)
    runner.shut_down()
    qtbot.wait(80)
    assert told == []
    assert not [each for each in threading.enumerate() if each.name.startswith("mfgui")]


def test_the_newest_request_wins(qtbot: QtBot) -> None:
    worker, answers = LatestWorker(), []
    gate, begun = threading.Event(), threading.Event()

    def first() -> str:
        begun.set()
        gate.wait(30)
        return "first"

    worker.done.connect(answers.append)
    worker.ask(first)
    assert begun.wait(30)
    for number in range(50):
        worker.ask(lambda number=number: f"request {number}")  # type: ignore[misc]
    gate.set()
    qtbot.waitUntil(lambda: "request 49" in answers)
    assert answers == ["first", "request 49"]
    worker.shut_down()


def test_a_failing_request_is_told_and_the_worker_goes_on(qtbot: QtBot) -> None:
    worker, answers = LatestWorker(), []
    worker.done.connect(answers.append)

    def fail() -> Any:
        raise ValueError("broken")

    with qtbot.waitSignal(worker.failed):
        worker.ask(fail)
    with qtbot.waitSignal(worker.done):
        worker.ask(lambda: 1)
    worker.shut_down()
    worker.ask(lambda: 2)
    qtbot.wait(50)
    assert answers == [1]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a thread its own niceness")
def test_threads_that_work_give_way_to_the_one_that_draws(qtbot: QtBot) -> None:
    worker, found = LatestWorker(), []
    worker.done.connect(found.append)
    worker.ask(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    qtbot.waitUntil(lambda: bool(found))
    worker.shut_down()
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert found == [min(max(own, NICENESS), 19)]


def test_workers_take_turns_unless_a_hand_waits_for_them(qtbot: QtBot) -> None:
    first, second, hurried = LatestWorker(), LatestWorker(), LatestWorker(takes_turns=False)
    begun, go_on = threading.Event(), threading.Event()
    done: list[str] = []
    for name, worker in (("first", first), ("second", second), ("hurried", hurried)):
        worker.done.connect(lambda _, name=name: done.append(name))  # type: ignore[misc]
    try:
        first.ask(lambda: begun.set() or go_on.wait(20))
        qtbot.waitUntil(begun.is_set)
        second.ask(lambda: None)
        hurried.ask(lambda: None)
        qtbot.waitUntil(lambda: bool(done))
        assert done == ["hurried"]
        go_on.set()
        qtbot.waitUntil(lambda: sorted(done) == ["first", "hurried", "second"])
    finally:
        go_on.set()
        for worker in (first, second, hurried):
            worker.shut_down()
