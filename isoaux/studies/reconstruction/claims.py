"""Claims about reconstruction errors: paired over the seeds, sigma-weighted as the paper compares them (App. D).

The ``figures`` that a claim names hold the curves; ``pixels``, ``depths``, ``only`` and ``but`` leave some out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, groupby, pairwise
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from isoaux import paper, statistics
from isoaux.common.choices import choose
from isoaux.paper import GROUPS, Configuration, Figure
from isoaux.paper.claims import AT_LEAST_ONE, Claim
from isoaux.records.error_curves import Curve, Curves, Pair, Panel, curves, differences, noise, panels, shared_seeds
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, effect, share
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.statistics.seeds import per_seed
from isoaux.studies.reconstruction.data import read
from isoaux.studies.reconstruction.report import comparable, end, end_of, in_own_units, lower_since, noise_ratio, pairs

T = TypeVar("T")

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Errors:
    """The error curves of some figures, as far as they are published."""

    figures: tuple[Figure, ...]
    results: tuple[Result, ...]

    @cached_property
    def known(self) -> Curves:
        """The sigma-weighted curves."""
        return curves(self.results)

    @cached_property
    def own_units(self) -> Curves:
        """The curves in the units that each network was trained in."""
        return in_own_units(self.results)

    @property
    def epochs(self) -> list[int]:
        """The epochs of the checkpoints."""
        epochs: list[int] = self.results[0].drawing["epochs"].tolist()
        return epochs

    def pairs(self, claim: Claim) -> list[Pair]:
        """The published pairs that a claim is about: of its pixels, and of its sizes where it names any."""
        decide = claim.decide
        return _some(
            pair
            for pair in pairs(self.figures)
            if decide.get("pixels", pair.anisotropic.pixels) == pair.anisotropic.pixels
            and _among(pair.anisotropic, decide)
            and comparable(pair, self.known)
        )

    def panels(self, claim: Claim) -> list[Panel]:
        """The panels, of the claim's depths where it names any, all of whose curves are published."""
        return _some(
            panel
            for figure in self.figures
            for panel in panels(figure).values()
            if panel.L in claim.decide.get("depths", [panel.L]) and self.known.keys() >= {*panel.curves}
        )

    def networks(self, configurations: Iterable[Configuration]) -> int:
        """How many networks these configurations have a curve of."""
        return sum(len(self.known[configuration].seeds) for configuration in configurations)


def _some(values: Iterable[T]) -> list[T]:
    """The values as a list. Raises NotPublished where there is none."""
    if not (values := list(values)):
        raise NotPublished("Nothing that the claim compares is published.")
    return values


def load(claim: Claim, reader: Reader) -> Errors:
    """The curves of the claim's figures; ``reader`` notes the records that are read, and those that are missing."""
    figures = tuple(map(paper.figure, claim.decide["figures"]))
    published = []
    for of in figures:
        records = [reader.record(configuration) for configuration in _needed(claim, of)]
        if any(record is not None for record in records):
            if of.name not in reader.results:
                reader.results[of.name] = read(of, Settings(), reader.folder)
            published.append(reader.results[of.name])
    if not published:
        raise NotPublished("No network of the figures is published.")
    return Errors(figures, tuple(published))


def _needed(claim: Claim, figure: Figure) -> list[Configuration]:
    """The configurations of a figure that a claim is about."""
    decide = claim.decide
    return [
        configuration
        for configuration in figure.configurations
        if ("depths" not in decide or configuration.L in decide["depths"])
        and ("pixels" not in decide or "depths" in decide or configuration.pixels == decide["pixels"])
        and _among(configuration, decide)
    ]


def _among(configuration: Configuration, decide: Mapping[str, Any]) -> bool:
    """Whether an architecture is among those that a claim is about: ``only`` some, or all ``but`` some."""
    place = [configuration.dataset, configuration.n, configuration.L]
    return place in decide.get("only", [place]) and place not in decide.get("but", [])


