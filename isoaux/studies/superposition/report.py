"""Superposition in sentences and tables: how many features fit, how they lie, and whether they turn to the axes."""

from dataclasses import dataclass

import numpy as np

from isoaux import statistics
from isoaux.common.numbers import counted, low_to_high, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import Figure
from isoaux.records.reports import opening, or_missing
from isoaux.records.results import Result
from isoaux.representations import features, superposition
from isoaux.statistics import LEVEL
from isoaux.studies.superposition import data
from isoaux.studies.superposition.data import Tested

SUBJECTS = {
    "plane": "features as arrows in the plane of two neurons, by sparsity",
    "dimensions": "how many of forty features ten neurons represent, by sparsity",
    "phases": "a second feature in one neuron: ignored, alone or superposed",
    "geometry": "how features lie beside vectors that repel each other",
    "link": "whether features turn to the axes of the neurons, by activation and optimiser",
}
"""What the figures show, by their part."""

MOST, FEW = 0.6, 0.2
"""Shares of seeds that are said to be most of them, and few."""

PHASES = {
    superposition.NOT: "not represented",
    superposition.DEDICATED: "represented alone",
    superposition.SUPERPOSED: "superposed",
}
"""The phases of a feature in words."""


def words(figure: Figure) -> str:
    """What a figure shows, in one line."""
    return SUBJECTS[data.part_of(figure)]


@dataclass(frozen=True)
class Counted:
    """How many of ``seeds`` have features more on the axes than in turned hidden spaces, and how many less.

    ``p_above`` and ``p_below`` are the probabilities of at least so many by chance, each seed at half of the level.
    """

    seeds: int
    above: int
    below: int
    p_above: float
    p_below: float


def counted_seeds(tests: list[Tested]) -> Counted:
    """The seeds of some tests by the side on which they differ at a two-sided p of at most 0.05."""
    sides = [statistics.count_of_seeds([test.sided(side) for test in tests], LEVEL / 2) for side in (1, -1)]
    return Counted(len(tests), sides[0].count, sides[1].count, sides[0].p, sides[1].p)


def _p(value: float) -> str:
    return f"{value:.1g}" if value < 0.01 else f"{value:.2f}"


def counts_words(result: Result, optimiser: str) -> str:
    """By activation, how many seeds have features more, and less, on the axes, with p of so many by chance."""
    parts = []
    for activation in data.ACTIVATIONS:
        each = counted_seeds(data.tests(result, optimiser, activation))
        less = f" and less in {each.below} ($p$ = {_p(each.p_below)})" if each.p_below <= LEVEL else ""
        parts.append(f"in {each.above} of {each.seeds} with {data.WORDS[activation]} ($p$ = {_p(each.p_above)}){less}")
    return listed(parts)


def lead(result: Result) -> str:
    """What came out with momentum SGD, as a sentence without its end."""
    tanh, none, isotropic = (counted_seeds(data.tests(result, "sgd", name)) for name in ("tanh", "none", "isotanh"))
    where = "where tanh acts on each of them"
    if tanh.above >= MOST * tanh.seeds:
        alone = max(none.above, isotropic.above) < FEW * tanh.seeds
        return f"Features turn to the axes of the neurons {where}" + (", and only there" if alone else "")
    if tanh.below >= MOST * tanh.seeds:
        return f"Features turn away from the axes of the neurons {where}"
    if max(tanh.p_above, tanh.p_below) > LEVEL >= min(tanh.p_above, tanh.p_below):
        side = "to" if tanh.p_above <= LEVEL else "away from"
        return f"In some seeds, more than chance has, features turn {side} the axes of the neurons {where}"
    return f"Features do not turn to the axes of the neurons, not even {where}"


@or_missing
def in_short(result: Result) -> Text:
    """Whether directions of features turn to the axes with momentum SGD, and with Adam, in two sentences."""

    def seeds(optimiser: str) -> str:
        each = {name: counted_seeds(data.tests(result, optimiser, name)) for name in data.ACTIVATIONS}
        return listed([f"{c.above} of {c.seeds} seeds with {data.WORDS[name]}" for name, c in each.items()])

    return opening(
        f"{lead(result)}: trained by momentum SGD they lie nearer the axes than in turned hidden spaces in "
        f"{seeds('sgd')} (raw, two-sided p of at most {LEVEL:g}).",
        f"With Adam, whose steps are not the same in turned spaces, it is {seeds('adam')}.",
    )


