"""A row of the training benchmark: two figures of one case, their ratio and what it has to be."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Measure = Callable[[], float]


class MissingError(Exception):
    """What a case needs and this run does not have: a solver, a file, a rival."""


@dataclass
class Row:
    """One comparison.

    Parameters
    ----------
    case, data, what : str
        ``what`` is what differs between the rows of a case: "F=64, 2 threads".
    unit : str
        Of ``ours`` and ``rival``.
    kind : str
        "faster": the ratio is rival / ours and should be large. "within": ours / rival, small.
        "at most": ours itself, small. "at least": ours less the rival, large, the
        median over the repeats, each on data of its own.
    must, aim : float or None
        None: shown, without a bar.
    ours, rival : list of float
        One figure a repeat.
    ours_settings, rival_settings : str
    others_cpus : float
        How many CPUs other programs kept busy meanwhile.
    note : str
    """

    case: str
    data: str
    what: str
    unit: str
    kind: str = "faster"
    must: float | None = None
    aim: float | None = None
    ours: list[float] = field(default_factory=list)
    rival: list[float] = field(default_factory=list)
    ours_settings: str = ""
    rival_settings: str = ""
    others_cpus: float = 0.0
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """What is compared with must and aim; None where a side has no figure."""
        if not self.ours or (not self.rival and self.kind != "at most"):
            return None
        ours = median(self.ours)
        if self.kind == "at most":
            return ours
        if self.kind == "at least":
            pairs = zip(self.ours, self.rival, strict=True)
            return median(one - other for one, other in pairs)
        rival = median(self.rival)
        return rival / ours if self.kind == "faster" else ours / rival

    @property
    def verdict(self) -> str:
        """Return "aim", "must" or "missed"; "" where there is no bar or no figure."""
        ratio = self.ratio
        if ratio is None or self.must is None:
            return ""
        sign = 1 if self.kind in ("faster", "at least") else -1
        if self.aim is not None and sign * ratio >= sign * self.aim:
            return "aim"
        return "must" if sign * ratio >= sign * self.must else "missed"

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values, medians and every single figure."""
        return {
            "case": self.case, "data": self.data, "what": self.what, "unit": self.unit,
            "kind": self.kind, "ours": median(self.ours) if self.ours else None,
            "rival": median(self.rival) if self.rival else None, "ratio": self.ratio,
            "must": self.must, "aim": self.aim, "verdict": self.verdict,
            "ours_all": self.ours, "rival_all": self.rival, "ours_settings": self.ours_settings,
            "rival_settings": self.rival_settings, "others_cpus": round(self.others_cpus, 2),
            "note": self.note,
        }

    def text(self) -> str:
        """Return the row in two lines for people."""
        ratio = "" if self.ratio is None else f"{self.ratio:.4g}"
        word = {"faster": "times faster", "within": "times the rival's", "at most": "",
                "at least": "more"}[self.kind]
        bars = "" if self.must is None else f"must {self.must:g}, aim {self.aim:g}"
        first = f"{self.case:12} {self.data:8} {self.what:26}"
        if ratio:
            first += (f" ours {_shown(self.ours)}, rival {_shown(self.rival)} {self.unit}: "
                      f"{ratio} {word} ({bars or 'no bar'}) {self.verdict.upper()}")
        parts = {"ours": self.ours_settings, "rival": self.rival_settings, "note": self.note,
                 "CPUs that others used": f"{self.others_cpus:.2f}" if self.rival else ""}
        return first + "\n    " + "; ".join(f"{key}: {text}" for key, text in parts.items() if text)


def _shown(figures: list[float]) -> str:
    """Return median, and smallest to largest."""
    if not figures:
        return "-"
    if len(figures) == 1:
        return f"{figures[0]:.4g}"
    return f"{median(figures):.4g} ({min(figures):.4g} to {max(figures):.4g})"


def measured(
    row: Row, ours: Measure, rival: Measure | None, repeats: int, rival_repeats: int | None = None
) -> Row:
    """Return the row filled in, ours and the rival's runs in turn."""
    before, own_before, began = _busy_seconds(), _own_seconds(), time.monotonic()
    for repeat in range(repeats):
        if rival is not None and repeat < (rival_repeats or repeats):
            row.rival.append(rival())
        row.ours.append(ours())
    others = _busy_seconds() - before - (_own_seconds() - own_before)
    row.others_cpus = max(0.0, others) / max(time.monotonic() - began, 1e-9)
    return row


def _busy_seconds() -> float:
    """Return the CPU seconds used by the whole machine so far; 0 where it does not say."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            ticks = [int(text) for text in file.readline().split()[1:9]]
    except OSError:
        return 0.0
    return (sum(ticks) - ticks[3] - ticks[4]) / float(os.sysconf("SC_CLK_TCK"))


def _own_seconds() -> float:
    """Return the CPU seconds used by this process and the children that have ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
