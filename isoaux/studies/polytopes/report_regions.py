"""Clusters of activations and codes, and directions, in words and tables; all means are over starts and seeds."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from isoaux.common.numbers import listed_range, low_to_high, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import Classifier, Configuration
from isoaux.paper.names import CLASSIFIER_TITLES
from isoaux.records.reports import dataset, deviations, opening, or_missing
from isoaux.records.results import Result
from isoaux.studies.polytopes import seeds
from isoaux.studies.polytopes.data import DIRECTIONS, JUDGED, PURITY, RELATIONS

Values = NDArray[np.float64]

UNTRAINED, TRAINED = 0, 1
"""The places of the states in arrays."""

MIXED = "polysemantic"
"""The number of directions that two classes share."""

SETS = {
    "neurons": "neurons",
    "pca": "principal axes",
    "turned": "turned axes",
    "nmf 16": "NMF, 16",
    "nmf 64": "NMF, 64",
    "random 16": "random, 16",
    "random 64": "random, 64",
}
"""Titles of the sets of directions."""


def rows_of(result: Result, activation: str = "relu") -> list[int]:
    """The rows of an activation; all rows where there is none of it."""
    rows = [row for row, (configuration, _) in enumerate(result.rows) if configuration.activation == activation]
    return rows or list(range(len(result.rows)))


def mean(values: Values, axis: int | tuple[int, ...] | None = None) -> Values:
    """The mean of what is a number; NaN where nothing is."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0).sum(axis=axis) / known.sum(axis=axis))


def over_seeds(result: Result, values: Callable[[int], Values], rows: list[int] | None = None) -> list[float]:
    """The means of every seed of numbers of each row, averaged over places and over the rows of a seed; NaN for none.

    ``values`` gives the numbers of a row; ``rows`` are those of ReLU unless others are named.
    """
    chosen = rows_of(result) if rows is None else rows
    named = dict.fromkeys(result.rows[row][1] for row in chosen)
    return [float(mean(np.array([values(r) for r in chosen if result.rows[r][1] == seed]))) for seed in named]


def short(configuration: Configuration) -> str:
    """A configuration in a heading."""
    return configuration.title


def _purity(result: Result, of: str, number: str, state: int = TRAINED) -> list[float]:
    return over_seeds(result, lambda row: result.drawing[of][row, state, :, PURITY.index(number)])


def _directions(result: Result, kind: str, number: str) -> Callable[[int], Values]:
    place = DIRECTIONS.index(kind), JUDGED.index(number)
    return lambda row: result.drawing["directions"][row, TRAINED, :, *place]


def _drop(result: Result, at: int, row: int) -> Values:
    return np.asarray(result.drawing["drop"][row, TRAINED, :, at])


@or_missing
def setting(result: Result) -> Text:
    """Data, networks and sizes, in two sentences."""
    facts, size = result.facts, result.facts["size"]
    kinds = listed(list(dict.fromkeys(CLASSIFIER_TITLES[c.activation] for c in result.by_configuration)))
    return Text(
        f"{dataset(result)}; classifiers with {kinds}, seeds {listed_range(facts['seeds'])}; {facts['epochs']} epochs. "
        f"Clusters and directions are of the first {size['samples']:,} test images, local maps of {size['maps']:,}; "
        f"labels and clusters are permuted {size['draws']} times.{deviations(result)} Numbers are of ReLU unless they "
        "name another activation."
    )


@or_missing
def in_short(result: Result) -> Text:
    """What came out, in three sentences: pure clusters, how many images are in any, and information on class."""
    pure, inside = (
        [_purity(result, of, name) for of in ("codes", "activations")] for name in ("monosemantic", "clustered")
    )
    codes, activations = (_number(_purity(result, of, "ami")) for of in ("codes", "activations"))
    return opening(
        f"{_percent(pure[0])} of the clusters of codes hold one class (nine tenths of their images), and "
        f"{_percent(pure[1])} of the clusters of activations do.",
        f"But only {_percent(inside[0])} and {_percent(inside[1])} of the images are in any cluster.",
        f"Over all images codes have an adjusted mutual information of {codes} with the class, activations of "
        f"{activations}.",
    )


@or_missing
def answer(result: Result) -> Text:
    """What came out, in three sentences: clusters, information on class, and directions."""
    return Text(" ".join((clusters_words(result), information_words(result), directions_words(result))))


