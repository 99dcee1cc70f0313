"""Claims about alignment with the neurons: networks beside their own random bases, and beside each other.

The statistic is the claim's ``value``, of representations as they are unless its name ends in ``centred`` or
``whitened``. Whether directions gather on neurons is decided by ``quartimax``, which needs no threshold; where in the
panel they lie, by c4 (``place: axes``). Records that lack the value are decided by the statistics ``without`` that the
claim names for them, and the words of the evidence say which statistic decided. A p over several networks has seeds as
its units: networks of one seed share weights and images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from isoaux import statistics
from isoaux.common.numbers import NONE, number_words
from isoaux.common.tables import listed
from isoaux.paper.claims import AT_LEAST_ONE, Claim
from isoaux.records.evidence import COSINE, Decider, Evidence, NotPublished, Reader, effect, share
from isoaux.records.panel_values import FEWEST, Sample, samples
from isoaux.records.record import MEDIAN
from isoaux.statistics import LEVEL
from isoaux.statistics.seeds import per_seed
from isoaux.studies.planes.pairing import log_ratio, pairs, partners

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

ANGLES = ("c4", "s2")
"""Statistics of the angles of a panel, which say nothing where hardly a point is in it."""

PLACES = {"either": "outside", "above": "above", "below": "below"}
"""The sides of its random bases on which a statistic may lie, in words."""


@dataclass(frozen=True)
class Tested:
    """Networks of one sample beside their own random bases, by the statistics ``names``.

    ``p`` (seeds,) is two-sided, 1 where there are too few points for the statistic; ``beside`` (seeds,) is that of what
    is claimed, 1 on another side or place; ``against`` (seeds,) says which networks lie decidedly on another one.
    """

    sample: Sample
    names: tuple[str, ...]
    p: Values
    beside: Values
    against: Flags


def middle(sample: Sample, statistic: str) -> Values:
    """The median of a statistic over the random bases of every network, (seeds,); NaN where none has a number."""
    if sample.record.has(f"{statistic}_test"):
        return np.asarray(sample.values(f"{statistic}_test")[:, MEDIAN], np.float64)
    null = np.ma.masked_invalid(np.asarray(sample.null(statistic), np.float64))
    return np.asarray(np.ma.filled(np.ma.median(null, axis=1), np.nan), np.float64)


def deciding(claim: Claim, sample: Sample) -> tuple[str, ...]:
    """The statistics of a claim's ``value``, or those ``without`` it where a record lacks them.

    Raises NotPublished where the record has neither.
    """
    for key in ("value", "without"):
        given = claim.decide.get(key, ())
        names = (given,) if isinstance(given, str) else tuple(given)
        if names and all(sample.record.has(name) for name in names):
            return names
    raise NotPublished(f"The record of {sample.configuration.id} has no {claim.decide['value']}.")


def tested(claim: Claim, sample: Sample) -> Tested:
    """The networks of a sample beside their random bases, by the statistics that decide a claim.

    Raises ValueError for a side of several statistics, each of which has one of its own.
    """
    names, side = deciding(claim, sample), claim.decide.get("side", "either")
    if len(names) > 1 and side != "either":
        raise ValueError(f"side of {claim.id} is {side!r} for {', '.join(names)}; accepted: either.")
    p = _p(sample, names)
    there = np.ones(len(p), bool)
    if side != "either":
        there = _above(sample, names[0]) == (side == "above")
    against = ~there & (p <= LEVEL)
    if claim.decide.get("place") == "axes" and names[0] not in ANGLES:
        off = _p(sample, ("c4",)) <= LEVEL
        there &= (sample.values("count") >= FEWEST) & _above(sample, "c4")
        against |= off & ~_above(sample, "c4")
    return Tested(sample, names, p, np.where(there, p, 1.0), against)


def _above(sample: Sample, statistic: str) -> Flags:
    return np.asarray(np.asarray(sample.values(statistic), np.float64) > middle(sample, statistic))


def _p(sample: Sample, names: Sequence[str]) -> Values:
    """Two-sided p of one or several statistics of every network, (seeds,); 1 for angles of too few points."""
    p = _joint_p(sample, names)
    return np.where(sample.values("count") >= FEWEST, p, 1.0) if set(names) <= set(ANGLES) else p


def _joint_p(sample: Sample, names: Sequence[str]) -> Values:
    """Two-sided p of the most extreme of several statistics of every network, (seeds,); 1 where it is no number.

    Of several it is the share of the network and its random bases, all measured in the same way, of which the least p
    is as small and, if equal, the sum of the others: exact however the statistics hang together, since all of them are
    of the same random bases.
    """
    if len(names) == 1:
        p = sample.record.p(names[0], sample.layer, sample.at)
        return np.where(np.isfinite(p), p, 1.0)
    pooled = [np.column_stack([sample.values(name), sample.null(name)]) for name in names]
    each = [_pooled_p(np.nan_to_num(values)) for values in pooled]  # angles of no point count as 0
    least = np.min(each, axis=0) + 1e-6 * np.sum(each, axis=0)
    return np.asarray((least <= least[:, :1] * (1 + 1e-12)).mean(1), np.float64)


def _pooled_p(values: Values) -> Values:
    """Two-sided p of every value (S, D) among all of its row, (S, D)."""
    below, above = rankdata(values, "max", axis=1), rankdata(-values, "max", axis=1)
    return np.minimum(1, 2 * np.minimum(below, above) / values.shape[1])


# --- over networks


def of_seeds(sides: Sequence[Tested], p: Sequence[Values]) -> Values:
    """The p of every seed (S,), combined of those of its networks by :func:`isoaux.statistics.p_of_seeds`.

    ``p`` has an array (seeds,) for each of ``sides``.
    """
    seeds = [seed for side in sides for seed in side.sample.record.seeds]
    return statistics.p_of_seeds(seeds, np.concatenate(list(p)))


def _as_many(sides: Sequence[Tested], one_sided: bool) -> float:
    """The chance of so many seeds with a combined p at most 0.05, on one side half as likely."""
    halves = 2 if one_sided else 1
    p = of_seeds(sides, [np.minimum(1, side.beside / halves) for side in sides])
    return statistics.count_of_seeds(p, LEVEL / halves).p


def _by(claim: Claim, sides: Sequence[Tested]) -> str:
    """The statistics that decide, each with its median over the networks, and why they do where it is not the value."""
    groups: dict[tuple[str, ...], list[Sample]] = {}
    for side in sides:
        groups.setdefault(side.names, []).append(side.sample)
    parts = []
    for names in sorted(groups, key=lambda names: names != _named(claim)):
        medians = []
        for name in names:
            values = np.concatenate([np.asarray(sample.values(name), np.float64) for sample in groups[names]])
            known = values[np.isfinite(values)]
            medians.append(f"{name} {number_words(np.median(known)) if len(known) else NONE}")
        without = "" if names == _named(claim) else f" where records have no {' or '.join(_named(claim))}"
        parts.append(f"{' or '.join(names)}{without} (median {listed(medians)})")
    return f"{' and '.join(parts)} of {prepared(_named(claim)[0])} representations"


def prepared(statistic: str) -> str:
    """How the representations were prepared that a statistic is of, by the end of its name."""
    end = statistic.rpartition("_")[2]
    return end if end in ("centred", "whitened") else "raw"


def _named(claim: Claim) -> tuple[str, ...]:
    given = claim.decide["value"]
    return (given,) if isinstance(given, str) else tuple(given)


def differs(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks of which a statistic differs from the network's own random bases, on the named side.

    A network that differs, but on another side or place, is decided against; one that does not differ is undecided,
    since a test that does not reject shows nothing. With ``place: axes`` a network has to have c4 above the median of
    its random bases, too, and is decided against where c4 lies below them.

    p: for "at least one", the least p times the number of networks; else the binomial probability of as many seeds by
    chance, each with the p of :func:`of_seeds`.
    """
    sides = [tested(claim, sample) for sample in samples(claim.selection, reader)]
    side, rule = claim.decide["side"], claim.rule
    beside = np.concatenate([each.beside for each in sides])
    yes, of = int((beside <= LEVEL).sum()), len(beside)
    against = int(np.concatenate([each.against & (each.beside > LEVEL) for each in sides]).sum())
    together = None
    if rule is not None and rule.kind == "share":
        least = min(1.0, of * float(beside.min()))
        together = least if rule.name in AT_LEAST_ONE else _as_many(sides, side != "either")
    words = f"networks {PLACES[side]} their random bases by {_by(claim, sides)}"
    if claim.decide.get("place") == "axes" and any(each.names[0] not in ANGLES for each in sides):
        words += ", and on the axes by c4"
    accepted = rule is not None and rule.kind == "rare" and 1 - against / of > rule.holds
    return share(yes, of, words, of, together, of - yes - against, accepted=accepted)


