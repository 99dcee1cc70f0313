"""Claims about a network that others trained: in how many of its layers the neurons are special."""

from collections.abc import Mapping

from isoaux.paper.claims import Claim
from isoaux.records.evidence import Decider, Evidence, Reader, result_of, share
from isoaux.statistics import LEVEL
from isoaux.statistics.preparation import PREPARATIONS
from isoaux.studies.transformer import data


def special_layers(claim: Claim, reader: Reader) -> Evidence:
    """The share of layers in which quartimax of a ``part``, ``prepare``d, lies above its random bases."""
    result, prepare = result_of(claim, reader), claim.decide["prepare"]
    tests = list(data.each_test(result, claim.decide["part"], prepare))
    yes = sum(test.p <= LEVEL and test.effect > 0 for test in tests)
    return share(yes, len(tests), f"layers above their random bases, {prepare}", 1)


def special_by_chance(claim: Claim, reader: Reader) -> Evidence:
    """The share of tests that differ from random bases where nothing is special by construction.

    ``control`` is ``untrained``, the residual stream of networks with initial weights, or ``turned``, activations of
    words in the trained network after random rotations; in all preparations, by quartimax.
    """
    result = result_of(claim, reader)
    tests, networks = [], 1
    for prepare in PREPARATIONS:
        if claim.decide["control"] == "untrained":
            tests += [
                each for place in data.layers(result, "residual") for each in data.beginners(result, place, prepare)
            ]
            networks = len(result.facts["seeds"])
        else:
            words = [place for place in data.measured(result) if place.kind == "words"]
            tests += [each for place in words for each in data.turned(result, place, prepare)]
    yes = sum(test.p <= LEVEL for test in tests)
    return share(yes, len(tests), "tests differ from random bases", networks, accepted=True)


def outlier_layers(claim: Claim, reader: Reader) -> Evidence:
    """The share of layers with a neuron whose root mean square is more than ``times`` the median neuron's."""
    result, times = result_of(claim, reader), claim.decide["times"]
    places = data.layers(result, claim.decide["part"])
    yes = sum(bool(data.outliers(result, place, times)) for place in places)
    return share(yes, len(places), f"layers with a neuron of more than {times:g} times the median size", 1)


DECIDERS: Mapping[str, Decider] = {
    decider.__name__: decider for decider in (special_layers, special_by_chance, outlier_layers)
}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