def _is_isotropic(configuration: Configuration) -> bool:
    return GROUPS[configuration.activation] == "O(n)"


def _signs(
    claim: Claim, signs: Iterable[int], claimed: int, words: str, networks: int, parts: Sequence[dict[int, float]]
) -> Evidence:
    """The share of intervals on the claimed side of 0 (1 or -1), from their signs; 0 is undecided.

    ``parts`` are what is compared, each by seed, above 0 where the sign is 1. p is that of their mean in every seed
    being 0, over the seeds: what is compared in one seed shares networks, and does not count as independent. For "at
    least one" it is the least p of a single comparison times their number.
    """
    signs = _some(signs)
    yes, of = signs.count(claimed), len(signs)
    if claim.rule is not None and claim.rule.name in AT_LEAST_ONE:
        known = [p for part in parts if (p := _p(per_seed([part]), claimed)) is not None]
        p = min(1.0, of * min(known)) if known else None
    else:
        p = _p(per_seed(parts), claimed)
    return share(yes, of, words, networks, p, signs.count(0))


def _p(each: Values, claimed: int) -> float | None:
    """Student's two-sided p of the mean (S,) being 0, 1 on the other side than the claimed one; None for one seed."""
    if len(each) < 2:
        return None
    return statistics.paired(each).p if np.sign(each.mean()) == claimed else 1.0


def _logs(first: Curve, second: Curve) -> dict[int, float]:
    """The logarithm of the first error over the second at the last checkpoint, by the seeds that both have."""
    seeds = shared_seeds(first, second)
    logs = np.log(first.of(seeds)[:, -1] / second.of(seeds)[:, -1])
    return dict(zip(seeds, logs.tolist(), strict=True))


def lower_error(claim: Claim, reader: Reader) -> Evidence:
    """The share of the pairs whose isotropic error is lower at the end, by the interval of the paired difference.

    A claim whose ``better`` is anisotropic counts those whose anisotropic error is.
    """
    data = load(claim, reader)
    members = data.pairs(claim)
    better = -1 if claim.decide.get("better") == "anisotropic" else 1
    words = f"pairs with the {'isotropic' if better > 0 else 'anisotropic'} error lower by its interval"
    signs = (end_of(pair, data.known).sign for pair in members)
    logs = [_logs(data.known[pair.anisotropic], data.known[pair.isotropic]) for pair in members]
    return _signs(claim, signs, better, words, data.networks(chain(*members)), logs)


def lower_throughout(claim: Claim, reader: Reader) -> Evidence:
    """The share of checkpoints, of all pairs but not the first, at which the isotropic error is lower in every seed.

    Without an interval: the checkpoints of a network are not independent of each other.
    """
    data = load(claim, reader)
    members = data.pairs(claim)
    lower = [differences(data.known[pair.anisotropic], data.known[pair.isotropic])[:, 1:] > 0 for pair in members]
    checkpoints = np.array([pair.all(0) for pair in lower])
    since = [first for pair in members if (first := lower_since(pair, data.known)) is not None]
    words = f"checkpoints with the isotropic error lower in every seed, in {len(members)} pairs"
    if since:
        words += f"; lower to the end in {len(since)}, from epoch "
        words += f"{data.epochs[max(min(since), 1)]} to {data.epochs[max(*since, 1)]} on"
    evidence = share(int(checkpoints.sum()), checkpoints.size, words, data.networks(chain(*members)))
    return replace(evidence, low=None, high=None)


