"""The page on generalised tanh: what it computes against closed forms, and what it says against what it computed."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from roots import ROOT

from isoaux import bases, settings
from isoaux.studies.generalised_tanh import compute, data, figures, report

T = data.LENGTHS[:, None]


@pytest.fixture(scope="module")
def profiles() -> tuple[data.Along, ...]:
    return compute.along()


@pytest.fixture(scope="module")
def planes() -> tuple[data.Plane, ...]:
    return compute.planes()


@pytest.fixture(scope="module")
def small() -> tuple[tuple[data.Arranged, ...], tuple[data.Distance, ...], data.Statements]:
    """The bases, distances and statements of the page, of few and small bases."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compute, "ARRANGED", ((3, 5), (3, 8), (3, 12), (3, 32), (10, 11), (10, 20), (10, 40)))
        patch.setattr(compute, "SERIES", {2: (3, 4, 7, 8), 3: (6, 12, 16), 10: (11, 20)})
        patch.setattr(compute, "STARTS", 3)
        patch.setattr(compute, "DIRECTIONS", 4000)
        return compute.arranged(), compute.distances(), compute.statements((3,))


def close(got: object, wanted: object) -> None:
    np.testing.assert_allclose(got, np.broadcast_to(wanted, np.shape(got)), atol=1e-12)


def test_along_the_vectors_of_a_simplex_and_a_cross_polytope(profiles):
    """tanh t along b_j; against b_j a simplex has n vectors with products 1/n, which saturate n times later."""
    simplex, cross = profiles[:2]
    for profile in (simplex, cross):
        close(profile.along, np.tanh(T))
        close(profile.plain, np.tanh(T))
        close(profile.across, 0)
    close(simplex.against, np.tanh(T / 10))
    close(cross.against, np.tanh(T))


def test_the_correction_takes_away_what_the_neighbours_of_a_pentagon_add(profiles):
    g = np.cos(2 * np.pi / 5)
    pentagon = next(profile for profile in profiles if len(profile.basis) == 5)
    close(pentagon.plain, np.tanh(T) + 2 * g * np.tanh(g * T))
    close(pentagon.along, np.tanh(T))


def test_a_basis_with_one_orbit_can_have_a_part_beside_its_vectors(profiles):
    antiprism = next(profile for profile in profiles if len(profile.basis) == 8)
    assert antiprism.axis_error < 1e-6 and antiprism.across.max() > 0.5


def test_the_functions_of_the_plane(planes):
    """Four vectors are elementwise tanh; the gauge form maps circles to polygons; isotropic tanh turns nothing."""
    by_number = {each.vectors: each for each in planes}
    unit = data.polygon(720)
    for r, image in zip(data.CIRCLES, by_number[4].circles, strict=True):
        close(image[:-1], np.tanh(r * unit))
    for m, each in by_number.items():
        assert each.turn.shape == each.length.shape and each.turn.min() >= 0
        for r, image in zip(data.CIRCLES, each.gauge, strict=True):
            gauge = (image @ data.polygon(m).T).max(1) if m else np.linalg.norm(image, axis=1)
            close(gauge, np.tanh(r))
    assert by_number[0].turn.max() < 1e-10
    assert by_number[3].turn.max() == pytest.approx(30, abs=0.1), (
        "near 0, half way between a vector and an opposite one"
    )


def test_distances_in_the_plane(small):
    for each in small[1]:
        if each.n == 2:
            assert each.gauge == pytest.approx(data.polygon_gauge(each.m), rel=5e-3)
            assert each.antipodal == (each.m % 2 == 0)
        assert each.component <= each.generalised
    octahedron = next(each for each in small[1] if (each.n, each.m) == (3, 6))
    diagonal = data.RADIUS / 3**0.5
    assert octahedron.generalised == pytest.approx(3**0.5 * np.tanh(diagonal) - np.tanh(data.RADIUS), rel=0.02)
    assert octahedron.gauge == pytest.approx((3**0.5 - 1) * np.tanh(data.RADIUS), rel=0.05)


CLOSED = {  # g, k and c of the correction -(k g / c) tanh(g t)
    (2, 5): (np.cos(2 * np.pi / 5), 2, 1 + 2 * np.cos(2 * np.pi / 5) ** 2),
    (2, 6): (1 / 2, 2, 3 / 2),
    (3, 12): (5**-0.5, 5, 2),
    (5, 16): (1 / 5, 10, 7 / 5),
    (6, 27): (1 / 4, 16, 2),
    (7, 56): (1 / 3, 27, 4),
    (10, 40): (1 / 6, 24, 5 / 3),
}


def test_corrections_have_their_closed_forms():
    rows = compute.corrections()
    assert [(each.n, each.m) for each in rows] == list(CLOSED)
    for each, (g, k, c) in zip(rows, CLOSED.values(), strict=True):
        assert (each.g, each.c) == (pytest.approx(g, abs=1e-12), pytest.approx(c, abs=1e-12)) and each.k == k
        assert max(each.deviation, each.ends, each.quality.axis_error, each.quality.orthogonal) < 1e-12
    table = report.corrections(rows)
    assert table.rows[-1][6] == "−2.4000 tanh(0.1667 t)" and len({len(row) for row in table.rows}) == 1


