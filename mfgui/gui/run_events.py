"""What a run tells, sorted into its track; the window is told of what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfgui.gui.run_track import RunTrack
from mfgui.training.events import Baselines, EpochRecord, Notice, RunResult, Snapshot, Split

if TYPE_CHECKING:
    from mfgui.gui.run_model import RunModel
    from mfgui.jobs.recording import RunStarted


def take_events(model: RunModel, events: list[object]) -> None:
    """Take what the run that trains told since the last tick, and pass it on.

    Records go on as one list, except that a notice comes after those before it: its epoch is one
    of theirs.
    """
    track = model.live
    records: list[EpochRecord] = []
    for event in events:
        if isinstance(event, EpochRecord):
            records.append(event)
            continue
        if isinstance(event, (Notice, Baselines)):
            _add_records(model, track, records)
            records = []
        _take(model, track, event)
    _add_records(model, track, records)
    _take_ends(model, track, events)


def _take(model: RunModel, track: RunTrack, event: object) -> None:
    """Take what is neither a record nor an end."""
    from mfgui.jobs.recording import RunStarted  # not for the first paint: with it comes SQLite

    is_shown = track is model.track
    if isinstance(event, RunStarted):
        _note_started(model, track, event)
    elif isinstance(event, Split):
        track.split, track.known = event, None
        if is_shown:
            model.know()
    elif isinstance(event, Notice):
        track.notices.append(event)
        model.notice_added.emit(event)
    elif isinstance(event, Baselines):
        track.baselines = event
        if is_shown:
            model.baselines_changed.emit()


def _note_started(model: RunModel, track: RunTrack, event: RunStarted) -> None:
    """Note which run of the project it is that trains."""
    track.run_id = event.run.id
    model.project.put(event.run)
    model.project.set_running(event.run.id)
    if track is model.track:
        model.project.set_shown(event.run.id)


def _add_records(model: RunModel, track: RunTrack, records: list[EpochRecord]) -> None:
    if not records:
        return
    _make_room(model, track, records[0])
    track.history.extend(records)
    if track.run_id is not None:
        model.project.take_records(track.run_id, records)
    model.live_records_added.emit(records)
    if track is model.track:
        model.records_added.emit(records)


def _make_room(model: RunModel, track: RunTrack, first: EpochRecord) -> None:
    """Take away what comes again, where a run goes on from before the end of what it told."""
    if not track.history or _place(first) > _place(track.history[-1]):
        return
    track.history = [record for record in track.history if _place(record) < _place(first)]
    if track is model.track:
        model.run_shown.emit()


def _place(record: EpochRecord) -> tuple[int, int, bool]:
    return record.segment, record.epoch, record.is_refit


def _take_ends(model: RunModel, track: RunTrack, events: list[object]) -> None:
    """Take the newest snapshot, and the result where the run is over."""
    result: RunResult | None = None
    is_newer = False
    for event in events:
        if isinstance(event, Snapshot):
            track.snapshot, is_newer = event, True
        elif isinstance(event, RunResult):
            result = event
    if result is not None:
        track.result = result
        track.snapshot = Snapshot(result.kept_epoch, result.model, result.is_refit)
    is_shown = track is model.track
    if (is_newer or result is not None) and is_shown:
        model.snapshot_changed.emit()
    if result is not None:
        model.live_result_changed.emit()
        if is_shown:
            model.result_changed.emit()
