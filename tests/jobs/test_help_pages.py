"""Help: a page for each method, setting, panel and term, from the texts used elsewhere."""

from __future__ import annotations

import pytest

from mfgui.cli import main
from mfgui.core.settings import describe
from mfgui.core.solvers import SOLVERS
from mfgui.errors import MfguiError
from mfgui.jobs.help_pages import find_page, pages
from mfgui.jobs.help_terms import PANELS, TERMS


def test_there_is_a_page_for_each_method_setting_panel_and_term() -> None:
    names = set(pages())
    assert set(SOLVERS) <= names
    assert {info.name for solver in SOLVERS.values()
            for info in describe(solver.settings_type)} <= names
    assert set(PANELS) <= names
    assert all(find_page(term) for term in TERMS)


@pytest.mark.parametrize("solver", list(SOLVERS.values()))
def test_a_method_page_says_what_it_minimizes_and_lists_its_settings(solver: type) -> None:
    page = find_page(solver.name)  # type: ignore[attr-defined]
    assert solver.objective in page.text  # type: ignore[attr-defined]
    for info in describe(solver.settings_type):  # type: ignore[attr-defined]
        if info.group == "solver":
            assert info.label in page.text


def test_a_setting_page_tells_the_defaults_of_each_method() -> None:
    text = find_page("--bias-regularization").text
    assert "0.05 in adagrad" in text
    assert "0.04 in als" in text
    assert "--bias-regularization" in text


def test_every_further_page_that_is_named_is_there() -> None:
    for page in pages().values():
        for name in page.see:
            assert name in pages(), (page.name, name)
    for name, (_, see) in TERMS.items():
        for other in see:
            assert find_page(other), (name, other)


def test_an_unknown_term_names_the_nearest() -> None:
    with pytest.raises(MfguiError, match="residual"):
        find_page("residuall")
    with pytest.raises(MfguiError, match="lists all"):
        find_page("zzzzzz")


def test_the_terminal_prints_the_same_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "fold-in"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert printed == " ".join(find_page("fold-in").text.split())
    assert main(["help"]) == 0
    listed = capsys.readouterr().out
    assert "adagrad" in listed
    assert "typical error" in listed
    assert main(["help", "nonsense"]) == 1
