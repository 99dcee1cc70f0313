"""Pictures and sentences of the polytopes: what they say is what the data say, and what is drawn is what was cut."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from isoaux import settings, workflow
from isoaux.common import paths
from isoaux.paper import claims
from isoaux.polytopes import untrained
from isoaux.polytopes.scaling import LINEAR, LOGARITHMIC
from isoaux.records.evidence import Reader
from isoaux.records.results import Result
from isoaux.studies import registry
from isoaux.studies.polytopes import closed_forms, data, report_boundaries, report_scaling, report_slices, seeds, slices
from isoaux.studies.polytopes import figures_boundaries as boundaries
from isoaux.studies.polytopes import figures_slices as drawn_slices
from isoaux.studies.polytopes.data import SLICED
from isoaux.studies.polytopes.slices import Slice, View


@cache
def result(name: str) -> Result:
    return workflow.result(name, settings.Settings())


@cache
def reader() -> Reader:
    return Reader(paths.data())


def number(claim: str) -> float:
    """The number that decides a claim."""
    each = next(each for each in claims.load().each if each.id == claim)
    return registry.deciders()[each.statistic](each, reader()).number


# --- slices


def square() -> Slice:
    """A square of two halves of classes 0 and 1, each ahead by a half, with the edge between them of layer 2."""
    vertices = np.array([[-1.0, -1.0], [0.0, -1.0], [1.0, -1.0], [1.0, 1.0], [0.0, 1.0], [-1.0, 1.0]])
    ring, offsets = np.array([0, 1, 4, 5, 1, 2, 3, 4]), np.array([0, 4, 8])
    layers = np.array([0, 2, 0, 0, 0, 0, 0, 2])
    return Slice(vertices, ring, offsets, np.array([0, 1]), np.array([0.5, 0.5]), layers)


def test_edges_classes_and_places_of_a_square_in_two_halves() -> None:
    made = square()
    assert made.euler == 1 and made.faces == 2 and made.shares == {0: 0.5, 1: 0.5}
    assert list(made.edges()) == [2] and np.array_equal(made.edges()[2], [[[0, -1], [0, 1]]])
    assert np.array_equal(made.between_classes(), made.edges()[2])
    assert {k: x < 0 for k, x, _ in made.places(View())} == {0: True, 1: False}
    assert list(made.polygons(View(0.5, -0.5, 0.2))[1]) == [1] and len(made.polygons(View())[1]) == 2
    assert made.crowded == (0, 0)


def test_whole_slices_are_those_that_were_counted() -> None:
    drawing = result("figX10").drawing
    (_, rows) = slices.stored_relu(result("figX10"))[-1]
    assert slices.stored_relu(result("figX10"))[-1][0].start == SLICED[0]
    for at, epoch in enumerate(slices.epochs(drawing)):
        made = slices.whole(drawing, epoch)
        assert made.faces == drawing["faces"][rows[0], at, SLICED[1], -1] and made.euler == 1
        shares = np.zeros(10)
        shares[list(made.shares)] = list(made.shares.values())
        assert np.abs(shares - drawing["areas"][rows[0], at, SLICED[1]]).max() < 0.01, "faces between classes are small"


def test_slices_of_stored_activations_have_the_faces_that_were_counted_and_a_slope_moves_deeper_layers_only() -> None:
    drawing = result("figX10").drawing
    for configuration, rows in slices.stored_relu(result("figX10")):
        for start in (1, 2):
            _, made = slices.cut(drawing, configuration.id, start)
            counted = drawing["faces"][rows[0], -1, start, start:]
            assert np.abs(np.array(made.faces_by_layer) - counted).max() <= 0.001 * counted.max(), "int16 activations"
    plain, leaky = (slices.cut(drawing, configuration.id, 1, slope)[1] for slope in (0.0, 0.2))
    lines = [made.edges_by_layer()[2] for made in (plain, leaky)]
    lengths = [np.linalg.norm(each[:, 1] - each[:, 0], axis=1).sum() for each in lines]
    assert lengths[0] == pytest.approx(lengths[1]) and plain.faces_by_layer[0] == leaky.faces_by_layer[0]
    assert plain.faces_by_layer[1] != leaky.faces_by_layer[1]


def test_alternative_texts_of_slices_have_their_faces_classes_and_euler() -> None:
    drawing = result("figX10").drawing
    (_, rows) = slices.stored_relu(result("figX10"))[-1]
    alt = drawn_slices.training(result("figX10")).alt
    for counts in drawing["faces"][rows[0], :, 0]:
        assert " and ".join([", ".join(f"{n:,}" for n in counts[:-1]), f"{counts[-1]:,}"]) in alt
    assert alt.count("V − E + F = 1") == 3 and "classes 2 49%" in alt
    faces = [drawing["faces"][members, -1, 0, -1].mean() for members in data.relu(result("figX10")).values()]
    assert (
        f"{min(faces):,.0f} to {max(faces):,.0f} polytopes in space 0" in report_slices.answer(result("figX10")).words
    )
    table = report_slices.exact(result("figX10"))
    assert all(row[1] == "0" or row[1].startswith(("0 of", "below")) for row in table.rows)


def test_ratios_over_seeds_are_geometric() -> None:
    assert (
        report_slices.ratio([2.0, 8.0], [1.0, 1.0]).startswith("4.00 (") and report_slices.ratio([3.0], [2.0]) == "1.50"
    )


# --- closed forms


def test_what_is_counted_in_random_networks_is_what_the_closed_forms_say() -> None:
    assert [each.counted for each in closed_forms.regions()] == [untrained.regions(n) for n in closed_forms.LINES]
    assert closed_forms.rays_without_biases(5) == 0
    law = closed_forms.half_cauchy(20)
    assert law.p > 0.01 and law.number == pytest.approx(law.expected, abs=6)
    for each in closed_forms.angles():
        assert each.share == pytest.approx(each.formula, abs=0.02) and each.correlation > 0.8


def test_a_half_cauchy_law_is_found_again_from_its_share_before_the_activation() -> None:
    scale, total = 0.2, 30.0
    below = 2 / np.pi * np.arctan(LINEAR / scale)
    density = total * np.diff(below) / np.diff(LINEAR)
    again, shares = report_scaling.half_cauchy(density, float(below[20]))
    assert again == pytest.approx(density) and LINEAR[20] == 1
    assert shares == pytest.approx(np.diff(2 / np.pi * np.arctan(LOGARITHMIC / scale)))
    assert np.isnan(report_scaling.half_cauchy(np.zeros(40), float("nan"))[0]).all()


# --- boundaries and rays


def test_distributions_are_densities_in_units_of_the_mean_within() -> None:
    shown, rows = result("figX11"), next(iter(data.relu(result("figX11")).values()))
    middles = (boundaries.GRID[1:] + boundaries.GRID[:-1]) / 2
    for kind, mean in ((report_boundaries.WITHIN, 1.0), (report_boundaries.BETWEEN, None)):
        made = boundaries._distribution(shown, rows, report_boundaries.AFTER, 0, kind)
        each = np.diff(boundaries.GRID) * made
        assert each.sum() == pytest.approx(1, abs=0.01)
        densities = shown.drawing["mean_density"][rows, report_boundaries.AFTER, 0]
        expected = mean or float((densities[:, 1] / densities[:, 0]).mean())
        assert (each * middles).sum() == pytest.approx(expected, abs=0.02)


def test_networks_of_a_seed_are_one_observation() -> None:
    shown = result("figX11")
    values = {row: float(seed) for row, (_, seed) in enumerate(shown.rows)}
    assert seeds.by_seed(shown, values) == [100, 101, 102, 103, 104]
    assert np.isnan(seeds.interval([np.nan]).mean) and seeds.over_seeds([1.0, np.nan]) == "1.00"


def test_first_sentences_have_the_numbers_that_decide_the_claims() -> None:
    words = report_boundaries.answer(result("figX11")).words
    assert f"changes by {number('poly-2c'):+.3f}" in words
    cells = re.search(r"In (\d+) of (\d+) cells", words)
    assert cells and int(cells[1]) / int(cells[2]) == number("poly-2a")
    words = report_scaling.answer(result("figX13")).words
    match = re.search(r"is there in (\d+) of (\d+) .*, in (\d+) along Gaussian .* and in (\d+) of untrained", words)
    assert match
    after, cells, gaussian, before = map(int, match.groups())
    assert [after / cells, gaussian / cells, before / cells] == [number(f"poly-3{letter}") for letter in "abc"]
    assert f"beyond the activation on {number('poly-3f'):.1%} of" in words


def test_alternative_texts_have_the_matched_differences_and_shells() -> None:
    shown = result("figX11")
    drawn = boundaries.distributions(shown)
    for rows in data.relu(shown).values():
        for space in report_boundaries.spaces(shown):
            after, before = (report_boundaries.effect(shown, rows, state, space).mean() for state in (1, 0))
            assert f"{after:.2f} (untrained {before:.2f}) in space {space}" in drawn.alt
    shells = result("figX13").drawing["peak"][..., 2]
    rows = [row for members in data.relu(result("figX13")).values() for row in members]
    assert (
        f"{shells[rows, 1, :, 0].sum():.0f} of {shells[rows, 1, :, 0].size} along activations"
        in report_scaling.finding(result("figX13"))
    )


def test_pages_are_in_their_chapter() -> None:
    contents = (Path(__file__).parents[2] / "_toc.yml").read_text("utf8")
    chapter = contents.split("file: book/polytopes")[1].split("caption:")[0]
    assert chapter.index("sections:") < chapter.index("poly_partition") < chapter.index("poly_boundaries")
