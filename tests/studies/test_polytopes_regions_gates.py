"""Pictures and sentences of regions, gates and autoencoders have the numbers of the claims, and of slow loops."""

import re
from dataclasses import replace

import numpy as np
import pytest

from isoaux import paper, settings
from isoaux.common import paths
from isoaux.paper import claims as claims_of_papers
from isoaux.records.evidence import Reader
from isoaux.records.results import Result
from isoaux.studies.polytopes import (
    data,
    figures_autoencoders,
    figures_gates,
    figures_regions,
    report_autoencoders,
    report_gates,
    report_regions,
    seeds,
)
from isoaux.studies.polytopes.claims import DECIDERS
from isoaux.studies.polytopes.data import DIRECTIONS, JUDGED, PURITY


def published(name: str) -> Result:
    return data.read(paper.figure(name), settings.Settings())


@pytest.fixture(scope="module")
def regions() -> Result:
    return published("figX12")


@pytest.fixture(scope="module")
def gates() -> Result:
    return published("figX14")


@pytest.fixture(scope="module")
def autoencoders() -> Result:
    return published("figX17")


def only(result: Result, *activations: str) -> Result:
    """The same figure with the networks of some activations alone."""
    few = [row for row, (c, _) in enumerate(result.rows) if c.activation in activations]
    arrays = result.drawing.arrays
    arrays = {name: array if name in data.SHARED or " " in name else array[few] for name, array in arrays.items()}
    facts = result.facts | {"rows": [result.facts["rows"][row] for row in few]}
    return replace(result, drawing=replace(result.drawing, arrays=arrays, facts=facts))


def evidence(claim: str) -> tuple[float, float, float]:
    (one,) = (each for each in claims_of_papers.load().each if each.id == claim)
    made = DECIDERS[one.decide["statistic"]](one, Reader(paths.data()))
    assert made.low is not None and made.high is not None
    return made.number, made.low, made.high


def interval(words: str) -> list[float]:
    """The last number with an interval in some words: the mean and both ends."""
    return [float(part) for part in re.findall(r"(-?[\d.]+) \((-?[\d.]+) to (-?[\d.]+)\)", words)[-1]]


def test_sentences_of_a_page_have_the_numbers_of_its_claims(regions: Result, gates: Result) -> None:
    for words, claim in (
        (report_regions.information_words(regions), "poly-1c"),
        (report_gates.isotropic_words(gates), "own-poly-1"),
        (report_gates.neurons_words(gates), "own-poly-2"),
        (report_gates.gates_words(gates), "own-poly-3b"),
    ):
        assert interval(words) == pytest.approx(evidence(claim), abs=0.0051), claim
    drop, null = re.findall(
        r"takes ([\d.]+) nats .* \(permuted clusters: ([\d.]+)\)", report_regions.directions_words(regions)
    )[0]
    assert float(drop) - float(null) == pytest.approx(evidence("poly-1f")[0], abs=0.011)
    assert seeds.side([1.0, 1.1], "more", "less", "neither") == "more"
    assert [seeds.side(v, "more", "less", "neither") for v in ([1.0], [-1.0, 1.0], [], [-2, -2.1])] == [
        "neither",
        "neither",
        "neither",
        "less",
    ]


def test_pairs_are_of_one_start_and_seed_and_leave_out_what_has_not_learnt(gates: Result) -> None:
    drawing, slow = gates.drawing, {}
    for row, (one, seed) in enumerate(gates.rows):
        for other_row, (other, other_seed) in enumerate(gates.rows):
            if (one.activation, other.activation) != ("lrelu", "isolrelu") or seed != other_seed:
                continue
            if one.start == other.start and min(drawing["accuracy"][[row, other_row], 1]) >= 0.5:
                d = drawing["variation"][:, 1, :, 1]
                slow[one.start, seed] = d[row] - d[other_row]
    pairs = report_gates.paired(gates, lambda member: report_gates.effects(gates, member), "lrelu", "isolrelu")
    assert slow and pairs.keys() == slow.keys()
    assert all(np.array_equal(pairs[key], slow[key]) for key in slow)
    weak = int((drawing["accuracy"][:, 1] < 0.5).sum())
    assert sum(map(int, re.findall(r"(\d+) of", report_gates.left_out(gates)))) == weak
    part = only(gates, "relu", "isotanh")
    assert report_gates.partners(gates) == {"tanh": "isotanh", "lrelu": "isolrelu"}
    assert report_gates.partners(part) == {"relu": "isotanh"}  # the figure of colour images has no others
    assert "nan" not in figures_gates.variation(part).alt


