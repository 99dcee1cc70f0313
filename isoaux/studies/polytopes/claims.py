"""What decides the claims of the post on the polytope lens, and ours about networks without hyperplanes of neurons.

Numbers are those of the networks that a claim names: an activation, with both starts. *Cells* are the combinations of
start and space, or layer. Where a claim is about a mean, cells are averaged in each seed, and seeds are the units.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from isoaux import statistics
from isoaux.common.archive import Published
from isoaux.common.choices import choose
from isoaux.paper import Classifier
from isoaux.paper.claims import Claim
from isoaux.records import evidence
from isoaux.records.evidence import Decider, Evidence, NotPublished, Reader, result_of
from isoaux.studies.polytopes.data import COUNTS, DIRECTIONS, EFFECTS, JUDGED, PURITY, RELATIONS

Values = NDArray[np.float64]

UNTRAINED, TRAINED = 0, 1
"""The places of the states in arrays (:data:`isoaux.studies.polytopes.data.STATES`)."""

CODES, RAW, MATCHED, AUC = COUNTS.index("codes"), EFFECTS.index("d"), EFFECTS.index("matched"), EFFECTS.index("auc")
MONOSEMANTIC, AMI = PURITY.index("monosemantic"), PURITY.index("ami")
SHELL = 2
"""The place of whether there is a shell among the numbers of a peak."""


def _beyond_random(drawing: Published, row: int) -> Values:
    """By layer, the share of NMF's directions that are monosemantic, less that of random ones, with 16 and 64."""
    pure = drawing["directions"][row, TRAINED, :, :, JUDGED.index("monosemantic")]
    counts = [pure[:, DIRECTIONS.index(f"nmf {n}")] - pure[:, DIRECTIONS.index(f"random {n}")] for n in (16, 64)]
    return np.asarray(np.mean(counts, axis=0))


def _slope(drawing: Published, row: int) -> Values:
    """The slope of the matched effect over spaces."""
    matched = drawing["effect"][row, TRAINED, :, CODES, MATCHED]
    return np.array([np.polyfit(np.arange(len(matched)), matched, 1)[0]])


VALUES: Mapping[str, Callable[[Published, int], Values]] = {
    "monosemantic_activations": lambda a, row: a["activations"][row, TRAINED, :, MONOSEMANTIC],
    "monosemantic_codes": lambda a, row: a["codes"][row, TRAINED, :, MONOSEMANTIC],
    "information_kept": lambda a, row: a["codes"][row, TRAINED, :, AMI] - a["activations"][row, TRAINED, :, AMI],
    "nmf": _beyond_random,
    "polysemantic_neurons": lambda a, row: a["directions"][
        row, TRAINED, :, DIRECTIONS.index("neurons"), JUDGED.index("polysemantic")
    ],
    "entropy_drop": lambda a, row: a["drop"][row, TRAINED, :, 0] - a["drop"][row, TRAINED, :, 1],
    "neighbours": lambda a, row: a["neighbours"][row, TRAINED] - a["pixels_neighbours"][row],
    "auc": lambda a, row: a["effect"][row, TRAINED, :, CODES, AUC],
    "raw": lambda a, row: a["effect"][row, TRAINED, :, CODES, RAW],
    "slope": _slope,
    "beyond_untrained": lambda a, row: (
        a["effect"][row, TRAINED, :, CODES, MATCHED] - a["effect"][row, UNTRAINED, :, CODES, MATCHED]
    ),
    "ratio": lambda a, row: a["ratio"][row, TRAINED, :1],
    "shell": lambda a, row: a["peak"][row, TRAINED, :, 0, SHELL],
    "shell_gaussian": lambda a, row: a["peak"][row, TRAINED, :, 1, SHELL],
    "shell_untrained": lambda a, row: a["peak"][row, UNTRAINED, :, 0, SHELL],
    "trend": lambda a, row: a["trend"][row, TRAINED, :, 0],
    "percentile": lambda a, row: a["percentile"][row, TRAINED, :, 0],
    "partial": lambda a, row: a["relation"][row, TRAINED, :, RELATIONS.index("partial")],
    "middle": lambda a, row: a["middle"][row, TRAINED, :, 1] - a["middle"][row, TRAINED, :, 0],
    "variation": lambda a, row: a["variation"][row, TRAINED, :, RAW],
    "gates": lambda a, row: a["gates"][row, TRAINED, :, AMI],
    "beyond_norm": lambda a, row: a["gates"][row, TRAINED, :, AMI] - a["norms"][row, TRAINED, :, AMI],
}
"""What claims are about, of one network: a number for each space or layer, NaN where there is none."""


@dataclass(frozen=True)
class Cell:
    """One start and one space, or layer, with its numbers (S,) over seeds."""

    start: str
    place: int
    values: Values


