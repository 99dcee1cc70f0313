"""Claims about what a panel shows: numbers of networks beside a line and beside each other, and through training.

The claim's ``value`` is one of :data:`isoaux.records.panel_values.VALUES`; its ``side`` is ``above``, ``below`` or
``reaches``. A network without the number, for example of too few points, is undecided. Seeds are the units of every
interval. Every decider raises NotPublished where no network that it needs is published.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import scipy
from numpy.typing import NDArray

from isoaux.common.choices import choose
from isoaux.common.numbers import NONE, number_words
from isoaux.paper.claims import Claim
from isoaux.records.evidence import (
    COSINE,
    COSINES,
    Bounds,
    Decider,
    Evidence,
    NotPublished,
    Reader,
    effect,
    share,
)
from isoaux.records.panel_values import FEWEST, VALUES, Sample, brightest, samples
from isoaux.statistics.seeds import per_seed
from isoaux.studies.planes.pairing import log_ratio, pairs

Values = NDArray[np.float64]

SIDES = {"above": np.greater, "below": np.less, "reaches": np.greater_equal}

BOUNDS: Mapping[str, Bounds] = {"c4": COSINES, "s2": COSINES, "axis_share": COSINE, "diagonal_share": COSINE}
"""Between which ends a difference of two such values lies."""


def _median(values: Values) -> str:
    """The median of the numbers among these, as text; a dash where none is."""
    known = values[np.isfinite(values)]
    return number_words(np.median(known)) if len(known) else NONE


def _of_seeds(each: Sequence[float] | Values, parts: Iterable[dict[int, float]]) -> str:
    """Of how many of the seeds that all parts have there is a number, in words; nothing where it is all of them."""
    shared = set.intersection(*(set(part) for part in parts))
    return f", in the {len(each)} of {len(shared)} seeds that have it" if len(each) < len(shared) else ""


# --- beside a line, and beside each other


def exceeds(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks of which a value lies beyond the claim's line; one that has no such number is undecided."""
    value, side = VALUES[claim.decide["value"]], claim.decide.get("side", "above")
    values = np.concatenate([value.of(sample) for sample in samples(claim.selection, reader)])
    there = np.isfinite(values)
    beyond = int(choose("side", side, SIDES)(values[there], claim.line).sum())
    words = f"networks {'at least at' if side == 'reaches' else side} {claim.line:g}"
    words = f"{words} ({value.words}; median {_median(values)})"
    return share(beyond, len(values), words, len(values), undecided=int((~there).sum()))


def both_exceed(claim: Claim, reader: Reader) -> Evidence:
    """The lesser of two shares: of networks of which one value lies above the line, and of which another does.

    Of what is said of all networks together, not of each: beams in one place in some, in another place in others.
    """
    chosen, shares = samples(claim.selection, reader), []
    for name in claim.decide["value"]:
        values = np.concatenate([VALUES[name].of(sample) for sample in chosen])
        there = np.isfinite(values)
        shares.append((int((values[there] > claim.line).sum()), int((~there).sum()), VALUES[name].words))
    yes, undecided, _ = min(shares)
    of = sum(len(sample.seeds) for sample in chosen)
    counts = " and ".join(f"{count} by {words}" for count, _, words in shares)
    return share(
        yes, of, f"networks above {claim.line:g} by the rarer of two numbers ({counts})", of, undecided=undecided
    )


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
                seed: log_ratio(first[seed], second[seed]) if ratio else first[seed] - second[seed]
                for seed in first
                if seed in second
            }
        )
    return differences


def compare(claim: Claim, reader: Reader) -> Evidence:
    """The mean difference (or ratio) of a value to that of other networks, layers or epochs, in pairs of one seed."""
    firsts, seconds = pairs(claim.selection, claim.against, reader)
    return _effect(claim, _differences(firsts, seconds, claim.decide["value"], claim.decide["scale"] == "ratio"))


def _effect(claim: Claim, parts: Sequence[dict[int, float]]) -> Evidence:
    scale, name, each = claim.decide["scale"], claim.decide["value"], per_seed(parts)
    words = f"{scale} of {VALUES[name].words}{_of_seeds(each, parts)}"
    ratio = scale == "ratio"
    bounds = None if ratio else BOUNDS.get(name)
    return effect(each, claim.line, words, 2 * len(each) * len(parts), ratio=ratio, bounds=bounds)


def each_compared(claim: Claim, reader: Reader) -> Evidence:
    """The share of pairs of one seed in which the value of the first network is the larger (or smaller) one.

    A pair of which one network has no such number is undecided.
    """
    name, side = claim.decide["value"], claim.decide["side"]
    firsts, seconds = pairs(claim.selection, claim.against, reader)
    differences = np.concatenate([list(pair.values()) for pair in _differences(firsts, seconds, name, False)])
    there = np.isfinite(differences)
    beyond = int(choose("side", side, SIDES)(differences[there], 0).sum())
    words = f"pairs with { ({'above': 'more', 'below': 'less'}[side]) } {VALUES[name].words}"
    return share(beyond, len(there), words, 2 * len(there), undecided=int((~there).sum()))


def typical(claim: Claim, reader: Reader) -> Evidence:
    """The geometric mean of a value over the networks; a value below 1, as that of no points, counts as 1."""
    value = VALUES[claim.decide["value"]]
    parts = [_by_seed(s, np.log(np.maximum(value.of(s), 1))) for s in samples(claim.selection, reader)]
    each = per_seed(parts)
    return effect(each, 1.0, f"{value.words}, geometric mean", len(each) * len(parts), ratio=True)


