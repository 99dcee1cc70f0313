"""Numbers of a panel, on histograms, pictures and clouds of which they are known."""

import numpy as np
import pytest

from isoaux import bases, ppp, statistics
from isoaux.common.archive import Published
from isoaux.paper import Configuration, figure
from isoaux.records import directions
from isoaux.records.evidence import Reader
from isoaux.records.measurement import QUANTILES
from isoaux.records.panel_values import BEAM, MEDIAN, VALUES, Sample, brightest, local_maxima
from isoaux.records.record import NotPublished, Record

NAME = "cifar-U-tanh-n18-L0"


def sample_of(drawing=None, **statistics_of_one):
    """One network of Figure 1 with these statistics, and the file of its figure."""
    arrays = {name: np.asarray(value)[None, None, None] for name, value in statistics_of_one.items()}
    if "histogram" in arrays:
        arrays["count"] = arrays["histogram"].sum(-1)
    facts = {"configuration": NAME, "seeds": [0], "epsilon": 0.75, "measure_version": 3}
    record = Record(Published(arrays | {"epochs": np.array([125])}, facts))
    reader = Reader(None)
    if drawing is not None:
        rows = [{"configuration": NAME, "seed": 0}]
        reader.known["fig01"] = Published(drawing, {"rows": rows})
        reader.drawing = lambda name: reader.known[name]
    return Sample(figure("fig01"), Configuration.parse(NAME), 0, 0, record, reader)


def value(name, sample):
    return float(VALUES[name].of(sample)[0])


def bins(**points):
    histogram = np.zeros(72)
    for name, count in points.items():
        histogram[int(name[1:])] = count
    return histogram


# --- angles


def test_beams_lie_at_their_angles():
    histogram = np.ones(72)
    histogram[[5, 36, 9]] = 100, 200, 0  # 25 degrees, and the negative half of the first axis
    of = {name: value(name, sample_of(histogram=histogram)) for name in VALUES if "beam" in name}
    even = histogram.sum() / 72
    assert of["beam_at_25"] == of["beam_between"] == of["beam_off_axes"] == pytest.approx(100 / even)
    assert of["beam_on_axes"] == pytest.approx(200 / even) and of["beams"] == 2


def test_two_beams_at_a_right_angle():
    right = bins(_5=200, _23=100, _40=300)  # 25 and 115 degrees; 200 degrees is no right angle to either
    assert value("orthogonal_beams", sample_of(histogram=right)) == pytest.approx(72 * 100 / 600)
    near = bins(_5=200, _24=100)  # a bin of 5 degrees off
    assert value("orthogonal_beams", sample_of(histogram=near)) == pytest.approx(72 * 100 / 300)
    assert value("orthogonal_beams", sample_of(histogram=bins(_5=200, _25=100, _41=50))) == 0, "opposite is not across"


def test_half_axes_are_told_apart():
    histogram = bins(_0=60, _18=30, _36=10)
    expected = {"rarer_sign": 0.1, "positive": 0.9, "negative": 0.1, "down_and_left": 0.1, "line_imbalance": 0.4}
    assert {name: value(name, sample_of(histogram=histogram)) for name in expected} == pytest.approx(expected)
    assert value("fullest_half_axis", sample_of(histogram=histogram)) == pytest.approx(0.6)
    down = bins(_54=75, _36=25)
    assert value("down_and_left", sample_of(histogram=down)) == 1, "270 degrees is down, 180 to the left"
    assert np.isnan(value("rarer_sign", sample_of(histogram=np.zeros(72))))


def test_points_thin_out_from_the_axes():
    by_angle = {0: 40.0, 20: 20.0, 40: 5.0}
    k = np.arange(72)
    angle = 5 * np.minimum(k % 18, 18 - k % 18)
    falling = np.where(angle <= 10, by_angle[0], np.where(angle <= 30, by_angle[20], by_angle[40]))
    assert value("fall_off", sample_of(histogram=falling)) == pytest.approx(2)  # 40 / 20, and 20 / 5
    hole = np.where((angle >= 15) & (angle <= 30), 1, falling)
    assert value("fall_off", sample_of(histogram=hole)) == pytest.approx(1 / 5), "denser again at 40 degrees"
    assert value("fall_off", sample_of(histogram=bins(_0=100))) == np.inf


