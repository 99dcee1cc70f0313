"""What the study of superposition measures, on arrangements and tests whose numbers are known."""

import numpy as np
import pytest

from isoaux import bases
from isoaux.statistics import BasisTest
from isoaux.studies.superposition import compute, data, report

SIZE = data.SIZES["smoke"]


def test_an_octahedron_has_the_least_energy_and_a_triple_nothing_to_compare() -> None:
    start = np.random.default_rng(1).standard_normal((3, 6))
    energy, least, random, untrained, kept = compute._energies(1.1 * bases.cross_polytope(3).T, start, {}, SIZE)
    assert (energy, least, kept) == (pytest.approx(-1.5), pytest.approx(-1.5), 6)
    assert data.way(np.array(energy), np.array(least), np.array(random)) == pytest.approx(0, abs=1e-9)
    assert min(random, untrained) > least
    few = np.c_[np.eye(3), 0.4 * np.eye(3)]  # columns of at most a half are not represented
    assert np.isnan(compute._energies(few, start, {}, SIZE)[:4]).all()


def test_a_seed_lies_on_a_side_where_its_p_is_small_enough() -> None:
    null = np.arange(-19, 20) / 100.0
    above, inside, below = (
        data.Tested.of(BasisTest(value, null, p, 0.0, 39)) for value, p in ((0.9, 0.05), (0.1, 0.55), (-0.9, 0.05))
    )
    assert [test.side for test in (above, inside, below)] == [1, 0, -1]
    assert [test.sided(1) for test in (above, inside, below)] == [0.025, 0.275, 1.0]
    counted = report.counted_seeds([above, above, inside, below])
    assert (counted.above, counted.below) == (2, 1)
    # Binomial of four seeds at 0.025 each: at least two, and at least one.
    assert counted.p_above == pytest.approx(1 - 0.975**4 - 4 * 0.025 * 0.975**3)
    assert counted.p_below == pytest.approx(1 - 0.975**4)


def test_cosines_are_of_represented_pairs_of_every_network() -> None:
    W = np.stack([np.eye(2), np.array([[1.0, -1.0], [0.0, 0.0]]), np.array([[1.0, 0.1], [0.0, 0.0]])])
    assert report.cosines_of(W).tolist() == [0.0, -1.0]
