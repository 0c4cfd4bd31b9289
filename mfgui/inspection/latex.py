"""Formulas written out: as plain text, and as LaTeX."""

from __future__ import annotations

from mfgui.inspection.formula import (
    Formula,
    Fraction,
    Number,
    Part,
    Sign,
    Symbol,
    Vector,
    number_parts,
    shown_entries,
)

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LATEX = {
    "·": r" \cdot ", "½": r"\tfrac{1}{2} ", "²": "^2", "←": r"\leftarrow ", "\N{MINUS SIGN}": "-",
    "∂": r"\partial ", "Σ": r"\sum ", "√": r"\surd ", "η": r"\eta ", "λ": r"\lambda ",
    "κ": r"\kappa ", "ω": r"\omega ", "Λ": r"\Lambda ",
    "μ": r"\mu ", "…": r"\dots ", "∞": r"\infty ", "×": r"\times ",
    "⁻¹": "^{-1}", "ᵀ": r"^\top ",
}


def formula_text(formula: Formula, decimals: int, *, is_whole: bool = True) -> str:
    """Return a formula as one line of text: ``r_hat_nm = u_n·v_m = 3.41``."""
    return "".join(_text(part, decimals, is_whole) for part in formula)


def _text(part: Part, decimals: int, is_whole: bool) -> str:
    """Return one part as text."""
    if isinstance(part, Sign):
        return part.text
    if isinstance(part, Symbol):
        hat, index = "_hat" if part.has_hat else "", f"_{part.index}" if part.index else ""
        return f"{part.letter}{hat}{index}{chr(39) if part.is_primed else ''}"
    if isinstance(part, Number):
        return _bracketed(part, number_text(part.value, decimals, is_given=part.is_given))
    if isinstance(part, Fraction):
        top, bottom = (formula_text(each, decimals) for each in (part.top, part.bottom))
        return f"{top}/{bottom}"
    if isinstance(part, Vector):
        entries = shown_entries(part.values, is_whole=is_whole)
        return f"({', '.join(_entry(each, decimals) for each in entries)})"
    rows = ("  ".join(_entry(float(each), decimals) for each in row) for row in part.values)
    return f"[{' ; '.join(rows)}]"


def number_text(value: float, decimals: int, *, is_given: bool = False) -> str:
    """Return a number with so many decimals: 3.4100, −0.5000, 2.31·10⁻⁷."""
    digits, power = number_parts(value, decimals, is_given=is_given)
    return digits if power is None else f"{digits}·10{str(power).translate(_SUPERSCRIPTS)}"


def _entry(value: float | None, decimals: int) -> str:
    return "…" if value is None else number_text(value, decimals)


def _bracketed(part: Number, text: str) -> str:
    return f"({text})" if part.is_bracketed and part.value < 0 else text


def formula_latex(formula: Formula, decimals: int) -> str:
    r"""Return a formula as LaTeX, to stand between ``\[`` and ``\]``; it needs amsmath."""
    return "".join(_latex(part, decimals) for part in formula).replace("  ", " ").strip()


def _latex(part: Part, decimals: int) -> str:
    """Return one part as LaTeX."""
    if isinstance(part, Sign):
        return _latex_sign(part.text)
    if isinstance(part, Symbol):
        return _latex_symbol(part)
    if isinstance(part, Number):
        return _bracketed(part, _latex_number(part.value, decimals, is_given=part.is_given))
    if isinstance(part, Fraction):
        top, bottom = (formula_latex(each, decimals) for each in (part.top, part.bottom))
        return rf"\frac{{{top}}}{{{bottom}}}"
    if isinstance(part, Vector):
        return f"({', '.join(_latex_number(float(each), decimals) for each in part.values)})"
    rows = r" \\ ".join(" & ".join(_latex_number(float(each), decimals) for each in row)
                        for row in part.values)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _latex_symbol(symbol: Symbol) -> str:
    letter = _LATEX.get(symbol.letter, symbol.letter).strip()
    if symbol.has_hat:
        letter = rf"\hat{{{letter}}}"
    prime = "'" if symbol.is_primed else ""
    return f"{letter}_{{{symbol.index}}}{prime}" if symbol.index else f"{letter}{prime}"


def _latex_sign(text: str) -> str:
    """Return signs as LaTeX, words as text."""
    words = "".join(sign if sign.isascii() and (sign.isalpha() or sign == " ") else "\0"
                    for sign in text)
    if any(len(word) > 1 for word in words.replace("\0", " ").split()):
        return rf"\text{{{text}}}"
    for sign in ("⁻¹", *_LATEX):
        text = text.replace(sign, _LATEX[sign])
    return text


def _latex_number(value: float, decimals: int, *, is_given: bool = False) -> str:
    digits, power = number_parts(value, decimals, is_given=is_given)
    digits = digits.replace("\N{MINUS SIGN}", "-").replace("∞", r"\infty")
    if not any(map(str.isdigit, digits)) and "infty" not in digits:
        digits = rf"\text{{{digits}}}"
    return digits if power is None else rf"{digits} \cdot 10^{{{power}}}"
