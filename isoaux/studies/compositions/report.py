"""Compositions, mixtures, directions and offsets in sentences and tables."""

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.numbers import counted, with_range, written
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import Classifier, Figure
from isoaux.paper.names import CLASSIFIER_TITLES
from isoaux.records.evidence import CONFIDENCE
from isoaux.records.reports import opening, or_missing
from isoaux.records.results import Collection, Result
from isoaux.statistics import LEVEL
from isoaux.studies.compositions import claims
from isoaux.studies.compositions.claims import BEHIND, TRAINED, by_seed, learnt
from isoaux.studies.compositions.data import ACTIVATIONS, CURVE, DESIGNS, LAYERS, LEAST_SEEN, OFFSETS, QUALITIES, SUMS
from isoaux.studies.protocol import LAST, Compared

Values = NDArray[np.float64]

SUBJECTS = {
    "pairs": "pairs of a colour and a shape that were not seen together",
    "purple": "a mixture of two colours that was not seen",
    "linearity": "growing intensity, and two qualities that add up",
    "offsets": "what transformations of digits add to hidden layers",
}
"""What the figures show, by their part."""

CHANCE = 0.25
"""The share of right guesses among four shapes."""

CLEAR = 0.25
"""Beyond the nearest image by so much, pairs that were not seen are called combined, as in the claims."""

TITLES = {name: CLASSIFIER_TITLES[name] for name in ACTIVATIONS}
"""The activations in words."""


def words(figure: Figure) -> str:
    """What a figure shows, in one line."""
    return f"{SUBJECTS[figure.entry['part']]}; {figure.entry['dataset'].partition(',')[0]}"


SHARE = (0.0, 1.0)
"""What is possible for a share, an accuracy and an AUC."""


def over_seeds(values: Values, form: str = "{:.2f}", bounds: tuple[float, float] = (-np.inf, np.inf)) -> str:
    """The mean over seeds of numbers (S,) with its 95% interval, ``0.52 (0.49 to 0.55)``, of seeds that have one.

    No end of the interval lies beyond the ``bounds`` of what is possible.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return written(form, np.nan)
    mean = statistics.interval(known, CONFIDENCE)
    if len(known) < 2:
        return written(form, mean.mean)
    low, high = max(mean.low, bounds[0]), min(mean.high, bounds[1])
    return with_range(mean.mean, low, high, form)


def networks_left_out(seen: Values) -> str:
    """In a sentence, how many networks do not know what they have seen; with a space before, empty for none."""
    count = int((seen < LEAST_SEEN).sum())
    return (
        f" {counted(count, 'network')} of {seen.size} left out: below {LEAST_SEEN} on pairs that they saw."
        if count
        else ""
    )


@or_missing
def setting(result: Result) -> Text:
    """The images and networks of a figure of rendered images, and what differs from what is published, in one line."""
    facts, size = result.facts, result.facts["size"]
    hidden = size["few"] if result.figure.entry["part"] == "purple" else size["hidden"]
    changed = f" Differs from what is published: {'; '.join(facts['deviations'])}." if facts["deviations"] else ""
    return Text(
        f"Images of {size['side']} by {size['side']} pixels in three colours, {size['each']} of every pair to train "
        f"on, {size['tests']} others to test; one hidden layer of {hidden} neurons, momentum SGD for {size['epochs']} "
        f"epochs; {counted(len(facts['seeds']), 'seed')}.{changed}"
    )


# --- pairs that were not seen together


def correct(result: Result, design: str, quality: str = "shape") -> Values:
    """Accuracies (S, A, P) on the held-out pairs of a design, NaN for networks that do not know what they have seen."""
    values = result.drawing[f"{design}_correct"][..., QUALITIES.index(quality)]
    return learnt(values, np.broadcast_to(result.drawing[f"{design}_seen"], values.shape))


def recognised(result: Result, design: str) -> Values:
    """The AUC (S, A, P) of the right shape's logit on held-out pairs, NaN as in :func:`correct`."""
    values = result.drawing[f"{design}_auc"]
    return learnt(values, np.broadcast_to(result.drawing[f"{design}_seen"], values.shape))


