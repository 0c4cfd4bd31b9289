"""What the training fuzzer looks for in how a run ended."""

from __future__ import annotations

import resource
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mfgui.training.events import EpochRecord, Notice, RunResult, StopReason

SOUND = ("trained", "stopped", "refused", "told")


def outcome(events: list[Any]) -> str:
    """Return in which of the ways that are sound a run ended."""
    if any(isinstance(event, Notice) and event.kind == "error" for event in events):
        return "told"
    return "stopped" if events[-1].stopped_because is StopReason.STOPPED else "trained"


def events_fault(events: list[Any]) -> str:
    """Return what is wrong with the events of a run, or ""."""
    result = events[-1]
    if not isinstance(result, RunResult):
        return f"the last event is a {type(result).__name__}"
    notices = [event for event in events if isinstance(event, Notice)]
    for notice in notices:
        if fault := sentence_fault(notice.text):
            return fault
    is_told = any(notice.kind == "error" for notice in notices)
    for record in [*(event for event in events if isinstance(event, EpochRecord)),
                   *result.history]:
        if not is_told and (fault := number_fault(asdict(record))):
            return f"{fault} at epoch {record.epoch}"
    figures = ("train_loss", "train_rmse", "validation_rmse", "test_rmse", "learning_rate")
    fault = number_fault({name: getattr(result, name) for name in figures})
    return (not is_told and fault) or model_fault(result)


def number_fault(figures: dict[str, Any]) -> str:
    """Return which figure is a number that is not finite, or ""."""
    for name, value in figures.items():
        if isinstance(value, float) and not np.isfinite(value):
            return f"not finite: {name} = {value}"
    return ""


def model_fault(result: RunResult) -> str:
    """Return what is not finite in the kept model: after an error too it is the sound one."""
    model = result.model
    names = ("user_factors", "item_factors", "user_bias", "item_bias", "implicit_factors")
    for name in names:
        array = getattr(model, name)
        if array is not None and not np.isfinite(array).all():
            return f"not finite: {name} of the model"
    if not np.isfinite([model.global_mean, *model.scale]).all():
        return "not finite: mean or scale of the model"
    if model.clip:  # otherwise a prediction may be too large for a float32
        users = np.array([-1, 0, model.n_users - 1])
        shown = model.predict(users, np.array([model.n_items - 1, -1, 0]))
        if not np.isfinite(shown).all():
            return "not finite: a prediction"
    return ""


def sentence_fault(text: str) -> str:
    """Return what keeps a text from being shown as it stands, or ""."""
    if not text or not text.isprintable() or not text.endswith(".") or len(text) > 600:
        return f"bad sentence: {text[:300]!r}"
    return ""


def reset_peak() -> int:
    """Return the bytes that the process holds, and begin to watch their peak anew."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:  # then the peak is that of the whole life of the process
        return peak_bytes()
    return peak_bytes()


def peak_bytes() -> int:
    """Return the most bytes the process held since ``reset_peak``."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 1024 * int(lines.split("VmHWM:")[1].split()[0])
