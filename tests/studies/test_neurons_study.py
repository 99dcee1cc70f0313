"""Single neurons and classes: what is measured beside a slow transcription, and what figures and tables say."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from isoaux import bases, paper, settings, workflow  # noqa: E402
from isoaux.records import publishing  # noqa: E402
from isoaux.records.results import Collection, Result  # noqa: E402
from isoaux.studies.neurons import data, figures, measuring, report  # noqa: E402
from isoaux.studies.neurons.compute import compute  # noqa: E402
from isoaux.studies.neurons.data import AFTER, BEFORE  # noqa: E402
from isoaux.training import data as images  # noqa: E402

SMOKE = settings.read({"profile": "smoke"})


@pytest.fixture(scope="module")
def digits() -> Result:
    """Figure S4 at the profile ``smoke``: two networks with four neurons on 8x8 digits."""
    return workflow.result("figS4", SMOKE)


# --- what is measured


def test_curves_of_a_class_are_counted_angle_by_angle() -> None:
    """R(theta) e_i = cos(theta) e_i - sin(theta) e_j; of every class the share inside less that on the other side."""
    rng = np.random.default_rng(0)
    z, labels = rng.standard_normal((90, 4)), np.arange(90) % 3
    curves = measuring.class_curves(z, labels, 0.6, [(2, 4), (5, 0)])
    assert curves.shape == (2, 3, 361)
    units = z / np.linalg.norm(z, axis=1, keepdims=True)
    for plane, (i, j) in enumerate([(2, 4), (5, 0)]):
        a, b = bases.cross_polytope(4)[[i, j]]
        for k, theta in ((0, 0), (45, np.pi / 4), (130, 130 * np.pi / 180), (300, 300 * np.pi / 180)):
            products = units @ (np.cos(theta) * a - np.sin(theta) * b)
            wanted = [(products >= 0.6)[labels == c].mean() - (products <= -0.6)[labels == c].mean() for c in range(3)]
            np.testing.assert_allclose(curves[plane, :, k], wanted, atol=1e-7)


def test_a_neuron_for_every_class_is_measured_as_one() -> None:
    """Six classes, each along its neuron, three of them at the other end; before training nothing is along any.

    Every neuron then answers to one class with all of its samples: a spread of sqrt(5) / 6 on either half, areas of 1
    or 0, one class for all of the response. In a cone of eight degrees no random direction has as much.
    """
    rng = np.random.default_rng(1)
    labels, ends = np.arange(180) % 6, np.diag([1.0, 1, 1, -1, -1, -1])
    after = 5 * ends[labels] + 0.1 * rng.standard_normal((180, 6))
    setting = measuring.Setting(0.99, 2, 19, 39)
    arrays = measuring.measured([rng.standard_normal((180, 6)), after], labels, setting, 7)
    np.testing.assert_allclose(arrays["profiles"][AFTER, 0], np.vstack([ends, -ends]))
    areas = arrays["areas"][AFTER]
    assert (np.maximum(areas, 1 - areas).max(axis=1) == 1).all() and (arrays["selectivity"][AFTER, 0] == 1).all()
    spread = measuring.TESTED.index("spread")
    assert arrays["value"][AFTER, 0, spread] == pytest.approx(np.sqrt(5) / 6)
    assert arrays["p_copies"][AFTER, 0, spread] == arrays["p_permuted"][AFTER, 0, spread] == 2 / 40
    assert arrays["p_copies"][BEFORE, 0, spread] > 0.05 and arrays["weak"][AFTER, 0] == 0
    assert arrays["spreads"].shape == (2, 39) and arrays["spreads"][0].max() < np.sqrt(5) / 6
    assert arrays["chosen"][AFTER, 0].tolist() == [0, 1] and arrays["chosen"].shape == (2, 2, 2)
    assert arrays["rank_correlation"][AFTER, 0] == pytest.approx(-1 / 5), "that of two indicators of one in six"


def test_images_without_classes_are_refused(refused: Callable[..., str]) -> None:
    bare = replace(images.load("digits"), labels_test=None)
    refused(["dataset is 'digits'", "no classes"], compute, paper.figure("figS4"), SMOKE, images=bare)


def test_settings_without_meaning_are_refused(refused: Callable[..., str]) -> None:
    for given in ({"basis": "random"}, {"variant": "permutation"}, {"depth": 1}, {"epsilon": 0}):
        asked = settings.read({"profile": "smoke"} | given)
        for function in (compute, data.read):
            refused([f"{next(iter(given))} is"], function, paper.figure("figS4"), asked)


# --- what is published


def test_what_is_published_is_read_back(digits: Result, tmp_path: Path) -> None:
    publishing.publish(digits, tmp_path)
    again = data.read(paper.figure("figS4"), settings.read({}), tmp_path)
    assert again.facts["classes"] == list("0123456789") and again.facts["embedding"] == "PCA"
    for name, values in digits.drawing.arrays.items():
        np.testing.assert_array_equal(again.drawing[name], values)
        assert again.drawing[name].dtype == values.dtype
    assert figures.by_class(again).alt == figures.by_class(digits).alt


def test_places_and_labels_are_those_of_all_test_images(digits: Result) -> None:
    digit = images.load("digits")
    np.testing.assert_array_equal(digits.drawing["labels"], digit.labels_test)
    places = digits.drawing["places"]
    assert places.shape == (len(digit.test), 2) and places.dtype == np.int16
    shares = digits.drawing["neighbours"]
    assert shares.shape == (3, 3) and shares[1, 0] == shares[2, 0], "the picture is that of the principal components"


def test_curves_at_the_neuron_are_its_profile(digits: Result) -> None:
    """At 0 the spotlight points at the neuron itself, at pi at its other end."""
    row = data.shown(digits)
    for k, vector in enumerate(row.chosen()):
        for checkpoint, angle, sign in ((AFTER, 0, 1), (AFTER, 180, -1), (BEFORE, 0, 1)):
            curve = digits.drawing["curves"][checkpoint, k, :, angle]
            np.testing.assert_allclose(curve, sign * row.of("profiles", checkpoint=checkpoint)[vector], atol=1e-6)


# --- what is drawn and said


def test_every_class_has_one_look_in_all_panels(digits: Result) -> None:
    drawn = figures.by_class(digits)
    curves, row = digits.drawing["curves"], data.shown(digits)
    panels = drawn.canvas.axes[: 2 * len(row.chosen())]
    looks = {}
    for place, axes in enumerate(panels):
        lines = [line for line in axes.lines if len(line.get_xdata()) == 361]
        looks[place] = [(line.get_color(), str(line._unscaled_dash_pattern)) for line in lines]
        shown = np.array([line.get_ydata() for line in lines])
        np.testing.assert_allclose(shown[:, 90], curves[(AFTER, BEFORE)[place % 2], place // 2, :, 0])
        assert axes.get_ylim() == panels[0].get_ylim()
    assert all(look == looks[0] for look in looks.values())
    assert len(set(looks[0])) == 10 == len({dashes for _, dashes in looks[0]}), "also told apart without colour"
    picture = drawn.canvas.axes[len(panels)]
    assert [text.get_text() for text in picture.texts] == list("0123456789")
    assert picture.get_title("left") == "PCA of all representations"
    words = drawn.alt
    assert f"p = {row.p('spread'):.3f}" in words and f"+{row.chosen()[0] + 1}" in words.replace("−", "+")


def test_marks_are_the_spreads_of_the_neurons_that_the_other_half_chose(digits: Result) -> None:
    axes = figures.spread(digits).canvas.axes[1]
    for x, row in enumerate(data.networks(digits)):
        (mark,) = [line for line in axes.lines if list(line.get_xdata()) == [x]]
        assert mark.get_ydata()[0] == pytest.approx(row.value("spread"), abs=1e-6)
        assert mark.get_ydata()[0] == pytest.approx(row.spread("held_out")[row.chosen("chosen_on_half")[0]])


def test_classes_are_named_from_the_loudest_on_either_side() -> None:
    profile = np.array([0.05, -0.44, 0.46, 0.9, -0.6])
    assert report.order(profile, list("abcde")) == "d +0.90, c +0.46; e -0.60", "at least half of the largest"
    assert report.order(-profile / 10, list("abcde")) == "e +0.06; d -0.09, c -0.05"
    assert report.order(np.zeros(5), list("abcde")) == "none"
    assert data.neuron(3, 10) == "+4" and data.neuron(13, 10) == "−4"


def test_a_network_that_answers_to_nothing_has_pages_too(digits: Result) -> None:
    """Profiles of zeros everywhere: nothing is selective, no two neurons have an order."""
    silent = replace(digits, drawing=replace(digits.drawing, arrays=dict(digits.drawing.arrays)))
    for name in ("profiles", "choosing", "held_out", "selectivity", "curves"):
        silent.drawing.arrays[name] = np.zeros_like(digits.drawing[name])
    silent.drawing.arrays["rank_correlation"] = np.full_like(digits.drawing["rank_correlation"], np.nan)
    assert "0 of 0 neurons that respond at all" in str(report.answer(silent))
    page = Collection((silent.figure,), {silent.figure.name: silent})
    assert "Of 0 neurons that respond at all none stands for a single class." in str(report.in_short(page))
    for table in (report.chosen, report.tests, report.neurons_together, report.selectivity, report.neighbours):
        assert len(table(silent).rows) >= 2
    assert figures.by_class(silent).png().startswith(b"\x89PNG") and "none" in figures.areas(silent).alt
