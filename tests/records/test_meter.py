"""The compiled meter: the very points of the plain one, in its order, and the same moments."""

import numpy as np
import pytest

from isoaux import bases, ppp
from isoaux.records import meter
from isoaux.records.meter import CompiledMeter
from isoaux.statistics import STATISTICS
from isoaux.statistics.tally import MOMENTS, Meter

NAMES = ("count", "c4", "s2", "plane_gathering", "angular_peak", *MOMENTS[:4])


def cloud(kind: str, n: int, dtype: type, samples: int = 700) -> np.ndarray:
    rng = np.random.default_rng(n)
    z = rng.standard_t(3, (samples, n))
    if kind == "whole":  # many squares are equal, and some lie on the threshold
        z = rng.integers(-2, 3, (samples, n)).astype(float)
    elif kind == "crowded":
        z[:, 0] += 8
        z[::5] = 0
    elif kind == "alike":
        z = 5 + 0.05 * z
    return z.astype(dtype)


def meters(z: np.ndarray, epsilon: float, names: tuple[str, ...], basis: np.ndarray | None = None) -> list[Meter]:
    basis = bases.standard(z.shape[1]) if basis is None else basis
    return [kind(z, basis, epsilon, "combination", names) for kind in (Meter, CompiledMeter)]


@pytest.mark.parametrize("epsilon", [0, 0.5, np.sqrt(0.5), 0.75, 0.9])
@pytest.mark.parametrize("n", [2, 3, 7])
@pytest.mark.parametrize("kind", ["plain", "whole", "crowded"])
def test_pairs_are_those_of_ppp_in_the_same_order(kind, n, epsilon, monkeypatch):
    monkeypatch.setattr(ppp, "BLOCK", 256)  # three blocks
    for dtype in (np.float32, np.float64):
        z = cloud(kind, n, dtype)
        fast = meters(z, epsilon, ("count",))[1]
        for basis in (bases.standard(n), bases.random_orthogonal(n, 1)):
            coordinates = fast.cloud.coordinates(basis)
            expected = list(ppp.accepted(coordinates, fast.cloud.totals, fast.frame, fast.epsilon))
            found = list(fast.accepted(coordinates, fast.cloud.totals))
            assert len(found) == len(expected)
            for one, other in zip(found, expected, strict=True):
                for part, wanted in zip(one, other, strict=True):
                    np.testing.assert_array_equal(part, wanted)
                    assert part.dtype == wanted.dtype


@pytest.mark.parametrize("at_once", [1, 3])
@pytest.mark.parametrize("kind", ["plain", "crowded", "alike"])
@pytest.mark.parametrize("n", [2, 3, 6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_statistics_are_those_of_the_plain_meter(dtype, n, kind, at_once, monkeypatch):
    """Those of points to the last bit."""
    monkeypatch.setattr(meter, "BLOCK", 64)
    monkeypatch.setattr(meter, "AT_ONCE", 64 * n)
    turned = np.stack([bases.standard(n), *(bases.random_orthogonal(n, seed) for seed in range(at_once - 1))])
    for names in (NAMES, MOMENTS[:4], MOMENTS, ("count", "quartimax")):
        plain, fast = (each(turned) for each in meters(cloud(kind, n, dtype), 0.7, names))
        assert plain.keys() == fast.keys() == set(names)
        for name in names:
            if "points" in STATISTICS[name].needs:
                np.testing.assert_array_equal(fast[name], plain[name])
            near = {np.float64: 1e-12, np.float32: 1e-3 if kind == "alike" else 1e-5}[dtype]
            np.testing.assert_allclose(fast[name], plain[name], rtol=near, err_msg=name)


def test_bases_that_are_not_orthonormal_are_measured_as_well():
    z, basis = cloud("plain", 5, np.float32), bases.simplex(5)
    turned = np.stack([basis, basis @ bases.random_orthogonal(5, 0).T])
    plain, fast = (each(turned) for each in meters(z, 0.7, NAMES, basis))
    for name in NAMES:
        np.testing.assert_allclose(fast[name], plain[name], rtol=1e-9, err_msg=name)


def test_points_are_seen_and_samples_without_direction_left_out():
    z = cloud("crowded", 5, np.float32)
    plain, fast = meters(z, 0.7, NAMES)
    for each in (plain, fast):
        each(bases.standard(5)[None])
    assert plain.seen == fast.seen > 0
    assert fast.tally(bases.standard(5)[None]).samples == np.count_nonzero(z.any(1))
