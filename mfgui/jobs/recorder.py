"""A session on a thread of its own whose events come out only once they are committed.

The session never waits for the disk: it hands each event to the project's writer, which puts it
into a queue after the commit. Where the run stands is kept every few seconds, less often where that
takes long, so that keeping takes no more than a small share of the time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from queue import SimpleQueue
from typing import Any

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.errors import CancelledError, MfguiError, ProjectError, TrainingError
from mfgui.jobs.train import MEMORY_RAN_OUT, marked_summary
from mfgui.store.project import Project
from mfgui.training.events import Baselines, EpochRecord, Notice, RunResult, StopReason
from mfgui.training.result_tree import result_to_tree
from mfgui.training.run_state import RunState
from mfgui.training.segment import Event
from mfgui.training.session import TrainingSession

STATE_EVERY_S = 5.0
KEEPING_SHARE = 40
"""Between two states at least this many times the seconds that keeping one takes."""

STATE, RESULT = "state", "result"
UNTIMED = tuple(field.name for field in fields(EpochRecord) if field.name != "train_seconds")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Earlier:
    """What a run that goes on told before, to compare with.

    Parameters
    ----------
    records : sequence of EpochRecord
        Those that may be computed again.
    notices : sequence of Notice
        Told after the state that it goes on from: they are not told twice.
    n_notices : int
        Number of notices told before it.
    changed : str
        What differs from the installation or machine of then, or "".
    """

    records: Sequence[EpochRecord] = ()
    notices: Sequence[Notice] = ()
    n_notices: int = 0
    changed: str = ""


@dataclass(frozen=True)
class _Raised:
    """What the session raised."""

    error: BaseException


_END = object()


class InOrder:
    """Hands things on in the order in which they were promised, each once it is committed.

    The writer may commit and tell a record after what came behind it: neighbours are put together.
    """

    def __init__(self) -> None:
        self.out: SimpleQueue[Any] = SimpleQueue()
        self._lock = threading.Lock()
        self._promised: deque[_Promise] = deque()

    def promise(self, thing: object) -> Callable[[], None]:
        """Return what is to be called when a thing is committed."""
        promise = _Promise(thing)
        with self._lock:
            self._promised.append(promise)

        def keep() -> None:
            promise.is_kept = True
            with self._lock:
                while self._promised and self._promised[0].is_kept:
                    self.out.put(self._promised.popleft().thing)

        return keep


@dataclass(eq=False)
class _Promise:
    thing: object
    is_kept: bool = False


class StateKeeper:
    """Keeps where a run stands: the newest, and seldom enough.

    Parameters
    ----------
    project : Project
    run_id : int
    control : Control
        Of the session.
    """

    def __init__(self, project: Project, run_id: int, control: Control) -> None:
        self._project, self._run_id, self._control = project, run_id, control
        self._due, self._is_writing = time.perf_counter() + STATE_EVERY_S, False

    def ask_when_due(self) -> None:
        """Ask for a state, where it is time to."""
        if not self._is_writing and time.perf_counter() >= self._due:
            self._control.request_state()

    def keep(self, state: RunState, n_notices: int, then: Callable[[], None] | None = None) -> None:
        """Have a state written; ``n_notices`` were told before it."""
        self._is_writing, begin = True, time.perf_counter()

        def written() -> None:
            now = time.perf_counter()
            self._due = now + max(STATE_EVERY_S, KEEPING_SHARE * (now - begin))
            self._is_writing = False
            if then is not None:
                then()

        self._project.keep_tree(
            self._run_id, STATE, {"run": state.to_tree(), "n_notices": n_notices}, written)


class Recorder:
    """Runs a session and records it.

    Parameters
    ----------
    session : TrainingSession
    project : Project
    run_id : int
    ratings : Ratings
    earlier : Earlier
    """

    def __init__(
        self, session: TrainingSession, project: Project, run_id: int, ratings: Ratings,
        earlier: Earlier,
    ) -> None:
        self._session, self._project, self._run_id = session, project, run_id
        self._ratings, self._changed = ratings, earlier.changed
        self._records = {(record.segment, record.epoch, record.is_refit): record
                         for record in earlier.records}
        self._told_before = list(earlier.notices)
        self._n_notices = earlier.n_notices
        self._keeper = StateKeeper(project, run_id, session.control)
        self._told = InOrder()

    def events(self) -> Iterator[Event]:
        """Yield the session's events, each after its commit; closing it stops the session."""
        thread = threading.Thread(target=self._work, name="mfgui-training")
        thread.start()
        is_over = False
        try:
            while (event := self._told.out.get()) is not _END:
                if isinstance(event, _Raised):
                    raise event.error
                yield event
            is_over = True
        finally:
            if not is_over:
                self._session.stop()
            thread.join()

    def _work(self) -> None:
        """Run the session to its end, whatever that is."""
        try:
            for event in self._session.epochs():
                self._take(event)
                self._keeper.ask_when_due()
        except BaseException as error:  # noqa: BLE001  it is raised again where the events are taken
            self._fail(error)
        self._end_with(_END)

    def _take(self, event: Event) -> None:
        """Have an event written, and handed on after its commit."""
        if isinstance(event, EpochRecord):
            self._compare(event)
            self._project.add_records(self._run_id, [event], self._told.promise(event))
        elif isinstance(event, Notice):
            self._n_notices += 1
            if event in self._told_before:
                self._told_before.remove(event)
            else:
                self._tell(event)
        elif isinstance(event, RunState):
            self._keeper.keep(event, self._n_notices)
        elif isinstance(event, RunResult):
            self._finish(event)
        else:
            if isinstance(event, Baselines):
                self._keep_baselines(event)
            self._hand_on(event)

    def _tell(self, notice: Notice) -> None:
        self._project.add_notice(self._run_id, notice, self._told.promise(notice))

    def _hand_on(self, event: object) -> None:
        """Hand on what is not written itself, in its order."""
        writer = self._project.writer
        assert writer is not None
        writer.submit(lambda _: None, self._told.promise(event))

    def _keep_baselines(self, baselines: Baselines) -> None:
        """Keep what has to be beaten with the run, for one that is interrupted has no summary."""
        card = self._project.run(self._run_id).card
        self._project.change_run(self._run_id, card={**card, "baselines": vars(baselines)})

    def _compare(self, record: EpochRecord) -> None:
        """Say of the first epoch that comes out otherwise than before that it does."""
        before = self._records.pop((record.segment, record.epoch, record.is_refit), None)
        if before is None or not (other := differing(before, record)):
            return
        self._records.clear()
        reason = self._changed or "other versions or another machine, or the file was changed"
        self._tell(Notice(
            "warning", f"Epoch {record.epoch} came out otherwise than before the interruption "
            f"({other}): {reason}. The figures from here on replace the earlier ones.",
            record.epoch))

    def _finish(self, result: RunResult) -> None:
        """Keep the result; hand it on once all of the run is in the file."""
        state = (self._session.state() if result.stopped_because is StopReason.STOPPED else None)
        if state is not None:
            self._wait_for(lambda then: self._keeper.keep(state, self._n_notices, then))
        self._wait_for(lambda then: self._project.keep_tree(
            self._run_id, RESULT, result_to_tree(result), then))
        self._project.change_run(
            self._run_id, status=result.stopped_because.value, ended=time.time(),
            summary=marked_summary(result, self._ratings))
        if state is None:
            self._project.drop_tree(self._run_id, STATE)
        self._hand_on(result)

    @staticmethod
    def _wait_for(write: Callable[[Callable[[], None]], None]) -> None:
        """Wait until something is in the file, or there is trouble."""
        is_written = threading.Event()
        write(is_written.set)
        is_written.wait()

    def _fail(self, error: BaseException) -> None:
        """Keep why the run failed, and hand that on after all that came before."""
        if isinstance(error, MemoryError):
            told: BaseException = TrainingError(MEMORY_RAN_OUT)
            told.__cause__ = error
        else:
            told = error
        try:
            is_stopped = isinstance(told, CancelledError)
            if not is_stopped:
                text = (str(told) if isinstance(told, MfguiError) else
                        f"The run ended in an error of the program ({type(told).__name__}): the "
                        "log has the details.")
                self._project.add_notice(self._run_id, Notice("error", text))
            self._project.change_run(
                self._run_id, status="stopped" if is_stopped else "failed", ended=time.time())
        except ProjectError:  # it has been closed: what the run failed of comes first
            _log.exception("why a run failed could not be kept")
        self._end_with(_Raised(told))

    def _end_with(self, event: object) -> None:
        """Hand on one of the last things, even where nothing can be written any more."""
        try:
            self._hand_on(event)
        except ProjectError:
            self._told.out.put(event)


def differing(before: EpochRecord, now: EpochRecord) -> str:
    """Return the first figure that differs of two records, times aside; "" where none does."""
    for name in UNTIMED:
        one, two = getattr(before, name), getattr(now, name)
        if one != two and not (one != one and two != two):  # NaN is NaN
            return f"{name.replace('_', ' ')} {_figure(two)}, then {_figure(one)}"
    return ""


def _figure(value: Any) -> str:
    return f"{value:.7g}" if isinstance(value, float) else str(value)
