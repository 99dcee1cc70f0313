"""Gaps of heights and opposed planes, against the spotlight at their angles and representations made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isoaux import bases, srm
from isoaux.srm import heights


def test_the_gap_is_a_part_of_the_range():
    assert heights.gap([0.9, 0.1, 0.2, 0.8]) == pytest.approx(0.75) and heights.gap([0.3, 0.3]) == 0


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_planes_of_a_cross_polytope_are_compared_at_multiples_of_a_quarter_of_pi(seed: int):
    rng = np.random.default_rng(seed)
    z = np.abs(rng.standard_normal((60, 3))) * [1, 1, 0.3]
    basis = bases.turned(bases.cross_polytope(3), seed)
    shares = srm.spotlight(z @ basis[:3], basis, 0.8, angles=np.pi / 4 * np.arange(8))
    on, off = shares[:, ::2].max(axis=1), shares[:, 1::2].max(axis=1)
    assert heights.opposed(z @ basis[:3], basis) == ((off > on) & (off >= 0.1)).sum()


def test_representations_between_two_vectors_oppose_their_planes():
    """The diagonal of two axes lies in four planes of +- pairs; that of a simplex's two vectors in the one of both."""
    z = np.array([[1.0, 1, 0, 0]]).repeat(30, axis=0) + 0.01 * np.random.default_rng(0).standard_normal((30, 4))
    assert heights.opposed(z, bases.cross_polytope(4)) == 4 and heights.opposed(z[:, [0, 2, 3]], np.eye(3)) == 0
    b = bases.simplex(4)
    assert heights.opposed((b[0] + b[1])[None], b, 0.9) == 1
    result = heights.opposed_test(z, bases.cross_polytope(4), draws=39)
    assert result.value == 4 and result.draws == 39 and result.null.mean() < 4


def test_copies_of_opposed_planes_are_turned_bases():
    z = np.random.default_rng(1).standard_normal((200, 3)) * [1, 1, 0.2]
    for basis in (bases.cross_polytope(3), bases.simplex(3)):
        null = srm.opposed_test(z, basis, 0.9, draws=12, seed=5).null
        copies = [bases.turned(basis, np.random.SeedSequence(5, spawn_key=(draw,))) for draw in range(12)]
        assert null.tolist() == [srm.opposed(z, copy, 0.9) for copy in copies] and null.max() > 0