def size_steps(claim: Claim, reader: Reader) -> Evidence:
    """The share of the steps to the next width or depth at which the error falls, by its interval.

    ``along`` is n or L; a claim whose ``sign`` is higher counts the steps at which the error rises.
    """
    data = load(claim, reader)
    along, sign = claim.decide["along"], claim.decide["sign"]
    fixed = [name for name in ("dataset", "normalised", "activation", "n", "L") if name != along]
    configurations = {configuration for figure in data.figures for configuration in figure.configurations}
    steps = [
        (small, large)
        for _, line in groupby(sorted(configurations, key=attrgetter(*fixed, along)), key=attrgetter(*fixed))
        for small, large in pairwise(line)
        if shared_seeds(data.known.get(small), data.known.get(large))
    ]
    signs = (end(data.known[small], data.known[large]).sign for small, large in steps)
    logs = [_logs(data.known[small], data.known[large]) for small, large in steps]
    words = f"steps to the next { ({'n': 'wider', 'L': 'deeper'}[along]) } network with a {sign} error"
    return _signs(claim, signs, {"lower": 1, "higher": -1}[sign], words, data.networks({*chain(*steps)}), logs)


def repeat_spread(claim: Claim, reader: Reader) -> Evidence:
    """The share of the configurations whose errors scatter over the seeds by less than a share of their mean.

    The standard deviation over the mean is compared with the claim's ``line``.
    """
    data = load(claim, reader)
    several = [configuration for configuration, curve in data.known.items() if len(curve.seeds) > 1]
    spreads = _some(data.known[configuration].spread for configuration in several)
    words = f"configurations below {claim.line:g} (standard deviation over mean, largest {max(spreads):.2g})"
    return share(sum(value < claim.line for value in spreads), len(spreads), words, data.networks(several))


def _lead(data: Errors, configuration: Configuration, others: Iterable[Configuration]) -> dict[int, float]:
    """How much lower a curve ends than the best of others, as a share of that one, by seed."""
    curve, best = data.known[configuration], min((data.known[other] for other in others), key=attrgetter("last"))
    seeds = shared_seeds(curve, best)
    leads = 1 - curve.of(seeds)[:, -1] / best.of(seeds)[:, -1]
    return dict(zip(seeds, leads.tolist(), strict=True))


def _leads(data: Errors, claim: Claim, members: Sequence[Panel]) -> list[dict[int, float]]:
    """By what share of it the claim's network lies below the best other one, by seed, a dictionary for each panel."""
    leads, isotropic = [], claim.decide["of"] == "isotropic"
    for panel in members:
        (network,) = (c for c in panel.curves if c.pixels == claim.decide["pixels"] and _is_isotropic(c) == isotropic)
        leads.append(_lead(data, network, [c for c in panel.curves if c != network]))
    return leads


def lowest_margin(claim: Claim, reader: Reader) -> Evidence:
    """By what share of it a network's error lies below the best other one of its panel.

    The mean over panels and seeds. The network is isotropic or anisotropic, as ``of`` says, on the claim's ``pixels``.
    """
    data = load(claim, reader)
    members = data.panels(claim)
    words = "lead over the best other network, as a share of its error"
    return effect(per_seed(_leads(data, claim, members)), claim.line, words, _networks(data, members))


def larger_margin(claim: Claim, reader: Reader) -> Evidence:
    """The lead of a network in the panels of the claim's depths less that in those of another claim's (``against``).

    Each as in :func:`lowest_margin`, in pairs of one seed; ``against`` names the other depths and pixels.
    """
    data, means, networks = load(claim, reader), [], 0
    for decide in (claim.decide, {**claim.decide, **claim.decide["against"]}):
        side = replace(claim, decide=decide)
        members = data.panels(side)
        leads = _leads(data, side, members)
        seeds = [seed for seed in leads[0] if all(seed in lead for lead in leads)]
        means.append({seed: float(np.mean([lead[seed] for lead in leads])) for seed in seeds})
        networks += _networks(data, members)
    first, second = means
    each = [first[seed] - second[seed] for seed in first if seed in second]
    words = f"lead over the best other network less that of {_depths(claim.decide['against'])}, as a share of its error"
    return effect(each, claim.line, words, networks)