def table_of_inputs(result: Result, design: str, quality: str = "shape") -> Values:
    """The accuracy (S,) of the nearest training image on held-out pairs; that of one softmax is the diagonal's."""
    name = "diagonal" if design == "joined" else design
    return np.asarray(result.drawing[f"{name}_nearest"][..., QUALITIES.index(quality)].mean(1))


def is_combined(result: Result, design: str) -> bool:
    """Whether the interval of the shape's accuracy beyond that of the nearest image lies above ``CLEAR``."""
    seeds = by_seed(claims.beyond_nearest(result.drawing, design))
    known = seeds[np.isfinite(seeds)]
    return len(known) > 1 and statistics.interval(known, CONFIDENCE).low > CLEAR


@or_missing
def in_short(collection: Collection) -> Text:
    """Whether pairs that were not seen together are named, whether representations are sums, and purple."""
    sentences = []
    for result in collection:
        drawing = result.drawing
        if "turn_correct" in drawing.arrays:
            yes = "Often, and not always" if is_combined(result, "turn") else "Hardly"
            shape = over_seeds(by_seed(correct(result, "turn")), bounds=SHARE)
            nearest = over_seeds(table_of_inputs(result, "turn"), bounds=SHARE)
            share = over_seeds(by_seed(learnt(drawing["turn_share"][..., BEHIND], drawing["turn_seen"])), "{:.3f}")
            sentences += [
                f"{yes}: of a pair of colour and shape that it never saw together a network names the shape right on "
                f"{shape} of the images, the nearest training image on {nearest}, and guessing on {CHANCE}.",
                f"A part for the colour and a part for the shape, added, leave over a share of {share} of what differs "
                "between the mean representations.",
            ]
        elif "place" in drawing.arrays:
            place = over_seeds(by_seed(learnt(drawing["place"][..., 0], drawing["seen"])))
            sentences.append(f"Purple, unseen in training, lies between red (0) and blue (1), at {place}.")
    return opening(*sentences)


@or_missing
def pairs_answer(result: Result) -> Text:
    """Whether qualities are combined that were not seen together, with the numbers beside it; three sentences."""
    shape, four = (over_seeds(by_seed(correct(result, design)), bounds=SHARE) for design in ("turn", "diagonal"))
    begin = "Yes, often, and not always" if is_combined(result, "turn") else "Hardly"
    more = (
        "still does better than the table" if is_combined(result, "diagonal") else "does little better than the table"
    )
    return Text(
        f"**{begin}.** Of a pair of colour and shape that it never saw together, a network names the shape right on "
        f"{shape} of the images; the nearest training image, a table of inputs, does on "
        f"{over_seeds(table_of_inputs(result, 'turn'), bounds=SHARE)}, and guessing on {CHANCE}. With four pairs "
        f"missing at once it {more}: {four} against {over_seeds(table_of_inputs(result, 'diagonal'), bounds=SHARE)}. "
        f"That a pair never occurs is itself learned: by its logit the right shape is told from others on the "
        f"same colour with an AUC of {over_seeds(by_seed(recognised(result, 'turn')), bounds=SHARE)}, and "
        f"{over_seeds(by_seed(recognised(result, 'diagonal')), bounds=SHARE)} with four pairs missing."
        + networks_left_out(result.drawing["turn_seen"])
    )