def clusters_words(result: Result) -> str:
    """How many clusters hold one class, and how many images they hold."""
    parts = []
    for of in ("activations", "codes"):
        pure, inside = _purity(result, of, "monosemantic"), _purity(result, of, "clustered")
        parts.append(
            f"of the clusters of {of} {_percent(pure)} are at least nine tenths one class, with {_percent(inside)} of "
            "the images in a cluster"
        )
    before = _purity(result, "codes", "clustered", UNTRAINED)
    first, second = parts
    return (
        f"{first[0].upper()}{first[1:]}; {second} (before training {_percent(before)} of the images lie in clusters of "
        "codes)."
    )


def information_words(result: Result) -> str:
    """Whether codes say more of class than activations."""
    ami = PURITY.index("ami")
    codes, activations = (_purity(result, of, "ami") for of in ("codes", "activations"))
    apart = over_seeds(
        result,
        lambda row: result.drawing["codes"][row, TRAINED, :, ami] - result.drawing["activations"][row, TRAINED, :, ami],
    )
    words = seeds.side(apart, "more than", "less than", "not clearly more or less than")
    means = (
        _purity(result, "codes_means", "ami"),
        _purity(result, "activations_means", "ami"),
    )
    return (
        f"Clusters of codes say {words} clusters of activations about the class, although every magnitude is gone: "
        f"adjusted mutual information {_number(codes)} against {_number(activations)}, difference "
        f"{seeds.over_seeds(apart)}; with as many clusters of k-means, which leave no image out, "
        f"{_number(means[0])} against {_number(means[1])}."
    )


def directions_words(result: Result) -> str:
    """How many directions are of one class, or of several, and what codes do to these."""
    mixed = over_seeds(result, _directions(result, "neurons", MIXED))
    factors, random = (
        over_seeds(result, _directions(result, f"{kind} 16", "monosemantic")) for kind in ("nmf", "random")
    )
    drop, null = (over_seeds(result, partial(_drop, result, at)) for at in (0, 1))
    return (
        f"Two classes share the nearest images of {_percent(mixed)} of the neurons, and one class has those of "
        f"{_percent(factors)} of 16 factors of NMF ({_percent(random)} of random directions); among the images of a "
        f"neuron of several classes, the cluster of the code takes {_number(drop)} nats from the entropy of class "
        f"(permuted clusters: {_number(null)})."
    )


def _percent(values: list[float]) -> str:
    return seeds.mean(values, "{:.0%}")


def _number(values: list[float]) -> str:
    return seeds.mean(values)


def clusters_alt(result: Result) -> str:
    """The alternative text of the picture of clusters."""
    parts = []
    for configuration, rows in result.by_configuration.items():
        values = [
            written(form, float(mean(result.drawing[of][rows][:, TRAINED, :, PURITY.index(number)])))
            for of in ("activations", "codes")
            for number, form in (("monosemantic", "{:.0%}"), ("clustered", "{:.0%}"), ("ami", "{:.2f}"))
        ]
        parts.append(
            f"{short(configuration)}: of clusters of activations {values[0]} of one class, {values[1]} of the images "
            f"clustered, information {values[2]}; of codes {values[3]}, {values[4]}, {values[5]}"
        )
    return (
        "Shares of clusters that hold one class, shares of images in clusters, and adjusted mutual information with "
        f"class, by layer, a row for each activation and start. Means over layers and seeds: {'; '.join(parts)}."
    )


def directions_alt(result: Result) -> str:
    """The alternative text of the picture of directions."""
    parts = []
    for kind, title in SETS.items():
        pure, mixed = (over_seeds(result, _directions(result, kind, number)) for number in ("monosemantic", MIXED))
        parts.append(f"{title}: {_percent(pure)} and {_percent(mixed)}")
    return (
        "Shares of directions whose hundred images of largest cosine are of one class, and of two or more, by set of "
        f"directions and layer, ReLU. Means over layers, starts and seeds: {'; '.join(parts)}."
    )


def split_alt(result: Result) -> str:
    """The alternative text of the picture of what codes add."""
    drops = [over_seeds(result, partial(_drop, result, at)) for at in (0, 1)]
    line = over_seeds(result, lambda row: result.drawing["projections"][row, TRAINED])
    near = over_seeds(result, lambda row: result.drawing["neighbours"][row, TRAINED])
    maps = over_seeds(result, lambda row: result.drawing["relation"][row, TRAINED, :, RELATIONS.index("partial")])
    return (
        "Four panels by layer, ReLU, grey before training. Drop of the entropy of class among the images of neurons of "
        f"several classes, by clusters of codes {_number(drops[0])} nats and by permuted ones {_number(drops[1])}; "
        f"adjusted mutual information with class of clusters of one neuron's activations {_number(line)}; share of the "
        f"ten nearest images with the same class {_number(near)}; rank correlation of differing bits with the "
        f"difference of local maps, given distance, {_number(maps)}."
    )


