"""The pages of help: one for each method, setting, panel and term, from the texts used elsewhere.

Methods and settings tell what their own declarations say, so that form, tooltips, command line and
help cannot disagree.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from functools import cache

from mfgui.core.settings import SettingInfo, describe
from mfgui.core.solvers import SOLVERS, Solver
from mfgui.errors import MfguiError
from mfgui.jobs.help_terms import PANELS, TERMS

METHOD, SETTING, PANEL, TERM = "Method", "Setting", "Panel", "Term"
NO_LIMIT = 1e15  # a bound that only keeps numbers finite says nothing to people


@dataclass(frozen=True)
class Page:
    """A page of help.

    Parameters
    ----------
    name : str
        What it is asked for by, unique.
    title, kind : str
        The heading, and "Method", "Setting", "Panel" or "Term".
    paragraphs : tuple of str
    see : tuple of str
        Names of further pages.
    """

    name: str
    title: str
    kind: str
    paragraphs: tuple[str, ...]
    see: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The page as plain text."""
        tail = [f"See also: {', '.join(self.see)}."] if self.see else []
        return "\n\n".join([f"{self.title} ({self.kind.lower()})", *self.paragraphs, *tail])


@cache
def pages() -> dict[str, Page]:
    """Return all pages by name: methods, settings, panels, terms."""
    found: dict[str, Page] = {name: _method_page(solver) for name, solver in SOLVERS.items()}
    found |= {info.name: _setting_page(info.name) for solver in SOLVERS.values()
              for info in describe(solver.settings_type)}
    found |= {name: Page(name, title, PANEL, (text,), see)
              for name, (title, text, see) in PANELS.items()}
    for name, (text, see) in TERMS.items():
        page = found.get(name, Page(name, name[0].upper() + name[1:], TERM, ()))
        found[name] = replace(page, paragraphs=(text, *page.paragraphs), see=(*page.see, *see))
    known = {_key(name): name for name in found}
    return {name: replace(page, see=tuple(
        known[_key(other)] for other in page.see if _key(other) in known))
        for name, page in found.items()}


def find_page(word: str) -> Page:
    """Return the page of a method, setting, panel or term, however it is written.

    Raises
    ------
    MfguiError
        If there is none; the sentence names the nearest.
    """
    if word in pages():  # a panel and a term may differ in nothing else than how they are written
        return pages()[word]
    found = {_key(name): page for name, page in pages().items()}
    found |= {_key(page.title): page for page in pages().values() if _key(page.title) not in found}
    page = found.get(_key(word))
    if page is not None:
        return page
    near = difflib.get_close_matches(_key(word), found, n=1, cutoff=0.6)
    hint = f" Did you mean “{found[near[0]].name}”?" if near else ""
    raise MfguiError(f"There is no page of help on “{word}”.{hint} mfgui help lists all of them.")


def _key(word: str) -> str:
    """Return a word as it is looked up."""
    return word.strip().lstrip("-").lower().replace("-", " ").replace("_", " ")


def _method_page(solver: type[Solver]) -> Page:
    """Return the page of a method."""
    infos = [info for info in describe(solver.settings_type) if info.group == "solver"]
    settings = ", ".join(f"{info.label} ({_default_text(info)})" for info in infos)
    return Page(
        solver.name, solver.label, METHOD,
        (solver.summary, f"It minimizes {solver.objective}", f"Settings and defaults: {settings}.",
         f"On the command line: --solver {solver.name}."), tuple(info.name for info in infos))


def _setting_page(name: str) -> Page:
    """Return the page of a setting: what it does, what it may be, its default by method."""
    by_solver = {solver.name: info for solver in SOLVERS.values()
                 for info in describe(solver.settings_type) if info.name == name}
    first = next(iter(by_solver.values()))
    helps: dict[str, list[str]] = {}
    for solver, info in by_solver.items():
        helps.setdefault(info.help, []).append(solver)
    paragraphs = [text if text == first.help else f"In {', '.join(solvers)}: {text}"
                  for text, solvers in helps.items()]
    if allowed := _allowed_text(first):
        paragraphs.append(allowed)
    defaults: dict[str, list[str]] = {}
    for solver, info in by_solver.items():
        defaults.setdefault(_default_text(info), []).append(solver)
    told = "; ".join(f"{value} in {', '.join(solvers)}" if len(defaults) > 1 else value
                     for value, solvers in defaults.items())
    everywhere = "" if len(by_solver) < len(SOLVERS) else " Every method has it."
    paragraphs.append(f"Default: {told}.{everywhere}")
    paragraphs.append(f"On the command line: --{name.replace('_', '-')}.")
    see = tuple(by_solver) if len(by_solver) < len(SOLVERS) else ()
    return Page(name, first.label, SETTING, tuple(paragraphs), see)


def _allowed_text(info: SettingInfo) -> str:
    """Return what a setting may be, as a sentence."""
    if info.choices:
        return "One of: " + "; ".join(f"{key}: {text}" for key, text in info.choices.items()) + "."
    if info.kind is bool:
        return "On or off."
    bounds = []
    if info.minimum is not None:
        bounds.append(f"{'above' if info.is_open else 'at least'} {_number_text(info.minimum)}")
    if info.maximum is not None and info.maximum < NO_LIMIT:
        bounds.append(f"at most {_number_text(info.maximum)}")
    unit = f" {info.unit}" if info.unit else ""
    return f"A number{', ' if bounds else ''}{' and '.join(bounds)}{unit}." if bounds else ""


def _number_text(number: float) -> str:
    """Return a bound as people write it."""
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


def _default_text(info: SettingInfo) -> str:
    """Return the default as people write it."""
    if info.default is None:
        return info.empty_text
    if isinstance(info.default, bool):
        return "on" if info.default else "off"
    return f"{info.default:g}" if isinstance(info.default, float) else str(info.default)
