"""The study of polytopes: what is measured against slow transcriptions, what is stored of it, and refusals."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from isoaux import settings, workflow
from isoaux.paper import PROFILES, figure
from isoaux.polytopes import Net, codes, partition
from isoaux.records import publishing
from isoaux.records.results import Result
from isoaux.studies.polytopes import data, figures, measuring_boundaries, measuring_slices, report, samples
from isoaux.studies.polytopes.samples import Labelled
from isoaux.training import data as sources
from isoaux.training.store import Entry

SMOKE = settings.read({"profile": "smoke", "seeds": "0"})


def random_net(widths: tuple[int, ...] = (6, 8, 7, 3), bias: float = 0.3) -> Net:
    rng = np.random.default_rng(3)
    layers = zip(widths, widths[1:], strict=False)
    return Net([(rng.standard_normal((n, p)) / p**0.5, bias * rng.standard_normal(n)) for p, n in layers])


@pytest.fixture(scope="module")
def slices() -> Result:
    return workflow.result("figX10", SMOKE, jobs=1)


def test_stored_weights_are_those_of_the_store_and_slices_and_codes_follow_from_them(slices: Result) -> None:
    drawing, digits = slices.drawing, sources.load("digits")
    names = data.weights_of(drawing)
    assert ("poly-digits-relu-w16-d2", 0) in names and ("poly-digits-lrelu-w16-d2", 10) in names and len(names) == 8
    entries = {network.configuration.id: network for network in SMOKE.networks_for(slices.figure)}
    x = digits.test / 255
    for name, epoch in names:
        net, parameters = data.stored(drawing, name, epoch), Entry(entries[name], digits.checksum).read(epoch)
        weights = [parameters[f"{part}.weight"].numpy() for part in ("encoder", "hidden.0", "decoder")]
        for (mine, bias), theirs in zip(net.affine, weights, strict=True):
            assert np.array_equal(mine, theirs) and bias.shape == theirs.shape[:1]
        assert net.leak == (0.01 if "lrelu" in name else 0)
    net = data.stored(drawing, "poly-digits-relu-w16-d2-pytorch", 10)
    bits = drawing["bits poly-digits-relu-w16-d2-pytorch"]
    assert np.array_equal(np.unpackbits(bits, axis=1)[:, :32].astype(bool), codes(net, x[: len(bits)]))
    units, stored = (
        drawing["units poly-digits-relu-w16-d2-pytorch"],
        drawing["activations poly-digits-relu-w16-d2-pytorch"],
    )
    for k, h in enumerate(net.activations(x[: len(bits)])[1:]):
        assert np.abs(stored[:, k] * units[k] - h).max() <= 0.51 * units[k]
    assert drawing["corners"][0] == 0 and len(set(digits.labels_test[drawing["corners"]])) == 3


def test_a_published_slice_is_the_slice_that_is_cut(slices: Result) -> None:
    drawing, digits = slices.drawing, sources.load("digits")
    tests = Labelled(digits.test / 255, digits.labels_test)
    net = data.stored(drawing, "poly-digits-relu-w16-d2-pytorch", 10)
    cut = measuring_slices.cut(net, tests, 0)
    row = [c.id for c, _ in slices.rows].index("poly-digits-relu-w16-d2-pytorch")
    vertices, offsets = drawing["slice 10 vertices"] / measuring_slices.STEPS, drawing["slice 10 offsets"]
    assert len(offsets) - 1 == cut.faces == drawing["faces"][row, 2, 0, -1] and (drawing["euler"] == 1).all()
    assert np.abs(vertices * cut.plane.window - cut.vertices).max() < cut.plane.window / measuring_slices.STEPS
    corners = tests.x[drawing["corners"]]
    middle = corners.mean(axis=0)
    assert np.allclose(cut.plane.origin, middle) and cut.plane.window == pytest.approx(pdist(corners).max())
    largest = int(cut.areas.argmax())
    inside = cut.plane.points(cut.polygon(largest).mean(axis=0)[None])
    assert net.logits(inside).argmax() == drawing["slice 10 winner"][largest]
    assert np.allclose(drawing["areas"].sum(axis=-1), 1)
    assert set(np.unique(drawing["slice 10 layers"])) == {0, 1, 2}


def test_what_is_published_is_read_back_and_other_settings_are_refused(
    slices: Result, tmp_path: Path, refused: Callable[..., str]
) -> None:
    publishing.publish(slices, tmp_path)
    read = data.read(figure("figX10"), settings.Settings(), tmp_path)
    assert read.rows == slices.rows and read.facts["part"] == "slices"
    for name, values in slices.drawing.arrays.items():
        np.testing.assert_array_equal(read.drawing[name], values)
    refused(["seeds is (3,)", "figX10"], data.read, figure("figX10"), settings.read({"seeds": "3"}), tmp_path)
    refused(
        ["'poly-digits-relu-w16-d2'", "epoch 7", "at epoch 10"], data.stored, read.drawing, "poly-digits-relu-w16-d2", 7
    )


@pytest.mark.parametrize("name", ["figX10", "figX11", "figX12", "figX13", "figX14", "figX17"])
def test_every_part_is_measured_drawn_and_compared(name: str) -> None:
    result = workflow.result(name, SMOKE, jobs=1)
    drawing = result.drawing
    assert len(result.rows) == len(result.figure.in_profile(PROFILES["smoke"]).configurations)
    first = {array.shape[0] for key, array in drawing.arrays.items() if key not in data.SHARED and " " not in key}
    assert first == {len(result.rows)}
    for drawn in (figures.numbers(result), figures.draw(result)):
        assert drawn.finding in drawn.alt and "nan" not in drawn.finding
    assert figures.thumbnail(result).startswith(b"\x89PNG")
    values = report.headline(result).values(drawing, 0)
    compared = list(report.compared(result, 0))
    assert compared and {value for *_, value in compared} <= set(values.ravel())
    if name == "figX11":  # a network without biases has no boundary on a ray, but some between images
        assert (drawing["accuracy"][:, 1] > drawing["accuracy"][:, 0]).all() and (drawing["ratio"] >= 1).all()
    if name == "figX12":
        kinds, at = drawing["labels shown"], "poly-digits-relu-w16-d2"
        clusters, cosines = drawing[f"clusters {at}"][1], drawing[f"cosines {at}"] / data.COSINES
        row = [c.id for c, _ in result.rows].index(at)
        inside = clusters >= 0
        groups = [kinds[clusters == cluster] for cluster in np.unique(clusters[inside])]
        pure = [np.bincount(group).max() / len(group) >= 0.9 for group in groups]
        expected = drawing["codes"][row, 1, 1, 1:4]
        assert [inside.mean(), len(groups), np.mean(pure) if groups else np.nan] == pytest.approx(expected, nan_ok=True)
        assert np.abs(cosines).max() <= 1 and cosines.min() >= 0  # activations of ReLU are not negative
        top = np.argsort(-cosines, axis=-1, kind="stable")[..., : len(kinds) // 3]
        purity = np.array([[np.bincount(kinds[line]).max() / len(line) for line in layer] for layer in top])
        assert (purity[:, 1] >= purity[:, 0] - 0.1).all()
    if name == "figX13":
        starts = np.array([c.start == "xavier" for c, _ in result.rows])
        assert not drawing["linear"][starts, 0].any() and drawing["linear"][~starts, 0].any()


def test_images_without_labels_are_refused(refused: Callable[..., str]) -> None:
    other = replace(SMOKE, dataset="patches")
    refused(["'patches'", "no labels"], workflow.result, "figX11", other, jobs=1)


def test_effects_are_those_of_all_pairs() -> None:
    rng = np.random.default_rng(0)
    tests, net = Labelled(rng.standard_normal((60, 6)), rng.integers(3, size=60)), random_net()
    arrays = measuring_boundaries.measure(net, tests, data.SMALL, trained=True)
    x, labels = tests.x, tests.labels
    within, between = [], []
    for i in range(60):
        for j in range(i):
            differing = (codes(net, x[[i]]) != codes(net, x[[j]])).sum()
            (within if labels[i] == labels[j] else between).append(differing / np.linalg.norm(x[i] - x[j]))
    larger = np.subtract.outer(between, within)
    assert arrays["effect"][0, 0, 0] == pytest.approx((larger > 0).mean() + (larger == 0).mean() / 2)
    assert arrays["mean_density"][0] == pytest.approx([np.mean(within), np.mean(between)])
    low, high = arrays["permuted"][0, 0, 1:3]
    assert low < 0.5 < high and arrays["bootstrap"][0, 0, 0] < arrays["effect"][0, 0, 0] < arrays["bootstrap"][0, 0, 1]
    assert arrays["histogram"].sum(axis=-1) == pytest.approx(1, abs=0.05)


def test_wide_layers_without_biases_follow_the_closed_form() -> None:
    rng = np.random.default_rng(1)
    tests = Labelled(np.abs(rng.standard_normal((50, 20))), rng.integers(2, size=50))
    arrays = measuring_boundaries.closed_form(random_net((20, 1500, 1500, 2), 0.0), tests, data.SMALL)
    seen, expected, correlation = arrays["closed_bits"].T
    assert seen == pytest.approx(expected, abs=0.02) and (correlation > 0.9).all()


def test_images_that_come_class_by_class_are_mixed_and_others_stay() -> None:
    labels = np.repeat([0, 1, 2], 100)
    by_class = samples.mixed(Labelled(np.arange(300.0)[:, None], labels))
    assert set(by_class.first(20).labels) == {0, 1, 2} and np.array_equal(
        labels[by_class.x[:, 0].astype(int)], by_class.labels
    )
    assert np.array_equal(np.sort(by_class.x[:, 0]), np.arange(300))
    assert samples.mixed(by_class) is by_class


def test_pairs_are_as_many_of_each_kind_and_a_null_says_how_rare_a_value_is() -> None:
    labels = np.repeat([0, 1, 2], 10)
    first, second, within = samples.pairs(labels, 40)
    assert within.sum() == 40 and len(within) == 80 and np.array_equal(labels[first] == labels[second], within)
    assert (first < second).all() and len(set(zip(first.tolist(), second.tolist(), strict=True))) == 80
    assert samples.null(2.0, np.arange(1, 4)) == pytest.approx([2, 1.05, 2.95, (1 + 2) / 4])
    assert np.isnan(samples.null(1.0, [np.nan])).all()


def test_a_slice_of_one_layer_has_as_many_faces_as_its_lines_make() -> None:
    net = random_net((4, 5, 2), 0.1)
    rng = np.random.default_rng(0)
    tests = Labelled(rng.standard_normal((9, 4)), np.arange(9) % 3)
    wide = measuring_slices.plane(net, tests, 0)
    cut = partition.slice(net, wide.origin, wide.first, wide.second, 1e4)
    assert cut.faces == 1 + 5 + 10, "all crossings of five lines are in the window"
    small = measuring_slices.published(measuring_slices.cut(net, tests, 0))
    assert small["vertices"].dtype == np.int16 and np.abs(small["vertices"]).max() == measuring_slices.STEPS