def _depths(decide: Mapping[str, Any]) -> str:
    return f"L = {', '.join(map(str, decide['depths']))}"


def isotropic_ahead(claim: Claim, reader: Reader) -> Evidence:
    """By what share of it the best anisotropic error of a panel lies above the best isotropic one.

    The mean over panels and seeds.
    """
    data = load(claim, reader)
    members, leads = data.panels(claim), []
    for panel in members:
        isotropic, others = ([c for c in panel.curves if _is_isotropic(c) == kind] for kind in (True, False))
        leads.append(_lead(data, min(isotropic, key=lambda c: data.known[c].last), others))
    words = "lead of the best isotropic network, as a share of the other's error"
    return effect(per_seed(leads), claim.line, words, _networks(data, members))


def _networks(data: Errors, members: Sequence[Panel]) -> int:
    return data.networks(configuration for panel in members for configuration in panel.curves)


KINDS: Mapping[str, Callable[[Configuration], bool]] = {
    "isotropic": _is_isotropic,
    "isotropic standardised": lambda c: _is_isotropic(c) and c.normalised,
    "anisotropic raw": lambda c: not _is_isotropic(c) and not c.normalised,
}
"""Kinds of networks of which a claim may say that they have the lowest error of a panel."""


def lowest(claim: Claim, reader: Reader) -> Evidence:
    """The share of the panels in which the best network of a kind (``best``) has the lowest error, by its interval.

    That of the paired difference to the best of all others; without a common seed it is undecided.
    """
    data = load(claim, reader)
    members, kind = data.panels(claim), choose("best", claim.decide["best"], KINDS)
    logs, signs = [], []
    for panel in members:
        best, other = (
            min((c for c in panel.curves if kind(c) == there), key=lambda c: data.known[c].last)
            for there in (True, False)
        )
        first, second = data.known[other], data.known[best]
        signs.append(end(first, second).sign if shared_seeds(first, second) else 0)
        logs.append(_logs(first, second))
    words = f"panels with the lowest error in a network that is {claim.decide['best']}, by its interval"
    return _signs(claim, signs, 1, words, _networks(data, members), logs)


def noisier(claim: Claim, reader: Reader) -> Evidence:
    """The share of the pairs whose anisotropic curve is the noisier one, by the interval of the ratio of noises."""
    data = load(claim, reader)
    members = data.pairs(claim)
    signs = (noise_ratio(pair, data.own_units, data.epochs).sign for pair in members)
    words = "pairs with the anisotropic curve noisier by its interval"
    return _signs(claim, signs, 1, words, data.networks(chain(*members)), [_noises(pair, data) for pair in members])


def _noises(pair: Pair, data: Errors) -> dict[int, float]:
    """The logarithm of the anisotropic noise over the isotropic one, by the seeds that both have."""
    first, second = (data.own_units[configuration] for configuration in pair)
    seeds = shared_seeds(first, second)
    logs = np.log(np.maximum([noise(data.epochs, curve.of(seeds)) for curve in (first, second)], 1e-12))
    return dict(zip(seeds, (logs[0] - logs[1]).tolist(), strict=True))


def ties(claim: Claim, reader: Reader) -> Evidence:
    """The share of the pairs whose errors differ by less than a share of them, the claim's line, by the interval.

    A pair of which the interval lies beyond the line is decided against, one that reaches over it is undecided.
    """
    data = load(claim, reader)
    members, signs = data.pairs(claim), []
    for pair in members:
        ratio = statistics.interval(list(_logs(data.known[pair.anisotropic], data.known[pair.isotropic]).values()))
        inside = max(-ratio.low, ratio.high) < claim.line
        signs.append(1 if inside else -1 if ratio.low > claim.line or ratio.high < -claim.line else 0)
    yes, undecided = signs.count(1), signs.count(0)
    words = f"pairs with errors within {claim.line:.0%} of each other"
    return share(yes, len(members), words, data.networks(chain(*members)), undecided=undecided)


