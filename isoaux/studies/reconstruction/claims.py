"""Claims about reconstruction errors: paired over the seeds, sigma-weighted as the paper compares them (App. D)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
from scipy.stats import binom

from isoaux.paper import GROUPS, Configuration, Figure, figure
from isoaux.paper.claims import Claim
from isoaux.records.error_curves import Curve, Pair, Panel, curves, differences, panels
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, effect, share
from isoaux.records.results import Result
from isoaux.settings import Settings
from isoaux.statistics import LEVEL
from isoaux.statistics.seeds import per_seed
from isoaux.studies.reconstruction.data import read
from isoaux.studies.reconstruction.report import comparable, end, in_own_units, lower_since, noise_ratio, pairs

T = TypeVar("T")


@dataclass(frozen=True)
class Errors:
    """The error curves of some figures, as far as they are published."""

    figures: tuple[Figure, ...]
    found: tuple[Result, ...]

    @cached_property
    def known(self) -> dict[Configuration, Curve]:
        """The sigma-weighted curves."""
        return curves(self.found)

    @cached_property
    def own_units(self) -> dict[Configuration, Curve]:
        """The curves in the units that each network was trained in."""
        return in_own_units(self.found)

    def pairs(self, claim: Claim) -> list[Pair]:
        """The published pairs that a claim is about: of its pixels, and of its sizes where it names any."""
        decide, kept = claim.decide, []
        for pair in pairs(self.figures):
            own = pair.anisotropic
            wanted = decide.get("pixels", own.pixels) == own.pixels and _among(own, decide)
            if wanted and comparable(pair, self.known):
                kept.append(pair)
        return _some(kept)

    def panels(self, claim: Claim) -> list[Panel]:
        """The panels, of the claim's depths where it names any, all of whose curves are published."""
        depths = claim.decide.get("depths")
        all_of = [panel for shown in self.figures for panel in panels(shown).values()]
        return _some(
            [
                panel
                for panel in all_of
                if (depths is None or panel.L in depths) and all(own in self.known for own in panel.curves)
            ]
        )


def _some(found: list[T]) -> list[T]:
    if not found:
        raise NotPublished("Nothing that the claim compares is published.")
    return found


def load(claim: Claim, reader: Reader) -> Errors:
    """The curves of the claim's figures; notes the records that are read, and those that are missing."""
    figures = tuple(map(figure, claim.decide["figures"]))
    found = []
    for shown in figures:
        there = [reader.record(own) for own in _needed(claim, shown)]
        if any(record is not None for record in there):
            if shown.name not in reader.results:
                reader.results[shown.name] = read(shown, Settings(), reader.folder)
            found.append(reader.results[shown.name])
    if not found:
        raise NotPublished("No network of the figures is published.")
    return Errors(figures, tuple(found))


def _needed(claim: Claim, shown: Figure) -> list[Configuration]:
    """The configurations of a figure that a claim is about."""
    decide = claim.decide
    return [
        own
        for own in shown.configurations
        if ("depths" not in decide or own.L in decide["depths"])
        and ("pixels" not in decide or "depths" in decide or own.pixels == decide["pixels"])
        and _among(own, decide)
    ]


def _among(own: Configuration, decide: Mapping[str, Any]) -> bool:
    """Whether an architecture is among those that a claim is about: ``only`` some, or all ``but`` some."""
    place = [own.dataset, own.n, own.L]
    return place in decide.get("only", [place]) and place not in decide.get("but", [])


def _is_isotropic(own: Configuration) -> bool:
    return GROUPS[own.activation] == "O(n)"


def _count(curves: Sequence[Curve]) -> int:
    return sum(len(curve.seeds) for curve in curves)


