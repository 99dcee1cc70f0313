"""Claims about reconstruction errors: paired over the seeds, sigma-weighted as the paper compares them (App. D).

The ``figures`` that a claim names hold the curves; ``pixels``, ``depths``, ``only`` and ``but`` leave some out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby, pairwise
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
import scipy

from isoaux import paper
from isoaux.paper import GROUPS, Configuration, Figure
from isoaux.paper.claims import Claim
from isoaux.records.error_curves import Curves, Pair, Panel, curves, panels, shared_seeds
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, effect, share
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.statistics import LEVEL
from isoaux.statistics.seeds import per_seed
from isoaux.studies.reconstruction.data import read
from isoaux.studies.reconstruction.report import comparable, end, end_of, in_own_units, lower_since, noise_ratio, pairs

T = TypeVar("T")


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


def _signs(signs: Iterable[int], claimed: int, words: str, networks: int) -> Evidence:
    """The share of intervals on the claimed side of 0 (1 or -1), from their signs; 0 is undecided.

    p is the chance of at least so many on that side where nothing differs.
    """
    signs = _some(signs)
    yes, of = signs.count(claimed), len(signs)
    return share(yes, of, words, networks, float(scipy.stats.binom.sf(yes - 1, of, LEVEL / 2)), signs.count(0))


def lower_error(claim: Claim, reader: Reader) -> Evidence:
    """The share of the pairs whose isotropic error is lower at the end, by the interval of the paired difference.

    A claim whose ``better`` is anisotropic counts those whose anisotropic error is.
    """
    data = load(claim, reader)
    members = data.pairs(claim)
    better = -1 if claim.decide.get("better") == "anisotropic" else 1
    words = f"pairs with the {'isotropic' if better > 0 else 'anisotropic'} error lower by its interval"
    return _signs((end_of(pair, data.known).sign for pair in members), better, words, data.networks(chain(*members)))


def lower_throughout(claim: Claim, reader: Reader) -> Evidence:
    """The share of the pairs whose isotropic error is lower in every seed at all checkpoints but the first."""
    data = load(claim, reader)
    members = data.pairs(claim)
    since = [first for pair in members if (first := lower_since(pair, data.known)) is not None]
    words = "pairs with the isotropic error lower at every checkpoint after training began"
    if since:
        words += (
            f"; lower to the end in {len(since)}, from epoch {data.epochs[min(since)]} to {data.epochs[max(since)]} on"
        )
    return share(sum(first <= 1 for first in since), len(members), words, data.networks(chain(*members)))


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
    words = f"steps to the next { ({'n': 'wider', 'L': 'deeper'}[along]) } network with a {sign} error"
    return _signs(signs, {"lower": 1, "higher": -1}[sign], words, data.networks({*chain(*steps)}))


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


def lowest_margin(claim: Claim, reader: Reader) -> Evidence:
    """By what share of it a network's error lies below the best other one of its panel.

    The mean over panels and seeds. The network is isotropic or anisotropic, as ``of`` says, on the claim's ``pixels``.
    """
    data = load(claim, reader)
    members, leads = data.panels(claim), []
    for panel in members:
        isotropic = claim.decide["of"] == "isotropic"
        (network,) = (c for c in panel.curves if c.pixels == claim.decide["pixels"] and _is_isotropic(c) == isotropic)
        leads.append(_lead(data, network, [c for c in panel.curves if c != network]))
    words = "lead over the best other network, as a share of its error"
    return effect(per_seed(leads), claim.line, words, _networks(data, members))


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


def isotropic_lowest(claim: Claim, reader: Reader) -> Evidence:
    """The share of the panels whose lowest error is an isotropic one."""
    return _lowest_is(claim, reader, _is_isotropic, "panels with an isotropic network lowest")


def raw_anisotropic_lowest(claim: Claim, reader: Reader) -> Evidence:
    """The share of the panels whose lowest error is an anisotropic one on raw pixels."""
    words = "panels with an anisotropic network on raw pixels lowest"
    return _lowest_is(claim, reader, lambda c: not _is_isotropic(c) and not c.normalised, words)


def _lowest_is(claim: Claim, reader: Reader, kind: Callable[[Configuration], bool], words: str) -> Evidence:
    data = load(claim, reader)
    members = data.panels(claim)
    best = [min(panel.curves, key=lambda c: data.known[c].last) for panel in members]
    return share(sum(map(kind, best)), len(members), words, _networks(data, members))


def noisier(claim: Claim, reader: Reader) -> Evidence:
    """The share of the pairs whose anisotropic curve is the noisier one, by the interval of the ratio of noises."""
    data = load(claim, reader)
    members = data.pairs(claim)
    signs = (noise_ratio(pair, data.own_units, data.epochs).sign for pair in members)
    words = "pairs with the anisotropic curve noisier by its interval"
    return _signs(signs, 1, words, data.networks(chain(*members)))


def wider_repeats(claim: Claim, reader: Reader) -> Evidence:
    """The share of the pairs whose anisotropic errors scatter more over the seeds, relative to their mean.

    Of those that have two seeds at least: one alone does not scatter.
    """
    data = load(claim, reader)
    known = data.own_units
    members = [pair for pair in data.pairs(claim) if min(len(known[configuration].seeds) for configuration in pair) > 1]
    yes = sum(known[pair.anisotropic].spread > known[pair.isotropic].spread for pair in members)
    chance = float(scipy.stats.binom.sf(yes - 1, len(members), 0.5))
    words = "pairs with the anisotropic errors more scattered over the seeds"
    return share(yes, len(members), words, data.networks(chain(*members)), chance)


def better_on_raw(claim: Claim, reader: Reader) -> Evidence:
    """The share of the architectures in which an activation's error is lower on raw pixels, by its interval.

    The activation is isotropic or not, as ``of`` says; a claim whose ``sign`` is higher counts where it is higher.
    """
    data = load(claim, reader)
    sign, isotropic = claim.decide.get("sign", "lower"), claim.decide["of"] == "isotropic"
    members = []
    for panel in [panel for figure in data.figures for panel in panels(figure).values()]:
        both = [c for c in panel.curves if _is_isotropic(c) == isotropic]
        if len(both) == 2 and shared_seeds(*map(data.known.get, both)):
            members.append(both)
    signs = (end(data.known[standardised], data.known[raw]).sign for standardised, raw in members)
    words = f"architectures with a {sign} error on raw pixels by its interval"
    return _signs(signs, {"lower": 1, "higher": -1}[sign], words, data.networks(chain(*members)))


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
    return effect(ranges, claim.line, "range of the other errors over their mean", data.networks(others))


DECIDERS: Mapping[str, Decider] = {
    "lower_error": lower_error,
    "lower_throughout": lower_throughout,
    "size_steps": size_steps,
    "repeat_spread": repeat_spread,
    "lowest_margin": lowest_margin,
    "isotropic_ahead": isotropic_ahead,
    "isotropic_lowest": isotropic_lowest,
    "raw_anisotropic_lowest": raw_anisotropic_lowest,
    "noisier": noisier,
    "wider_repeats": wider_repeats,
    "better_on_raw": better_on_raw,
    "best_network": best_network,
    "spread_of_others": spread_of_others,
}
"""Statistics of reconstruction errors."""