def _rows(claim: Claim, reader: Reader, activations: str) -> tuple[Published, dict[tuple[str, str, int], int]]:
    """The file of a claim's figure, and its rows by activation, start and seed; NotPublished where there is none."""
    result, wanted = result_of(claim, reader), activations.split(" ")
    rows = {
        (c.activation, c.start, seed): row
        for row, (c, seed) in enumerate(result.rows)
        if isinstance(c, Classifier) and c.activation in wanted
    }
    if not rows:
        raise NotPublished(f"{claim.decide['figure']} has no network of {activations}.")
    return result.drawing, rows


def _measured(claim: Claim) -> Callable[[Published, int], Values]:
    return choose(f"number of {claim.id}", claim.decide["number"], VALUES)


def _by_network(claim: Claim, reader: Reader, activations: str) -> dict[tuple[str, str, int], Values]:
    """The numbers of each network; without those whose share of right test images is below the claim's ``learnt``."""
    drawing, rows = _rows(claim, reader, activations)
    measure, least = _measured(claim), float(claim.decide.get("learnt", 0))
    learnt = {key: row for key, row in rows.items() if not least or drawing["accuracy"][row, TRAINED] >= least}
    return {key: np.asarray(measure(drawing, row), np.float64) for key, row in learnt.items()}


def _mean(values: list[Values]) -> float:
    """The mean of what is a number; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(np.nanmean(np.concatenate(values)))


def _by_seed(networks: Mapping[tuple[str, str, int], Values]) -> dict[int, float]:
    """The mean over activations, starts and places of every seed, without seeds that have no number at all."""
    means = {seed: _mean([v for (_, _, s), v in networks.items() if s == seed]) for _, _, seed in networks}
    return {seed: mean for seed, mean in sorted(means.items()) if np.isfinite(mean)}


def cells(claim: Claim, reader: Reader) -> Evidence:
    """The share of cells of single networks whose number is beyond the claim's ``above``, or at most its ``below``.

    Cells without a number may be either.
    """
    networks = _by_network(claim, reader, claim.decide.get("with", "relu"))
    numbers = np.concatenate(list(networks.values()))
    known = numbers[np.isfinite(numbers)]
    yes = known > claim.decide["above"] if "above" in claim.decide else known <= claim.decide["below"]
    words = f"{claim.decide['unit']} {claim.decide['words']}"
    return evidence.share(int(yes.sum()), len(numbers), words, len(networks), undecided=len(numbers) - len(known))


def certain(claim: Claim, reader: Reader) -> Evidence:
    """The share of cells whose interval over seeds lies above the claim's ``above``; others below are against it."""
    networks = _by_network(claim, reader, claim.decide.get("with", "relu"))
    line = float(claim.decide["above"])
    yes = undecided = 0
    gathered = _cells(networks)
    for cell in gathered:
        interval = statistics.interval(cell.values, evidence.CONFIDENCE)
        yes += interval.low > line
        undecided += interval.low <= line <= interval.high
    words = f"{claim.decide['unit']} {claim.decide['words']}"
    return evidence.share(int(yes), len(gathered), words, len(networks), undecided=int(undecided))


def _cells(networks: Mapping[tuple[str, str, int], Values]) -> list[Cell]:
    kinds = dict.fromkeys((activation, start) for activation, start, _ in networks)
    gathered = []
    for activation, start in kinds:
        values = np.stack([v for (a, s, _), v in networks.items() if (a, s) == (activation, start)])
        gathered += [Cell(start, place, values[:, place]) for place in range(values.shape[1])]
    if not np.isfinite(np.concatenate([cell.values for cell in gathered])).all():
        raise NotPublished("A network that is compared has no such number.")
    return gathered


def mean(claim: Claim, reader: Reader) -> Evidence:
    """The mean number over seeds; with ``less`` of the differences to other activations, one for each, in their order.

    A network is compared with that of the same start and seed, where both are there.
    """
    activations = claim.decide.get("with", "relu")
    networks = _by_network(claim, reader, activations)
    count = len(networks)
    if "less" in claim.decide:
        others = _by_network(claim, reader, claim.decide["less"])
        beside = dict(zip(activations.split(" "), claim.decide["less"].split(" "), strict=True))
        pairs = {key: (beside[key[0]], *key[1:]) for key in networks}
        networks = {key: networks[key] - others[other] for key, other in pairs.items() if other in others}
        count = 2 * len(networks)
    return evidence.effect(list(_by_seed(networks).values()), claim.line, str(claim.decide["words"]), count)


def rays(claim: Claim, reader: Reader) -> Evidence:
    """The share of all rays of activations along which the class changes beyond the activation."""
    drawing, rows = _rows(claim, reader, claim.decide.get("with", "relu"))
    counts = np.array([drawing["rays"][row, TRAINED] for row in rows.values()])
    changed = np.array([drawing["changed"][row, TRAINED] for row in rows.values()])
    yes = int(np.rint(counts * changed).sum())
    return evidence.share(yes, int(counts.sum()), "rays change class beyond the activation", len(rows))


DECIDERS: Mapping[str, Decider] = {
    "polytope_cells": cells,
    "polytope_intervals": certain,
    "polytope_mean": mean,
    "polytope_rays": rays,
}
