"""Claims about representations: networks beside their own random bases, beside each other, and through training.

``statistic`` is an array of a network record (:mod:`isoaux.records.record`), ``value`` one of
:data:`isoaux.records.panel_values.VALUES`; both are named by the claim's ``value``, and its ``side`` is ``above``,
``below`` or ``either``. Every decider raises NotPublished where no network that it needs is published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.choices import choose
from isoaux.common.numbers import NONE, number_words
from isoaux.common.tables import listed
from isoaux.paper.claims import Claim, Selection
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, effect, share
from isoaux.records.panel_values import VALUES, Sample, half_axes, samples
from isoaux.statistics import LEVEL
from isoaux.statistics.seeds import per_seed

Values = NDArray[np.float64]

SIDES = {"above": np.greater, "below": np.less, "reaches": np.greater_equal}


# --- beside random bases


def p_values(sample: Sample, statistic: str, side: str = "either") -> Values:
    """Two-sided p of every network of a sample against its own random bases, (seeds,).

    1 where the statistic lies on the other side of their median than ``side``, and where it is no number, since
    without points nothing is seen.
    """
    values, null = sample.values(statistic), np.ma.masked_invalid(sample.null(statistic))
    middle = np.ma.filled(np.ma.median(null, axis=1), np.nan)
    on_side = {"above": values > middle, "below": values < middle}.get(side, True)
    p = sample.record.p(statistic, sample.layer, sample.at)
    return np.where(on_side & np.isfinite(p), p, 1.0)


def _statistics(claim: Claim) -> list[str]:
    names = claim.decide["value"]
    return [names] if isinstance(names, str) else list(names)


def _joint_p(sample: Sample, names: Sequence[str], side: str) -> Values:
    """Two-sided p of the most extreme of several statistics of every network, (seeds,).

    Of several it is the share of the network and its random bases, all measured in the same way, of which the least p
    is as small and, if equal, the sum of the others: exact however the statistics hang together, since all of them are
    of the same random bases.
    """
    if len(names) == 1:
        return p_values(sample, names[0], side)
    pooled = [np.column_stack([sample.values(name), sample.null(name)]) for name in names]
    p = [_pooled_p(np.nan_to_num(values), side) for values in pooled]  # angles of no point count as 0
    least = np.min(p, axis=0) + 1e-6 * np.sum(p, axis=0)
    as_small = (least <= least[:, :1] * (1 + 1e-12)).mean(1)
    return np.minimum(1, as_small if side == "either" else 2 * as_small)


def _pooled_p(values: Values, side: str) -> Values:
    """Two-sided p of every value (S, D) among all of its row, (S, D); 1 on the other side of the median."""
    below, above = scipy.stats.rankdata(values, "max", axis=1), scipy.stats.rankdata(-values, "max", axis=1)
    p = np.minimum(1, 2 * np.minimum(below, above) / values.shape[1])
    middle = np.median(values, axis=1, keepdims=True)
    return p if side == "either" else np.where(values > middle if side == "above" else values < middle, p, 1)


def differs(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks of which a statistic differs from the network's own random bases, on the named side.

    A network without points differs by their number alone: what is recorded of their angles, 0, shows nothing.
    p: for "at least one", the least p times the number of networks; else the binomial probability of as many
    networks by chance.
    """
    names, side, chosen = _statistics(claim), claim.decide["side"], samples(claim.selection, reader)
    seen = np.concatenate([(sample.values("count") > 0) | ("count" in names) for sample in chosen])
    p = np.where(seen, np.concatenate([_joint_p(sample, names, side) for sample in chosen]), 1.0)
    differing = int((p <= LEVEL).sum())
    together = None
    if claim.rule is not None and claim.rule.kind == "share":
        together = _least(p) if claim.rule.name == "some" else _as_many(p, side)
    place = {"above": "above", "below": "below", "either": "outside"}[side]
    medians = [f"{name} {_median(np.concatenate([sample.values(name) for sample in chosen]))}" for name in names]
    words = f"networks {place} their random bases by {' or '.join(names)} (median {listed(medians)})"
    return share(differing, len(p), words, len(p), together)


