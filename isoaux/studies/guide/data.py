"""Which classifiers the guide compares, and the reports of their layers; without torch."""

from dataclasses import dataclass

import numpy as np

from isoaux import statistics
from isoaux.statistics import LEVEL, Report, SeedCount

NETWORKS = {
    ("relu", "sgd"): "ReLU",
    ("tanh", "sgd"): "tanh",
    ("isotanh", "sgd"): "isotropic tanh",
    ("isotanh", "adam"): "isotropic tanh, Adam",
}
"""Activation and optimiser of the kinds of networks that are compared, and what they are called."""

BY_SYMMETRY = ("isotanh", "sgd")
"""The network whose neurons nothing distinguishes, whatever it learns."""

EPOCHS = 15
"""Epochs that every network is trained for."""


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of the networks that differ in their seed alone.

    ``reports`` of every seed, by preparation; ``accuracies`` of the networks on the 360 digits held back, in [0, 1].
    """

    network: tuple[str, str]
    place: str
    reports: dict[str, tuple[Report, ...]]
    accuracies: tuple[float, ...]

    def special(self, preparation: str) -> SeedCount:
        """In how many seeds the neuron basis is special, by the smallest adjusted p of a report."""
        return statistics.count_of_seeds([report.p for report in self.reports[preparation]], LEVEL)

    def ratio(self, preparation: str) -> float:
        """Points near the planes of neurons over the median of random bases: the median of the seeds."""
        tests = [report.tests["count"] for report in self.reports[preparation]]
        return float(np.median([test.value / max(1.0, float(np.median(test.null))) for test in tests]))