@or_missing
def answer(result: Result) -> Text:
    """The first sentences: in how many seeds directions of features turn to the axes, by activation and optimiser."""
    return Text(
        f"**{lead(result)}: trained by momentum SGD, they lie more on the axes than in turned hidden spaces "
        f"{counts_words(result, 'sgd')}.** Trained by Adam, whose steps are not the same in turned spaces, they do so "
        f"{counts_words(result, 'adam')}. Each seed is compared with {result.facts['draws']} random turns of its "
        f"hidden space, raw, at a two-sided $p \\le$ {LEVEL:g}; the $p$ in brackets is that of at least so many seeds "
        f"by chance. Without an activation and with isotropic tanh, trained by SGD, nothing but chance is possible: "
        f"that is a theorem."
    )


@or_missing
def fits(result: Result) -> Text:
    """How many features of forty ten neurons represent, at the least and the greatest sparsity."""
    counts = superposition.represented(result.drawing["many_W"]).mean(1)
    norms = (result.drawing["many_W"].astype(np.float64) ** 2).sum((2, 3)).mean(1)
    first = next((s for s, count in zip(data.MANY, counts, strict=True) if count > 0.95 * data.FORTY), None)
    full = f"; from a sparsity of {first:g} on, nearly all {data.FORTY} are" if first is not None else ""
    return Text(
        f"**Ten neurons represent {counts[-1]:.0f} of {data.FORTY} features where each is off with probability "
        f"{data.MANY[-1]:g}**{full}. Where none is ever off, the squared lengths of all columns add up to "
        f"{norms[0]:.1f}, the ten that a linear network has."
    )


@or_missing
def setting(result: Result) -> Text:
    """How the networks of a figure were trained, in one line."""
    facts = result.facts
    size = data.SIZES[facts["profile"]] if facts["profile"] in data.SIZES else data.SIZES["paper"]
    steps = {"phases": size.phase_steps, "link": size.link_steps}.get(data.part_of(result.figure), size.steps)
    changed = f" Differs from what is published: {'; '.join(facts['deviations'])}." if facts["deviations"] else ""
    starts = f", {data.STARTS} starts of each network" if data.part_of(result.figure) == "phases" else ""
    return Text(
        f"{counted(len(facts['seeds']), 'seed')}, from {facts['seeds'][0]} on{starts}; {steps:,} steps of "
        f"{superposition.BATCH} fresh samples.{changed}"
    )


def _sides(each: Counted) -> str:
    return f"{each.above},\u00a0{each.below}"


@or_missing
def alignment(result: Result) -> Table:
    """A row per optimiser and activation: fourth powers beside turned spaces, seeds aligned, and the other tests."""
    rows = []
    for optimiser in data.OPTIMISERS:
        for activation in data.ACTIVATIONS:
            tests = data.tests(result, optimiser, activation)
            W = data.weights(result, optimiser, activation)
            place = data.OPTIMISERS.index(optimiser), data.ACTIVATIONS.index(activation)
            beginning = counted_seeds(data.tests(result, optimiser, activation, state=data.STATES[0]))
            others = []
            for name in data.TESTS[1:]:
                others.append(_sides(counted_seeds(data.tests(result, optimiser, activation, name))))
            each = counted_seeds(tests)
            rows.append(
                (
                    data.OPTIMISER_WORDS[optimiser],
                    data.WORDS[activation],
                    f"{np.mean([test.value for test in tests]):.3f}",
                    f"{np.mean([test.median for test in tests]):.3f}",
                    _sides(beginning),
                    _sides(each),
                    f"{_p(each.p_above)},\u00a0{_p(each.p_below)}",
                    *others,
                    f"{100 * data.near_axes(W).mean():.0f}%",
                    f"{100 * np.abs(result.drawing['drift'][place]).max():.1f}%",
                )
            )
    head = (
        "optimiser", "hidden activation", "fourth powers", "in turned spaces", "seeds above, below: untrained",
        "trained", "p of so many", "by points of PPP", "by c4", "by the spotlight",
        f"features within {data.NEAR_AXIS:g}° of an axis", "largest change of loss over the last eighth",
    )  # fmt: skip
    return Table(head, tuple(rows))