def test_bases_and_their_groups(small):
    arranged = {(each.n, each.m): each for each in small[0]}
    assert arranged[10, 40].quality.energy == pytest.approx(83 / 3, abs=1e-11) and arranged[10, 40].arrived == 3
    assert arranged[10, 40].counts == (8, 3, 4, 24)
    np.testing.assert_allclose(arranged[10, 40].products, [-1 / 2, -1 / 3, 0, 1 / 6], atol=1e-12)
    for (n, m), each in arranged.items():
        assert each.equivariance < 1e-5 < each.turned
        if structure := data.STRUCTURES.get((n, m)):
            assert each.order == data.order(structure, n)
    rows = report.energies(small[0]).rows
    assert rows[4][-1] == "39,916,800, simplex" and rows[-1][5] == "−0.5 (8), −0.3333 (3), 0 (4), 0.1667 (24)"


def test_statements_are_those_that_the_numbers_support(small):
    numbers = small[2]
    energies = {solid.name: (solid.energy, solid.energy - solid.least) for solid in numbers.solids}
    wanted = {"tetrahedron": -1.5, "octahedron": -1.5, "cube": 1, "icosahedron": 12, "dodecahedron": 85}
    assert {name: pytest.approx(value) for name, value in wanted.items()} == {n: e for n, (e, _) in energies.items()}
    assert {name for name, (_, above) in energies.items() if above > 1e-6} == {"cube", "dodecahedron"}
    assert all(each.energy > each.least + 0.1 for each in numbers.lattices)
    assert numbers.few < 1e-6 < 0.1 < numbers.many and numbers.uneven > 0.1
    words = report.statements(numbers, small[0]).words
    assert "Minima are tetrahedron, octahedron and icosahedron; cube (1.000 against 0.674)" in words
    other = replace(numbers, solids=tuple(replace(solid, least=solid.energy) for solid in numbers.solids[:3]))
    assert "Minima are tetrahedron, octahedron and cube; " in report.statements(other, small[0]).words


def test_the_first_sentences_have_the_numbers(profiles, small):
    words = report.answer(profiles, *small[:2]).words
    exact = [each for each in small[0] if max(each.quality.axis_error, each.quality.orthogonal) < 1e-6]
    assert f"for {len(exact)} of {len(small[0])} Thomson-like bases" in words
    assert "12 in $\\R^{3}$ and 40 in $\\R^{10}$" in words
    assert f"misses tanh by up to {max(each.axis_error for each in profiles):.2f}" in words
    assert all(f" with {each.m}" in words for each in small[1] if each.n == 10)
    assert words.count(". ") - words.count(" ,") >= 1


def test_alternative_texts_say_what_was_computed(profiles, planes, small):
    alone = figures.along(profiles)
    assert all(f"{each.across.max():.2g}" in alone.alt for each in profiles if each.across.max() > 0.1)
    assert "40 vectors in 10 dimensions" in alone.alt and "$" not in alone.alt + alone.finding
    drawn = figures.planes(planes)
    assert "m = 4, 16 degrees, 1.00 to 1.40" in drawn.alt and len(drawn.canvas.axes) == 16
    limit = figures.distances(small[1]).alt
    assert all(f"with {each.m}{' (filled)' * each.antipodal}" in limit for each in small[1])
    for picture in (alone, drawn):
        assert len(picture.png()) < 400_000


@pytest.mark.parametrize(("basis", "group"), [("standard", "B_n"), ("random", "B_n"), ("simplex", "S_(n+1)")])
def test_the_basis_of_the_settings(basis: str, group: str):
    chosen = settings.read({"basis": basis, "seeds": "7"})
    found = compute.chosen(chosen)
    assert found.group == group and found.quality.axis_error < 1e-12
    assert (found.odd < 1e-12) == (found.tanh < 1e-12) == (basis != "simplex")
    rows = data.privileged(chosen)
    if basis == "random":
        np.testing.assert_array_equal(rows[:10], bases.random_orthogonal(10, 7))
    assert f"{len(rows)} vectors" in report.chosen(found).words


def test_settings_without_a_meaning_are_refused(refused):
    refused(["dataset is 'mnist'", "no meaning"], report.setting, settings.read({"dataset": "mnist"}))
    assert "nothing is trained" in report.setting(settings.read({"basis": "simplex", "profile": "smoke"})).words


def test_the_committed_page_begins_with_what_came_out():
    page = json.loads((ROOT / "book" / "notebooks" / "srm_tanh.ipynb").read_text("utf-8"))
    shown = [cell for cell in page["cells"] if cell.get("outputs")]
    assert [cell["id"] for cell in page["cells"]][:3] == ["title", "parameters", "in-short"]
    first = "".join(shown[0]["outputs"][0]["data"]["text/markdown"])
    assert first.startswith("**In short.** Generalised tanh is tanh along") and len(re.findall(r"\d", first)) > 10
    alts = [
        cell["metadata"]["mystnb"]["image"]["alt"] for cell in shown if "figure" in cell["metadata"].get("mystnb", {})
    ]
    assert len(alts) == 3 and all(len(alt) > 200 for alt in alts)