def wider_repeats(claim: Claim, reader: Reader) -> Evidence:
    """The share of the pairs whose anisotropic errors scatter more over the seeds, relative to their mean.

    Of those that have two seeds at least: one alone does not scatter. It has no p: the seeds are what scatters, and all
    pairs share them.
    """
    data = load(claim, reader)
    known = data.own_units
    members = [pair for pair in data.pairs(claim) if min(len(known[configuration].seeds) for configuration in pair) > 1]
    yes = sum(known[pair.anisotropic].spread > known[pair.isotropic].spread for pair in members)
    words = "pairs with the anisotropic errors more scattered over the seeds"
    return share(yes, len(members), words, data.networks(chain(*members)))


def better_on_raw(claim: Claim, reader: Reader) -> Evidence:
    """The share of the networks of two kinds of pixels whose error is lower on raw ones, by its interval.

    The activation is isotropic or not, as ``of`` says, or both (``all``); a claim whose ``sign`` is higher counts where
    it is higher.
    """
    data = load(claim, reader)
    sign, of = claim.decide.get("sign", "lower"), claim.decide["of"]
    members = []
    for panel in [panel for figure in data.figures for panel in panels(figure).values()]:
        for isotropic in (False, True) if of == "all" else (of == "isotropic",):
            both = [c for c in panel.curves if _is_isotropic(c) == isotropic]
            if len(both) == 2 and shared_seeds(*map(data.known.get, both)):
                members.append(both)
    signs = (end(data.known[standardised], data.known[raw]).sign for standardised, raw in members)
    logs = [_logs(data.known[standardised], data.known[raw]) for standardised, raw in members]
    words = f"networks with a {sign} error on raw pixels by its interval"
    return _signs(claim, signs, {"lower": 1, "higher": -1}[sign], words, data.networks(chain(*members)), logs)


def best_network(claim: Claim, reader: Reader) -> Evidence:
    """By what share of it the error of the ``network`` that a claim names lies below the best of all others."""
    data = load(claim, reader)
    network = Configuration.parse(claim.decide["network"])
    if network not in data.known:
        raise NotPublished(f"{network.id} is not published.")
    leads = _lead(data, network, _some(other for other in data.known if other != network))
    words = "lead over the best other network, as a share of its error"
    return effect(per_seed([leads]), claim.line, words, data.networks(data.known))


def spread_of_others(claim: Claim, reader: Reader) -> Evidence:
    """The range of the errors at the end of all networks but the ``leader``, as a share of their mean."""
    data = load(claim, reader)
    others = [configuration for configuration in data.known if configuration.id != claim.decide["leader"]]
    if len(others) < 3:
        raise NotPublished("Not all of the other networks are published.")
    known = [data.known[configuration] for configuration in others]
    seeds = [seed for seed in known[0].seeds if all(seed in curve.seeds for curve in known)]
    if not seeds:
        raise NotPublished("The other networks have no seed in common.")
    ends = np.array([curve.of(seeds)[:, -1] for curve in known])
    ranges = np.ptp(ends, axis=0) / ends.mean(0)
    words = "range of the other errors over their mean"
    return effect(ranges, claim.line, words, data.networks(others), bounds=(0, np.inf))


DECIDERS: Mapping[str, Decider] = {
    "lower_error": lower_error,
    "lower_throughout": lower_throughout,
    "size_steps": size_steps,
    "repeat_spread": repeat_spread,
    "lowest_margin": lowest_margin,
    "larger_margin": larger_margin,
    "isotropic_ahead": isotropic_ahead,
    "lowest": lowest,
    "ties": ties,
    "noisier": noisier,
    "wider_repeats": wider_repeats,
    "better_on_raw": better_on_raw,
    "best_network": best_network,
    "spread_of_others": spread_of_others,
}
"""Statistics of reconstruction errors."""