@or_missing
def sparsities(result: Result) -> Table:
    """A row per sparsity of forty features in ten neurons: represented, summed squares, and the loss."""
    W, loss = result.drawing["many_W"].astype(np.float64), result.drawing["many_loss"]
    counts, norms = superposition.represented(W), (W**2).sum((2, 3))
    linear = superposition.linear_loss(data.FORTY, data.TEN, data.MANY)
    rows = [
        (
            f"{s:g}",
            low_to_high(counts[k].tolist(), "{:.0f}"),
            f"{norms[k].mean():.1f}",
            f"{data.TEN / norms[k].mean():.2f}",
            f"{np.median(superposition.dimensionality(W[k])):.2f}",
            f"{100 * loss[k].mean() / linear[k]:.0f}%",
        )
        for k, s in enumerate(data.MANY)
    ]
    head = (
        "sparsity", "represented, least to most", "sum of squares", "neurons per feature", "median D",
        "loss, of the best linear one",
    )  # fmt: skip
    return Table(head, tuple(rows))


@or_missing
def five(result: Result) -> Table:
    """A row per sparsity of three and of five features in two neurons: represented, by seed."""
    rows = []
    for name, n, places in (("three", 3, data.THREE), ("five", 5, data.FIVE)):
        counts = superposition.represented(result.drawing[f"{name}_W"])
        for k, s in enumerate(places):
            rows.append((f"{n}", f"{s:g}", ", ".join(map(str, counts[k].tolist()))))
    return Table(("features", "sparsity", "represented, by seed"), tuple(rows))


@or_missing
def triangle(result: Result) -> Text:
    """How three features lie in the plane at the greatest sparsity: angles between neighbours, and dimensionalities."""
    W = result.drawing["three_W"][-1].astype(np.float64)
    angles = np.sort(np.rad2deg(np.arctan2(W[:, 1], W[:, 0])) % 360, axis=1)
    gaps = np.sort(np.diff(np.concatenate([angles, angles[:, :1] + 360], axis=1), axis=1), axis=1)
    sizes = np.sort(superposition.dimensionality(W), axis=1)
    thirds = int((np.abs(gaps - 120) < 10).all(1).sum())
    pairs = int((np.abs(sizes - [0.5, 0.5, 1.0]) < 0.05).all(1).sum())
    return Text(
        f"At sparsity {data.THREE[-1]:g}, {thirds} of {len(W)} seeds have three features 120 degrees apart "
        f"(within 10), the arrangement that the primer draws; {pairs} have an antipodal pair beside a feature with a "
        f"direction of its own, with dimensionalities of 1/2, 1/2 and 1. Angles between neighbours are, in the mean "
        f"over seeds, {listed([f'{value:.0f}' for value in gaps.mean(0)])} degrees."
    )


@or_missing
def phase_words(result: Result) -> Text:
    """How many cells of the diagram are in each phase, and how much lower their losses are than those of ignoring."""
    drawing = result.drawing
    shares = {name: float((drawing["phase"] == kind).mean()) for kind, name in PHASES.items()}
    worth = superposition.ignoring(1 - drawing["densities"])[:, None] * np.minimum(1, drawing["importances"]) / 2
    below = drawing["loss"] / worth
    crowded = drawing["phase"] == superposition.SUPERPOSED
    gain = f" Superposed, the loss is down to {100 * below[crowded].min():.0f}% of that." if crowded.any() else ""
    agree = float((drawing["agreeing"] >= data.STARTS / 2).mean())
    each = listed([f"{name} in {100 * share:.0f}%" for name, share in shares.items()])
    return Text(
        f"Of {drawing['phase'].size} cells the second feature is {each}. The loss of ignoring the less important "
        f"feature is its importance times $((1-S)/3 - (1-S)^2/4)/2$; the largest loss of a cell is "
        f"{written('{:.2f}', below.max())} times that.{gain} In {100 * agree:.0f}% of the cells at least half of "
        f"{data.STARTS} starts end in the phase of the lowest loss."
    )