def test_lines_of_the_pictures_are_means_of_the_published_numbers(
    regions: Result, gates: Result, autoencoders: Result
) -> None:
    rows = [row for row, (c, _) in enumerate(regions.rows) if (c.activation, c.start) == ("relu", "xavier")]
    axes = figures_regions.clusters(regions).canvas.axes[2]
    drawn = [line.get_ydata() for line in axes.lines if len(line.get_xdata()) == 3]
    for of in ("codes", "activations"):
        expected = np.mean([regions.drawing[of][row, 1, :, PURITY.index("ami")] for row in rows], axis=0)
        assert any(np.allclose(line, expected) for line in drawn)
    left, right = figures_gates.variation(gates).canvas.axes[:2]
    tanh = [row for row, (c, _) in enumerate(gates.rows) if (c.activation, c.start) == ("tanh", "xavier")]
    iso = [row for row, (c, _) in enumerate(gates.rows) if (c.activation, c.start) == ("isotanh", "xavier")]
    means = [gates.drawing["variation"][each, 1, :, 1].mean(axis=0) for each in (tanh, iso)]
    assert any(np.allclose(line.get_ydata(), means[0]) for line in left.lines if len(line.get_xdata()) == 3)
    assert any(np.allclose(line.get_ydata(), means[0] - means[1]) for line in right.lines if len(line.get_xdata()) == 3)
    rays = figures_autoencoders.cells(autoencoders).canvas.axes[3].lines[-1]
    assert rays.get_ydata() == pytest.approx(2 / np.pi * np.arctan(rays.get_xdata()))
    for panel in figures_regions.cosines(regions).canvas.axes:  # every image is in a bar
        assert sum(bar.get_height() for bar in panel.patches) == len(regions.drawing["labels shown"])


def test_tables_have_the_published_numbers_and_say_what_is_missing(regions: Result, autoencoders: Result) -> None:
    table = report_regions.directions(regions)
    rows = [row for row, (c, _) in enumerate(regions.rows) if c.activation == "relu"]
    pure = np.mean([regions.drawing["directions"][row, 1, 2, DIRECTIONS.index("nmf 16")] for row in rows], axis=0)
    cell = f"{pure[JUDGED.index('monosemantic')]:.0%} / {pure[JUDGED.index('polysemantic')]:.0%}"
    assert dict((row[0], row[3]) for row in table.rows)["NMF, 16"] == cell
    codes = next(row for row in report_autoencoders.table(autoencoders).rows if row[0].startswith("codes of all"))
    assert codes[3].startswith(f"{autoencoders.drawing['polytopes'][-5:, 1, 0].mean():,.0f}")
    lrelu = [row for row, (c, _) in enumerate(autoencoders.rows) if c.activation == "lrelu"]
    arrays = {
        name: array[lrelu] if name not in data.SHARED else array for name, array in autoencoders.drawing.arrays.items()
    }
    facts = autoencoders.facts | {"rows": [autoencoders.facts["rows"][row] for row in lrelu]}
    part = replace(autoencoders, drawing=replace(autoencoders.drawing, arrays=arrays, facts=facts))
    assert report_autoencoders.words(part).words.endswith(
        "; not measured yet: odd Leaky-ReLU and isotropic Leaky-ReLU."
    )
    assert "not measured yet" not in report_autoencoders.words(autoencoders).words
