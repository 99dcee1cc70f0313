"""Images instead of points: tables, sentences and the picture of clusters, of images that are placed by hand."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from test_planes_clusters import beam
from test_planes_figures import luminance
from test_planes_report import made, page

from isoaux import ppp, statistics
from isoaux.common.archive import Published
from isoaux.common.tables import Table, Text
from isoaux.paper import Configuration
from isoaux.records.results import Missing, Result
from isoaux.studies.planes import clusters, figures, images

EPSILON = 0.75


def placed(
    clouds: Sequence[Sequence[np.ndarray]], layer: int = 0, published: Sequence[int] = (), version: int = 3
) -> Result:
    """Figure 1 of networks whose images are given by activation and seed, (N, 18), measured at the last checkpoint.

    Representations of the seeds ``published`` are there, as of a measure version; those of the other layer are zero.
    """
    result = made(("tanh", "isotanh")[: len(clouds)], range(len(clouds[0])), layer=layer)
    for record, members in zip(result.records.values(), clouds, strict=True):
        record.facts.update(dataset="CIFAR-10", measure_version=version)
        for seed, z in enumerate(members):
            projection = ppp.project(z, np.eye(18), EPSILON)
            measured = vars(statistics.panel(projection.points)) | {
                "plane_counts": projection.counts,
                "kept_samples": len(np.unique(projection.sample)),
                "kept_share": len(np.unique(projection.sample)) / len(z),
            }
            for name, value in measured.items():
                if name not in record.arrays:
                    record.arrays[name] = np.zeros((len(members), 3, 2, *np.shape(value)), np.asarray(value).dtype)
                record.arrays[name][seed, -1, layer] = value
        if published:
            configuration = record.facts["configuration"]
            result.representations[configuration] = representations(members, layer, published, version)
    return result


def representations(members: Sequence[np.ndarray], layer: int, seeds: Sequence[int], version: int = 3) -> Published:
    """The published representations of some seeds, as whole numbers."""
    values = np.zeros((len(seeds), 2, *members[0].shape), np.int16)
    for place, seed in enumerate(seeds):
        values[place, layer] = np.rint(members[seed] * 1000)
    sample, entered = np.arange(len(members[0])), np.zeros(values.shape[:3], np.int16)
    if version == 2:
        arrays = {"values": values[0], "scale": np.array(0.001), "sample": sample, "planes_entered": entered[0]}
        return Published(arrays, {"configuration": "made up", "seed": seeds[0]})
    arrays = {"values": values, "scale": np.full(values.shape[:2], 0.001), "sample": sample, "planes_entered": entered}
    return Published(arrays, {"configuration": "made up", "seeds": list(seeds)})


def thick(degrees: float, plane: tuple[int, int]) -> np.ndarray:
    """As :func:`beam`, with up to three fifths of the length off the plane, so that no other plane holds all images."""
    rng = np.random.default_rng(0)
    z, share = beam(degrees, plane), rng.uniform(0.8, 1, (500, 1))
    other = rng.standard_normal(z.shape)
    other[:, plane] = 0
    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (z, other)]
    return share * unit[0] + np.sqrt(1 - share**2) * unit[1]


def spread(samples: int = 400, seed: int = 0) -> np.ndarray:
    """Images in independent directions."""
    return np.random.default_rng(seed).standard_normal((samples, 18))


def column(table: Table, words: str) -> list[str]:
    return [row[table.head.index(words)] for row in table.rows]


# --- the fullest plane


@pytest.mark.parametrize("published", [(), (0, 1, 2), (1,)])
@pytest.mark.parametrize("layer", [0, 1])
def test_the_fullest_plane_and_the_direction_in_it(published, layer):
    """Beams at 25, 140 and 247 degrees: read from representations, or from the histogram of all planes."""
    tanh = [thick(25, (4, 12)), thick(140, (0, 1)), thick(247, (12, 15))]
    result = placed([tanh, [spread(500, seed) for seed in range(3)]], layer, published)
    table = images.fullest_planes(result)
    assert {len(row) for row in table.rows} == {len(table.head)}
    assert column(table, "fullest plane: neurons")[:3] == ["5, 13", "1, 2", "13, 16"]
    assert column(table, "images in it")[:3] == ["500 of 500"] * 3
    found = [float(cell[:-1]) for cell in column(table, "direction in it")[:3]]
    assert found == pytest.approx([25, 140, 247], abs=1 if len(published) == 3 else 4)
    assert [float(cell[:-1]) for cell in column(table, "from the nearest axis")[:3]] == pytest.approx(
        [25, 40, 23], abs=1 if len(published) == 3 else 4
    )
    further = [len(ppp.project(z, np.eye(18), EPSILON).points) / 500 - 1 for z in tanh]
    assert [float(cell) for cell in column(table, "further planes, per image")[:3]] == pytest.approx(further, abs=0.05)
    assert min(further) > 0.5, "less than 41.4 degrees from an axis"
    assert column(table, "direction in it")[3:] == column(table, "from the nearest axis")[3:] == ["–"] * 3
    c4 = [float(cell) for cell in column(table, "c4")]
    assert c4 == pytest.approx([result.of_row(r, "c4")[-1] for r in range(6)], abs=5e-3)


@pytest.mark.parametrize("version", [2, 3])
def test_of_planes_with_equally_many_images_it_is_the_one_in_which_they_lie(version):
    """At 25 degrees from its axis every image is in all 17 planes of a neuron."""
    table = images.fullest_planes(placed([[beam(25, (4, 12))]], published=(0,), version=version))
    assert table.rows[0][2:7] == ("5, 13", "500 of 500", "25°", "25°", "16.0")


def test_a_beam_half_way_between_two_axes_is_drawn_once():
    table = images.fullest_planes(placed([[beam(45, (4, 12))]], published=(0,), version=2))
    assert table.rows[0][2:8] == ("5, 13", "500 of 500", "45°", "45°", "0.0", "-1.00")


def test_no_image_near_a_plane_has_no_fullest_plane():
    table = images.fullest_planes(placed([[np.ones((30, 18))]]))
    assert table.rows[0][2:7] == ("–", "0 of 50,000", "–", "–", "–")
    assert (
        "With tanh, no plane holds most images of a network, the fullest 0 of 50,000."
        == images.in_one_plane(placed([[np.ones((30, 18))]])).words
    )


def test_what_one_plane_holds_in_words():
    tanh = [thick(25, (4, 12)), beam(44, (0, 1)), beam(5, (2, 3)), spread(500)]
    result = placed([tanh, [spread(500, seed) for seed in range(1, 5)]])
    fullest = [images.fullest(result, r).images for r in range(4, 8)]
    words = images.in_one_plane(result).words
    assert re.sub("2[2-7]° to 4[3-5]°", "25° to 44°", words) == (
        "With tanh, one plane of two neurons holds most images in 3 of 4 networks: 500 of 500, each drawn on "
        "1.0 to 17.0 planes on average. In 2 of them the images point one way, 25° to 44° from the nearest axis: "
        "within 10° of it in 0 of these 2, while c4 is above 0 in 1. With isotropic tanh, no plane holds most images "
        f"of a network, the fullest {min(fullest)} to {max(fullest)} of 500."
    )
    seen = images.in_one_plane(placed([tanh], published=(0, 1, 2, 3))).words
    assert "In 3 of them the images point one way, 5° to 44° from the nearest axis: " in seen
    assert "within 10° of it in 1 of these 3, while c4 is above 0 in 2." in seen


# --- all images


def test_angles_to_the_axes_count_images_and_not_points():
    """Of 500 images at 25 degrees all are near an axis, of 500 at 45 none, though both are all in one plane."""
    result = placed([[beam(25), beam(45)], [beam(45), np.ones((500, 18))]], published=(0, 1))
    assert images.near_axes(result).rows == (
        ("tanh", "0, 1", "1,000", "100.0%", "50.0%", "25° (25° to 25°)"),
        ("isotropic tanh", "0, 1", "1,000", "50.0%", "0.0%", "–"),
    )
    one = placed([[beam(25), beam(45)]], published=(1,), version=2)
    assert images.near_axes(one).rows == (("tanh", "1", "500", "100.0%", "0.0%", "–"),)
    assert images.near_axes(placed([[beam(25)]])).rows == (("tanh", "–", "0", "–", "–", "–"),)


def test_directions_of_all_images_are_those_of_the_record():
    result = placed([[beam(25), beam(45)]], version=2)
    words = "The directions of all images are measured from version 3 on; this is version 2."
    assert images.directions(result) == Text(words)
    (record,) = result.records.values()
    shape = (2, 3, 2)
    given: dict[str, Any] = {
        "cosine_quantiles": np.broadcast_to(np.arange(1, 8) / 10, (*shape, 7)),
        "effective_neurons": np.full(shape, 4.25),
        "axis_cluster": np.full(shape, 0.125),
        "plane_cluster": np.full(shape, 0.5),
        "planes_filled": np.full(shape, 17),
    }
    record.arrays.update(given)
    assert images.directions(result).rows[0] == (
        "tanh", "0", "100.0%", "0.40 (0.20 to 0.60)", "4.2", "12.5%", "50.0%", "17 of 153",
    )  # fmt: skip
    assert images.directions(Missing(made().figure)) == Text("Figure 1 is not published yet.")


def test_signs_are_those_of_the_quadrants_and_of_the_halves_of_axes():
    """Bins are centred on multiples of 5 degrees; the four on the axes belong to no quadrant."""
    result = made(("tanh", "isotanh"), (0, 1))
    histogram = np.zeros((2, 72), int)
    histogram[0, [9, 27, 45, 63]] = 10, 20, 30, 40  # one in every quadrant
    histogram[1, [0, 2, 18, 36, 54, 71]] = 10, 20, 30, 15, 5, 20  # on half-axes, or 5 to 10 degrees off
    tanh, isotanh = result.records.values()
    tanh.arrays["histogram"] = np.zeros((2, 3, 2, 72), int)
    tanh.arrays["histogram"][:, -1, 0] = histogram
    isotanh.arrays["histogram"] = np.zeros((2, 3, 2, 72), int)
    assert images.signs(result).rows == (
        ("tanh", "10% to 20%", "20% to 60%", "0% to 30%", "0% to 80%", "0% to 20%"),
        ("isotropic tanh", "–", "–", "–", "–", "–"),
    )


@pytest.mark.parametrize("table", [images.fullest_planes, images.near_axes, images.signs])
def test_tables_of_several_figures_are_theirs_one_after_the_other(table):
    first, second = (placed([[beam(degrees)], [spread(500)]], published=(0,)) for degrees in (20, 40))
    found = table(page(first, second))
    assert [row[1:] for row in found.rows] == [*table(first).rows, *table(second).rows]
    assert column(found, "figure") == ["2, L = 1"] * 2 + ["3, L = 2"] * 2


# --- the picture


def lines(axes: Any) -> dict[str, np.ndarray]:
    """The points that axes show, by colour."""
    return {line.get_color(): line.get_xydata() for line in axes.lines if line.get_transform() == axes.transData}


@pytest.mark.parametrize("version", [2, 3])
def test_all_points_of_an_image_have_the_colour_of_its_cluster_and_it_has_one_in_the_second_panel(version):
    tanh = np.concatenate([beam(25, samples=60), beam(140, (0, 1), samples=40), spread(100)])
    result = placed([[tanh], [spread(200, 1)]], published=(0,), version=version)
    drawn = figures.by_cluster(result)
    for (every, single), z in zip(np.array(drawn.canvas.axes).reshape(2, 2), (tanh, spread(200, 1)), strict=True):
        projection = ppp.project(np.rint(z * 1000) * 0.001, np.eye(18), EPSILON)
        of = clusters.together(z)
        for axes, places in ((every, slice(None)), (single, clusters.once(projection))):
            shown = lines(axes)
            for k, colour in ((-1, figures.OTHERS), *enumerate(figures.CLUSTERS)):
                wanted = projection.points[places][of[projection.sample[places]] == k]
                ordered = [points[np.lexsort(points.T)] for points in (shown[colour], wanted)]
                assert ordered[0] == pytest.approx(ordered[1])
            assert axes.get_xlim() == axes.get_ylim() == every.get_xlim()
        assert every.get_title() == f"every plane: {len(projection.points):,}"
        assert single.get_title() == f"one point each: {len(np.unique(projection.sample)):,}"
    assert len(lines(drawn.canvas.axes[0])[figures.CLUSTERS[0]]) == 60 * 17, "25 degrees from an axis"
    assert len(lines(drawn.canvas.axes[1])[figures.CLUSTERS[0]]) == 60
    assert "in the largest clusters, 60 and 40; isotropic tanh, seed 0" in drawn.alt and "no cluster" in drawn.alt


def test_every_seed_whose_representations_are_published_has_a_row():
    result = placed([[beam(20), beam(30)], [spread(500), spread(500, 1)]], published=(0, 1))
    del result.representations[Configuration("cifar", False, "isotanh", 18, 1).id].facts["seeds"][1:]
    drawn = figures.by_cluster(result)
    assert [axes.get_ylabel() for axes in drawn.canvas.axes] == ["seed 0", "", "seed 1", "", "seed 0", ""]
    assert drawn.png() == figures.by_cluster(result).png()


def test_no_point_and_no_representation_are_said():
    drawn = figures.by_cluster(placed([[np.ones((5, 18))]], published=(0,)))
    assert [text.get_text() for axes in drawn.canvas.axes for text in axes.texts] == ["no points"] * 2
    assert drawn.png()
    words = "No representation of these networks is published."
    assert figures.by_cluster(placed([[beam(20)]])) == Text(words)
    assert repr(figures.by_cluster(Missing(made().figure))) == "Figure 1 is not published yet."


def test_colours_of_clusters_are_told_apart_in_grey():
    shades = [luminance(colour) for colour in (*figures.CLUSTERS, figures.OTHERS, "#000000")]
    assert all((one + 0.05) / (other + 0.05) >= 1.5 for one, other in zip(shades, shades[1:], strict=False))
    assert len({to_rgb(colour) for colour in figures.CLUSTERS}) == clusters.MOST