@or_missing
def clusters(result: Result) -> Table:
    """Clusters of activations and of codes by configuration and layer, means over seeds."""
    head = (
        "network, layer",
        "of",
        "clusters",
        "one class",
        "clustered",
        "AMI",
        "AMI, smallest 10 / 30",
        "k-means",
        "untrained",
    )
    rows = []
    for configuration, members in result.by_configuration.items():
        for layer in range(result.drawing["codes"].shape[2]):
            for of in ("activations", "codes"):
                values = mean(result.drawing[of][members], 0)[:, layer]
                others = mean(result.drawing[f"{of}_other"][members], 0)[TRAINED, layer, :, PURITY.index("ami")]
                means = mean(result.drawing[f"{of}_means"][members], 0)[TRAINED, layer, PURITY.index("ami")]
                after = dict(zip(PURITY, values[TRAINED], strict=True))
                rows.append(
                    (
                        f"{short(configuration)}, {layer + 1}" if of == "activations" else "",
                        of,
                        written("{:.1f}", after["clusters"]),
                        written("{:.0%}", after["monosemantic"]),
                        written("{:.0%}", after["clustered"]),
                        written("{:.2f}", after["ami"]),
                        " / ".join(written("{:.2f}", value) for value in others),
                        written("{:.2f}", means),
                        written("{:.2f}", values[UNTRAINED, PURITY.index("ami")]),
                    )
                )
    return Table(head, tuple(rows))


@or_missing
def pixels(result: Result) -> Text:
    """What HDBSCAN finds among the pixels of the same images, and the classes of nearest images there."""
    numbers = dict(zip(PURITY, result.drawing["pixels"][0], strict=True))
    near = result.drawing["pixels_neighbours"][0]
    found = (
        f"makes {numbers['clusters']:.0f} clusters of {written('{:.0%}', numbers['clustered'])} of the images, with an "
        f"adjusted mutual information of {numbers['ami']:.2f}"
        if numbers["clusters"]
        else "finds no cluster at all"
    )
    after = [mean(result.drawing["neighbours"][row, TRAINED]) for row in rows_of(result)]
    return Text(
        f"Among the pixels of the same images HDBSCAN {found}. Of the ten nearest images {near:.0%} have the same "
        f"class by pixels, and {low_to_high(after, '{:.0%}')} by activations (networks of ReLU, mean over layers)."
    )


@or_missing
def directions(result: Result) -> Table:
    """Shares of directions of one class, and of several, by set and layer, ReLU; means over starts and seeds."""
    values = mean(result.drawing["directions"][rows_of(result)], 0)
    layers = range(values.shape[1])
    head = ("directions", *(f"layer {k + 1}: one class / several" for k in layers), "before training, layer 1")
    pair = [JUDGED.index("monosemantic"), JUDGED.index(MIXED)]
    rows = []
    for at, title in enumerate(SETS.values()):
        cells = [values[state, k, at][pair] for state, k in [*((TRAINED, k) for k in layers), (UNTRAINED, 0)]]
        rows.append((title, *(" / ".join(written("{:.0%}", value) for value in cell) for cell in cells)))
    return Table(head, tuple(rows))


def first_of(result: Result) -> str:
    """The name of the first network whose single samples are published; empty where none is."""
    names = [name.partition(" ")[2] for name in result.drawing.arrays if name.startswith("cosines ")]
    return names[0] if names else ""


def cosines_alt(result: Result) -> str:
    """The alternative text of the histograms of cosines."""
    name = first_of(result)
    clusters, labels = result.drawing[f"clusters {name}"], result.drawing["labels shown"]
    parts = [
        f"layer {k + 1}: {len(np.unique(row[row >= 0]))} clusters of codes, {np.mean(row < 0):.0%} of images in none"
        for k, row in enumerate(clusters)
    ]
    return (
        f"Histograms of the cosines of {len(labels):,} images with a neuron, above, and with a factor of NMF, below, "
        f"by layer, coloured by the cluster of the image's code; {Classifier.parse(name).title}. {'; '.join(parts)}."
    )
