"""Claims about representations: networks beside their own random bases, beside each other, and through training."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau, rankdata

from isoaux import statistics
from isoaux.common.choices import choose
from isoaux.common.numbers import number_words
from isoaux.common.tables import listed
from isoaux.paper.claims import Claim, Selection
from isoaux.records import record
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, effect, share
from isoaux.records.panel_values import VALUES, Sample, half_axes, samples
from isoaux.statistics import LEVEL
from isoaux.statistics.seeds import per_seed

Values = NDArray[np.float64]

SIDES = {"above": np.greater, "below": np.less, "reaches": np.greater_equal}


def p_values(sample: Sample, name: str, side: str = "either") -> Values:
    """Two-sided p of every seed against its own random bases; 1 where it lies on the other side than the named one."""
    found = []
    for value, null in zip(sample.values(name), sample.null(name), strict=True):
        known = null[np.isfinite(null)]
        middle = np.median(known) if len(known) else np.nan
        on_side = side == "either" or (value > middle if side == "above" else value < middle)
        p = record.p_value(value, null) if on_side else 1.0
        found.append(p if np.isfinite(p) else 1.0)  # no point has angles, so nothing is seen in them
    return np.array(found, np.float64)


def _names(claim: Claim) -> list[str]:
    names = claim.decide["value"]
    return [names] if isinstance(names, str) else list(names)


def _joint_p(sample: Sample, names: Sequence[str], side: str) -> Values:
    """p of every seed, (S,), of the most extreme of several statistics, as two-sided as that of one.

    Of several it is the share of the network and its random bases, all measured in the same way, of which the least p
    is as small and, if equal, the sum of the others: exact however the statistics hang together, since all of them are
    of the same random bases.
    """
    if len(names) == 1:
        return p_values(sample, names[0], side)
    pooled = [
        np.nan_to_num(np.column_stack([sample.values(name), sample.null(name)])) for name in names
    ]  # no points: 0
    each = [_pooled_p(np.nan_to_num(values), side) for values in pooled]  # angles of no point count as 0
    least = np.min(each, axis=0) + 1e-6 * np.sum(each, axis=0)
    share = (least <= least[:, :1] * (1 + 1e-12)).mean(1)
    return np.minimum(1, share if side == "either" else 2 * share)


def _pooled_p(values: NDArray[np.floating[Any]], side: str) -> Values:
    """The p of every value (S, D) among all of its row, two-sided; 1 where it lies on the other side of the median."""
    below, above = rankdata(values, "max", axis=1), rankdata(-values, "max", axis=1)
    p = np.minimum(1, 2 * np.minimum(below, above) / values.shape[1])
    middle = np.median(values, axis=1, keepdims=True)
    return p if side == "either" else np.where(values > middle if side == "above" else values < middle, p, 1)


def differs(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the networks a statistic differs from the network's own random bases, on the named side.

    A network without points differs by their number alone: what is recorded of their angles, 0, shows nothing.
    p: for "at least one", the least p times the number of networks; else the binomial probability of as many
    networks by chance.
    """
    names, side, chosen = _names(claim), claim.decide["side"], samples(claim.selection, reader)
    seen = np.concatenate([(sample.values("count") > 0) | ("count" in names) for sample in chosen])
    p = np.where(seen, np.concatenate([_joint_p(sample, names, side) for sample in chosen]), 1.0)
    yes = int((p <= LEVEL).sum())
    together = None
    if claim.rule is not None and claim.rule.kind == "share":
        together = _least(p) if claim.rule.name == "some" else _as_many(p, side)
    place = {"above": "above", "below": "below", "either": "outside"}[side]
    middle = listed([f"{name} {_median(np.concatenate([s.values(name) for s in chosen]))}" for name in names])
    words = f"networks {place} their random bases by {' or '.join(names)} (median {middle})"
    return share(yes, len(p), words, len(p), together)


def _median(values: Values) -> str:
    return number_words(np.median(values))


def _least(p: Values) -> float:
    """Is there one at all? The least p times the number of networks."""
    return min(1.0, len(p) * float(p.min()))


def _as_many(p: Values, side: str) -> float:
    """The chance of so many networks with p at most 0.05, on one side half as likely."""
    found = np.minimum(1, p if side == "either" else p / 2)
    return statistics.count_of_seeds(found, LEVEL if side == "either" else LEVEL / 2).p


