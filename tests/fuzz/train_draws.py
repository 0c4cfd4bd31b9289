"""One draw of the training fuzzer: a solver, its settings, ratings, and how it is kept in a file.

Settings come from their declarations alone (``describe``), so a new solver is drawn at once.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import train_makers

from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import SettingInfo, describe
from mfgui.core.solvers import SOLVERS

LARGE_EVERY = 50
# What a whole number is at most in an ordinary draw, less its minimum.
USUAL = {"n_epochs": 9, "n_threads": 3, "n_factors": 150}


@dataclass(frozen=True)
class Draw:
    """What is trained, on what.

    Parameters
    ----------
    solver : str
    values : dict
        Of settings, as somebody might ask for them; what is absent is at its default.
    hostile : str
        The setting whose value must be refused, or "".
    data : str
        The kind of ratings.
    ratings : Ratings
    has_test : bool
        Whether the run is measured on a test part, with ids it knows and others.
    follower : str
        The solver that goes on from the result, or "".
    """

    solver: str
    values: dict[str, Any]
    hostile: str
    data: str
    ratings: Ratings
    has_test: bool = False
    follower: str = ""

    @property
    def label(self) -> str:
        """The draw in words."""
        then = f", then {self.follower}" if self.follower else ""
        return (f"{self.solver} on {self.data} ({self.ratings.n_users} x {self.ratings.n_items}, "
                f"{self.ratings.n_ratings} ratings{', test' if self.has_test else ''}){then}: "
                f"{json.dumps(self.values)}")


def make_draw(number: int, seed: int) -> Draw:
    """Return draw ``number`` of a seed: the same at any time while the solvers are the same."""
    chance = random.Random(f"{seed}/{number}")
    rng = np.random.default_rng([seed, number])
    name = chance.choice(list(SOLVERS))
    if number % LARGE_EVERY == LARGE_EVERY - 1:
        data, ratings = "crowd", train_makers.crowd(rng)
    else:
        data = chance.choice(list(train_makers.MAKERS))
        ratings = train_makers.MAKERS[data](rng)
    if chance.random() < 0.05:
        low, high = float(ratings.value.min()), float(ratings.value.max())
        ratings = replace(ratings, given_scale=(low - abs(low), high + abs(high)))
    values, hostile = random_values(name, chance)
    if ratings.n_ratings < 10 and hostile != "validation" and chance.random() < 0.7:
        values["validation"] = 0.0  # a share of so few is refused before anything else happens
    follower = chance.choice(list(SOLVERS)) if chance.random() < 0.2 else ""
    return Draw(name, values, hostile, data, ratings, chance.random() < 0.3, follower)


def random_values(name: str, chance: random.Random) -> tuple[dict[str, Any], str]:
    """Return settings of a solver, and the name of one that must be refused, if there is one."""
    infos = describe(SOLVERS[name].settings_type)
    share, spread = chance.choice([(0.1, 0.5), (0.4, 0.5), (0.9, 0.5), (0.3, 3), (0.9, 9)])
    values = {info.name: inside(info, chance, spread) for info in infos
              if info.name in USUAL or chance.random() < share}
    if chance.random() > 0.12:
        return values, ""
    info = chance.choice(infos)
    values[info.name] = outside(info, chance)
    return values, info.name


def inside(info: SettingInfo, chance: random.Random, spread: float) -> Any:
    """Return a value that a setting may have.

    Parameters
    ----------
    spread : float
        Powers of ten that a number goes to either side of its default; over 1 its bounds and all
        between them are drawn too.
    """
    if info.is_optional and chance.random() < 0.3:
        return None
    if info.kind is bool:
        return chance.random() < 0.5
    if info.choices:
        return chance.choice(list(info.choices))
    low, high = info.minimum or 0.0, math.inf if info.maximum is None else info.maximum
    is_wild = spread > 1 and chance.random() < 0.2
    if info.kind is int:
        return whole_inside(info, int(low), high, chance, is_wild)
    least = max(low + 1e-300, math.nextafter(low, math.inf)) if info.is_open else low
    if is_wild:
        return chance.choice([least, min(high, 1e30), least + 1e-9, chance.uniform(least, high)])
    usual = info.default if isinstance(info.default, (int, float)) else 0.05
    if usual == 0:
        return chance.choice([0.0, min(10 ** chance.uniform(-2, spread), high)])
    return min(max(usual * 10 ** chance.uniform(-spread, spread), least), high)


def whole_inside(
    info: SettingInfo, low: int, high: float, chance: random.Random, is_wild: bool
) -> int:
    """Return a whole number, mostly a small one: a long run shows nothing that a short one hides.

    Where it is long all the same, the program stops it.
    """
    if is_wild and high < math.inf:
        return int(chance.choice([low, high, high // 2, high**0.5]))
    if info.name == "seed":
        return chance.randrange(int(high) + 1)
    usual = min(low + USUAL.get(info.name, 12), high)
    return low + int(math.exp(chance.uniform(0, math.log(usual - low + 1)))) - (usual > low)


def outside(info: SettingInfo, chance: random.Random) -> Any:
    """Return a value that a setting may not have."""
    wrong: list[Any] = ["nonsense"]
    if not info.is_optional:
        wrong.append(None)
    if info.kind is bool:
        return chance.choice([*wrong, 2, "yes"])
    if info.choices:
        return chance.choice([*wrong, "", 1.5])
    wrong += [True, math.nan, math.inf, -math.inf, 10**400, -(10**400)]
    if info.kind is int:
        wrong.append(2.5)
    if info.minimum is not None:
        wrong += [info.minimum - 1, -1e300] + [info.minimum] * info.is_open
    if info.maximum is not None:
        wrong.append(math.nextafter(info.maximum, math.inf) if info.kind is float
                     else info.maximum + 1)
    return chance.choice(wrong)


def save_draw(draw: Draw, path: Path) -> None:
    """Write what is needed to make the draw again, whatever becomes of the generators."""
    ratings = draw.ratings
    card = {"solver": draw.solver, "values": draw.values, "hostile": draw.hostile,
            "data": draw.data, "has_test": draw.has_test, "follower": draw.follower,
            "given_scale": ratings.given_scale, "shape": [ratings.n_users, ratings.n_items]}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, card=np.array(json.dumps(card)), user=ratings.user_index,
                        item=ratings.item_index, value=ratings.value)


def load_draw(path: Path) -> Draw:
    """Return a draw that was kept."""
    with np.load(path) as file:
        card = json.loads(str(file["card"]))
        user, item, value = file["user"], file["item"], file["value"]
    n_users, n_items = card.pop("shape")
    scale = card.pop("given_scale")
    ratings = Ratings(
        user, item, value, TextArray.from_strings(f"u{n}" for n in range(n_users)),
        TextArray.from_strings(f"i{m}" for m in range(n_items)),
        given_scale=tuple(scale) if scale else None)
    return Draw(ratings=ratings, **card)
