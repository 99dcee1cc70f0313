"""Claims about single neurons of large networks: whether they separate classes, alone, more than other directions do.

A claim names ``figures``, all of whose networks are meant. Representations are raw unless it says ``prepare: centred``,
p is that against turned copies of the basis, and seeds are the units.
"""

from collections.abc import Callable, Mapping, Sequence

from isoaux import statistics
from isoaux.paper import figure
from isoaux.paper.claims import Claim
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, Values, share
from isoaux.statistics import LEVEL
from isoaux.studies.neurons import data
from isoaux.studies.neurons.data import AFTER, BEFORE, Row


def members(claim: Claim, reader: Reader) -> list[Row]:
    """The networks that a claim is about; raises NotPublished where none of them is there."""
    rows = []
    for name in claim.decide["figures"]:
        try:
            rows += data.networks(reader.result(figure(name)))
        except NotPublished:
            continue
    if not rows:
        raise NotPublished("None of the networks is published.")
    return rows


def _asked(claim: Claim) -> tuple[str, str, int]:
    """The number, preparation and checkpoint of a claim."""
    checkpoint = BEFORE if claim.decide.get("epoch") == "first" else AFTER
    return str(claim.decide["value"]), str(claim.decide.get("prepare", "raw")), checkpoint


def _p_of_seeds(rows: Sequence[Row], p: Callable[[Row], float]) -> Values:
    """The p of every seed of some networks, from that of each (:func:`isoaux.statistics.p_of_seeds`)."""
    return statistics.p_of_seeds([row.seed for row in rows], [p(row) for row in rows])


def neurons_special(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks whose ``value`` lies above its turned copies, with p of at most 0.05.

    A network below them with such a p is decided against, and others are undecided.
    """
    rows, asked = members(claim, reader), _asked(claim)
    special = [row for row in rows if row.p(*asked) <= LEVEL]
    yes = sum(row.above(*asked) for row in special)
    sided = _p_of_seeds(rows, lambda row: row.p(*asked) / 2 if row.above(*asked) else 1.0)
    chance = statistics.count_of_seeds(sided, LEVEL / 2).p
    words = f"networks above turned copies by {asked[0]} of {asked[1]} representations"
    return share(yes, len(rows), words, len(rows), chance, len(rows) - len(special))


def neurons_by_chance(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks whose ``value`` lies within its turned copies, and Fisher's p over the seeds."""
    rows, asked = members(claim, reader), _asked(claim)
    yes = sum(row.p(*asked) > LEVEL for row in rows)
    together = statistics.fisher(_p_of_seeds(rows, lambda row: row.p(*asked)))
    words = f"networks within their turned copies by {asked[0]} of {asked[1]} representations"
    return share(yes, len(rows), words, len(rows), together, accepted=True)


def neurons_weak(claim: Claim, reader: Reader) -> Evidence:
    """The share of neurons whose spread on the held-out half is below the median of random directions."""
    rows = members(claim, reader)
    yes, neurons = sum(row.weak() for row in rows), sum(row.n for row in rows)
    return share(yes, neurons, "neurons differ among classes less than random directions", len(rows))


def neurons_random(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks in which a turned copy of the basis has a spread within that of permuted labels."""
    rows = members(claim, reader)
    yes = sum(row.control("spread", "p_permuted") > LEVEL for row in rows)
    words = "networks with a random basis within permuted labels by spread of raw representations"
    return share(yes, len(rows), words, len(rows), accepted=True)


def neurons_opposite(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks in which two neurons have profiles with a rank correlation of at most the claim's line.

    With ``pairs: chosen`` the two neurons that are chosen first, both seen from their positive end; with ``all`` any
    two, each seen from either end. Two without such a number do not have it.
    """
    rows, every = members(claim, reader), claim.decide["pairs"] == "all"
    values = [row.opposite() if every else float(row.of("rank_correlation")) for row in rows]
    yes = sum(value <= claim.line for value in values)
    which = "some two neurons" if every else "the chosen neurons"
    return share(yes, len(rows), f"networks in which {which} have opposite orders of classes", len(rows))


DECIDERS: Mapping[str, Decider] = {
    decider.__name__: decider
    for decider in (neurons_special, neurons_by_chance, neurons_weak, neurons_random, neurons_opposite)
}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