def no_difference(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the networks no statistic differs from random bases, and Fisher's p over the networks.

    Where nothing is special the networks' p are uniform on steps of 1 / (1 + draws), so that Fisher's p is so, too, but
    for these steps, which make it a little larger.
    """
    p = np.concatenate([_joint_p(sample, _names(claim), "either") for sample in samples(claim.selection, reader)])
    together = statistics.fisher(p)
    words = f"networks within their random bases by {' and '.join(_names(claim))}"
    return share(int((p > LEVEL).sum()), len(p), words, len(p), together)


def exceeds(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the networks a number lies beyond a line."""
    value, side = VALUES[claim.decide["value"]], claim.decide.get("side", "above")
    found = np.concatenate([value.of(sample) for sample in samples(claim.selection, reader)])
    found = found[np.isfinite(found)]
    if not len(found):
        raise NotPublished(f"No network of {claim.id} has that number.")
    yes = int(choose("side", side, SIDES)(found, claim.line).sum())
    words = f"networks {'at least at' if side == 'reaches' else side} {claim.line:g}"
    middle = f"{value.words}; median {_median(found)}"
    return share(yes, len(found), f"{words} ({middle})", len(found))


def _by_seed(sample: Sample, values: Values) -> dict[int, float]:
    return {seed: float(v) for seed, v in zip(sample.seeds, values, strict=True)}


def _differences(firsts: Sequence[Sample], seconds: Sequence[Sample], name: str, ratio: bool) -> list[dict[int, float]]:
    """First less second, or the logarithm of their ratio, by seed; a list over the pairs of configurations."""
    found = []
    for one, other in zip(firsts, seconds, strict=True):
        a, b = (_by_seed(sample, VALUES[name].of(sample)) for sample in (one, other))
        if name == "count":  # an empty panel counts as one of one point
            a, b = ({s: max(v, 1.0) for s, v in each.items()} for each in (a, b))
        found.append({s: _log_ratio(a[s], b[s]) if ratio else a[s] - b[s] for s in a if s in b})
    return found


def _log_ratio(first: float, second: float) -> float:
    """NaN where one of the two is not above 0."""
    return float(np.log(first / second)) if first > 0 and second > 0 else np.nan


def _pairs(first: Selection, second: Selection, reader: Reader) -> tuple[list[Sample], list[Sample]]:
    """The published networks of two selections, configuration by configuration."""
    if len(first.members) != len(second.members):
        raise ValueError(f"{first} and {second} have different numbers of configurations; accepted: pairs.")
    ones: list[Sample] = []
    others: list[Sample] = []
    for (a, own), (b, other) in zip(first.members, second.members, strict=True):
        both = [reader.record(own), reader.record(other)]
        if all(found is not None for found in both):
            ones += [s for s in samples(replace(first, figures=(a.name,)), reader) if s.configuration == own]
            others += [s for s in samples(replace(second, figures=(b.name,)), reader) if s.configuration == other]
    if not ones:
        raise NotPublished("No pair of networks is published.")
    return ones, others


def compare(claim: Claim, reader: Reader) -> Evidence:
    """How much larger a number is than in other networks, layers or epochs, in pairs of the same seed."""
    ones, others = _pairs(claim.selection, claim.against, reader)
    return _effect(claim, _differences(ones, others, claim.decide["value"], claim.decide["scale"] == "ratio"))


def _effect(claim: Claim, parts: Sequence[dict[int, float]]) -> Evidence:
    name, scale, each = claim.decide["value"], claim.decide["scale"], per_seed(parts)
    words = f"{scale} of {VALUES[name].words}"
    return effect(each, claim.line, words, 2 * len(each) * len(parts), ratio=scale == "ratio")


def each_compared(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the pairs of the same seed the number is the larger or smaller one."""
    name, side = claim.decide["value"], claim.decide["side"]
    ones, others = _pairs(claim.selection, claim.against, reader)
    found = np.concatenate([list(pair.values()) for pair in _differences(ones, others, name, False)])
    found = found[np.isfinite(found)]
    yes = int(choose("side", side, SIDES)(found, 0).sum())
    words = {"above": "more", "below": "less"}[side]
    return share(yes, len(found), f"pairs with {words} {VALUES[name].words}", 2 * len(found))


def typical(claim: Claim, reader: Reader) -> Evidence:
    """The geometric mean of a number over the networks; a number below 1, as that of no points, counts as 1."""
    value = VALUES[claim.decide["value"]]
    parts = [_by_seed(s, np.log(np.maximum(value.of(s), 1))) for s in samples(claim.selection, reader)]
    each = per_seed(parts)
    return effect(each, 1.0, f"{value.words}, geometric mean", len(each) * len(parts), ratio=True)


def _courses(claim: Claim, reader: Reader) -> list[tuple[Sample, Values]]:
    """A number along checkpoints or layers: for every sample (seeds, steps)."""
    value, found = VALUES[claim.decide["value"]], []
    for sample in samples(claim.selection, reader):
        if claim.decide.get("along", "epochs") == "layers":
            steps = [replace(sample, layer=k) for k in range(sample.configuration.L + 1)]
        else:
            start = claim.decide.get("start", 0)
            steps = [replace(sample, at=int(at)) for at in np.flatnonzero(sample.record.epochs >= start)]
        if not steps:
            raise NotPublished(f"{sample.configuration.id} has no checkpoint from which {claim.id} starts.")
        found.append((sample, np.stack([value.of(step) for step in steps], axis=1)))
    return found


def _tau(course: Values) -> float:
    """Kendall's tau of a number with the step, of the steps that have it; 0 for fewer than three."""
    there = np.isfinite(course)
    if there.sum() < 3 or np.ptp(course[there]) == 0:
        return 0.0
    return float(kendalltau(np.flatnonzero(there), course[there]).statistic)


def trend(claim: Claim, reader: Reader) -> Evidence:
    """Kendall's tau of a number with the checkpoint or the layer, mean over the seeds."""
    along = claim.decide.get("along", "epochs")
    parts = [
        {seed: _tau(course) for seed, course in zip(sample.seeds, courses, strict=True)}
        for sample, courses in _courses(claim, reader)
    ]
    each = per_seed(parts)
    step = {"epochs": "checkpoint", "layers": "layer"}[along]
    words = f"rank correlation of {VALUES[claim.decide['value']].words} with the {step}"
    return effect(each, claim.line, words, len(each) * len(parts))


def trend_each(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the networks a number rises with the checkpoints, more steadily than without direction.

    Checkpoints of one network are not independent, so each network's p is that of a course without direction
    (:func:`isoaux.statistics.rising_p`); over the networks, the least p times their number.
    """
    courses = [course for _, each in _courses(claim, reader) for course in each]
    p = np.array([statistics.rising_p(course[np.isfinite(course)]) for course in courses])
    words = f"networks in which {VALUES[claim.decide['value']].words} rises"
    return share(int((p <= LEVEL).sum()), len(p), words, len(p), _least(p))


def falls_each(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the seeds that have a number in all figures it falls from every figure to the next."""
    name, chosen = claim.decide["value"], claim.selection
    steps = [samples(replace(chosen, figures=(figure,)), reader) for figure in chosen.figures]
    values = [{s: v for one in step for s, v in _by_seed(one, VALUES[name].of(one)).items()} for step in steps]
    seeds = [s for s in values[0] if all(np.isfinite(each.get(s, np.nan)) for each in values)]
    yes = sum(all(a[s] > b[s] for a, b in pairwise(values)) for s in seeds)
    first, *_, last = chosen.figures
    words = f"seeds in which {VALUES[name].words} falls from {first} to {last}"
    return share(yes, len(seeds), words, len(seeds) * len(steps))


def pooled_signs(claim: Claim, reader: Reader) -> Evidence:
    """The rarer sign's share of what lies near the axes, all networks together, each with the same weight."""
    found = samples(claim.selection, reader)
    own = np.concatenate([half_axes(sample) for sample in found])
    own = own[own.sum(1) > 0] / own[own.sum(1) > 0].sum(1, keepdims=True)
    if not len(own):
        raise NotPublished(f"No network of {claim.id} has points near an axis.")
    positive = float((own[:, 0] + own[:, 1]).mean())
    words = "share of the rarer sign near the axes, over all networks"
    return Evidence(min(positive, 1 - positive), words=words, networks=len(own))


def nearer(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the networks the angles are nearer to one kind of network than to another.

    Nearer by the total variation between a network's pooled angular histogram and the mean one of that kind.
    """
    near, far = (claim.selected(claim.decide[name], claim.selection) for name in ("near", "far"))
    means = [np.concatenate([s.histogram for s in samples(kind, reader)]).mean(0) for kind in (near, far)]
    own = np.concatenate([sample.histogram for sample in samples(claim.selection, reader)])
    distances = [np.abs(own - mean).sum(1) for mean in means]
    yes = int((distances[0] < distances[1]).sum())
    return share(yes, len(own), f"networks nearer to {near.figures[0]} than to {far.figures[0]}", len(own))


def pixels_compared(claim: Claim, reader: Reader) -> Evidence:
    """The ratio of a number on standardised over raw pixels, over all networks of some figures that have both.

    Configurations that lack the number in a seed of the others are left out.
    """
    chosen = replace(claim.selection, figures=tuple(claim.decide["networks_of"]))
    found = {sample.configuration: sample for sample in samples(chosen, reader)}
    pairs = [
        (sample, found[raw])
        for own, sample in found.items()
        if own.normalised and (raw := replace(own, normalised=False)) in found
    ]
    if not pairs:
        raise NotPublished("No pair of networks is published.")
    parts = _differences([one for one, _ in pairs], [other for _, other in pairs], claim.decide["value"], True)
    seeds = set.intersection(*(set(part) for part in parts))
    return _effect(claim, [part for part in parts if all(np.isfinite(part[s]) for s in seeds)])


DECIDERS: Mapping[str, Decider] = {
    "differs": differs,
    "no_difference": no_difference,
    "exceeds": exceeds,
    "compare": compare,
    "each_compared": each_compared,
    "typical": typical,
    "trend": trend,
    "trend_each": trend_each,
    "falls_each": falls_each,
    "pooled_signs": pooled_signs,
    "nearer": nearer,
    "pixels_compared": pixels_compared,
}
"""Statistics of representations."""