def lower_error(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the pairs the isotropic error is the lower one at the end, by its interval over the seeds."""
    data = load(claim, reader)
    members = data.pairs(claim)
    better = -1 if claim.decide.get("better") == "anisotropic" else 1
    signs = [end(data.known[pair.anisotropic], data.known[pair.isotropic]).sign for pair in members]
    yes = signs.count(better)
    words = f"pairs with the {'isotropic' if better > 0 else 'anisotropic'} error lower by its interval"
    return _decided(yes, signs.count(0), len(members), words, _networks(data, members))


def _decided(yes: int, undecided: int, of: int, words: str, networks: int) -> Evidence:
    """How many intervals lie on the claimed side, how many hold 0, and the chance of so many on that side."""
    return share(yes, of, words, networks, float(binom.sf(yes - 1, of, LEVEL / 2)), undecided)


def _networks(data: Errors, members: Sequence[Pair]) -> int:
    return _count([data.known[own] for pair in members for own in (pair.anisotropic, pair.isotropic)])


def lower_throughout(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the pairs the isotropic error is lower in every seed at all checkpoints but the first."""
    data = load(claim, reader)
    members = data.pairs(claim)
    since = [lower_since(differences(data.known[p.anisotropic], data.known[p.isotropic])) for p in members]
    yes = sum(first is not None and first <= 1 for first in since)
    later = [int(data.found[0].drawing["epochs"][first]) for first in since if first is not None]
    words = "pairs with the isotropic error lower at every checkpoint after training began"
    if later:
        words += f"; lower to the end in {len(later)}, from epoch {min(later)} to {max(later)} on"
    return share(yes, len(members), words, _networks(data, members))


def size_steps(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the steps to the next width or depth the error falls, or rises, by its interval."""
    data = load(claim, reader)
    along, wanted = claim.decide["along"], {"lower": 1, "higher": -1}[claim.decide["sign"]]
    fixed = [name for name in ("dataset", "normalised", "activation", "n", "L") if name != along]
    own = dict.fromkeys(c for shown in data.figures for c in shown.configurations if c in data.known)
    signs, used = [], set[Configuration]()
    for _, line in groupby(sorted(own, key=attrgetter(*fixed, along)), key=attrgetter(*fixed)):
        for small, large in pairwise(line):
            signs.append(end(data.known[small], data.known[large]).sign)
            used |= {small, large}
    _some(signs)
    yes = signs.count(wanted)
    step = {"n": "wider", "L": "deeper"}[along]
    words = f"steps to the next {step} network with a {claim.decide['sign']} error"
    return _decided(yes, signs.count(0), len(signs), words, _count([data.known[c] for c in used]))


def repeat_spread(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the configurations the errors of the seeds scatter by less than a share of their mean."""
    data = load(claim, reader)
    found = [_scatter(curve) for curve in data.known.values() if len(curve.seeds) > 1]
    yes = sum(value < claim.line for value in found)
    words = f"configurations below {claim.line:g} (standard deviation over mean, largest {max(_some(found)):.2g})"
    return share(yes, len(found), words, _count(list(data.known.values())))


def _scatter(curve: Curve) -> float:
    ends = curve.errors[:, -1]
    return float(ends.std(ddof=1) / ends.mean())


def _end(curve: Curve) -> float:
    return float(curve.errors[:, -1].mean())


def _margin(data: Errors, own: Configuration, others: Sequence[Configuration]) -> dict[int, float]:
    """How much lower a curve ends than the best of others, as a share of that one, by seed."""
    best = min(others, key=lambda other: _end(data.known[other]))
    one, other = data.known[own], data.known[best]
    both = {
        s: (one.errors[one.seeds.index(s), -1], other.errors[other.seeds.index(s), -1])
        for s in one.seeds
        if s in other.seeds
    }
    return {seed: float((second - first) / second) for seed, (first, second) in both.items()}


def lowest_margin(claim: Claim, reader: Reader) -> Evidence:
    """By what share of it a network's error lies below the best other one of its panel."""
    data = load(claim, reader)
    parts, used = [], 0
    for panel in data.panels(claim):
        isotropic = claim.decide["of"] == "isotropic"
        (own,) = (c for c in panel.curves if c.pixels == claim.decide["pixels"] and _is_isotropic(c) == isotropic)
        parts.append(_margin(data, own, [c for c in panel.curves if c != own]))
        used += _count([data.known[c] for c in panel.curves])
    return effect(per_seed(parts), claim.line, "lead over the best other network, as a share of its error", used)


def isotropic_ahead(claim: Claim, reader: Reader) -> Evidence:
    """By what share of it the best isotropic error lies below the best anisotropic one."""
    data = load(claim, reader)
    members = data.panels(claim)
    parts = []
    for panel in members:
        halves = [[c for c in panel.curves if _is_isotropic(c) == kind] for kind in (True, False)]
        own = min(halves[0], key=lambda c: _end(data.known[c]))
        parts.append(_margin(data, own, halves[1]))
    used = _count([data.known[c] for panel in members for c in panel.curves])
    return effect(
        per_seed(parts), claim.line, "lead of the best isotropic network, as a share of the other's error", used
    )


def isotropic_lowest(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the panels the lowest error is an isotropic one."""
    return _lowest_is(claim, reader, _is_isotropic, "panels with an isotropic network lowest")


def raw_anisotropic_lowest(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the panels the lowest error is an anisotropic one on raw pixels."""
    words = "panels with an anisotropic network on raw pixels lowest"
    return _lowest_is(claim, reader, lambda c: not _is_isotropic(c) and not c.normalised, words)


def _lowest_is(claim: Claim, reader: Reader, kind: Callable[[Configuration], bool], words: str) -> Evidence:
    data = load(claim, reader)
    members = data.panels(claim)
    lowest = [min(panel.curves, key=lambda c: _end(data.known[c])) for panel in members]
    used = _count([data.known[c] for panel in members for c in panel.curves])
    return share(sum(map(kind, lowest)), len(members), words, used)


def noisier(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the pairs the anisotropic curve is the noisier one, by the interval of the ratio."""
    data = load(claim, reader)
    members, epochs = data.pairs(claim), data.found[0].drawing["epochs"].tolist()
    signs = [noise_ratio(pair, data.own_units, epochs).sign for pair in members]
    words = "pairs with the anisotropic curve noisier by its interval"
    return _decided(signs.count(1), signs.count(0), len(members), words, _networks(data, members))


def wider_repeats(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the pairs the anisotropic errors scatter more over the seeds, relative to their mean.

    Of those that have two seeds at least: one alone does not scatter.
    """
    data = load(claim, reader)
    each = data.own_units
    members = [p for p in data.pairs(claim) if min(len(each[own].seeds) for own in (p.anisotropic, p.isotropic)) > 1]
    yes = sum(_scatter(data.own_units[p.anisotropic]) > _scatter(data.own_units[p.isotropic]) for p in members)
    chance = float(binom.sf(yes - 1, len(members), 0.5))
    words = "pairs with the anisotropic errors more scattered over the seeds"
    return share(yes, len(members), words, _networks(data, members), chance)


def better_on_raw(claim: Claim, reader: Reader) -> Evidence:
    """In what share of the architectures an activation's error is lower (or higher) on raw pixels."""
    data = load(claim, reader)
    wanted = {"lower": 1, "higher": -1}[claim.decide.get("sign", "lower")]
    isotropic = claim.decide["of"] == "isotropic"
    signs, used = [], 0
    for panel in [panel for shown in data.figures for panel in panels(shown).values()]:
        both = {c.normalised: data.known[c] for c in panel.curves if _is_isotropic(c) == isotropic and c in data.known}
        if len(both) == 2:
            signs.append(end(both[True], both[False]).sign)
            used += _count(list(both.values()))
    _some(signs)
    yes = signs.count(wanted)
    words = f"architectures with a {'lower' if wanted > 0 else 'higher'} error on raw pixels by its interval"
    return _decided(yes, signs.count(0), len(signs), words, used)


def best_network(claim: Claim, reader: Reader) -> Evidence:
    """By what share of it a named network's error lies below the best of all others."""
    data = load(claim, reader)
    own = Configuration.parse(claim.decide["network"])
    if own not in data.known:
        raise NotPublished(f"{own.id} is not published.")
    others = [c for c in data.known if c != own]
    words = "lead over the best other network, as a share of its error"
    return effect(per_seed([_margin(data, own, others)]), claim.line, words, _count(list(data.known.values())))


def spread_of_others(claim: Claim, reader: Reader) -> Evidence:
    """How far the errors of all networks but one lie apart at the end, as a share of their mean."""
    data = load(claim, reader)
    others = [data.known[c] for c in data.known if c.id != claim.decide["leader"]]
    if len(others) < 3:
        raise NotPublished("Not all of the other networks are published.")
    seeds = [s for s in others[0].seeds if all(s in c.seeds for c in others)]
    if not seeds:
        raise NotPublished("The other networks have no seed in common.")
    ends = np.array([[c.errors[c.seeds.index(s), -1] for c in others] for s in seeds])
    each = (ends.max(1) - ends.min(1)) / ends.mean(1)
    return effect(each, claim.line, "range of the other errors over their mean", _count(others))


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