@or_missing
def arrangements(result: Result) -> Table:
    """A row per number of features: represented, least energy, energies, and the way from the least to random."""
    drawing, ways = result.drawing, data.ways(result)
    beginning = data.way(drawing["untrained"], drawing["least"], drawing["random"])
    rows = []
    for k, n in enumerate((*data.COUNTS, data.FORTY)):
        if not np.isfinite(ways[k]).any():
            continue
        rows.append(
            (
                f"{n}",
                f"{data.TEN if n == data.FORTY else 3}",
                low_to_high(drawing["kept"][k].tolist(), "{:.0f}"),
                low_to_high(drawing["least"][k].tolist(), "{:.2f}"),
                low_to_high(drawing["energy"][k].tolist(), "{:.2f}"),
                f"{100 * np.nanmean(ways[k]):.1f}%",
                f"{100 * np.nanmedian(beginning[k]):.0f}%",
            )
        )
    head = ("features", "neurons", "represented", "least energy", "energy", "on the way to random", "untrained")
    return Table(head, tuple(rows))


@or_missing
def geometry_words(result: Result) -> Text:
    """How near arrangements are to the least energy, and where forty features differ from the exact forty vectors."""
    drawing, named = result.drawing, way_means(result)
    near = [str(n) for n, mean in named if mean < 0.05]
    far = [f"{n} ({100 * mean:.0f}%)" for n, mean in named if mean >= 0.05]
    cosines = cosines_of(drawing["W40"].astype(np.float64))
    rest = f"; those of {listed(far)} are not" if far else ""
    return Text(
        f"**Arrangements of {listed(near) or 'no number of'} features are within 5% of the way from the least energy "
        f"to random{rest}.** Forty features in ten neurons have products from {cosines.min():.2f} to "
        f"{cosines.max():.2f}, where the forty vectors that repel each other have four values, -1/2, -1/3, 0 and 1/6, "
        f"and where no forty can all be below {features.welch(data.FORTY, data.TEN):.3f} in size."
    )


def way_means(result: Result) -> list[tuple[int, float]]:
    """Numbers of features with the mean way over the seeds that represent more features than there are neurons."""
    ways = zip((*data.COUNTS, data.FORTY), data.ways(result), strict=True)
    return [(n, float(each[np.isfinite(each)].mean())) for n, each in ways if np.isfinite(each).any()]


def cosines_of(W: np.ndarray) -> np.ndarray:
    """The products of all pairs of unit columns that are represented, of networks W (seeds, m, n), in one list."""
    parts = []
    for weights in W:
        lengths = np.linalg.norm(weights, axis=0)
        units = (weights / lengths)[:, lengths > superposition.HALF]
        parts.append((units.T @ units)[np.triu_indices(units.shape[1], 1)])
    return np.concatenate(parts)


def sentence(result: Result) -> str:
    """The finding of a figure in plain words, for its alternative text."""
    drawing = result.drawing
    match data.part_of(result.figure):
        case "plane":
            parts = []
            for name, n, places in (("three", 3, data.THREE), ("five", 5, data.FIVE)):
                counts = superposition.represented(drawing[f"{name}_W"]).mean(1)
                steps = [f"{count:g} at {s:g}" for count, s in zip(counts, places, strict=True)]
                parts.append(f"of {n} features, {', '.join(steps)}")
            return f"Represented in the mean over seeds, by sparsity, {'; '.join(parts)}."
        case "dimensions":
            counts = superposition.represented(drawing["many_W"]).mean(1)
            steps = [f"{count:g} at {s:g}" for count, s in zip(counts, data.MANY, strict=True)]
            return f"Represented features by sparsity, mean over seeds: {', '.join(steps)}."
        case "phases":
            shares = [f"{name} in {(drawing['phase'] == kind).mean():.0%}" for kind, name in PHASES.items()]
            return f"The second feature is {listed(shares)} of the cells."
        case "geometry":
            steps = [f"{n} features {mean:.1%}" for n, mean in way_means(result)]
            return f"On the way from the least energy to random: {', '.join(steps)}."
    parts = []
    for optimiser in data.OPTIMISERS:
        for activation in data.ACTIVATIONS:
            sides = counted_seeds(data.tests(result, optimiser, activation))
            name = f"{data.OPTIMISER_WORDS[optimiser]}, {data.WORDS[activation]}"
            parts.append(f"{name}: {sides.above} more, {sides.below} less")
    seeds = len(result.facts["seeds"])
    return f"Of {seeds} seeds, those with features more or less on the axes than turned: {'; '.join(parts)}."