@or_missing
def sum_answer(result: Result) -> Text:
    """How much of what differs between representations is a sum of colour and shape, beside what it would be else."""
    drawing = result.drawing
    share, permuted = (
        over_seeds(by_seed(learnt(values, drawing["turn_seen"])), "{:.3f}")
        for values in (drawing["turn_share"][..., BEHIND], drawing["turn_permuted"])
    )
    return Text(
        f"Of what differs between the sixteen mean representations, adding a part for the colour and a part for the "
        f"shape leaves over a share of {share}. Pixels leave {over_seeds(drawing['pixels'], '{:.3f}')}, untrained "
        f"networks {over_seeds(by_seed(drawing['untrained'][..., BEHIND]), '{:.3f}')}, and with shapes permuted within "
        f"each colour it is {permuted}: colour alone makes a part of what differs, so that number and not 1 is what "
        "unrelated codes for the pairs of a colour would give."
    )


@or_missing
def joined_answer(result: Result) -> Text:
    """What one softmax over the pairs, a task without parts, makes of answers and of sums; two sentences."""
    drawing = result.drawing
    shape = correct(result, "joined")
    share = learnt(drawing["joined_share"][..., BEHIND], drawing["joined_seen"])
    answers, shares = (
        listed(
            [
                f"{over_seeds(by_seed(values[:, at]), form, SHARE)} with {TITLES[name]}"
                for at, name in enumerate(ACTIVATIONS)
            ]
        )
        for values, form in ((shape, "{:.2f}"), (share, "{:.3f}"))
    )
    return Text(
        f"Where the task has no parts, with one softmax over all pairs, the shape of missing pairs is right on "
        f"{answers}. The share of interaction is then {shares}."
    )


@or_missing
def designs(result: Result) -> Table:
    """Held-out accuracies and AUC by design and activation, means over pairs with intervals over seeds."""
    rows = []
    for design, title in DESIGNS.items():
        shape, colour, auc = correct(result, design), correct(result, design, "colour"), recognised(result, design)
        for at, name in enumerate(ACTIVATIONS):
            numbers = (over_seeds(by_seed(each[:, at]), bounds=SHARE) for each in (shape, colour, auc))
            rows.append((title, TITLES[name], *numbers))
        nearest = (
            over_seeds(table_of_inputs(result, design, quality), bounds=SHARE) for quality in ("shape", "colour")
        )
        if design != "joined":
            rows.append((title, "nearest image", *nearest, written("{}", np.nan)))
    return Table(("held out", "", "shape right", "colour right", "AUC of the shape"), tuple(rows))


@or_missing
def shares(result: Result) -> Table:
    """The share of interaction by design, activation and layer, and with shapes permuted within colours."""
    drawing = result.drawing
    none = written("{}", np.nan)
    rows: list[tuple[str, ...]] = [("pixels", none, over_seeds(drawing["pixels"], "{:.3f}"), none, none)]
    for at, name in enumerate(ACTIVATIONS):
        values = (over_seeds(drawing["untrained"][:, at, layer], "{:.3f}") for layer in range(len(LAYERS)))
        rows.append(("untrained", TITLES[name], *values, none))
    for design, title in DESIGNS.items():
        for at, name in enumerate(ACTIVATIONS):
            seen = drawing[f"{design}_seen"][:, at]
            numbers = [drawing[f"{design}_share"][:, at, :, layer] for layer in range(len(LAYERS))]
            numbers.append(drawing[f"{design}_permuted"][:, at])
            cells = (over_seeds(by_seed(learnt(each, seen)), "{:.3f}") for each in numbers)
            rows.append((title, TITLES[name], *cells))
    return Table(("", "", *LAYERS, "permuted, behind"), tuple(rows))


@or_missing
def elementwise(result: Result) -> Table:
    """Isotropic tanh less tanh, in pairs of the same start: shape, AUC and interaction, with intervals."""
    rows = []
    for design, title in DESIGNS.items():
        share = result.drawing[f"{design}_share"][..., BEHIND]
        measured = {
            "shape right": correct(result, design),
            "AUC of the shape": recognised(result, design),
            "share of interaction": learnt(share, result.drawing[f"{design}_seen"]),
        }
        rows += [(title, name, difference(values, "{:+.3f}")) for name, values in measured.items()]
    return Table(("held out", "number", "isotropic tanh less tanh"), tuple(rows))


