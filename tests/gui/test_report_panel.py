"""The import report in its panel: every line accounted for, every part shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings
from mfgui.data.import_report import (
    Bin,
    FilterStep,
    ImportReport,
    Offer,
    RejectedLine,
    Spread,
)
from mfgui.gui.panels.report import ReportPanel
from mfgui.gui.report_lines import adds_up, as_text, bytes_text, facts, short, sum_line
from mfgui.gui.run_model import RunModel

REPORT = ImportReport(
    Path("/data/ratings.csv"), "ratings.csv", 100_840, 100_836, 610, 9724, "comma", True,
    ("user", "item", "rating", "time"), (0.5, 5.0),
    losses=(("header", 1), ("rating is not a number", 2), ("duplicate", 1)), n_rejected=2,
    rejected=(RejectedLine(17, "rating 'abc' is not a number", "1,2,abc",
                           "rating is not a number"),
              RejectedLine(19, "rating 'x' is not a number", "1,3,x", "rating is not a number")),
    n_duplicates=1, n_zeros=3, n_trimmed=2, how="comma-separated, header", n_bytes=2_483_723,
    checksum="sha256:" + "0123456789abcdef" * 4, modified_at=1_700_000_000.0,
    read_at="2026-01-02T03:04:05Z", read_seconds=0.25, density=0.017, mean=3.5016,
    histogram=(Bin(0.5, 0.5, 1370), Bin(5, 5, 13211)),
    per_user=Spread(20, 70.5, 2698, (Bin(16, 31, 100), Bin(32, 63, 200))),
    per_item=Spread(1, 3, 329, (Bin(1, 1, 3446),)),
    filters=(FilterStep("Ratings per user at least 5", 12, 3, 1),),
    notes=("2 ids had blanks at their ends.",),
    offers=(Offer("0 may stand for none.", "Read 0 as missing", {"zeros": "missing"}),),
)


@pytest.fixture
def panel(qtbot: QtBot, tiny: Ratings) -> ReportPanel:
    model, made = RunModel(), ReportPanel()
    model.setParent(made)
    made.set_models(model, None)
    qtbot.addWidget(made)
    made.resize(340, 700)
    made.show()
    model.set_ratings(tiny, REPORT)
    return made


def texts(panel: ReportPanel) -> str:
    zero = "\N{ZERO WIDTH SPACE}"
    return "\n".join(label.text().replace(zero, "") for label in panel.findChildren(QLabel)
                     if label.isVisibleTo(panel))


def test_the_account_is_spelled_out() -> None:
    assert sum_line(REPORT) == (
        "100,840 lines = 100,836 ratings + 1 header + 2 rejected (rating is not a number) + "
        "1 duplicate")
    assert adds_up(REPORT)
    assert not adds_up(replace(REPORT, n_lines=7))


def test_every_figure_is_shown(panel: ReportPanel) -> None:
    shown = texts(panel)
    for part in ("/data/ratings.csv", "2.48 MB (2,483,723 bytes)", REPORT.checksum, "2023-11-1",
                 ":04:05 ", ", in 0.25 s", "comma-separated, header", "610", "9,724",
                 "1.7 %", "0.5 to 5", "3, kept as ratings", "1 (the last one counts)",
                 "20 to 2,698, median 70.5", "Ratings per user at least 5: 12 ratings, 3 users, "
                 "1 item left out", "2 ids had blanks", "0 may stand for none."):
        assert part in shown, part
    assert panel.by_value.bins == REPORT.histogram
    assert "0.5: 1,370" in panel.by_value.accessibleDescription()
    assert "16 to 31: 100" in panel.per_user.accessibleDescription()


def test_rejected_lines_stand_below_their_reason(panel: ReportPanel) -> None:
    top = panel.rejected.topLevelItem(0)
    assert top is not None
    assert top.text(0) == "Rating is not a number: 2"
    assert [top.child(k).text(0) for k in range(top.childCount())] == ["line 17", "line 19"]
    assert top.child(0).text(1) == "1,2,abc"


def test_nothing_is_wider_than_a_narrow_panel(panel: ReportPanel) -> None:
    assert panel.width() == 340
    assert panel._body.width() <= panel.width()


def test_it_is_copied_as_text(panel: ReportPanel) -> None:
    button = panel.findChild(QPushButton, "copyReportButton")
    assert button is not None
    button.click()
    copied = QApplication.clipboard().text()
    assert copied == as_text(REPORT)
    assert "line 17: 1,2,abc" in copied
    assert "\N{ZERO WIDTH SPACE}" not in copied


def test_it_is_json_with_all_of_its_fields(panel: ReportPanel) -> None:
    values = json.loads(panel.json())
    assert values["losses"]["header"] == 1
    assert values["n_ratings"] == 100_836
    assert values["rejected"][0]["line"] == 17


def test_an_offer_is_handed_on(panel: ReportPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.offer_chosen) as told:
        panel.offers.buttons[0].click()
    assert told.args == [{"zeros": "missing"}]


def test_without_ratings_it_says_so(qtbot: QtBot) -> None:
    made = ReportPanel()
    qtbot.addWidget(made)
    made.show()
    assert "No ratings" in texts(made)
    assert not made.findChild(QPushButton, "copyReportButton").isEnabled()


def test_the_lines_hold_for_a_report_of_nearly_nothing() -> None:
    bare = ImportReport(None, "sample", 3, 3, 1, 3, "", False, (), (1.0, 1.0))
    assert ("File", "sample") in facts(bare)
    assert as_text(bare).startswith("File: sample\n")


def test_numbers_are_written_for_people() -> None:
    assert short(-10.0) == "\N{MINUS SIGN}10"
    assert short(2698) == "2,698"
    assert short(0.30000001) == "0.3"
    assert bytes_text(999) == "999 bytes"
    assert bytes_text(1_300_000_000) == "1.3 GB (1,300,000,000 bytes)"
