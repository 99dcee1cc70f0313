"""Claims about the spotlight's networks: whether it goes with the basis, by what, and in which networks.

A claim names ``figures``, of which the first configuration is meant, the one that the paper shows, or the names of the
``networks`` of these figures. Representations are raw unless it says ``prepare: centred``; every p is that against
turned copies of the basis at the figure's threshold. A p over several networks has seeds as its units.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from isoaux import srm, statistics
from isoaux.paper import figure
from isoaux.paper.claims import Claim
from isoaux.records.evidence import COSINE, SHARE, Decider, Evidence, NotPublished, Reader, Values, effect, share
from isoaux.statistics import LEVEL
from isoaux.studies.spotlight import data
from isoaux.studies.spotlight.data import Row
from isoaux.studies.spotlight.measuring import CONTROLS, NUMBERS, TESTED

BOUNDS = {"phase": COSINE, "reach": SHARE, "cone": SHARE}
"""What is possible for the mean of a number."""


def members(claim: Claim, reader: Reader) -> list[Row]:
    """The networks that a claim is about; raises NotPublished where none of them is there."""
    names, rows = claim.decide.get("networks"), []
    for name in claim.decide["figures"]:
        result = reader.result(figure(name))
        first = figure(name).configurations[0].id
        rows += [row for row in data.networks(result) if row.configuration.id in (names or [first])]
    if not rows:
        raise NotPublished("None of the networks is published.")
    return rows


def _value(claim: Claim) -> str:
    return str(claim.decide.get("value", "resonance"))


def _prepare(claim: Claim) -> str:
    return str(claim.decide.get("prepare", "raw"))


def _checkpoint(claim: Claim) -> int:
    return 0 if claim.decide.get("epoch") == "first" else -1


def _number(claim: Claim, row: Row) -> float:
    """The claim's value: a number of the curve, or one per checkpoint."""
    name, prepare, checkpoint = _value(claim), _prepare(claim), _checkpoint(claim)
    if name in NUMBERS:
        return row.number(name, prepare, checkpoint)
    if name == "middle":
        return row.middle(prepare, checkpoint)
    return row.value(name, checkpoint)


def _by_seed(rows: Sequence[Row], value: Callable[[Row], float]) -> list[list[float]]:
    """The values of the networks of every seed."""
    seeds: dict[int, list[float]] = {}
    for row in rows:
        seeds.setdefault(row.seed, []).append(value(row))
    return list(seeds.values())


def _p_of_seeds(rows: Sequence[Row], p: Callable[[Row], float]) -> Values:
    """The p of every seed of some networks, from that of each (:func:`isoaux.statistics.p_of_seeds`)."""
    return statistics.p_of_seeds([row.seed for row in rows], [p(row) for row in rows])