def difference(values: Values, form: str) -> str:
    """The difference of isotropic tanh and tanh, paired by seed, with its interval, of numbers (S, A, ...)."""
    isotropic, tanh = (by_seed(values[:, ACTIVATIONS.index(name)]) for name in ("isotanh", "tanh"))
    return over_seeds(isotropic - tanh, form)


# --- purple, and single neurons


def above_random(result: Result, activation: str) -> tuple[int, int]:
    """Of how many networks of an activation the best neurons lie above the best random directions, and of how many."""
    tests = claims.neuron_tests(result.drawing, activation)
    return sum(test.p <= LEVEL and test.effect > 0 for test in tests), len(tests)


@or_missing
def purple_answer(result: Result) -> Text:
    """Where purple lies between red and blue, and what is still known of its shape; three sentences."""
    drawing = result.drawing
    place, off = (by_seed(learnt(drawing["place"][..., at], drawing["seen"])) for at in (0, 1))
    shape = by_seed(learnt(drawing["shape"], drawing["seen"]))
    beyond = (shape - drawing["nearest"])[np.isfinite(shape)]
    is_more = len(beyond) > 1 and statistics.interval(beyond, CONFIDENCE).low > 0
    more = "the shape is read better" if is_more else "this alone shows no more"
    return Text(
        f"**Purple lies between red, 0, and blue, 1, at {over_seeds(place)}**, and off the line through them by "
        f"{over_seeds(off)} of its length; 0.5 and 0 if the layer were linear in the mixture, and "
        f"{over_seeds(drawing['pixels'][:, 0])} and {over_seeds(drawing['pixels'][:, 1])} in pixels. "
        f"The shape on purple is right on {over_seeds(shape, bounds=SHARE)} of the images; the nearest training image "
        f"gives {over_seeds(drawing['nearest'], bounds=SHARE)}, so {more} than a table of inputs "
        "that may use neighbours." + networks_left_out(drawing["seen"])
    )


@or_missing
def neurons_answer(result: Result) -> Text:
    """Whether a neuron is dedicated to each quality, beside the best of as many random directions; two sentences."""
    drawing = result.drawing
    counts = {name: above_random(result, name) for name in ACTIVATIONS}
    said = listed([f"{yes} of {of} with {TITLES[name]}" for name, (yes, of) in counts.items()])
    best, turned = (
        by_seed(learnt(values.mean(-1), drawing["seen"])) for values in (drawing["neurons"], drawing["turned"])
    )
    return Text(
        f"The best neuron for each of the four qualities tells it from the rest with a mean AUC of "
        f"{over_seeds(best, '{:.3f}', SHARE)}; the best of as many random directions reaches "
        f"{over_seeds(turned, '{:.3f}', SHARE)}. Neurons do better than random directions by a raw p of at "
        f"most {LEVEL} in {said}."
    )


@or_missing
def purple(result: Result) -> Table:
    """The place of purple, its distance from the line and its shape, by activation, in pixels and before training."""
    drawing = result.drawing
    rows = [
        ("pixels", *(over_seeds(drawing["pixels"][:, at]) for at in (0, 1)), over_seeds(drawing["nearest"]), "", ""),
    ]
    for at, name in enumerate(ACTIVATIONS):
        seen = drawing["seen"][:, at]
        place = (over_seeds(learnt(drawing["place"][:, at, which], seen)) for which in (0, 1))
        shape = over_seeds(learnt(drawing["shape"][:, at], seen), bounds=SHARE)
        before = (over_seeds(drawing["untrained"][:, at, which]) for which in (0, 1))
        rows.append((TITLES[name], *place, shape, *before))
    return Table(("", "place", "off the line", "shape right", "place untrained", "off, untrained"), tuple(rows))