def no_difference(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks of which no statistic differs from random bases, and Fisher's p over the seeds.

    Where nothing is special the p of the seeds (:func:`of_seeds`) are uniform on steps of 1 / (1 + draws), so that
    Fisher's p is so, too, but for these steps, which make it a little larger.
    """
    sides = [tested(claim, sample) for sample in samples(claim.selection, reader)]
    p = np.concatenate([side.p for side in sides])
    together = statistics.fisher(of_seeds(sides, [side.p for side in sides]))
    words = f"networks within their random bases by {_by(claim, sides)}"
    return share(int((p > LEVEL).sum()), len(p), words, len(p), together, accepted=True)


# --- beside other networks


def _common(claim: Claim, compared: Sequence[Sample]) -> str:
    """The one statistic by which all of these networks are compared: the claim's value, or what decides without it."""
    decided = {deciding(claim, sample) for sample in compared}
    names = decided.pop() if len(decided) == 1 else _without(claim)
    if len(names) != 1:
        raise ValueError(f"value of {claim.id} is {', '.join(names)}; accepted: one statistic to compare networks by.")
    return names[0]


def _without(claim: Claim) -> tuple[str, ...]:
    given = claim.decide.get("without", ())
    return (given,) if isinstance(given, str) else tuple(given)


def over_random_bases(sample: Sample, statistic: str) -> Values:
    """The logarithm of a statistic over its median in random bases, (seeds,); no point counts as one."""
    values, usual = np.asarray(sample.values(statistic), np.float64), middle(sample, statistic)
    if statistic == "count":
        values, usual = np.maximum(values, 1), np.maximum(usual, 1)
    return np.array([log_ratio(*pair) for pair in zip(values, usual, strict=True)], np.float64)


def _words(claim: Claim, name: str) -> str:
    words = f"{name} of {prepared(name)} representations over its median in random bases"
    return words if (name,) == _named(claim) else f"{words} (not all records have {' or '.join(_named(claim))})"


def more_aligned(claim: Claim, reader: Reader) -> Evidence:
    """How many times further above its random bases a network is than another of its seed, mean over the seeds.

    The ratio of the claim's ``value`` over its median in random bases, that of the networks over that of those that
    they are compared ``against``.
    """
    firsts, seconds = pairs(claim.selection, claim.against, reader)
    name = _common(claim, [*firsts, *seconds])
    parts = []
    for pair in zip(firsts, seconds, strict=True):
        first, second = (sample.record.by_seed(over_random_bases(sample, name).tolist()) for sample in pair)
        parts.append({seed: first[seed] - second[seed] for seed in first if seed in second})
    each = per_seed(parts)
    return effect(each, claim.line, f"ratio of {_words(claim, name)}", 2 * len(each) * len(parts), ratio=True)


def error_follows(claim: Claim, reader: Reader) -> Evidence:
    """The rank correlation over architectures of how much more aligned networks are and how much larger their error.

    Both of an anisotropic network over its isotropic partner of the same seed: the ratio of errors of unseen images at
    the end, and that of the claim's ``value`` over its median in random bases, mean over the latent layers. The mean
    over the seeds, but for those in which all pairs have one number. Raises NotPublished for fewer than four pairs.
    """
    couples = partners(claim.decide["networks_of"], reader)
    if len(couples) < 4:
        raise NotPublished("Fewer than four pairs of networks are published.")
    name = _common(claim, [sample for couple in couples for sample in couple])
    aligned: list[dict[int, float]] = []
    errors: list[dict[int, float]] = []
    for couple in couples:
        (more, error), (less, other) = (_aligned_and_error(sample, name) for sample in couple)
        seeds = [seed for seed in more if seed in less]
        aligned.append({seed: more[seed] - less[seed] for seed in seeds})
        errors.append({seed: log_ratio(error[seed], other[seed]) for seed in seeds})
    shared = [s for s in aligned[0] if all(s in part and np.isfinite(part[s]) for part in [*aligned, *errors])]
    each = [(np.array([a[s] for a in aligned]), np.array([e[s] for e in errors])) for s in shared]
    known = [float(spearmanr(*pair).statistic) for pair in each if all(np.ptp(values) for values in pair)]
    words = f"rank correlation over {len(couples)} pairs of networks of the error with {_words(claim, name)}"
    return effect(known, claim.line, words, 2 * len(known) * len(couples), bounds=COSINE)


def _aligned_and_error(sample: Sample, name: str) -> tuple[dict[int, float], dict[int, float]]:
    layers = range(sample.configuration.L + 1)
    each = np.mean([over_random_bases(replace(sample, layer=k), name) for k in layers], axis=0)
    errors = sample.record.published["test_error_sigma"][:, sample.at].astype(np.float64)
    return sample.record.by_seed(each.tolist()), sample.record.by_seed(errors.tolist())


DECIDERS: Mapping[str, Decider] = {
    decider.__name__: decider for decider in (differs, no_difference, more_aligned, error_follows)
}
"""The deciders of this module, by the name of the statistic in claims.yaml."""
