"""Our tests beside the field's: how often each rejects clouds with nothing special in them, and with something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isoaux.statistics.basis import basis_tests
from isoaux.statistics.directions import MOST, concentration, null_concentrations
from isoaux.statistics.nulls import test_from_null
from isoaux.studies.calibration import alternatives, simulation, sphere
from isoaux.studies.calibration.simulation import DIRECTIONS, Cloud

LAWS = {
    "isotropic": "nothing at all",
    "cone": "a mean",
    "ellipsoid": "a covariance",
    "heavy": "a covariance and heavy tails",
}
"""The laws of :data:`isoaux.studies.calibration.simulation.NOTHING` in the heads of columns."""

CLOUDS = (*(f"law:{law}" for law in LAWS), *(f"alternative:{name}" for name in alternatives.ALTERNATIVES))
"""The clouds of the comparison: a law, or an alternative at the strength of tables."""

BASIS = ("quartimax", "sixth", "count", "c4", "kurtosis", "neuron_kurtosis")
"""The statistics of a basis in the comparison."""

OURS = {
    "quartimax": ("`quartimax`, random bases", "directions that gather on the axes or avoid them"),
    "sixth": ("`sixth`, random bases", "the same, sharp directions first"),
    "count": ("`count`, random bases", "directions near the planes of two axes"),
    "c4": ("`c4`, random bases", "directions near the axes, or half way between two"),
    "kurtosis": ("`kurtosis`, random bases", "outlier neurons"),
    "neuron_kurtosis": (
        "`neuron_kurtosis`, random bases",
        "neurons with heavier or lighter tails than other directions",
    ),
    DIRECTIONS: ("`direction_test`, whitened", "any law without ellipsoidal level sets"),
}
"""The tests of this library in the comparison: names, and what they are sensitive to."""


def words(name: str) -> str:
    """The words for a cloud of :data:`CLOUDS`."""
    kind, key = name.split(":")
    if kind == "law":
        return LAWS[key]
    alternative = alternatives.ALTERNATIVES[key]
    return f"{alternative.words}, {alternative.shown_words}"


def drawn(name: str, seed: int, *, samples: int, n: int) -> Cloud:
    """A cloud (samples, n) of :data:`CLOUDS`."""
    kind, key = name.split(":")
    if kind == "law":
        return simulation.drawn(key, seed, samples=samples, n=n)
    alternative = alternatives.ALTERNATIVES[key]
    return alternative.draw(np.random.default_rng(seed), samples, n, alternative.shown)


@dataclass(frozen=True, eq=False)
class Nulls:
    """Null values that all clouds of one size are compared with.

    ``uniform``, by name of :data:`isoaux.studies.calibration.sphere.TESTS`, of uniform directions; ``gaussian``, of the
    test of directions.
    """

    uniform: Mapping[str, NDArray[np.float64]]
    gaussian: NDArray[np.float64]

    @classmethod
    def of(cls, samples: int, n: int, uniform: int, draws: int) -> "Nulls":
        """So many draws of both for clouds (samples, n)."""
        gaussian = null_concentrations((min(samples, MOST), n), draws, 0, DIRECTIONS)
        return cls(sphere.null_statistics((samples, n), uniform, 0), gaussian)


def rejected(
    name: str, seeds: Sequence[int], nulls: Nulls, *, samples: int, n: int, draws: int, level: float
) -> dict[str, int]:
    """How many clouds of a name of :data:`CLOUDS`, one a seed, every test rejects, ours raw."""
    found = dict.fromkeys((*OURS, *sphere.TESTS), 0)
    for seed in seeds:
        cloud = drawn(name, seed, samples=samples, n=n)
        tests = basis_tests(cloud, np.eye(n), BASIS, draws, seed)
        p = {statistic: test.p for statistic, test in tests.items()}
        p[DIRECTIONS] = test_from_null(concentration(cloud, DIRECTIONS, seed)[0], nulls.gaussian, "whitened").p
        of_sphere = sphere.statistics_of(cloud)
        p |= {test: sphere.p_value(test, value, nulls.uniform[test]) for test, value in of_sphere.items()}
        for test in found:
            found[test] += p[test] <= level
    return found