@or_missing
def purple_elementwise(result: Result) -> Text:
    """Isotropic tanh less tanh: place, distance from the line and shape of purple, with intervals; one sentence."""
    drawing = result.drawing
    numbers = {
        "place": drawing["place"][..., 0],
        "distance from the line": drawing["place"][..., 1],
        "accuracy of the shape": drawing["shape"],
    }
    said = [f"{name} {difference(learnt(each, drawing['seen']), '{:+.3f}')}" for name, each in numbers.items()]
    return Text(f"Isotropic tanh less tanh, in pairs of the same start: {listed(said)}.")


# --- intensity and sums


def curve_numbers(result: Result, number: str) -> Values:
    """A number (S, A) of the curve of redness behind the activation of trained networks, NaN of those left out."""
    values = result.drawing["curve"][:, TRAINED, :, BEHIND, CURVE.index(number)]
    return learnt(values, result.drawing["seen"])


def additive(result: Result) -> Values:
    """R^2 (S, A) of the means by size and redness added up, behind the activation of trained networks."""
    return learnt(result.drawing["sums"][:, TRAINED, :, BEHIND, SUMS.index("means")], result.drawing["seen"])


def at_least(values: Values, line: float) -> tuple[int, int]:
    """How many numbers are at least so large, and how many there are."""
    known = values[np.isfinite(values)]
    return int((known >= line).sum()), len(known)


@or_missing
def directions_in_short(collection: Collection) -> Text:
    """In how many networks redness is a direction, and whether transformations of digits are the same for all."""
    sentences = []
    for result in collection:
        if "curve" in result.drawing.arrays:
            yes, of = at_least(curve_numbers(result, "share"), 0.9)
            sums, networks = at_least(additive(result), 0.9)
            sentences += [
                f"Growing redness moves the representation along one direction in {yes} of {of} networks (at "
                f"least nine "
                "tenths of the variance of its curve), though the curve bends.",
                f"Size and redness add up in {sums} of {networks} (nine tenths of what differs between means).",
            ]
        else:
            numbers, first = result.drawing["offsets"], activations_of(result)[0]
            cosine = numbers[..., OFFSETS.index("cosine")].mean(-1)
            kind = "classifiers" if isinstance(result.rows[0][0], Classifier) else "autoencoders"
            sentences.append(
                f"In {kind} the same change of a digit moves two classes in directions with a cosine of "
                f"{over_networks(result, cosine[:, 1, -1], first)}, where pixels have "
                f"{result.drawing['pixels'].mean(0)[0]:.2f}."
            )
    return opening(*sentences)


@or_missing
def linearity_answer(result: Result) -> Text:
    """In how many networks redness is a direction, and size and redness add up, with the ranges; three sentences."""
    share, angle = curve_numbers(result, "share"), curve_numbers(result, "angle")
    yes, of = at_least(share, 0.9)
    sums, networks = at_least(additive(result), 0.9)
    by_name = [
        f"{over_seeds(angle[:, at], '{:.0f}')} degrees with {TITLES[name]}" for at, name in enumerate(ACTIVATIONS)
    ]
    return Text(
        f"**In {yes} of {of} networks** growing redness moves the representation along one direction, with at least "
        f"nine tenths of the variance of its curve ({_range(share)}). The curve bends: its lower and its upper half "
        f"differ by {listed(by_name)}. Size and redness added up explain at least nine tenths of what differs between "
        f"means in {sums} of {networks} networks ({_range(additive(result))}); in pixels redness is exactly a "
        f"direction, and the sum explains {over_seeds(result.drawing['pixels_sums'][:, 0], '{:.3f}')}."
        + networks_left_out(result.drawing["seen"])
    )


def _range(values: Values) -> str:
    known = values[np.isfinite(values)]
    return f"{known.min():.3f} to {known.max():.3f}" if len(known) else written("{}", np.nan)