def test_the_fullest_direction():
    assert value("fullest_direction", sample_of(histogram=bins(_71=30, _0=40, _2=20, _30=10))) == pytest.approx(0.9)


def test_few_points_have_no_angles():
    histogram = bins(_0=25, _9=24)
    for name in ("peak", "beams", "rarer_sign", "beam_on_diagonals", "fall_off", "orthogonal_beams"):
        assert np.isnan(value(name, sample_of(histogram=histogram))), name
    histogram[9] = 25
    assert value("beams", sample_of(histogram=histogram)) == 2
    assert value("beam_on_diagonals", sample_of(histogram=histogram)) == 36


def test_a_plateau_has_one_maximum():
    assert local_maxima(np.array([[0, 2, 2, 0, 1, 0]])).tolist() == [[False, True, False, False, True, False]]


# --- directions of all samples


@pytest.mark.parametrize(("angle", "off"), [(23, 22), (33, 12), (5, 5), (42, 3)])
def test_a_direction_at_a_general_angle_is_seen_in_the_images_and_hardly_in_the_panel(angle, off):
    """Nearly all images along one direction of one plane: a panel has each again on the axes, once per other plane."""
    rng = np.random.default_rng(angle)
    direction = np.zeros(18)
    direction[[4, 12]] = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    z = rng.uniform(5, 9, (2000, 1)) * direction + 0.05 * rng.standard_normal((2000, 18))
    basis = bases.standard(18)
    projection = ppp.project(z, basis, 0.75)
    of = directions.of_panel(projection, z, basis, 0.75, QUANTILES)
    panel = statistics.panel(projection.points)
    sample = sample_of(histogram=panel.histogram, cosine_quantiles=of["cosine_quantiles"], kept_share=of["kept_share"])
    assert value("off_both", sample) == pytest.approx(off, abs=0.5)
    assert (value("off_both", sample) > 10) == (angle in (23, 33))
    assert value("kept_share", sample) == 1 and value("left_out", sample) == 0
    if angle == 23:
        copies = projection.counts.sum() / len(z)
        assert copies == pytest.approx(17, abs=0.1), (
            "the plane itself, and 16 more of the neuron with 0.92 of its length"
        )
        assert value("beam_between", sample) < 72 / copies < BEAM + 1.5


def test_the_median_is_where_it_is_measured():
    assert QUANTILES[MEDIAN] == 0.5


def test_the_share_of_samples_near_a_plane():
    assert value("kept_share", sample_of(count=0, kept_samples=40_000)) == pytest.approx(0.8), "of 50,000 images"
    assert value("left_out", sample_of(count=0, kept_share=0.25)) == pytest.approx(0.75)
    with pytest.raises(NotPublished, match="no cosine_quantiles"):
        value("off_both", sample_of(count=0))


# --- pictures


def rings(*radii, weights=None, size=120):
    """A picture of rings of these radii, of a window of half-width 1."""
    axis = (2 * np.arange(size) + 1 - size) / size
    r = np.hypot(axis[:, None], axis[None, :])
    heights = weights or [1.0] * len(radii)
    picture = sum(w * np.exp(-(((r - radius) / 0.05) ** 2)) for radius, w in zip(radii, heights, strict=True))
    return (255 * np.minimum(picture, 1)).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "count"),
    [(rings(0.5), 1), (rings(0.3, 0.6), 2), (rings(0.3, 0.6, weights=[1.0, 0.3]), 2), (rings(0.2, 0.45, 0.7), 3)],
)
def test_rings_are_counted(picture, count):
    assert value("rings", sample_of({"density": picture[None, None]})) == count


def test_the_brightest_place_of_a_panel():
    density = np.zeros((1, 3, 4, 4), np.uint8)
    density[0, :, 1, 2] = 51, 255, 102
    assert brightest(sample_of({"density": density})).tolist() == [[0.2, 1.0, 0.4]]
