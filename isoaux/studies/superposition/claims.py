"""What decides the claims about superposition: counts of features, their arrangement, and their alignment."""

from collections.abc import Mapping

import numpy as np

from isoaux import statistics
from isoaux.paper.claims import Claim
from isoaux.records import evidence
from isoaux.records.evidence import SHARE, Decider, Evidence, NotPublished, Reader, result_of
from isoaux.representations import superposition
from isoaux.statistics import LEVEL
from isoaux.studies.superposition import data, encoding_claims


def features_represented(claim: Claim, reader: Reader) -> Evidence:
    """The mean number of represented features of forty in ten neurons, over sparsities of at least ``least``."""
    result = result_of(claim, reader)
    places = [place for place, sparsity in enumerate(data.MANY) if sparsity >= claim.decide["least"]]
    counts = superposition.represented(result.drawing["many_W"][places])
    words = f"features of {data.FORTY} that are represented, mean over {len(places)} sparsities"
    return evidence.effect(counts.mean(0).astype(np.float64), claim.line, words, counts.size, bounds=(0, data.FORTY))


def features_dense(claim: Claim, reader: Reader) -> Evidence:
    """The mean number of represented features of five in two neurons where none is ever off."""
    counts = superposition.represented(result_of(claim, reader).drawing["five_W"][data.FIVE.index(0.0)])
    words = f"features of 5 that are represented in two neurons at sparsity 0, mean over {len(counts)} seeds"
    return Evidence(float(counts.mean()), words=words, networks=len(counts))


def features_on_axes(claim: Claim, reader: Reader) -> Evidence:
    """The share of features within ten degrees of an axis of the hidden neurons, with tanh and momentum SGD."""
    shares = data.near_axes(data.weights(result_of(claim, reader), "sgd", "tanh"))
    words = f"of features within {data.NEAR_AXIS:g} degrees of an axis, tanh, momentum SGD"
    return evidence.effect(shares, claim.line, words, len(shares), bounds=SHARE)


def features_aligned(claim: Claim, reader: Reader) -> Evidence:
    """The share of seeds whose features are more aligned with the axes than in turned hidden spaces, with tanh."""
    tests = data.tests(result_of(claim, reader), claim.decide["optimiser"], claim.decide["activation"])
    yes = sum(test.side > 0 for test in tests)
    against = sum(test.side < 0 for test in tests)
    chance = statistics.count_of_seeds([test.sided(1) for test in tests], LEVEL / 2).p
    words = "seeds with features more on the axes than in turned hidden spaces"
    return evidence.share(yes, len(tests), words, len(tests), chance, len(tests) - yes - against)


def features_by_chance(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks whose features are on the axes as in turned hidden spaces, and Fisher's p over the seeds.

    Networks of one seed with different activations start from the same weights, so their p values become one.
    """
    result, p, seeds = result_of(claim, reader), [], []
    for activation in claim.decide["activations"]:
        p += [test.p for test in data.tests(result, "sgd", activation)]
        seeds += result.facts["seeds"]
    together = statistics.fisher(statistics.p_of_seeds(seeds, p))
    yes = sum(each > LEVEL for each in p)
    words = "networks with features on the axes as in turned hidden spaces"
    return evidence.share(yes, len(p), words, len(p), together, accepted=True)


def features_energy(claim: Claim, reader: Reader) -> Evidence:
    """How far arrangements are on the way from the least energy to random, mean over sizes, with seeds as units."""
    ways = data.ways(result_of(claim, reader))
    seeds = [float(np.nanmean(column)) for column in ways.T if np.isfinite(column).any()]
    if not seeds:
        raise NotPublished("No network represents more features than it has neurons.")
    words = "of the way from the least energy of as many vectors to that of random ones, mean over sizes"
    return evidence.effect(seeds, claim.line, words, int(np.isfinite(ways).sum()))


DECIDERS: Mapping[str, Decider] = encoding_claims.DECIDERS | {
    decider.__name__: decider
    for decider in (
        features_represented,
        features_dense,
        features_on_axes,
        features_aligned,
        features_by_chance,
        features_energy,
    )
}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
