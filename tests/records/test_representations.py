"""Published representations: rounded to 13 bits and read back, of every version."""

from itertools import combinations

import numpy as np
import pytest

from isoaux import bases
from isoaux.common.archive import Published
from isoaux.records import representations
from isoaux.records.representations import Representations, sampled

TANH = "cifar-U-tanh-n18-L0"


def layers(samples: int = 150, width: int = 5) -> list[np.ndarray]:
    """Two layers of very different size."""
    rng = np.random.default_rng(0)
    return [(rng.standard_t(4, (samples, width)) * size).astype(np.float32) for size in (1, 300)]


def test_representations_come_back_within_half_a_step(monkeypatch):
    monkeypatch.setattr(representations, "SAMPLES", 40)
    kept, whole = sampled(layers(), bases.standard(5), 0.7, "combination"), layers()
    assert kept["values"].dtype == np.int16 and kept["values"].shape == (2, 40, 5)
    assert kept["scale"].shape == (2,) and kept["planes_entered"].shape == (2, 40)
    assert len(np.unique(kept["sample"])) == 40 and kept["sample"].max() < 150
    for k, z in enumerate(whole):
        z = z[kept["sample"]].astype(float)
        assert np.abs(kept["values"][k]).max() == 4095, "the scale leaves no room unused"
        assert kept["scale"][k] == pytest.approx(np.abs(z).max() / 4095, rel=1e-6)
        assert np.abs(kept["values"][k] * kept["scale"][k] - z).max() <= 0.5001 * kept["scale"][k]
        entered = [sum(np.hypot(v[i], v[j]) > 0.7 * np.linalg.norm(v) for i, j in combinations(range(5), 2)) for v in z]
        assert kept["planes_entered"][k].tolist() == entered


def test_fewer_are_the_first_of_those_that_more_would_be(monkeypatch):
    monkeypatch.setattr(representations, "SAMPLES", 40)
    few = sampled(layers(), bases.standard(5), 0.7, "combination")["sample"]
    monkeypatch.setattr(representations, "SAMPLES", 100)
    assert set(few) < set(sampled(layers(), bases.standard(5), 0.7, "combination")["sample"])
    monkeypatch.setattr(representations, "SAMPLES", 2000)
    assert sampled(layers(), bases.standard(5), 0.7, "combination")["sample"].tolist() == list(range(150))


def test_nothing_but_zeros_has_a_scale():
    kept = sampled([np.zeros((6, 3), np.float32)], bases.standard(3), 0.7, "combination")
    assert kept["scale"] == 1 and not kept["values"].any() and not kept["planes_entered"].any()


def of_version_3() -> Representations:
    """Two seeds, two layers, two samples of two neurons."""
    values = np.arange(-8, 8, dtype=np.int16).reshape(2, 2, 2, 2)
    arrays = {
        "values": values,
        "scale": np.array([[1, 10], [0.5, 2.0]]),
        "sample": np.array([3, 8], np.int32),
        "planes_entered": np.array([[[0, 1], [1, 1]], [[1, 0], [0, 0]]], np.int16),
    }
    return Representations(Published(arrays, {"configuration": TANH, "seeds": [4, 7]}))


def test_every_seed_and_layer_has_its_own_scale():
    kept = of_version_3()
    assert (kept.seeds, kept.count, kept.layers, kept.sample.tolist()) == ([4, 7], 2, 2, [3, 8])
    np.testing.assert_array_equal(kept.values(0), [[-8, -7], [-6, -5]])
    np.testing.assert_array_equal(kept.values(0), kept.values(0, 4))
    np.testing.assert_array_equal(kept.values(1), [[-40, -30], [-20, -10]])
    np.testing.assert_array_equal(kept.values(1, 7), [[8, 10], [12, 14]])
    np.testing.assert_array_equal(kept.values(-1, 7), kept.values(1, 7))
    assert kept.values(0, 7).dtype == np.float64
    np.testing.assert_array_equal(kept.steps(0, 7), [[0, 1], [2, 3]])
    assert kept.scale(1, 4) == 10
    assert kept.planes_entered(0).tolist() == [0, 1] and kept.planes_entered(0, 7).tolist() == [1, 0]


def test_those_of_version_2_are_of_one_seed_and_one_scale():
    arrays = {
        "values": np.array([[[1, -2]], [[3, 4]]], np.int16),
        "scale": np.array(0.5),
        "sample": np.array([9], np.int32),
        "planes_entered": np.array([[1], [0]], np.int16),
    }
    kept = Representations(Published(arrays, {"configuration": TANH, "seed": 2}))
    assert (kept.seeds, kept.count, kept.layers) == ([2], 1, 2)
    np.testing.assert_array_equal(kept.values(1), [[1.5, 2]])
    np.testing.assert_array_equal(kept.values(1, 2), [[1.5, 2]])
    np.testing.assert_array_equal(kept.values(-1), kept.values(1))
    assert kept.planes_entered(0).tolist() == [1] and kept.scale(0) == 0.5


def test_a_seed_that_is_not_published_is_refused(refused):
    refused(["seed is 5", TANH, "accepted: 4, 7"], of_version_3().values, 0, 5)