@or_missing
def curves(result: Result) -> Table:
    """The numbers of the curve of redness by state, activation and layer; means with intervals over seeds."""
    drawing, forms = result.drawing, ("{:.3f}", "{:.3f}", "{:.2f}", "{:.1f}", "{:.1f}")
    least = ((0, 1), (-1, 1), (-1, 1), (1, np.inf), (0, 180))
    pixels = (over_seeds(drawing["pixels_curve"][:, at], *how) for at, how in enumerate(zip(forms, least, strict=True)))
    rows = [("pixels", "", *pixels)]
    for state, title in enumerate(("untrained", "trained")):
        for at, name in enumerate(ACTIVATIONS):
            values = learnt(drawing["curve"][:, state, at, BEHIND], drawing["seen"][:, at])
            rows.append(
                (
                    title,
                    TITLES[name],
                    *(over_seeds(values[:, k], *how) for k, how in enumerate(zip(forms, least, strict=True))),
                )
            )
    head = ("along one direction", "cosine of steps", "rank correlation", "steps with half", "angle in degrees")
    return Table(("", "", *head), tuple(rows))


@or_missing
def scrambled(result: Result) -> Text:
    """The share along one direction if increments came in random order and sense; one sentence."""
    parts = []
    for at, name in enumerate(ACTIVATIONS):
        mean, low, high = learnt(result.drawing["scrambled"][:, at], result.drawing["seen"][:, at]).T
        spread = (
            f"{written('{:.2f}', np.nanmin(low))} to {written('{:.2f}', np.nanmax(high))}"
            if np.isfinite(low).any()
            else ""
        )
        parts.append(f"{over_seeds(mean)} with {TITLES[name]} ({spread} in single draws)")
    return Text(
        f"With the increments of each curve in random order and with random signs, the share along one direction is "
        f"{listed(parts)}: increments that are parallel give a line in any order, so the test is the order of the "
        "projections and the angle, not the share alone."
    )


@or_missing
def sums(result: Result) -> Table:
    """R^2 by size and redness added up, of means and of images, and by the cell, before and behind the activation."""
    drawing = result.drawing
    rows = [("pixels", "", "", *(over_seeds(drawing["pixels_sums"][:, k], "{:.3f}") for k in range(len(SUMS))))]
    for state, title in enumerate(("untrained", "trained")):
        for at, name in enumerate(ACTIVATIONS):
            for layer, where in enumerate(LAYERS):
                values = learnt(drawing["sums"][:, state, at, layer], drawing["seen"][:, at])
                numbers = (over_seeds(values[:, k], "{:.3f}") for k in range(len(SUMS)))
                rows.append((title, TITLES[name], where, *numbers))
    return Table(("", "", "", "sum, of means", "sum, of images", "cell, of images"), tuple(rows))


@or_missing
def linearity_elementwise(result: Result) -> Text:
    """Isotropic tanh less tanh: share along a direction, angle and R^2 of sums, with intervals; one sentence."""
    numbers = {
        "share along one direction": (curve_numbers(result, "share"), "{:+.3f}"),
        "angle in degrees": (curve_numbers(result, "angle"), "{:+.1f}"),
        "R^2 of the sum": (additive(result), "{:+.3f}"),
    }
    said = [f"{name} {difference(values, form)}" for name, (values, form) in numbers.items()]
    return Text(f"Isotropic tanh less tanh, in pairs of the same start: {listed(said)}.")


# --- offsets of digits


def rows_of(result: Result, activation: str) -> list[int]:
    """The rows of the networks of an activation."""
    return [row for row, (configuration, _) in enumerate(result.rows) if configuration.activation == activation]


def activations_of(result: Result) -> list[str]:
    """The activations that a figure of offsets has networks of, in its order."""
    return list(dict.fromkeys(c.activation for c, _ in result.rows))