def _median(values: Values) -> str:
    """The median of the numbers among these, as text; a dash where none is."""
    known = values[np.isfinite(values)]
    return number_words(np.median(known)) if len(known) else NONE


def _least(p: Values) -> float:
    """The p of there being one at all: the least p times the number of networks."""
    return min(1.0, len(p) * float(p.min()))


def _as_many(p: Values, side: str) -> float:
    """The chance of so many networks with p at most 0.05, on one side half as likely."""
    halves = 1 if side == "either" else 2
    return statistics.count_of_seeds(np.minimum(1, p / halves), LEVEL / halves).p


def no_difference(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks of which no statistic differs from random bases, and Fisher's p over the networks.

    Where nothing is special the networks' p are uniform on steps of 1 / (1 + draws), so that Fisher's p is so, too, but
    for these steps, which make it a little larger.
    """
    names = _statistics(claim)
    p = np.concatenate([_joint_p(sample, names, "either") for sample in samples(claim.selection, reader)])
    words = f"networks within their random bases by {' and '.join(names)}"
    return share(int((p > LEVEL).sum()), len(p), words, len(p), statistics.fisher(p))


# --- beside a line, and beside each other


def exceeds(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks of which a value lies beyond the claim's line, of those that have the value."""
    value, side = VALUES[claim.decide["value"]], claim.decide.get("side", "above")
    values = np.concatenate([value.of(sample) for sample in samples(claim.selection, reader)])
    values = values[np.isfinite(values)]
    if not len(values):
        raise NotPublished(f"No network of {claim.id} has that number.")
    beyond = int(choose("side", side, SIDES)(values, claim.line).sum())
    words = f"networks {'at least at' if side == 'reaches' else side} {claim.line:g}"
    return share(beyond, len(values), f"{words} ({value.words}; median {_median(values)})", len(values))


def _by_seed(sample: Sample, values: Values) -> dict[int, float]:
    return sample.record.by_seed(values.tolist())


def _differences(firsts: Sequence[Sample], seconds: Sequence[Sample], name: str, ratio: bool) -> list[dict[int, float]]:
    """First less second of a value, or the logarithm of their ratio, by seed; a dictionary for each pair of samples."""
    differences = []
    for pair in zip(firsts, seconds, strict=True):
        first, second = (_by_seed(sample, VALUES[name].of(sample)) for sample in pair)
        if name == "count":  # an empty panel counts as one of one point
            first, second = ({seed: max(count, 1.0) for seed, count in each.items()} for each in (first, second))
        differences.append(
            {
                seed: _log_ratio(first[seed], second[seed]) if ratio else first[seed] - second[seed]
                for seed in first
                if seed in second
            }
        )
    return differences


def _log_ratio(first: float, second: float) -> float:
    """NaN where one of the two is not above 0."""
    return float(np.log(first / second)) if first > 0 and second > 0 else np.nan


def _pairs(first: Selection, second: Selection, reader: Reader) -> tuple[list[Sample], list[Sample]]:
    """The networks of two selections, configuration by configuration, where both of a pair are published."""
    if len(first.members) != len(second.members):
        raise ValueError(f"{first} and {second} have different numbers of configurations; accepted: pairs.")
    sides: tuple[list[Sample], list[Sample]] = [], []
    for members in zip(first.members, second.members, strict=True):
        published = [reader.record(configuration) is not None for _, configuration in members]
        if all(published):
            for side, selection, (figure, configuration) in zip(sides, (first, second), members, strict=True):
                shown = samples(replace(selection, figures=(figure.name,)), reader)
                side += [sample for sample in shown if sample.configuration == configuration]
    if not sides[0]:
        raise NotPublished("No pair of networks is published.")
    return sides


def compare(claim: Claim, reader: Reader) -> Evidence:
    """The mean difference (or ratio) of a value to that of other networks, layers or epochs, in pairs of one seed."""
    firsts, seconds = _pairs(claim.selection, claim.against, reader)
    return _effect(claim, _differences(firsts, seconds, claim.decide["value"], claim.decide["scale"] == "ratio"))


def _effect(claim: Claim, parts: Sequence[dict[int, float]]) -> Evidence:
    scale, each = claim.decide["scale"], per_seed(parts)
    words = f"{scale} of {VALUES[claim.decide['value']].words}"
    return effect(each, claim.line, words, 2 * len(each) * len(parts), ratio=scale == "ratio")


def each_compared(claim: Claim, reader: Reader) -> Evidence:
    """The share of pairs of one seed in which the value of the first network is the larger (or smaller) one."""
    name, side = claim.decide["value"], claim.decide["side"]
    firsts, seconds = _pairs(claim.selection, claim.against, reader)
    differences = np.concatenate([list(pair.values()) for pair in _differences(firsts, seconds, name, False)])
    differences = differences[np.isfinite(differences)]
    beyond = int(choose("side", side, SIDES)(differences, 0).sum())
    words = {"above": "more", "below": "less"}[side]
    return share(beyond, len(differences), f"pairs with {words} {VALUES[name].words}", 2 * len(differences))


def typical(claim: Claim, reader: Reader) -> Evidence:
    """The geometric mean of a value over the networks; a value below 1, as that of no points, counts as 1."""
    value = VALUES[claim.decide["value"]]
    parts = [_by_seed(s, np.log(np.maximum(value.of(s), 1))) for s in samples(claim.selection, reader)]
    each = per_seed(parts)
    return effect(each, 1.0, f"{value.words}, geometric mean", len(each) * len(parts), ratio=True)


def falls_each(claim: Claim, reader: Reader) -> Evidence:
    """The share of seeds in which a value falls from every figure to the next, of those that have it in all figures."""
    value, selection = VALUES[claim.decide["value"]], claim.selection
    steps: list[dict[int, float]] = []
    for figure in selection.figures:
        shown = samples(replace(selection, figures=(figure,)), reader)
        steps.append({seed: v for sample in shown for seed, v in _by_seed(sample, value.of(sample)).items()})
    seeds = [seed for seed in steps[0] if all(np.isfinite(step.get(seed, np.nan)) for step in steps)]
    falling = sum(all(before[seed] > after[seed] for before, after in pairwise(steps)) for seed in seeds)
    first, *_, last = selection.figures
    words = f"seeds in which {value.words} falls from {first} to {last}"
    return share(falling, len(seeds), words, len(seeds) * len(steps))


def pixels_compared(claim: Claim, reader: Reader) -> Evidence:
    """The mean ratio of a value on standardised over raw pixels, over all networks of some figures that have both.

    Configurations that lack the value in a seed of the others are left out.
    """
    selection = replace(claim.selection, figures=tuple(claim.decide["networks_of"]))
    published = {sample.configuration: sample for sample in samples(selection, reader)}
    pairs = [
        (sample, published[raw])
        for configuration, sample in published.items()
        if configuration.normalised and (raw := replace(configuration, normalised=False)) in published
    ]
    if not pairs:
        raise NotPublished("No pair of networks is published.")
    standardised, raws = zip(*pairs, strict=True)
    parts = _differences(standardised, raws, claim.decide["value"], True)
    seeds = set.intersection(*(set(part) for part in parts))
    return _effect(claim, [part for part in parts if all(np.isfinite(part[seed]) for seed in seeds)])


# --- along checkpoints or layers


def _courses(claim: Claim, reader: Reader) -> list[tuple[Sample, Values]]:
    """A value of every sample along its checkpoints or latent layers, (seeds, steps)."""
    value, courses = VALUES[claim.decide["value"]], []
    for sample in samples(claim.selection, reader):
        if claim.decide.get("along", "epochs") == "layers":
            steps = [replace(sample, layer=k) for k in range(sample.configuration.L + 1)]
        else:
            start = claim.decide.get("start", 0)
            steps = [replace(sample, at=int(at)) for at in np.flatnonzero(sample.record.epochs >= start)]
        if not steps:
            raise NotPublished(f"{sample.configuration.id} has no checkpoint from which {claim.id} starts.")
        courses.append((sample, np.stack([value.of(step) for step in steps], axis=1)))
    return courses


def _tau(course: Values) -> float:
    """Kendall's tau of a value with its step, of the steps that have it; 0 for fewer than three."""
    there = np.isfinite(course)
    if there.sum() < 3 or np.ptp(course[there]) == 0:
        return 0.0
    return float(scipy.stats.kendalltau(np.flatnonzero(there), course[there]).statistic)


def trend(claim: Claim, reader: Reader) -> Evidence:
    """Kendall's tau of a value with the checkpoint or the latent layer, mean over the seeds."""
    along = claim.decide.get("along", "epochs")
    parts = [sample.record.by_seed([_tau(course) for course in courses]) for sample, courses in _courses(claim, reader)]
    each = per_seed(parts)
    step = {"epochs": "checkpoint", "layers": "layer"}[along]
    words = f"rank correlation of {VALUES[claim.decide['value']].words} with the {step}"
    return effect(each, claim.line, words, len(each) * len(parts))


def trend_each(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks in which a value rises with the checkpoints, more steadily than without direction.

    Checkpoints of one network are not independent, so each network's p is that of a course without direction
    (:func:`isoaux.statistics.rising_p`); over the networks, the least p times their number.
    """
    courses = [course for _, each in _courses(claim, reader) for course in each]
    p = np.array([statistics.rising_p(course[np.isfinite(course)]) for course in courses])
    words = f"networks in which {VALUES[claim.decide['value']].words} rises"
    return share(int((p <= LEVEL).sum()), len(p), words, len(p), _least(p))


# --- angles


def pooled_signs(claim: Claim, reader: Reader) -> Evidence:
    """The rarer sign's share of what lies near the axes, all networks together, each with the same weight."""
    ends = np.concatenate([half_axes(sample) for sample in samples(claim.selection, reader)])
    ends = ends[ends.sum(1) > 0] / ends[ends.sum(1) > 0].sum(1, keepdims=True)
    if not len(ends):
        raise NotPublished(f"No network of {claim.id} has points near an axis.")
    positive = float((ends[:, 0] + ends[:, 1]).mean())
    words = "share of the rarer sign near the axes, over all networks"
    return Evidence(min(positive, 1 - positive), words=words, networks=len(ends))


def nearer(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks of which the angles are nearer to those of one kind of network than of another.

    Nearer by the total variation between a network's pooled angular histogram and the mean one of that kind.
    """
    kinds = [claim.selected(claim.decide[name], claim.selection) for name in ("near", "far")]
    means = [np.concatenate([sample.histogram for sample in samples(kind, reader)]).mean(0) for kind in kinds]
    histograms = np.concatenate([sample.histogram for sample in samples(claim.selection, reader)])
    near, far = (np.abs(histograms - mean).sum(1) for mean in means)
    words = f"networks nearer to {kinds[0].figures[0]} than to {kinds[1].figures[0]}"
    return share(int((near < far).sum()), len(histograms), words, len(histograms))


DECIDERS: Mapping[str, Decider] = {
    decider.__name__: decider
    for decider in (
        differs,
        no_difference,
        exceeds,
        compare,
        each_compared,
        typical,
        falls_each,
        pixels_compared,
        trend,
        trend_each,
        pooled_signs,
        nearer,
    )
}
"""The deciders of this module, by the name of the statistic in claims.yaml."""