def spotlight_share(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks whose ``value`` lies on the named ``side`` of its turned copies, with p of at most 0.05.

    With ``phase``, the correlation with the basis's own curve has to be at least so much, or with the side ``below``
    at most minus that. A network on the other side with such a p is decided against, and others are undecided.
    """
    rows, name, side = members(claim, reader), _value(claim), claim.decide["side"]
    prepare, checkpoint, least = _prepare(claim), _checkpoint(claim), float(claim.decide.get("phase", 0.0))
    sign = {"above": 1, "below": -1}.get(side, 0)

    def sided(row: Row) -> bool:
        return not sign or row.number(name, prepare, checkpoint) * sign > 0

    def in_phase(row: Row) -> bool:
        return not least or row.number("phase", prepare, checkpoint) * sign >= least

    def p(row: Row) -> float:
        value = row.p(name, prepare, checkpoint)
        return min(1.0, value / (2 if sign else 1)) if sided(row) and in_phase(row) else 1.0

    special = [row for row in rows if row.p(name, prepare, checkpoint) <= LEVEL]
    yes = sum(sided(row) and in_phase(row) for row in special)
    against = sum(not sided(row) for row in special)
    level = LEVEL / (2 if sign else 1)
    chance = statistics.count_of_seeds(_p_of_seeds(rows, p), level).p
    where = {"above": "with their basis", "below": "against their basis"}.get(side, "with their basis or against it")
    words = f"networks {where} by {name} of {prepare} representations"
    return share(yes, len(rows), words, len(rows), chance, len(rows) - yes - against)


def spotlight_by_chance(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks whose ``value`` lies within that of turned copies, and Fisher's p over the seeds."""
    rows, name, prepare, checkpoint = members(claim, reader), _value(claim), _prepare(claim), _checkpoint(claim)
    return _by_chance(rows, lambda row: row.p(name, prepare, checkpoint), f"{name} of {prepare} representations")


def _by_chance(rows: Sequence[Row], p: Callable[[Row], float], words: str) -> Evidence:
    yes = sum(p(row) > LEVEL for row in rows)
    together = statistics.fisher(_p_of_seeds(rows, p))
    return share(yes, len(rows), f"networks within their turned copies by {words}", len(rows), together, accepted=True)


def spotlight_number(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks whose ``value`` is below the claim's line."""
    rows = members(claim, reader)
    yes = sum(_number(claim, row) < claim.line for row in rows)
    return share(yes, len(rows), f"networks with {_value(claim)} below {claim.line:g}", len(rows))


def spotlight_mean(claim: Claim, reader: Reader) -> Evidence:
    """The ``value``, mean over the seeds of its mean over the networks of a seed."""
    rows, name = members(claim, reader), _value(claim)
    each = [float(np.mean(values)) for values in _by_seed(rows, lambda row: _number(claim, row))]
    words = f"{name} of {_prepare(claim)} representations"
    return effect(each, claim.line, words, len(rows), bounds=BOUNDS.get(name))


def spotlight_subset(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks with at least one lit vector, and fewer than half of the vectors lit."""
    rows = members(claim, reader)
    yes = sum(1 <= row.number("lit") < len(row.basis) / 2 for row in rows)
    return share(yes, len(rows), "networks with some lit vectors, fewer than half", len(rows))


def spotlight_control(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks whose ``value`` in a ``control`` basis lies within that of others of its kind.

    ``standard`` is a turned copy of the basis, which by symmetry is like any other, so p is Fisher's over the seeds;
    ``normal`` are as many random directions.
    """
    rows, control, name = members(claim, reader), CONTROLS.index(claim.decide["control"]), _value(claim)

    def p(row: Row) -> float:
        return float(row.result.drawing["control_p"][row.row, control, TESTED.index(name)])

    if claim.symmetry:
        return _by_chance(rows, p, f"{name} in a turned copy")
    yes = sum(p(row) > LEVEL for row in rows)
    words = f"networks within sets of random directions by {name} of raw representations"
    return share(yes, len(rows), words, len(rows), accepted=True)


def spotlight_threshold(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks that are with their basis at a threshold of at most ``lower`` alone, not at the one ``at``.

    By p of the resonance of raw representations, adjusted for all thresholds of the grid.
    """
    rows, at, lower = members(claim, reader), claim.decide["at"], claim.decide["lower"]
    yes = 0
    for row in rows:
        p = row.grid_p()
        yes += p[at] > LEVEL and any(p[epsilon] <= LEVEL for epsilon in srm.EPSILONS if epsilon <= lower)
    words = f"networks special at a threshold of {lower:g} or less, and not at {at:g}, by raw representations"
    return share(yes, len(rows), words, len(rows), accepted=not yes)


def spotlight_heights(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks whose vectors have shares of more than one height: p of Hartigan's dip at most 0.05."""
    rows = members(claim, reader)
    yes = sum(srm.dip_test(row.shares()).p <= LEVEL for row in rows)
    return share(yes, len(rows), "networks with shares of two heights by the dip", len(rows), undecided=len(rows) - yes)


def spotlight_opposed(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks with more planes that hold more between their vectors than at them than turned copies."""
    rows = members(claim, reader)
    special = [row for row in rows if float(row.result.drawing["opposed_p"][row.row, 0]) <= LEVEL]
    yes = sum(float(row.result.drawing["opposed"][row.row, 0]) > 0 for row in special)
    words = "networks with opposed planes beyond turned copies, raw representations"
    return share(yes, len(rows), words, len(rows), undecided=len(rows) - len(special))


def spotlight_diffuse(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks against their basis at the figure's threshold with p of at most 0.05, and not at ``at``."""
    rows, at = members(claim, reader), claim.decide["at"]
    level = srm.EPSILONS.index(at)

    def elsewhere(row: Row) -> float:
        return float(row.result.drawing["grid_p"][row.row, 0, level, TESTED.index("resonance")])

    special = [row for row in rows if row.p() <= LEVEL]
    yes = sum(row.number("resonance") < 0 and elsewhere(row) > LEVEL for row in special)
    against = sum(row.number("resonance") > 0 for row in special)
    words = f"networks against their basis by raw representations, and not so at {at:g}"
    return share(yes, len(rows), words, len(rows), undecided=len(rows) - yes - against)


def spotlight_carried(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks special by resonance, with p of at most 0.05, that are not so without what carries it.

    ``by`` is ``mean``: of centred representations, or ``constant``: with the constant directions projected out.
    """
    rows = [row for row in members(claim, reader) if row.p() <= LEVEL]

    def p(row: Row) -> float:
        if claim.decide["by"] == "mean":
            return row.p(prepare="centred")
        return float(row.result.drawing["varying_p"][row.row, TESTED.index("resonance")])

    without = {"mean": "centred", "constant": "without their constant directions"}[claim.decide["by"]]
    yes = sum(p(row) > LEVEL for row in rows)
    return share(yes, len(rows), f"networks special by raw representations are not so {without}", len(rows))


def spotlight_difference(claim: Claim, reader: Reader) -> Evidence:
    """The ``value`` of the ``networks`` less that of those ``against``, paired by seed, mean over the seeds."""
    (name,) = claim.decide["figures"]
    result = reader.result(figure(name))
    sides = []
    for names in (claim.decide["networks"], claim.decide["minus"]):
        rows = [row for row in data.networks(result) if row.configuration.id in names]
        sides.append({row.seed: _number(claim, row) for row in rows})
    shared = [seed for seed in sides[0] if seed in sides[1]]
    each = [sides[0][seed] - sides[1][seed] for seed in shared]
    words = f"difference of {_value(claim)} of {_prepare(claim)} representations"
    return effect(each, claim.line, words, 2 * len(each))


def spotlight_fading(claim: Claim, reader: Reader) -> Evidence:
    """The slope of the size of the ``value`` over the logarithm of the number of vectors, mean over the seeds."""
    rows = members(claim, reader)
    slopes = []
    for seed in dict.fromkeys(row.seed for row in rows):
        series = [(np.log(len(row.basis)), abs(_number(claim, row))) for row in rows if row.seed == seed]
        if len(series) == len(claim.decide["networks"]):
            x, y = np.array(series).T
            slopes.append(float(np.polyfit(x, y, 1)[0]))
    words = f"slope of the size of {_value(claim)} of {_prepare(claim)} representations over log m"
    return effect(slopes, claim.line, words, len(slopes) * len(claim.decide["networks"]))


DECIDERS: Mapping[str, Decider] = {
    decider.__name__: decider
    for decider in (
        spotlight_share,
        spotlight_by_chance,
        spotlight_number,
        spotlight_mean,
        spotlight_subset,
        spotlight_control,
        spotlight_threshold,
        spotlight_heights,
        spotlight_opposed,
        spotlight_diffuse,
        spotlight_carried,
        spotlight_difference,
        spotlight_fading,
    )
}
"""The deciders of this study, by the name of the statistic in claims.yaml."""
