"""Sums and products of two qualities, what maps keep of them, mixtures, and designs that teach nothing."""

import numpy as np
import pytest

from isoaux import bases
from isoaux.representations.decomposition import diagonal, held_out, in_turn, interaction, parts, permuted, place

COLOURS, SHAPES = ("red", "blue", "green"), ("circle", "square", "cross")


def sums(generator: np.random.Generator, a: int = 4, b: int = 3, n: int = 5) -> np.ndarray:
    return generator.normal(size=(a, 1, n)) + generator.normal(size=(1, b, n)) + generator.normal(size=n)


def test_a_sum_has_no_interaction_and_a_product_nothing_else():
    generator = np.random.default_rng(0)
    assert interaction(sums(generator)) == pytest.approx(0, abs=1e-24)
    signs = np.outer([1, -1], [1, -1])[..., None] * generator.normal(size=3)
    assert interaction(signs) == pytest.approx(1)
    rows, columns = np.array([1.0, -1.0, 2, -2]), np.array([1.0, 0, -1])
    assert interaction(np.outer(rows, columns)[..., None]) == pytest.approx(1), "effects of mean 0, multiplied"


def test_the_share_is_that_of_a_least_squares_fit():
    """An independent way: dummies for rows and columns, fitted to every coordinate."""
    means = np.random.default_rng(1).normal(size=(4, 3, 6))
    row, column = np.indices((4, 3)).reshape(2, -1)
    design = np.concatenate([np.eye(4)[row], np.eye(3)[column]], axis=1)
    flat = means.reshape(12, 6)
    left = flat - design @ np.linalg.lstsq(design, flat, rcond=None)[0]
    assert interaction(means) == pytest.approx((left**2).sum() / ((flat - flat.mean(0)) ** 2).sum())


def test_an_affine_map_takes_every_part_along():
    """What adds up still does behind it, to 1e-12; the share itself is kept by maps that keep lengths."""
    generator = np.random.default_rng(2)
    means, weight, bias = generator.normal(size=(4, 3, 6)), generator.normal(size=(8, 6)), generator.normal(size=8)
    before, behind = parts(means), parts(means @ weight.T + bias)
    for name in ("rows", "columns", "interaction"):
        np.testing.assert_allclose(getattr(behind, name), getattr(before, name) @ weight.T, atol=1e-12)
    assert interaction(sums(generator, n=6) @ weight.T + bias) == pytest.approx(0, abs=1e-12)
    turned = means @ (3 * bases.random_orthogonal(6, 0)) + 1
    assert interaction(turned) == pytest.approx(interaction(means), abs=1e-12)
    assert abs(interaction(means @ weight.T) - interaction(means)) > 1e-3, "another metric, another share"


def test_permuting_columns_of_a_sum_gives_interaction_but_not_where_columns_are_alike():
    generator = np.random.default_rng(3)
    assert permuted(sums(generator), generator, 20).mean() > 0.1
    alike = np.broadcast_to(generator.normal(size=(4, 1, 5)), (4, 3, 5))
    np.testing.assert_allclose(permuted(alike, generator, 5), 0, atol=1e-24)
    assert np.isnan(interaction(np.ones((2, 2, 3))))


def test_the_place_of_a_mixture_is_its_weight():
    generator = np.random.default_rng(4)
    low, high = generator.normal(size=(2, 7))
    weights = np.array([-0.5, 0, 0.3, 1, 1.7])
    found = place(low + weights[:, None] * (high - low), low, high)
    np.testing.assert_allclose(found.along, weights, atol=1e-12)
    np.testing.assert_allclose(found.off, 0, atol=1e-12)
    away = np.array([3.0, 4, 0])
    beside = place(np.array([0.5, 0, 0]) + away * [0, 1, 0], np.zeros(3), np.array([2.0, 0, 0]))
    assert (beside.along, beside.off) == (pytest.approx(0.25), pytest.approx(2))


def test_designs_leave_every_colour_and_shape_a_pair():
    assert len(in_turn(COLOURS, SHAPES)) == 9
    for missing in (*in_turn(COLOURS, SHAPES), diagonal(COLOURS, SHAPES)):
        left = held_out(COLOURS, SHAPES, missing)
        assert len(left) == 9 - len(missing) and not set(left) & set(missing)
    assert diagonal(COLOURS, SHAPES) == (("red", "circle"), ("blue", "square"), ("green", "cross"))


def test_a_design_without_a_colour_or_shape_is_refused(refused):
    refused(["colour 'red'", "a pair for every colour"], held_out, COLOURS, SHAPES, [("red", s) for s in SHAPES])
    refused(["shape 'cross'"], held_out, COLOURS, SHAPES, [(c, "cross") for c in COLOURS])
    refused(["missing is ('pink', 'cross')"], held_out, COLOURS, SHAPES, [("pink", "cross")])
    refused(["shapes are 2 for 3 colours"], diagonal, COLOURS, SHAPES[:2])


def test_bad_means_are_refused(refused):
    for bad in (np.zeros((3, 4)), np.zeros((1, 4, 2)), np.full((2, 2, 2), np.nan)):
        refused(["means have the shape"], interaction, bad)
    refused(["high equals low"], place, np.zeros(3), np.ones(3), np.ones(3))