def over_networks(result: Result, values: Values, activation: str, form: str = "{:.2f}") -> str:
    """The mean over seeds, with its interval, of numbers (R,) of networks, starts averaged in each seed."""
    rows = rows_of(result, activation)
    seeds = sorted({result.rows[row][1] for row in rows})
    means = [np.mean([values[row] for row in rows if result.rows[row][1] == seed]) for seed in seeds]
    return over_seeds(np.array(means), form)


@or_missing
def offsets_answer(result: Result) -> Text:
    """Whether a transformation makes the same difference in all classes, beyond pixels and before training."""
    numbers, first = result.drawing["offsets"], activations_of(result)[0]
    cosine, hits = (numbers[..., OFFSETS.index(name)].mean(-1) for name in ("cosine", "hits"))
    pixels = result.drawing["pixels"].mean(0)
    beyond = claims.beyond_inherited(result, first)
    seeds = sorted({seed for _, seed in beyond})
    gained = np.array([np.mean([value for (_, s), value in beyond.items() if s == seed]) for seed in seeds])
    interval = statistics.interval(gained, CONFIDENCE)
    kind = "classifiers" if isinstance(result.rows[0][0], Classifier) else "autoencoders"
    layer = "hidden" if kind == "classifiers" else "latent"
    degree = {1: "more alike than", 0: "as alike as", -1: "less alike than"}[interval.sign]
    title, last = CLASSIFIER_TITLES[first], (slice(None), 1, -1)
    return Text(
        f"**In {kind}, what a transformation does to two classes is {degree} in pixels or before "
        "training, whichever is more.** The "
        f"differences that it makes to their means have a cosine of "
        f"{over_networks(result, cosine[last], first)} in the last {layer} layer of {title} networks, "
        f"{over_networks(result, cosine[:, 0, -1], first)} before training and {pixels[0]:.2f} in pixels; "
        f"beyond the larger of these two it is {over_seeds(gained, '{:+.3f}')}. Of the analogies between two classes "
        f"{over_networks(result, hits[last], first)} are right, {over_networks(result, hits[:, 0, -1], first)} before "
        f"training and {pixels[2]:.2f} in pixels."
    )


@or_missing
def offsets(result: Result) -> Table:
    """Cosine, shared part and hits by transformation: pixels, and the last hidden layer before and after training."""
    numbers, rows = result.drawing["offsets"][:, :, -1], []
    for at, name in enumerate(result.facts["transformations"]):
        rows.append((name, "pixels", *(f"{value:.2f}" for value in result.drawing["pixels"][at])))
        for activation in activations_of(result):
            for state, title in enumerate(("untrained", "trained")):
                values = (over_networks(result, numbers[:, state, at, k], activation) for k in range(len(OFFSETS)))
                rows.append((name, f"{CLASSIFIER_TITLES[activation]}, {title}", *values))
    return Table(("transformation", "", "cosine", "shared part", "analogies right"), tuple(rows))


@or_missing
def layers(result: Result) -> Table:
    """The same, means over transformations, by hidden layer of trained networks, and with offsets permuted."""
    rows = []
    for activation in activations_of(result):
        for layer in range(result.drawing["offsets"].shape[2]):
            values = result.drawing["offsets"][:, 1, layer].mean(1)
            cells = [over_networks(result, values[:, k], activation) for k in range(len(OFFSETS))]
            permuted = over_networks(result, result.drawing["permuted"][:, layer, 0], activation)
            rows.append((CLASSIFIER_TITLES[activation], str(layer + 1), *cells, permuted))
    return Table(("", "layer", "cosine", "shared part", "analogies right", "cosine, permuted"), tuple(rows))


def compared(result: Result, row: int) -> Compared:
    """The mean cosine of offsets in each hidden layer of a network, for ``python -m isoaux verify``."""
    for layer, numbers in enumerate(result.drawing["offsets"][row, 1]):
        yield "cosine", f"{LAST}, layer {layer + 1}", "plain", float(numbers[:, OFFSETS.index("cosine")].mean())