def falls_each(claim: Claim, reader: Reader) -> Evidence:
    """The share of seeds in which a value falls from every figure to the next, of those that all figures have.

    A seed that has no such number in one of the figures is undecided.
    """
    value, selection = VALUES[claim.decide["value"]], claim.selection
    steps: list[dict[int, float]] = []
    for figure in selection.figures:
        shown = samples(replace(selection, figures=(figure,)), reader)
        steps.append({seed: v for sample in shown for seed, v in _by_seed(sample, value.of(sample)).items()})
    seeds = [seed for seed in steps[0] if all(seed in step for step in steps)]
    known = [seed for seed in seeds if all(np.isfinite(step[seed]) for step in steps)]
    falling = sum(all(before[seed] > after[seed] for before, after in pairwise(steps)) for seed in known)
    first, *_, last = selection.figures
    words = f"seeds in which {value.words} falls from {first} to {last}"
    return share(falling, len(seeds), words, len(seeds) * len(steps), undecided=len(seeds) - len(known))


def pixels_compared(claim: Claim, reader: Reader) -> Evidence:
    """The mean ratio of a value on standardised over raw pixels, over all networks of some figures that have both.

    Configurations that lack the value in a seed of the others are left out.
    """
    selection = replace(claim.selection, figures=tuple(claim.decide["networks_of"]))
    published = {sample.configuration: sample for sample in samples(selection, reader)}
    couples = [
        (sample, published[raw])
        for configuration, sample in published.items()
        if configuration.normalised and (raw := replace(configuration, normalised=False)) in published
    ]
    if not couples:
        raise NotPublished("No pair of networks is published.")
    standardised, raws = zip(*couples, strict=True)
    parts = _differences(standardised, raws, claim.decide["value"], True)
    seeds = set.intersection(*(set(part) for part in parts))
    kept = [part for part in parts if all(np.isfinite(part[seed]) for seed in seeds)]
    if not kept:
        raise NotPublished("No pair of networks has this number in every seed.")
    return _effect(claim, kept)


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
    """Kendall's tau of a value with its step, of the steps that have it: NaN for fewer than three, 0 for equal ones."""
    there = np.isfinite(course)
    if there.sum() < 3:
        return float("nan")
    if np.ptp(course[there]) == 0:
        return 0.0
    return float(scipy.stats.kendalltau(np.flatnonzero(there), course[there]).statistic)


def trend(claim: Claim, reader: Reader) -> Evidence:
    """Kendall's tau of a value with the checkpoint or the latent layer, mean over the seeds.

    Checkpoints of one network are not independent of each other, so that a network's own tau has no p; seeds are.
    """
    along = claim.decide.get("along", "epochs")
    parts = [sample.record.by_seed([_tau(course) for course in courses]) for sample, courses in _courses(claim, reader)]
    each = per_seed(parts)
    step = {"epochs": "checkpoint", "layers": "layer"}[along]
    words = f"rank correlation of {VALUES[claim.decide['value']].words} with the {step}{_of_seeds(each, parts)}"
    return effect(each, claim.line, words, len(each) * len(parts), bounds=COSINE)


def throughout(claim: Claim, reader: Reader) -> Evidence:
    """The share of the panels of a row whose brightest place is within a factor of that of the last one.

    Of all checkpoints of all networks; the factor is the claim's line, and a black panel counts as one of the least
    brightness that is published, 1 / 255 of the full one.
    """
    within: list[NDArray[np.bool_]] = []
    for sample in samples(claim.selection, reader):
        brightness = np.maximum(brightest(sample), 1 / 255)
        within.append(np.abs(np.log(brightness / brightness[:, -1:])) < np.log(claim.line))
    rows = np.concatenate(within)
    words = f"panels within {claim.line:g} times the brightest place of the last one, in {len(rows)} networks"
    evidence = share(int(rows.sum()), rows.size, words, len(rows))
    return replace(evidence, low=None, high=None)  # panels of a network are not independent


# --- angles


def nearer(claim: Claim, reader: Reader) -> Evidence:
    """The share of networks of which the angles are nearer to those of one kind of network than of another.

    Nearer by the total variation between a network's pooled angular histogram and the mean one of that kind. A network
    of too few points for angles is undecided.
    """
    kinds = [claim.selected(claim.decide[name], claim.selection) for name in ("near", "far")]
    means = [np.concatenate([sample.histogram for sample in samples(kind, reader)]).mean(0) for kind in kinds]
    chosen = samples(claim.selection, reader)
    histograms = np.concatenate([sample.histogram for sample in chosen])
    there = np.concatenate([sample.values("count") for sample in chosen]) >= FEWEST
    near, far = (np.abs(histograms - mean).sum(1) for mean in means)
    words = f"networks nearer to {kinds[0].figures[0]} than to {kinds[1].figures[0]}"
    return share(int(((near < far) & there).sum()), len(there), words, len(there), undecided=int((~there).sum()))


DECIDERS: Mapping[str, Decider] = {
    decider.__name__: decider
    for decider in (
        exceeds,
        both_exceed,
        compare,
        each_compared,
        typical,
        falls_each,
        pixels_compared,
        trend,
        throughout,
        nearer,
    )
}
"""The deciders of this module, by the name of the statistic in claims.yaml."""
