"""The solvers, in the order people see them."""

from __future__ import annotations

from mfgui.core.solvers.adagrad import Adagrad
from mfgui.core.solvers.als import Als
from mfgui.core.solvers.average import Average
from mfgui.core.solvers.base import FactorSettings, Solver
from mfgui.core.solvers.gradient_descent import GradientDescent
from mfgui.core.solvers.implicit_als import ImplicitAls
from mfgui.core.solvers.nmf import Nmf
from mfgui.core.solvers.sgd import Sgd
from mfgui.core.solvers.svdpp import Svdpp

SOLVERS: dict[str, type[Solver]] = {
    Adagrad.name: Adagrad,
    Als.name: Als,
    GradientDescent.name: GradientDescent,
    Sgd.name: Sgd,
    Nmf.name: Nmf,
    Svdpp.name: Svdpp,
    ImplicitAls.name: ImplicitAls,
    Average.name: Average,
}
DEFAULT_SOLVER = Adagrad.name

__all__ = ["DEFAULT_SOLVER", "SOLVERS", "FactorSettings", "Solver"]
