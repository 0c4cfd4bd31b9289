"""The factor map: places, colours, marks, titles and what a lasso encloses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.colours import luminance, rgb
from mfgui.inspection.factor_map import MapAxes, factor_map
from mfgui.inspection.known import Known
from mfgui.inspection.map_canvas import FEW
from mfgui.inspection.map_colours import COLOURINGS, colours_on, map_values
from mfgui.inspection.map_labels import LONGEST, Font, Titles
from mfgui.inspection.map_painter import MapPainter, whole_view
from mfgui.inspection.map_picture import MapColours, MapRequest

FONT = Font(tuple([7.0] * 95), 7.0, 15.0)
COLOURS = MapColours("#ffffff", "#596270", "#1f5fbf", "#855300")


def model_of(user_factors: np.ndarray, n_items: int = 6) -> FactorModel:
    n_users, n_factors = user_factors.shape
    rng = np.random.default_rng(3)
    return FactorModel(
        user_factors.astype(np.float32), rng.normal(size=(n_items, n_factors)).astype(np.float32),
        np.zeros(n_users, np.float32), np.zeros(n_items, np.float32), 3.0, (1.0, 5.0))


def known_of(n_users: int, n_items: int = 6, titles: list[str] | None = None) -> Known:
    """Return ratings: user n has one more than user n + 1, down to none."""
    pairs = [(n, m) for n in range(n_users) for m in range(max(n_items - n, 0))]
    users, items = (np.array([pair[k] for pair in pairs], np.int32) for k in range(2))
    return Known(Ratings(
        users, items, (1 + (users + items) % 5).astype(np.float32),
        TextArray.from_strings(f"u{n}" for n in range(n_users)),
        TextArray.from_strings(f"i{m}" for m in range(n_items)),
        TextArray.from_strings(titles) if titles else None))


def request(model: FactorModel, **how: object) -> MapRequest:
    standard = MapRequest(
        model, known_of(model.n_users, model.n_items), "users", MapAxes("factors"), "plain", 4,
        None, 300, 200, 1.0, "viridis", COLOURS, FONT)
    return replace(standard, **how)  # type: ignore[arg-type]


def pixel_of(picture: object, x: float, y: float) -> tuple[int, int]:
    x0, x1, y0, y1 = picture.view  # type: ignore[attr-defined]
    height, width = picture.rgba.shape[:2]  # type: ignore[attr-defined]
    return int((y - y0) / (y1 - y0) * height), int((x - x0) / (x1 - x0) * width)


# -- places -----------------------------------------------------------------------------------


def test_two_factors_are_drawn_as_they_are() -> None:
    model = model_of(np.random.default_rng(0).normal(size=(9, 3)))
    points = factor_map(model, "users", MapAxes("factors", 2, 0))
    np.testing.assert_array_equal(points.x, model.user_factors[:, 2])
    np.testing.assert_array_equal(points.y, model.user_factors[:, 0])
    assert points.names == ("factor 3", "factor 1")
    assert points.place_of(model.user_factors[4]) == (points.x[4], points.y[4])


@pytest.mark.parametrize("side", ["users", "items"])
def test_components_spread_the_points_most_along_x(side: str) -> None:
    rng = np.random.default_rng(0)
    model = model_of(rng.normal(size=(200, 4)) * [1, 5, 0.1, 2], n_items=80)
    points = factor_map(model, side)
    factors = model.user_factors if side == "users" else model.item_factors
    values = np.linalg.eigvalsh(np.cov(factors.T.astype(np.float64), bias=True))[::-1]
    # coordinates are float32
    np.testing.assert_allclose([points.x.var(), points.y.var()], values[:2], rtol=1e-5)
    assert points.names[0] == f"component 1 ({100 * values[0] / values.sum():.0f} % of variance)"


def test_a_new_row_lies_where_the_same_row_of_the_model_does() -> None:
    model = model_of(np.random.default_rng(0).normal(size=(50, 4)))
    before = factor_map(model, "users")
    flipped = replace(before, x=-before.x, y=before.y)
    for points in (before, factor_map(model, "users", before=flipped)):
        for user in range(3):
            place = points.place_of(model.user_factors[user].astype(np.float64))
            np.testing.assert_allclose(place, (points.x[user], points.y[user]), atol=1e-5)


def test_a_picture_that_follows_training_does_not_flip() -> None:
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(100, 3)) * [3, 2, 1]
    before = factor_map(model_of(factors), "users")
    for turn in (np.diag([-1.0, 1, 1]), np.diag([1.0, -1, -1]), -np.eye(3)):
        moved = factors @ turn + rng.normal(0, 0.01, (100, 3))
        now = factor_map(model_of(moved), "users", before=before)
        np.testing.assert_allclose(now.x, before.x, atol=0.2)
        np.testing.assert_allclose(now.y, before.y, atol=0.2)


def test_one_factor_is_one_axis_with_a_fixed_spread() -> None:
    model = model_of(np.arange(5.0)[:, None])
    for axes in (MapAxes(), MapAxes("factors", 0, 1)):
        points = factor_map(model, "users", axes)
        assert points.is_line
        assert ((points.y >= 0) & (points.y < 1)).all()
        assert np.unique(points.y).size == 5
        np.testing.assert_array_equal(points.y, factor_map(model, "users", axes).y)
        assert points.place_of(np.array([2.0]))[0] == pytest.approx(points.x[2], abs=1e-6)


def test_axes_beyond_the_factors_are_the_last_one() -> None:
    points = factor_map(model_of(np.ones((4, 2))), "users", MapAxes("factors", 7, 9))
    assert points.names == ("factor 2", "factor 2")


# -- colours ----------------------------------------------------------------------------------


def test_colours_stand_for_what_they_say() -> None:
    model, known = model_of(np.random.default_rng(0).normal(size=(9, 3))), known_of(9)
    counts = map_values(model, known, "users", "count")
    np.testing.assert_allclose(10 ** counts.values[:6], [6, 5, 4, 3, 2, 1], rtol=1e-6)
    assert np.isnan(counts.values[6:]).all()
    means = map_values(model, known, "items", "mean")
    first = known.ratings.value[known.ratings.item_index == 0]
    assert means.values[0] == pytest.approx(first.mean())
    errors = map_values(model, known, "users", "residual")
    row = known.ratings.user_index == 2
    shown = model.predict(known.ratings.user_index[row], known.ratings.item_index[row])
    expected = np.sqrt(np.mean((shown - known.ratings.value[row]) ** 2))
    assert errors.values[2] == pytest.approx(expected, rel=1e-5)
    clusters = map_values(model, known, "users", "cluster", 3)
    assert clusters.clusters is not None
    assert set(clusters.values.tolist()) == {0.0, 1.0, 2.0}


def test_without_ratings_what_needs_them_is_one_colour() -> None:
    model = model_of(np.ones((4, 2)))
    for name in ("count", "mean", "residual"):
        assert map_values(model, None, "users", name).name == "plain"


@pytest.mark.parametrize("ground", ["#ffffff", "#12161b"])
@pytest.mark.parametrize("colour_map", ["viridis", "cividis", "magma"])
def test_every_colour_stands_out_from_its_ground(ground: str, colour_map: str) -> None:
    model, known = model_of(np.random.default_rng(0).normal(size=(30, 3))), known_of(30)
    for name in COLOURINGS:
        table = colours_on(ground, map_values(model, known, "users", name, 12), colour_map)
        light = luminance(rgb(ground))
        for red, green, blue, _ in table.tolist():
            other = luminance((red, green, blue))
            assert (max(light, other) + 0.05) / (min(light, other) + 0.05) >= 1.9


# -- pictures ---------------------------------------------------------------------------------


@pytest.mark.parametrize("n_users", [40, FEW + 2000])
def test_points_are_painted_where_they_lie_and_found_again(n_users: int) -> None:
    model = model_of(np.random.default_rng(0).normal(size=(n_users, 2)))
    picture = MapPainter().paint(request(model))
    assert picture.n_in_view == n_users
    for user in range(4):  # the most important ones, which no other covers
        x, y = (float(value) for value in model.user_factors[user])
        row, column = pixel_of(picture, x, y)
        assert (picture.rgba[row, column, :3] != 255).any()
        assert picture.at(x, y, 0.8) == user
    empty = (picture.rgba[..., :3] == 255).all(axis=2)
    assert empty.any()
    assert (picture.rgba[..., 3] == 255).all()


@pytest.mark.parametrize("n_users", [40, FEW + 2000])
def test_what_is_out_of_view_is_not_painted(n_users: int) -> None:
    factors = np.random.default_rng(0).normal(size=(n_users, 2))
    factors[5] = [50, 50]
    picture = MapPainter().paint(request(model_of(factors), view=(49.0, 51.0, 49.0, 51.0)))
    assert picture.n_in_view == 1
    assert picture.at(50, 50, 2) == 5
    assert picture.at(49.2, 50, 2) is None
    assert picture.at(-1e9, 1e9, 4) is None


def test_factors_that_are_not_finite_are_nowhere() -> None:
    factors = np.random.default_rng(0).normal(size=(30, 2))
    factors[3], factors[4] = np.nan, np.inf
    for kind in ("factors", "components"):
        picture = MapPainter().paint(request(model_of(factors), axes=MapAxes(kind)))
        assert picture.n_in_view == 28
    for value in (np.nan, 0.0, 1e38):
        picture = MapPainter().paint(request(model_of(np.full((3, 2), value))))
        assert np.isfinite(picture.view).all()


@pytest.mark.parametrize("n_users", [40, FEW + 2000])
def test_a_lasso_encloses_what_lies_in_it(n_users: int) -> None:
    model = model_of(np.random.default_rng(0).normal(size=(n_users, 2)))
    corners = np.array([[0, 0], [1, 0], [1, 1], [0.5, 0.2], [0, 1]], float)  # with a notch
    picture = MapPainter().paint(request(model, lasso=corners))
    x, y = model.user_factors.T.astype(np.float64)
    is_in = (x > 0) & (x < 1) & (y > 0) & (
        y < np.where(x < 0.5, 1 - 1.6 * x, 0.2 + 1.6 * (x - 0.5)))
    np.testing.assert_array_equal(picture.enclosed, np.flatnonzero(is_in))
    line = MapPainter().paint(request(model, lasso=corners[:2]))
    assert line.enclosed is not None
    assert line.enclosed.size == 0


@pytest.mark.parametrize("n_users", [40, FEW + 2000])
def test_the_selected_stand_out_and_the_others_step_back(n_users: int) -> None:
    model = model_of(np.random.default_rng(0).normal(size=(n_users, 2)))
    plain = MapPainter().paint(request(model))
    # 99,999,999 and -1, as of other ratings or a new user, are passed over
    marked = MapPainter().paint(
        request(model, selected=np.array([2, 99_999_999, -1], np.int32)))
    at = pixel_of(plain, *map(float, model.user_factors[2]))
    other = pixel_of(plain, *map(float, model.user_factors[int(model.user_factors[:, 0].argmax())]))
    inks = [int(picture.rgba[place][:3].astype(int).sum())
            for picture in (plain, marked) for place in (at, other)]
    assert inks[3] > inks[1]  # paler
    assert abs(inks[2] - inks[0]) < 60
    ring = np.array(rgb(COLOURS.selected))
    assert (np.abs(marked.rgba[..., :3].astype(int) - ring).sum(axis=2) < 12).any()


def test_what_was_found_has_a_ring_of_its_own_colour() -> None:
    model = model_of(np.random.default_rng(0).normal(size=(40, 2)))
    picture = MapPainter().paint(request(model, found=np.array([7], np.int32)))
    ring = np.array(rgb(COLOURS.found))
    assert (np.abs(picture.rgba[..., :3].astype(int) - ring).sum(axis=2) < 12).any()


def test_a_value_has_the_same_colour_as_in_the_bar() -> None:
    model = model_of(np.array([[0.0, 0], [1, 1], [3, 3]]))
    picture = MapPainter().paint(request(model, colouring="count"))
    for user, colour in ((0, picture.table[-1]), (2, picture.table[0])):
        place = pixel_of(picture, *map(float, model.user_factors[user]))
        np.testing.assert_allclose(picture.rgba[place][:3], colour[:3], atol=2)


def test_clusters_keep_their_colours_from_epoch_to_epoch() -> None:
    factors = np.random.default_rng(0).normal(size=(300, 3)) + 6 * np.repeat(
        np.eye(3), [150, 100, 50], axis=0)
    painter, how = MapPainter(), {"colouring": "cluster", "n_clusters": 3}
    known = known_of(300)
    before = painter.paint(request(model_of(factors), known=known, **how)).values.values
    after = painter.paint(request(model_of(factors * 1.1), known=known, **how)).values.values
    np.testing.assert_array_equal(before, after)


def test_one_painter_answers_one_request_after_another() -> None:
    rng, painter = np.random.default_rng(0), MapPainter()
    model, other = (model_of(rng.normal(size=(n, 3))) for n in (50, 30))
    for asked in (request(model), request(model, side="items"), request(other),
                  request(other, colouring="mean"), request(model, axes=MapAxes("factors", 1, 2)),
                  request(model, known=None), request(model, colouring="cluster"),
                  request(model, side="items", colouring="cluster")):
        fresh, found = MapPainter().paint(asked), painter.paint(asked)
        np.testing.assert_array_equal(found.points.order, fresh.points.order)
        # a component's sign follows the picture before, and so may its margin's rounding
        np.testing.assert_allclose(np.abs(found.points.xs), np.abs(fresh.points.xs), atol=1e-5)


def test_a_high_screen_has_the_same_picture_with_more_pixels() -> None:
    model = model_of(np.random.default_rng(0).normal(size=(40, 2)))
    low = MapPainter().paint(request(model))
    high = MapPainter().paint(request(model, width=600, height=400, pixel_ratio=2.0))
    inks = [(picture.rgba[..., :3] < 250).any(axis=2).mean() for picture in (low, high)]
    assert inks[1] == pytest.approx(inks[0], rel=0.15)  # edges are smoothed over finer pixels
    assert [label.text for label in low.labels] == [label.text for label in high.labels]


# -- titles -----------------------------------------------------------------------------------


def boxes_of(picture: object) -> np.ndarray:
    """Return left, top, right and bottom of each title."""
    x0, x1, y0, y1 = picture.view  # type: ignore[attr-defined]
    height, width = picture.rgba.shape[:2]  # type: ignore[attr-defined]
    boxes = []
    for label in picture.labels:  # type: ignore[attr-defined]
        x, y = (label.x - x0) / (x1 - x0) * width, (label.y - y0) / (y1 - y0) * height
        left = x + 6 if label.is_right else x - 6 - label.width
        boxes.append((left, y - 7.5, left + label.width, y + 7.5))
    return np.array(boxes)


def test_titles_cover_neither_each_other_nor_the_edge() -> None:
    rng = np.random.default_rng(0)
    model = replace(model_of(np.ones((9, 2))), item_factors=rng.normal(size=(400, 2)).astype("f4"),
                    item_bias=np.zeros(400, np.float32))
    known = known_of(9, 400, [f"Film {m}" for m in range(400)])
    picture = MapPainter().paint(request(model, known=known, side="items"))
    boxes = boxes_of(picture)
    assert len(boxes) > 10
    assert (boxes >= 0).all()
    assert (boxes[:, [2, 3]] <= [300, 200]).all()
    for k, box in enumerate(boxes):
        others = np.delete(boxes, k, axis=0)
        assert not ((box[0] < others[:, 2]) & (others[:, 0] < box[2])
                    & (box[1] < others[:, 3]) & (others[:, 1] < box[3])).any()


def test_what_has_most_ratings_is_named_first() -> None:
    model = model_of(np.zeros((30, 2)) + 1e-3 * np.random.default_rng(0).normal(size=(30, 2)))
    picture = MapPainter().paint(request(model, view=(-1.0, 1.0, -1.0, 1.0)))
    assert picture.labels[0].text == "u0"
    assert MapPainter().paint(request(model, has_titles=False)).labels == ()


def test_ids_of_many_without_names_are_left_out() -> None:
    model = model_of(np.random.default_rng(0).normal(size=(400, 2)))
    assert MapPainter().paint(request(model)).labels == ()
    marked = MapPainter().paint(request(model, selected=np.array([300, 7], np.int32)))
    assert {label.text for label in marked.labels} == {"u300", "u7"}


def test_odd_titles_are_one_short_line() -> None:
    titles = ["a" * 10_000, "two\nlines\u0000", "שלום", "🎬🎬", "映画", ""]
    known = known_of(4, titles=titles)
    found = Titles(known.ratings, "items", FONT)
    texts = [found.get(k)[0] for k in range(6)]
    assert len(texts[0]) == LONGEST
    assert texts[1] == "two lines"
    assert texts[5] == "i5"  # the id, where there is no title
    assert found.get(4)[1] == 28.0  # two signs of double width
    assert MapPainter().paint(request(
        model_of(np.eye(4)), known=known, side="items")).labels


def test_the_whole_view_holds_every_point() -> None:
    points = factor_map(model_of(np.random.default_rng(0).normal(size=(90, 3))), "users")
    x0, x1, y0, y1 = whole_view(points)
    assert ((points.x > x0) & (points.x < x1) & (points.y > y0) & (points.y < y1)).all()


def test_warming_up_compiles_every_kernel_of_map_and_errors() -> None:
    from mfgui.core.kernels import clusters, errors, maps
    from mfgui.inspection.warm_up_maps import warm_up_maps

    model = model_of(np.random.default_rng(0).normal(size=(5, 3)))
    warm_up_maps(known_of(5).ratings, model)
    kernels = {name: each for module in (clusters, errors, maps)
               for name, each in vars(module).items() if hasattr(each, "signatures")}
    assert len(kernels) > 10
    # place_among is part of add_errors, which calls it
    assert {name for name, each in kernels.items() if not each.signatures} <= {"place_among"}
